"""Log lines with stable event names, for people or for machines, in which no secret appears."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus

from campaign.clock import Clock

LOGGER = logging.getLogger("campaign")
MASK = "***"
SHORTEST = 5  # a shorter value is no secret, and hiding it would make lines unreadable
LOGGER.addHandler(logging.NullHandler())  # commands answer in words of their own; only the daemon logs
LOGGER.propagate = False


def tell(event: str, *, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Log one event, such as `tell("post.published", channel="asa-news", post=...)`."""
    LOGGER.log(level, event, extra={"fields": fields}, exc_info=exc_info)


def hide(secrets: Iterable[str]) -> None:
    """Hide more secret values from now on: those of a config that was read again."""
    more = tuple(secrets)
    for handler in LOGGER.handlers:
        if isinstance(handler.formatter, Masked):
            handler.formatter.secrets += more


class Masked(logging.Formatter):
    """Formats events and hides every known secret value, wherever it stands."""

    def __init__(self, style: Literal["human", "json"], clock: Clock, secrets: Iterable[str]) -> None:
        super().__init__()
        self._as_json = style == "json"
        self._clock = clock
        self.secrets = tuple(secrets)

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
        return mask(line, self.secrets)


def one_line(value: object) -> str:
    """Return a field for a line of its own: what a platform says cannot pretend to be another line."""
    return " / ".join(str(value).splitlines())


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every secret value hidden, also where it is quoted for an address, JSON or Python."""
    hidden = (secret for secret in secrets if len(secret) >= SHORTEST)
    forms = {form for secret in hidden for once in _forms(secret) for form in _forms(once)}  # JSON may hold JSON
    for form in sorted(forms, key=len, reverse=True):  # the longest first: one secret may be part of another
        text = text.replace(form, MASK)
    return text


def _forms(secret: str) -> tuple[str, ...]:
    in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    return secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], *in_json


def set_up(
    style: Literal["human", "json"], clock: Clock, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send the program's events to `stream` (standard error by default); libraries speak only of warnings."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Masked(style, clock, secrets))
    LOGGER.handlers = [handler]
    LOGGER.setLevel(logging.INFO)
