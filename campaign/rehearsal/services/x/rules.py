"""What a post may be, how X counts and shows it, and how X refuses. Pure.

API: https://docs.x.com/x-api, and for counting https://docs.x.com/fundamentals/counting-characters.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import regex

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.meter import Bucket

RATE_LIMITS = {  # of an account: https://docs.x.com/x-api/fundamentals/rate-limits
    "POST /2/tweets": Bucket(100, timedelta(minutes=15)),
    "DELETE /2/tweets": Bucket(50, timedelta(minutes=15)),
    "GET /2/tweets": Bucket(5000, timedelta(minutes=15)),
    "GET /2/users": Bucket(900, timedelta(minutes=15)),
    "GET /2/users/me": Bucket(75, timedelta(minutes=15)),
    "POST /2/media": Bucket(500, timedelta(minutes=15)),
}
DAY_LIMITS = {"POST /2/tweets": Bucket(10_000, timedelta(days=1))}  # of an app: as above

ALT_TEXT = 1000  # https://docs.x.com/x-api/media/create-media-metadata
IMAGE_BYTES = 5 * 1024 * 1024  # https://docs.x.com/x-api/media/quickstart/best-practices
IMAGES = 4  # as above
LINK = 23
SHORT = 280
MORE = 250  # characters that X shows of a long post before it is opened

# https://github.com/xdevplatform/docs/blob/main/openapi.json, CreatePostsRequest
_POST_KEYS = """
card_uri community_id direct_message_deep_link edit_options for_super_followers_only geo made_with_ai media nullcast
paid_partnership poll quote_tweet_id reply reply_settings share_with_followers text
"""
POST_KEYS = frozenset(_POST_KEYS.split())
MEDIA_KEYS = frozenset({"media_ids", "tagged_user_ids"})
REPLY_KEYS = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"})
ID = re.compile(r"[0-9]{1,19}")

_TOPS = "at be bg com cz de es eu fr hr hu info it net org pl pt ro sk si"
_LINK = regex.compile(
    r"https?://[\w.-]+\.\p{L}{2,}(?:/(?:[^\s()<>\"“”]|\([^\s()]*\))*)?"
    rf"|(?<![\w@./#-])(?:[a-z0-9-]+\.)+(?:{'|'.join(_TOPS.split())})\b(?!@)(?:/[^\s<>\"“”]*)?",
    regex.IGNORECASE,
)
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{RI}|\uFE0F|\u20E3")
_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_CASHTAG = re.compile(r"(?<!\w)\$[A-Za-z]{1,6}\b")
_ENDS = ".,;:!?'’*"


def links(text: str) -> list[str]:
    """Return the links of a text, with and without a scheme."""
    return [match.group().rstrip(_ENDS) for match in _LINK.finditer(text)]


def weight(text: str) -> int:
    """Return how long X takes a text to be."""
    text = unicodedata.normalize("NFC", text)
    found = links(text)
    for link in found:
        text = text.replace(link, "", 1)
    return LINK * len(found) + sum(map(_grapheme, regex.findall(r"\X", text)))


def _grapheme(piece: str) -> int:
    if _EMOJI.search(piece):
        return 2
    return sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2 for sign in piece)


def check_text(text: str, most: int, live: Iterable[str]) -> None:
    """Look at a text as X does before it takes it.

    Raises:
        Refused: it does not take it.
    """
    if any(sign in text for sign in "\ufffe\ufeff\uffff"):
        raise invalid("$.text: contains invalid characters")
    if weight(text) > most:
        raise forbidden("You are not permitted to perform this action.")
    if len(_CASHTAG.findall(text)) > 1:
        raise forbidden("Your post has more than one cashtag.")
    if same(text) in map(same, live):
        raise forbidden("You are not allowed to create a Tweet with duplicate content.")


def same(text: str) -> str:
    """Return a text in the form in which X compares it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def shown(text: str, media: str, id: str) -> tuple[str, dict[str, Any]]:
    """Return a text as the API shows it, and its entities: links replaced, one more for pictures, signs escaped."""
    urls = []
    escaped = unicodedata.normalize("NFC", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for link in links(unicodedata.normalize("NFC", text)):
        whole = link if "://" in link else f"http://{link}"
        short = _short(whole)
        escaped = escaped.replace(link.replace("&", "&amp;"), short, 1)
        urls.append({"url": short, "expanded_url": whole, "display_url": link.partition("://")[2] or link})
    if media:
        short, whole = _short(f"{id}{media}"), f"https://x.com/org/status/{id}/photo/1"
        escaped = f"{escaped} {short}".strip()
        urls.append(
            {"url": short, "expanded_url": whole, "display_url": f"pic.x.com/{short[-10:]}", "media_key": media}
        )
    return escaped, {"urls": urls} if urls else {}


def _short(link: str) -> str:
    return f"https://t.co/{hashlib.sha256(link.encode()).hexdigest()[:10]}"


def problem(status: int, title: str, detail: str, kind: str = "about:blank") -> Refused:
    """Return a refusal (https://docs.x.com/x-api/fundamentals/response-codes-and-errors)."""
    return Refused(status, {"title": title, "detail": detail, "type": kind, "status": status})


def forbidden(detail: str) -> Refused:
    return problem(403, "Forbidden", detail)


def invalid(message: str, parameters: Mapping[str, list[str]] | None = None) -> Refused:
    """Return the refusal of a request that is wrong."""
    body = {
        "errors": [{"parameters": dict(parameters or {}), "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    return Refused(400, body)


def not_found(id: str) -> dict[str, Any]:
    """Return the error that stands beside what was found."""
    return {
        "resource_id": id,
        "parameter": "ids",
        "resource_type": "tweet",
        "title": "Not Found Error",
        "detail": f"Could not find tweet with ids: [{id}].",
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }


def not_authorized(id: str, field: str) -> dict[str, Any]:
    """Return the error about a field that X does not show any more."""
    return {
        "resource_type": "tweet",
        "field": field,
        "parameter": "ids",
        "resource_id": id,
        "title": "Field Authorization Error",
        "detail": f"Sorry, you are not authorized to access '{field}' on the Tweet with ids : [{id}].",
        "section": "data",
        "type": "https://api.twitter.com/2/problems/not-authorized-for-field",
    }
