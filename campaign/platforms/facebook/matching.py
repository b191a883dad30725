"""Whether something that the page has published is the part that we look for. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from campaign.errors import Unsupported
from campaign.platforms.base import Outgoing, unmarked

_POST_IN_PATH = re.compile(r"(?:/posts/(?:[^/]+/)?|/\d+_)(\d+)/?$")
MARKER = 8  # letters of the post's UUID that stand in the link as utm_content


def is_ours(post: Mapping[str, Any], item: Outgoing, photos: Collection[str]) -> bool:
    """Whether a post is certainly `item`: by the pictures uploaded for it, by its own link, or by its text."""
    shown = set(photos_in(post))
    return bool(shown & set(photos)) or _has_marker(post, item) or says(post, item)


def says(post: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a post or comment says what `item` says; marks in links do not count where they are not its own."""
    text = str(post.get("message") or "")
    if item.marked:
        return squeezed(text) == squeezed(item.text)
    return squeezed(unmarked(text)) == squeezed(unmarked(item.text))


def squeezed(text: str) -> str:
    """Return a text in the form in which it is compared: but for blanks and Unicode form."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def photos_in(post: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the pictures of a post: several are attachments of one attachment."""
    for attached in _listed(post, "attachments"):
        for each in (attached, *_listed(attached, "subattachments")):
            target = each.get("target")
            if isinstance(target, dict) and target.get("id"):
                yield str(target["id"])


def count_of_pictures(post: Mapping[str, Any]) -> int:
    """Return how many pictures a post shows; the picture of a link card is none of its own."""
    attached = _listed(post, "attachments")
    each = [one for many in attached for one in (_listed(many, "subattachments") or [many])]
    return sum(one.get("media_type") == "photo" for one in each)


def made_at(post: Mapping[str, Any]) -> datetime:
    """Return when something was published.

    Raises:
        ValueError, KeyError, TypeError: it does not say.
    """
    moment = datetime.fromisoformat(post["created_time"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def id_of(remote_id: str, page: str) -> str:
    """Return the id of a post or a comment; a person may have given its address instead.

    Raises:
        Unsupported: the address does not tell the id.
    """
    if "://" not in remote_id:
        return remote_id
    address = urlsplit(remote_id)
    query = parse_qs(address.query)
    number = _POST_IN_PATH.search(address.path)
    story = number[1] if number else query.get("story_fbid", [""])[0]
    comment = query.get("comment_id", [""])[0]
    if not story.isdecimal() or (comment and not comment.isdecimal()):
        raise Unsupported(
            "only a person has seen the post, and its address does not tell by which id Facebook knows it"
        )
    return f"{story}_{comment}" if comment else f"{page}_{story}"


def permalink(post_id: str) -> str:
    """Return the address of a post that is known by its id alone: `{page}_{post}`."""
    page, _, post = post_id.partition("_")
    return f"https://www.facebook.com/{page}/posts/{post}" if post else f"https://www.facebook.com/{post_id}"


def _has_marker(post: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether both carry the link that this post alone has."""
    marker = re.compile(rf"\butm_content={re.escape(item.post[:MARKER])}(?!\w)")
    return bool(item.post and marker.search(item.text) and marker.search(str(post.get("message") or "")))


def _listed(node: Mapping[str, Any], edge: str) -> list[dict[str, Any]]:
    told = node.get(edge)
    data = told.get("data") if isinstance(told, dict) else None
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
