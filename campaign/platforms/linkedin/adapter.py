"""The calls to LinkedIn's versioned REST API as an organization's page.

API: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api. There is no key that would
make a call safe to repeat: what became of one without an answer is read from the page's own posts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from campaign import fit
from campaign.clock import Clock
from campaign.errors import NotSent, PlatformError, Unsupported
from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    Prompt,
    Published,
    TokenStore,
)
from campaign.platforms.http import Answer, Http
from campaign.platforms.linkedin import counts, images, matching, page, refusals
from campaign.platforms.linkedin.access import SCOPES, Access
from campaign.platforms.linkedin.comments import Comments, elements_of
from campaign.platforms.linkedin.littletext import escape
from campaign.platforms.linkedin.refusals import Duplicate, Forbidden, Gone
from campaign.platforms.linkedin.settings import LinkedInSettings
from campaign.platforms.linkedin.urns import comment_in, page_of, post_in, quoted

Judge = Callable[[Answer, datetime], PlatformError | None]

RESTLI = "2.0.0"  # https://learn.microsoft.com/linkedin/shared/api-guide/concepts/protocol-version
PAGE, PAGES = 50, 10  # of posts; LinkedIn gives 100 at once at most
BATCH = 10  # an answer without `count` holds ten, and what is left out counts as 0
CUT = "LinkedIn has cut the text: it ends with “{}”. Take the post down, and tell whoever runs this program"
GHOST = (
    "which is not there. It remembers a text for a day or two, also of a post that was taken down: change the text, or "
    "send it again later"
)
UNREAD = "LinkedIn does not let us read the post, so nobody has seen whether its text is whole: look at it"


class LinkedIn(Platform):
    """Posts of one page."""

    name = "linkedin"
    limits = Limits(  # https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api
        text=3000,  # what LinkedIn's own editor takes; the API names the error FIELD_LENGTH_TOO_LONG, and no number
        unit="utf16",  # our own choice, the largest count: how LinkedIn counts is not documented
        alt_text=4086,  # https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api
        images=20,  # https://learn.microsoft.com/linkedin/marketing/community-management/shares/multiimage-post-api
        image_bytes=5_000_000,  # our own choice: LinkedIn names no limit, other tools keep to this one
        image_types=("image/jpeg", "image/png"),  # as the alt text; GIF too, which we do not make
        formats=("landscape", "square", "portrait"),  # our own choice: the feed shows each whole
        comments=True,  # https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api
        brings_preview=True,  # https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api
    )
    settle: ClassVar[timedelta | None] = timedelta(minutes=2)  # our own choice: how late lists are is not documented
    Settings = LinkedInSettings
    settings: LinkedInSettings

    def __init__(self, settings: LinkedInSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        self.access = Access(settings, http, clock, tokens)
        self._uploads = images.Uploads(settings.organization, self._call, self._bring, clock)
        self._comments = Comments(settings.organization, self._call)
        self._named: dict[str, str] = {}  # by part: the post that LinkedIn takes it for; lost with the process
        self._texts: dict[str, str] = {}  # by post: what was sent, until `confirm` has looked

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal to write means, None when it is not listed."""
        return refusals.of_write(answer, self.clock.now())

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Let an administrator of the page agree in the browser."""
        return self.access.log_in(prompt)

    def check(self) -> Account:
        """Ask what the token may do, what the member is on the page, and how the page is called.

        Raises:
            NotSent: the token has ended.
            ChannelBlocked: whoever logged in may not post for the page.
        """
        grant = self.access.lasting()
        token = self.access.inspected(grant)
        lacking = SCOPES.keys() - token.scopes if token else ()
        scopes = (f"the token lacks {scope}: {why}" for scope, why in SCOPES.items() if scope in lacking)
        versions = page.version_warnings(self.settings.version, self.clock.now())
        return Account(
            id=self.settings.organization,
            name=page.name_of(self.settings.organization, self._call),
            limits=self.limits,
            token_expires_at=grant.ends_at or (token.expires_at if token else None),
            warnings=(*versions, *scopes, *page.role_warnings(self.settings.organization, self._call)),
        )

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Renew the token if need be, and upload the pictures."""
        self.access.lasting()
        if item.role == "comment":
            self._comments.must_be_possible(item)
            return
        for image in images.pictures_of(item):
            self._uploads.make_ready(image, checkpoint)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Post, or comment on the post before: the one visible call."""
        if item.role == "comment":
            return self._comments.publish(item)
        body = {
            "author": self.settings.organization,
            "commentary": escape(item.text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            **images.content_of(item, checkpoint),
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        try:
            answer = self._call("POST", "/posts", visible=True, json=body)
        except Duplicate as duplicate:
            self._named[item.part] = duplicate.urn
            raise
        urn = answer.headers.get("x-restli-id") or answer.headers.get("x-linkedin-id") or answer.text("id")
        self._texts[urn] = item.text
        return Published(urn, page_of(urn))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look through the page's own posts, then at the one that LinkedIn has named as its twin."""
        try:
            if item.role == "comment":
                return self._comments.find(item, since)
            uploaded = images.known(checkpoint).values()
            for post in self._own_since(since):
                if post is None:
                    return CannotTell(f"the page has posted more than {PAGE * PAGES} times since")
                if matching.is_ours(post, item, uploaded):
                    return self._live(post, item)
            return self._twin(item, uploaded, since) or Absent(honours_key=False)
        except Forbidden as error:
            return CannotTell(f"{error}: the token lacks r_organization_social, or the member a role on the page")

    def confirm(self, remote_id: str) -> Confirmation:
        """Look whether the post is there, and whether its text came through to its end."""
        comment = comment_in(remote_id)
        try:
            if comment:
                self._comments.text_of(comment)
                return Confirmation()
            post = post_in(remote_id)
            shown = self._post(post).maybe("commentary")
        except Gone:
            return Confirmation(warnings=(refusals.GONE,))
        except Forbidden:
            return Confirmation(warnings=(UNREAD, *_length_warnings(self._texts.pop(remote_id, ""))))
        sent = self._texts.pop(post, "")
        cut = matching.lost_end(shown, sent) if sent else ""
        return Confirmation(page_of(post), warnings=(CUT.format(cut),) if cut else ())

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts of posts, several at a time, and of comments, one by one."""
        posts: dict[str, str] = {}
        told: dict[str, Metrics] = {}
        for remote_id in remote_ids:
            try:
                if comment := comment_in(remote_id):
                    told[remote_id] = self._comments.counted(comment)
                else:
                    posts[remote_id] = post_in(remote_id)
            except Unsupported as error:
                told[remote_id] = counts.uncounted(str(error))
        counted = self._counted(list(posts.values()))
        return told | {remote_id: counted[post] for remote_id, post in posts.items()}

    def followers(self) -> int | None:
        """Return how many follow the page, None where the member may not know."""
        path = f"/networkSizes/{quoted(self.settings.organization)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        try:
            return self._call("GET", path, judge=refusals.of_read).count("firstDegreeSize")
        except Forbidden:
            return None

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Change the text; pictures stay as they are."""
        if comment := comment_in(remote_id):
            self._comments.edit(comment, item)
            return
        body = {"patch": {"$set": {"commentary": escape(item.text)}}}
        post = post_in(remote_id)
        self._call("POST", _path(post), restli="PARTIAL_UPDATE", json=body, judge=refusals.of_change)
        self._texts[post] = item.text

    def delete(self, remote_id: str) -> None:
        """Take the post down; one that is gone already is fine."""
        if comment := comment_in(remote_id):
            self._comments.delete(comment)
            return
        try:
            self._call("DELETE", _path(post_in(remote_id)), restli="DELETE", judge=refusals.of_change)
        except Gone:
            return

    def _own_since(self, since: datetime) -> Iterator[Mapping[str, Any] | None]:
        """Yield the page's own posts made at or after `since`, newest first, at last None when there are too many."""
        whose = f"author={quoted(self.settings.organization)}&q=author"
        for start in range(0, PAGE * PAGES, PAGE):
            path = f"/posts?{whose}&count={PAGE}&start={start}&sortBy=CREATED"
            posts = elements_of(self._call("GET", path, restli="FINDER", judge=refusals.of_read))
            recent = [post for post in posts if matching.made_at(post) >= since]
            yield from recent
            if len(posts) < PAGE or not recent:
                return
        yield None

    def _live(self, post: Mapping[str, Any], item: Outgoing) -> Found | CannotTell:
        """Return that a post is ours, if readers see it."""
        urn, state = str(post["id"]), post.get("lifecycleState", "PUBLISHED")
        if state != "PUBLISHED":
            return CannotTell(f"LinkedIn has it as {state}: {page_of(urn)}")
        self._texts[urn] = item.text
        return Found(urn, page_of(urn))

    def _twin(self, item: Outgoing, uploaded: Collection[str], since: datetime) -> Found | CannotTell | None:
        """Look at the post of which LinkedIn has called this one a duplicate, None when it has named none."""
        urn = self._named.get(item.part)
        if not urn:
            return None
        try:
            post = self._post(urn).json()
        except Gone:
            return CannotTell(f"LinkedIn takes it for a duplicate of {urn}, {GHOST}")
        by_us = post.get("author") == self.settings.organization and matching.made_at(post) >= since
        if by_us and matching.is_ours(post, item, uploaded):
            return self._live(post, item)
        return CannotTell(f"LinkedIn takes it for a duplicate of another post: {page_of(urn)}")

    def _post(self, urn: str) -> Answer:
        return self._call("GET", _path(urn), judge=refusals.of_read)

    def _counted(self, posts: Sequence[str]) -> dict[str, Metrics]:
        told: dict[str, Metrics] = {}
        for batch in (posts[start : start + BATCH] for start in range(0, len(posts), BATCH)):
            path = counts.address(self.settings.organization, batch)
            try:
                told |= counts.counted(elements_of(self._call("GET", path, judge=refusals.of_read)))
            except Forbidden:
                told |= dict.fromkeys(batch, counts.uncounted(page.NOT_SHOWN))
        return {post: told[post] if post in told else self._left_out(post) for post in posts}

    def _left_out(self, post: str) -> Metrics:
        """Return what it means that there are no counts of a post: nobody has done anything with it, if it is there."""
        try:
            self._post(post)
        except Gone:
            return counts.uncounted(refusals.GONE)
        except Forbidden:
            return counts.uncounted(counts.UNSEEN)
        return counts.NOTHING_YET

    def _bring(self, address: str, data: bytes, media_type: str) -> Answer:
        """Bring a picture to the address that LinkedIn has named for it."""
        if not images.is_safe(address, self.settings.base_url):
            raise NotSent("LinkedIn has named an address for the picture that is not encrypted")
        headers = {**self.access.lasting().bearer, "Content-Type": media_type}
        return self.http.put(address, data=data, headers=headers, classify=refusals.of_upload)

    def _call(
        self,
        method: str,
        path: str,
        *,
        restli: str = "",
        visible: bool = False,
        judge: Judge = refusals.of_write,
        **options: Any,
    ) -> Answer:
        """Make a call as the page; the visible one goes by the token at hand, whatever becomes of it."""
        grant = self.access.at_hand() if visible else self.access.lasting()
        headers = {
            **grant.bearer,
            "LinkedIn-Version": self.settings.version,
            "X-Restli-Protocol-Version": RESTLI,
            **({"X-RestLi-Method": restli} if restli else {}),
        }
        try:
            return self.http.call(
                method,
                path,
                visible=visible,
                headers=headers,
                classify=lambda answer: judge(answer, self.clock.now()),
                **options,
            )
        except NotSent as error:
            if error.token_dead:
                self.access.refused(grant)
            raise


def _path(post: str) -> str:
    return f"/posts/{quoted(post)}"


def _length_warnings(text: str) -> tuple[str, ...]:
    """Warn of a text that fits as readers see it, and may not as it is written for LinkedIn."""
    written = fit.count(escape(text), "utf16")
    return (f"as LinkedIn gets it, the text has {written} signs, which may be too many",) if written > 3000 else ()
