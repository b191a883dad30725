"""Whether a post of the page is the part that we look for, and whether its text came through whole. Pure.

In the order of their worth: the pictures that were uploaded for this part, the marker in its link, its text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from campaign.errors import NotSent
from campaign.fit import as_read
from campaign.platforms.base import Outgoing, unmarked
from campaign.platforms.linkedin.littletext import unescape

MARKER = 8  # letters of the post's UUID that stand in the link as utm_content
ENDING = 40  # letters by which an ending is known


def is_ours(post: Mapping[str, Any], item: Outgoing, images: Collection[str]) -> bool:
    """Whether a post is certainly `item`; `images` are the URNs of what was uploaded for it."""
    text = unescape(str(post.get("commentary") or ""))
    return bool(pictures_of(post) & set(images)) or bears_marker(text, item) or says(text, item)


def pictures_of(post: Mapping[str, Any]) -> set[str]:
    """Return the URNs of a post's pictures; `content` may be empty or missing."""
    content = post.get("content") or {}
    several = (content.get("multiImage") or {}).get("images") or ()
    alone = (content.get("media") or {}).get("id"), (content.get("article") or {}).get("thumbnail")
    return {str(urn) for urn in (*alone, *(each.get("id") for each in several)) if urn}


def says(text: str, item: Outgoing) -> bool:
    """Whether a text is that of `item`; where the marks in its links are not its own, they do not count."""
    if item.marked:
        return read(text) == read(item.text)
    return unmarked(read(text)) == unmarked(read(item.text))


def bears_marker(text: str, item: Outgoing) -> bool:
    """Whether both carry the link that this post alone has."""
    marker = re.compile(rf"\butm_content={re.escape(item.post[:MARKER])}(?!\w)")
    return bool(item.post and marker.search(item.text) and marker.search(text))


def read(text: str) -> str:
    """Return a text as it is compared: what readers see of it, whatever the blanks."""
    return " ".join(unicodedata.normalize("NFC", as_read(text)).split())


def lost_end(commentary: str, text: str) -> str:
    """Return how a published text ends where it should go on, empty when its end is there."""
    shown = read(unescape(commentary))
    return "" if shown.endswith(read(text)[-ENDING:]) else shown[-ENDING:] or "nothing at all"


def made_at(thing: Mapping[str, Any]) -> datetime:
    """Return when a post or a comment was made.

    Raises:
        NotSent: it does not say, so nobody knows whether it is older than what is looked for.
    """
    milliseconds = thing.get("createdAt") or (thing.get("created") or {}).get("time")
    if not milliseconds:
        raise NotSent(f"LinkedIn does not tell when {thing.get('id')} was made")
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
