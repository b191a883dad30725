"""What services refuse, and what each refusal must mean: one file for each platform, found by its name.

A file has `CALLS`, the calls of its adapter that are refused, by name; `well`, which makes a server answer everything
well; and `ROWS`, what the service says instead, with what that means on each call that it may be the answer to.
`tests/platforms/test_refusals.py` plays them, and adds the rows that are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import HTML_ERROR, MakeImage, Said, Scripted

SHARED = {"__init__", "meta"}
KNOWN = sorted({file.stem for file in Path(__file__).parent.glob("*.py")} - SHARED)  # the platforms that have a file


@dataclass(frozen=True)
class Stage:
    """Where a row is played: a server that answers well but for one call, a clock, and pictures."""

    server: Scripted
    clock: VirtualClock
    image: MakeImage


@dataclass(frozen=True)
class Call:
    """One call of an adapter, and how to have it made."""

    refused: str  # such as `POST /api/v1/statuses`
    make: Callable[[Stage], object]
    visible: bool = False
    reads: bool = True  # its answer must be read: a good one that cannot be is none


@dataclass(frozen=True)
class Means:
    """What follows from a refusal, and a piece of what is told of it."""

    kind: type[PlatformError]
    words: str = ""
    wait: timedelta | None = None
    forget: tuple[str, ...] = ()
    token_dead: bool = False


@dataclass(frozen=True)
class Row:
    """One answer, and what it means, by the names of the calls that may get it."""

    name: str
    says: Said
    means: Mapping[str, Means] = field(default_factory=dict)


class Rows(Protocol):
    """The file of a platform."""

    CALLS: Mapping[str, Call]
    ROWS: Sequence[Row]

    @staticmethod
    def well(server: Scripted) -> None:
        """Make a server answer everything well."""


def of(platform: str) -> Rows:
    """Return the rows of a platform."""
    return cast(Rows, import_module(f"{__name__}.{platform}"))


def common_to(call: Call) -> list[tuple[str, Said, Means]]:
    """Return what any server may say, and what it means on a call: what is not listed leaves a visible one open."""
    means = unknown() if call.visible else later()
    said = {
        "nothing at all": Said(b"", 500),
        "a gateway's page": Said(HTML_ERROR, 502),
        "a refusal on no list": Said({"error": "I am a teapot"}, 418),
    }
    unread = {"a yes that cannot be read": Said(b'{"id": "1')} if call.reads else {}
    return [(name, says, means) for name, says in {**said, **unread}.items()]


def row(name: str, status: int, body: Any = b"", headers: Mapping[str, str] | None = None, **means: Means) -> Row:
    """Return a row; what it means stands beside the name of each call."""
    return Row(name, Said(body, status, dict(headers or {})), means)


def refused(words: str = "") -> Means:
    """Return that the post is refused for good."""
    return Means(Rejected, words)


def blocked(words: str = "") -> Means:
    """Return that the channel needs a person."""
    return Means(ChannelBlocked, words)


def unknown(words: str = "") -> Means:
    """Return that the post may be live."""
    return Means(OutcomeUnknown, words)


def dead(words: str = "") -> Means:
    """Return that nothing was sent because the credentials are not accepted."""
    return Means(NotSent, words, token_dead=True)


def later(words: str = "", *, wait: timedelta | None = None) -> Means:
    """Return that nothing was sent, and that it may be tried again."""
    return Means(NotSent, words, wait=wait)


def lost(*handles: str, words: str = "") -> Means:
    """Return that nothing was sent, and that some handles are to be made anew."""
    return Means(NotSent, words, forget=handles)


def limited(wait: timedelta | None, words: str = "") -> Means:
    """Return that the channel has to wait; None: it is not told how long."""
    return Means(RateLimited, words, wait=wait)
