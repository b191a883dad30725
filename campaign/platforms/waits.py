"""How long a platform asks to wait, as its headers tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(days=30)  # a longer one is a mistake of the server


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait that `Retry-After` states, in seconds or as a date (RFC 9110, 10.2.3), None without one."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    moment = _dated(value)
    return None if moment is None else min(max(moment - now, timedelta(0)), LONGEST_WAIT)


LONGEST_RESET = timedelta(days=1)  # no platform counts longer
RESET_HEADERS = ("X-RateLimit-Reset", "RateLimit-Reset")


def reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait until a rate limit counts anew, None when no header tells.

    Mastodon writes a date (https://docs.joinmastodon.org/api/rate-limits/), GoToSocial and Bluesky Unix seconds, others
    the seconds left (https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-07.html). A moment is
    compared with the server's own clock where it gives its `Date`.
    """
    value = next((headers[name].strip() for name in RESET_HEADERS if headers.get(name)), "")
    if value.isascii() and value.isdigit() and int(value[:11]) < LONGEST_RESET.total_seconds():
        return timedelta(seconds=int(value))
    try:
        number = value.isascii() and value.replace(".", "", 1).isdigit()
        moment = datetime.fromtimestamp(float(value), UTC) if number else datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - (_dated(headers.get("Date", "")) or now), timedelta(0)), LONGEST_RESET)


def _dated(value: str) -> datetime | None:
    """Return an HTTP date, aware (RFC 9110, 5.6.7); None for what is none."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
