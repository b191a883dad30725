"""Whether a post of our account is the part that we look for. Pure.

X shows a text in a form of its own: `&`, `<` and `>` escaped, every link replaced by one of t.co, and one more at the
end for its pictures (https://docs.x.com/x-api/fundamentals/data-dictionary).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from campaign.errors import Unsupported
from campaign.platforms.base import Outgoing, unmarked

MARKER = 8  # letters of the post's UUID that stand in the link as utm_content

_ID = re.compile(r"(?:https?://[^/\s]+/[^#\s]*\bstatus/)?([0-9]{1,19})(?:[/?][^#\s]*)?")
_PICTURE = re.compile(r"/photo/\d+$")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_ENDS = re.compile(r"/(?=[\s.,;:!?)]|$)")


def id_of(remote_id: str) -> str:
    """Return the id of a post; a person may have given its address instead.

    Raises:
        Unsupported: neither tells the id.
    """
    found = _ID.fullmatch(remote_id)
    if found is None:
        raise Unsupported(f"only a person has seen the post, and {remote_id} does not tell by which id X knows it")
    return found[1]


def is_ours(post: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a post is certainly `item`: it answers the same post, and has the same marked link or the same text."""
    return answered(post) == item.reply_to and (_has_marker(post, item) or says(post, item))


def answered(post: Mapping[str, Any]) -> str:
    """Return the id of the post that a post answers, empty when it answers none."""
    for name in ("referenced_tweets", "referenced_posts"):
        for reference in _list(post.get(name)):
            if reference.get("type") == "replied_to":
                return str(reference.get("id"))
    return ""


def plain(post: Mapping[str, Any]) -> str:
    """Return the text of a post as it was typed."""
    text = str(_whole(post).get("text") or "")
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):  # before the links, which hold a bare &
        text = text.replace(escaped, sign)
    for link in _links(post):
        meant = str(link.get("expanded_url") or "")
        text = text.replace(str(link.get("url")), "" if _PICTURE.search(meant) else meant)
    return unicodedata.normalize("NFC", text).strip()


def squeezed(text: str) -> str:
    """Return a text in the form in which it is compared.

    X gives a link without a scheme one, may close it, and may write letters in it as `%C5%99`.
    """
    return " ".join(_ENDS.sub("", _SCHEME.sub("", unicodedata.normalize("NFC", unquote(text)))).split())


def says(post: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a post has the text of `item`; where the marks in its links are not its own, they do not count."""
    text = plain(post)
    if item.marked:
        return squeezed(text) == squeezed(item.text)
    return squeezed(unmarked(text)) == squeezed(unmarked(item.text))


def _has_marker(post: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether both carry the link that this post alone has."""
    marker = re.compile(rf"\butm_content={re.escape(item.post[:MARKER])}(?!\w)")
    if not (item.post and marker.search(item.text)):
        return False
    return any(marker.search(str(link.get("expanded_url") or "")) for link in _links(post))


def _whole(post: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what holds the whole text: of a long post, `text` is only the beginning."""
    for name in ("note_tweet", "note_post"):
        if isinstance(note := post.get(name), dict) and note.get("text"):
            return note
    return post


def _links(post: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the links of a post; those to its pictures stand beside its beginning only."""
    for part in (_whole(post), post):
        entities = part.get("entities")
        yield from _list(entities.get("urls") if isinstance(entities, dict) else None)


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
