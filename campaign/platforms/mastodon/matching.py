"""Whether a status of our account is the part that we look for. Pure.

In the order of their worth: the pictures that were uploaded for this part, the marker in the link, the text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Mapping
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Any

from campaign.errors import Unsupported
from campaign.platforms.base import Outgoing, unmarked

APART = ("p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "pre")  # elements that stand on lines of their own
ALIKE = 0.7  # of 1: with so many words in common a text may be ours, changed by its server
MARKER = 8  # letters of the post's UUID that stand in the link as utm_content

# As Mastodon, GoToSocial, Pleroma, Firefish, Mitra and Pixelfed write them; our own choice of what ends with the id
_PLACE = r"@[^/@]+|@[^/@]+/statuses|users/[^/]+/statuses|notice|notes|posts?|p/[^/]+|web/statuses|(?:web|deck)/@[^/@]+"
_ADDRESS = re.compile(rf"https?://([^/?#]+)/(?:{_PLACE})/([\w-]+)/?(?:[?#].*)?", re.ASCII)
_MENTION = re.compile(r"(?<!\w)(@\w[\w.-]*)@[\w.-]*\w")


def id_of(remote_id: str, server: str) -> str:
    """Return the id of a status; a person may have given its address instead. On each server it has another id.

    Raises:
        Unsupported: the address does not tell by which id this server knows it.
    """
    if "://" not in remote_id:
        return remote_id
    found = _ADDRESS.fullmatch(remote_id)
    if found is None or found[1].lower() != server.partition("://")[2].partition("/")[0].lower():
        raise Unsupported(
            f"only a person has seen the post, and {remote_id} does not tell by which id {server} knows it",
            remedy="Do it on the server's own page.",
        )
    return found[2]


def is_ours(status: Mapping[str, Any], item: Outgoing, media_ids: Collection[str]) -> bool:
    """Whether a status is certainly `item`, with the pictures that were uploaded for it."""
    if not has_same_parent(status, item):
        return False
    attached = {str(media.get("id")) for media in status.get("media_attachments") or ()}
    return bool(attached & set(media_ids)) or _has_marker(status, item) or says(plain(_content(status)), item)


def has_same_parent(status: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a status answers what `item` answers; in a thread this tells the parts apart."""
    return str(status.get("in_reply_to_id") or "") == item.reply_to


def resembles(status: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a status may be `item` though its text is not the same: servers may change what they show."""
    shown, sought = squeezed(plain(_content(status))).split(), squeezed(item.text).split()
    return SequenceMatcher(None, shown, sought, autojunk=False).ratio() >= ALIKE


def says(text: str, item: Outgoing) -> bool:
    """Whether a plain text is that of `item`; where the marks in its links are not its own, they do not count."""
    return same(text, item.text) if item.marked else same(unmarked(text), unmarked(item.text))


def same(text: str, other: str) -> bool:
    """Whether two plain texts are the same but for blanks, Unicode form, and the domains of mentions."""
    return squeezed(text) == squeezed(other)


def squeezed(text: str) -> str:
    """Return a text in the form in which it is compared."""
    return " ".join(_MENTION.sub(r"\1", unicodedata.normalize("NFC", text)).split())


def plain(content: str) -> str:
    """Return the words of a status; Mastodon hides the ends of a link, but they are there."""
    parser = _Words()
    parser.feed(content)
    parser.close()
    return "".join(parser.pieces)


def _has_marker(status: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether both carry the link that this post alone has."""
    marker = re.compile(rf"\butm_content={re.escape(item.post[:MARKER])}(?!\w)")
    return bool(item.post and marker.search(item.text) and marker.search(html.unescape(_content(status))))


def _content(status: Mapping[str, Any]) -> str:
    return str(status.get("content") or "")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in APART:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in APART:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
