"""What Instagram and Threads answer: what a container is, which posts there are, what was counted. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from campaign.errors import NotSent
from campaign.platforms.base import Outgoing, unmarked
from campaign.platforms.graph import Refusal
from campaign.platforms.http import Answer


class State(StrEnum):
    """What a container is, in the words of both platforms."""

    AT_WORK = "IN_PROGRESS"
    READY = "FINISHED"
    LIVE = "PUBLISHED"
    FAILED = "ERROR"
    OVER = "EXPIRED"
    UNKNOWN = "not known there"


USELESS = (State.FAILED, State.OVER, State.UNKNOWN)


@dataclass(frozen=True)
class Look:
    """What the platform says of a container."""

    state: State
    said: str = ""


class Missing(NotSent):
    """There is no such thing there, or none that this token may see."""


class Unready(NotSent):
    """A container cannot be published yet, or not any more; which, its state tells."""


class Uncounted(NotSent):
    """Insights are refused for what was asked."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.said)
        self.refusal = refusal


def says(text: str, item: Outgoing) -> bool:
    """Whether a text is that of a part; where the marks in its links are not its own, they do not count."""
    if not item.marked:
        return _squeezed(unmarked(text)) == _squeezed(unmarked(item.text))
    return _squeezed(text) == _squeezed(item.text)


def _squeezed(text: str) -> str:
    """Return a text in the form in which it is compared: blanks at ends of lines go astray on the way."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def posts_in(answer: Answer) -> list[dict[str, Any]]:
    """Return the posts of a list, with the moment of each as a time.

    Raises:
        NotSent: it is no such list.
    """
    try:
        return [
            {**post, "id": str(post["id"]), "timestamp": _moment(post["timestamp"])} for post in answer.json()["data"]
        ]
    except (KeyError, TypeError, ValueError):
        answer.unreadable("the answer holds what is no list of posts")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)  # 2026-11-22T14:30:00+0000
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def insights_in(answer: Answer) -> dict[str, int]:
    """Return the counts of an answer; some rows hold one value of a list, some a total.

    https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/insights
    """
    rows = answer.get("data")
    counts: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else ():
        for value in (_at(row, "total_value", "value"), _at(row, "values", 0, "value")):
            if isinstance(value, int) and not isinstance(value, bool):
                counts[str(row.get("name"))] = value
    return counts


def _at(value: Any, *path: str | int) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
