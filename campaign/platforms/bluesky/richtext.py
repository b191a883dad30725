"""The text as readers see it, and its facets: what in it leads somewhere. Pure.

Nothing is linked by itself there: without facets, links, mentions and hashtags are dead text. A facet names bytes of
the UTF-8 text (https://docs.bsky.app/docs/advanced-guides/post-richtext). Links are shown shortened; the facet holds
the whole address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import regex

from campaign.fit import ELLIPSIS, Span, count, spans

LINK_LENGTH = (
    32  # graphemes that a shown link takes at most: our own choice, room for most hosts and a hint of the path
)
TAG_GRAPHEMES, TAG_BYTES = (
    64,
    640,
)  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/richtext/facet.json

_HANDLE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)  # https://atproto.com/specs/handle
_WITH_HOST = re.compile(r"https?://(?=[^\s/?#:])", re.IGNORECASE)
_MARKS = re.compile(r"/?[?&]utm_.*|/$")  # for those who count, not for those who read
_PATH = re.compile(r"(?=[/?#])")


def rich(text: str, dids: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """Return the text with its links shortened, and its facets in order.

    `dids` are the accounts behind the handles that it mentions; a mention of another one stays plain.
    """
    shown, facets, end = "", [], 0
    for span in spans(text):
        piece = text[span.start : span.end]
        shown += text[end : span.start]
        feature = _feature(span, piece, dids)
        start = len(shown.encode())
        shown += displayed(piece) if feature and span.kind == "link" else piece
        end = span.end
        if feature:
            facets.append({"index": {"byteStart": start, "byteEnd": len(shown.encode())}, "features": [feature]})
    return shown + text[end:], facets


def mentioned(text: str) -> tuple[str, ...]:
    """Return the handles that a text mentions, each once, in order."""
    found = (_handle(text[span.start : span.end]) for span in spans(text) if span.kind == "mention")
    return tuple(dict.fromkeys(handle for handle in found if handle))


def displayed(url: str) -> str:
    """Return a link as readers see it: no scheme, no utm marks, cut to `LINK_LENGTH`.

    The app warns of a link that shows another host than it leads to: a cut falls behind the host where it can.
    """
    shown = _MARKS.sub("", _WITH_HOST.sub("", url))
    if _length(shown) <= LINK_LENGTH:
        return shown
    host = _PATH.split(shown)[0]
    if LINK_LENGTH - 1 <= _length(host) <= LINK_LENGTH:
        return host
    return "".join(regex.findall(r"\X", shown)[: LINK_LENGTH - 1]) + ELLIPSIS


def _feature(span: Span, piece: str, dids: Mapping[str, str]) -> dict[str, str] | None:
    """Return where a piece of a text leads, None for nowhere."""
    match span.kind:
        case "link" if _WITH_HOST.match(piece):
            return {"$type": "app.bsky.richtext.facet#link", "uri": piece}
        case "mention" if did := dids.get(_handle(piece)):
            return {"$type": "app.bsky.richtext.facet#mention", "did": did}
        case "tag" if _length(tag := piece[1:]) <= TAG_GRAPHEMES and len(tag.encode()) <= TAG_BYTES:
            return {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
    return None


def _handle(mention: str) -> str:
    """Return the handle of a mention, empty when it is the name of something else."""
    handle = mention[1:].lower()
    return handle if _HANDLE.fullmatch(handle) else ""


def _length(text: str) -> int:
    return count(text, "graphemes")
