"""Log lines with stable event names, for people or for machines, and the secrets that appear in no text."""

from __future__ import annotations

import html
import json
import logging
import re
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus, unquote

from campaign.clock import Clock

LOGGER = logging.getLogger("campaign")
MASK = "***"
SHORTEST = 5  # a shorter value is no secret, and hiding it would make lines unreadable
NEWEST = 500  # tokens hidden at a time: platforms renew them every few hours, and a daemon runs for months
LOGGER.addHandler(logging.NullHandler())  # commands answer in words of their own; only the daemon logs
LOGGER.propagate = False


def tell(event: str, *, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Log one event, such as `tell("post.published", channel="asa-news", post=...)`."""
    LOGGER.log(level, event, extra={"fields": fields}, exc_info=exc_info)


class Secrets:
    """The values that no text may show, in every form in which they may be written. Several threads use it."""

    def __init__(self) -> None:
        self._lasting: dict[str, frozenset[str]] = {}
        self._passing: dict[str, frozenset[str]] = {}  # those used last at the end
        self._longest_first: tuple[str, ...] = ()
        self._one_at_a_time = threading.Lock()

    def add(self, secrets: Iterable[str], *, passing: bool = False) -> None:
        """Hide more values; of passing ones, which come anew again and again, those used last."""
        with self._one_at_a_time:
            fresh = [self._put(secret, self._passing if passing else self._lasting) for secret in secrets]
            if any(fresh):
                for oldest in list(self._passing)[:-NEWEST]:
                    del self._passing[oldest]
                self._longest_first = longest_first([*self._lasting.values(), *self._passing.values()])

    def _put(self, secret: str, where: dict[str, frozenset[str]]) -> bool:
        """Keep a value, at the end of its kind; say whether it is new."""
        if secret in self._lasting:
            return False
        forms = self._passing.pop(secret, None)
        where[secret] = forms_of(secret) if forms is None else forms
        return forms is None

    def mask(self, text: str) -> str:
        """Return `text` with every one of them hidden."""
        return without(text, self._longest_first)


KNOWN = Secrets()  # of this process


def hide(secrets: Iterable[str], *, passing: bool = False) -> None:
    """Hide secret values from now on, in whatever this process tells or stores; `passing`: tokens to be renewed."""
    KNOWN.add(secrets, passing=passing)


def scrub(text: str) -> str:
    """Return a text without any secret that this process has come to know."""
    return KNOWN.mask(text)


class Masked(logging.Formatter):
    """Formats events and hides every known secret value, wherever it stands."""

    def __init__(self, style: Literal["human", "json"], clock: Clock) -> None:
        super().__init__()
        self._as_json = style == "json"
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        at = self._clock.now().astimezone(UTC).isoformat(timespec="seconds")
        if self._as_json:
            line = json.dumps({"at": at, "event": record.getMessage(), **fields}, ensure_ascii=False, default=str)
        else:
            told = "  ".join(f"{name}={one_line(value)}" for name, value in fields.items())
            line = f"{at}  {record.getMessage():<24} {told}".rstrip()
        return scrub(line)


def one_line(value: object) -> str:
    """Return a field for a line of its own: what a platform says cannot pretend to be another line."""
    return " / ".join(str(value).splitlines())


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every secret value hidden, also where it is quoted for an address, JSON or Python."""
    return without(text, longest_first(forms_of(secret) for secret in secrets))


LOGIN = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")  # the password in an address
# what a server grants in an answer that we cannot take: nobody has come to know it
GRANT = re.compile(r'("\w*(?:token|jwt|secret|password)"\s*:\s*")(?:\\.|[^"\\])+', re.IGNORECASE)


def without(text: str, forms: Iterable[str]) -> str:
    """Return `text` with a mask in the place of each form, and of what is a secret by its place, known or not."""
    for form in forms:
        text = text.replace(form, MASK)
    for place in (LOGIN, GRANT):
        text = place.sub(rf"\1{MASK}", text)
    return text


def longest_first(forms: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Return all forms in the order in which they are hidden: one secret may be part of another."""
    return tuple(sorted(frozenset().union(*forms), key=len, reverse=True))


def forms_of(secret: str) -> frozenset[str]:
    """Return how a secret may stand in a text: as it is, quoted for an address, JSON, Python or a page, and in base64.

    What is quoted may be quoted once more, as JSON in JSON, or encoded whole, as a body or a Basic header is. The
    password in an address is quoted already, and not where it is used.
    """
    meant = {each for each in (secret, unquote(secret)) if len(each) >= SHORTEST}
    quoted = frozenset(form for each in meant for once in _quoted(each) for form in _quoted(once))
    return quoted.union(*(_in_base64(form.encode()) for form in quoted))


def _quoted(secret: str) -> tuple[str, ...]:
    in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    on_page = (html.escape(secret), html.escape(secret, quote=False))
    in_address = (quote(secret), quote(secret, safe=""), quote_plus(secret))
    return secret, repr(secret)[1:-1], *in_address, *in_json, *on_page


def _in_base64(secret: bytes) -> Iterator[str]:
    """Yield the letters of base64 that a secret alone decides, at each of the three places where it may begin."""
    for before, shared in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(secret)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + secret)[shared:whole].decode("ascii")


def set_up(
    style: Literal["human", "json"], clock: Clock, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send the program's events to `stream` (standard error by default); libraries speak only of warnings."""
    hide(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Masked(style, clock))
    LOGGER.handlers = [handler]
    LOGGER.setLevel(logging.INFO)
