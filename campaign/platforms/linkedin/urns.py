"""What things are called on LinkedIn: `urn:li:share:123`, `urn:li:comment:(urn:li:activity:1,2)`. Pure.

A post's id is kept as LinkedIn gave it. One that a person has typed is the address of a page that holds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from campaign.errors import Unsupported

_POST = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_SLUG = re.compile(r"/posts/[^/?#]+-(share|ugcPost)-(\d+)(?![^-/?#])")  # …/posts/asa_words-share-7123456-AbCd
_COMMENT = re.compile(r"urn:li:comment:\((?:urn:li:)?(\w+:\d+),(\d+)\)")


@dataclass(frozen=True)
class Comment:
    """A comment, by the post under which it stands and its id there."""

    post: str
    id: str

    @property
    def urn(self) -> str:
        """Its name."""
        return f"urn:li:comment:({self.post},{self.id})"


def quoted(urn: str) -> str:
    """Return a URN as it stands in a path or a query: colons, commas and brackets mean something there."""
    return quote(urn, safe="")


def page_of(post: str) -> str:
    """Return the address at which readers see a post."""
    return f"https://www.linkedin.com/feed/update/{post}/"


def post_in(remote_id: str) -> str:
    """Return the post that an id or an address names.

    Raises:
        Unsupported: it names none; LinkedIn's pages show the URN of an activity, by which no post can be asked for.
    """
    address = unquote(remote_id)
    if slug := _SLUG.search(address):
        return f"urn:li:{slug[1]}:{slug[2]}"
    found = _POST.search(address)
    if found is None:
        raise Unsupported(
            f"LinkedIn cannot be asked about {remote_id}: only posts of the page itself have a URN that it takes",
            remedy="Look at the post on LinkedIn's own page.",
        )
    return found[0]


def comment_in(remote_id: str) -> Comment | None:
    """Return the comment that an id or an address names, None when it names none."""
    found = _COMMENT.search(unquote(remote_id))
    return Comment(f"urn:li:{found[1]}", found[2]) if found else None
