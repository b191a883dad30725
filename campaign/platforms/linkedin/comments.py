"""The first comment under a post of the page: made, looked for, changed, taken away.

API: https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api. A comment is plain text,
not "little text"; its id is good only together with the post under which it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from campaign.errors import Rejected, Unsupported
from campaign.fit import as_read
from campaign.platforms.base import COUNTS, Absent, CannotTell, Found, Metrics, Outgoing, Published
from campaign.platforms.http import Answer
from campaign.platforms.linkedin import matching, refusals
from campaign.platforms.linkedin.counts import uncounted
from campaign.platforms.linkedin.urns import Comment, comment_in, page_of, post_in, quoted

Call = Callable[..., Answer]
PAGE, PAGES = 50, 4  # our own choice: our comment is among the first, but others may be quick

NOT_OF_COMMENTS = "LinkedIn does not tell of a comment"


class Comments:
    """What the page says under its own posts."""

    def __init__(self, organization: str, call: Call) -> None:
        self._organization = organization
        self._call = call

    def must_be_possible(self, item: Outgoing) -> None:
        """Look whether the post above has a name by which it can be commented on.

        Raises:
            Rejected: it has none.
        """
        try:
            post_in(item.root)
        except Unsupported as error:
            raise Rejected(str(error)) from None

    def publish(self, item: Outgoing) -> Published:
        """Comment on the post: the one visible call."""
        post = post_in(item.root)
        body = {"actor": self._organization, "object": post, "message": {"text": as_read(item.text)}}
        answer = self._call("POST", _under(post), visible=True, json=body, judge=refusals.of_comment)
        named = comment_in(answer.maybe("commentUrn") or answer.maybe("$URN"))
        made = named or Comment(answer.maybe("object") or post, answer.text("id"))
        return Published(made.urn, page_of(post))

    def find(self, item: Outgoing, since: datetime) -> Found | Absent | CannotTell:
        """Look through what is said under the post."""
        post = post_in(item.root)
        for comment in self._said_under(post):
            if comment is None:
                return CannotTell(f"there are more than {PAGE * PAGES} comments under {page_of(post)}")
            if self._is_ours(comment, item) and matching.made_at(comment) >= since:
                known = comment_in(str(comment.get("commentUrn") or comment.get("$URN") or ""))
                made = known or Comment(str(comment.get("object") or post), str(comment["id"]))
                return Found(made.urn, page_of(post))
        return Absent(honours_key=False)

    def text_of(self, comment: Comment) -> str:
        """Return what a live comment says.

        Raises:
            Gone: there is none.
        """
        return self._call("GET", _path(comment), judge=refusals.of_read).maybe("message", "text")

    def counted(self, comment: Comment) -> Metrics:
        """Return what was done with a comment, or why that is not known: by it, ours is told from those of readers."""
        try:
            answer = self._call("GET", _path(comment), judge=refusals.of_read)
        except (refusals.Gone, refusals.Forbidden) as error:
            return uncounted(str(error))
        reactions = answer.count("likesSummary", "totalLikes")
        replies = answer.count("commentsSummary", "aggregatedTotalComments")
        told = {"reactions": reactions, "comments": replies}
        counts = {word: number for word, number in told.items() if number is not None}
        return Metrics(counts, {word: NOT_OF_COMMENTS for word in COUNTS if word not in counts}, counts)

    def edit(self, comment: Comment, item: Outgoing) -> None:
        """Change what a comment says."""
        body = {"patch": {"message": {"$set": {"text": as_read(item.text)}}}}
        self._call("POST", self._as_page(comment), restli="PARTIAL_UPDATE", json=body, judge=refusals.of_change)

    def delete(self, comment: Comment) -> None:
        """Take a comment away; one that is gone already is fine."""
        try:
            self._call("DELETE", self._as_page(comment), judge=refusals.of_change)
        except refusals.Gone:
            return

    def _said_under(self, post: str) -> Iterator[Mapping[str, Any] | None]:
        """Yield the comments under a post, at last None when there are too many."""
        for start in range(0, PAGE * PAGES, PAGE):
            answer = self._call("GET", f"{_under(post)}?start={start}&count={PAGE}", judge=refusals.of_read)
            page = elements_of(answer)
            yield from page
            if len(page) < PAGE:
                return
        yield None

    def _is_ours(self, comment: Mapping[str, Any], item: Outgoing) -> bool:
        text = str((comment.get("message") or {}).get("text") or "")
        by_us = comment.get("actor") == self._organization
        return by_us and (matching.bears_marker(text, item) or matching.says(text, item))

    def _as_page(self, comment: Comment) -> str:
        return f"{_path(comment)}?actor={quoted(self._organization)}"


def elements_of(answer: Answer) -> list[Mapping[str, Any]]:
    """Return what a list holds.

    Raises:
        NotSent: it is no such list.
    """
    found = answer.get("elements")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        answer.unreadable("the answer lacks elements")
    return found


def _under(post: str) -> str:
    return f"/socialActions/{quoted(post)}/comments"


def _path(comment: Comment) -> str:
    return f"{_under(comment.post)}/{comment.id}"
