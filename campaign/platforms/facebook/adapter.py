"""Posts of a Facebook Page, with pictures or a link card, and a first comment.

API: https://developers.facebook.com/docs/pages-api/posts. There is no idempotency key. Pictures are uploaded where
nobody sees them; one call then makes the post. What became of it is asked of the pictures, then of the page's published
posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from campaign.clock import Clock
from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms import graph, uploads
from campaign.platforms.base import (
    COUNTS,
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
from campaign.platforms.facebook import counts, matching, photos, refusals
from campaign.platforms.facebook.access import Access
from campaign.platforms.facebook.counts import INSIGHTS
from campaign.platforms.facebook.refusals import Missing, UnknownMetric
from campaign.platforms.facebook.settings import FacebookSettings
from campaign.platforms.http import Answer, Classify, Http

PAGE, PAGES = 25, 20  # of at most 100 at once, which with attachments is more than Facebook likes to give
ATTACHED = "attachments{media_type,target{id},subattachments{media_type,target{id}}}"
POST_FIELDS = f"id,message,created_time,permalink_url,{ATTACHED}"
COMMENT_FIELDS = "id,message,created_time,permalink_url,from{id}"
SUMMARIES = "reactions.summary(true).limit(0),comments.summary(true).limit(0)"


class Facebook(Platform):
    """Posts of one page."""

    name = "facebook"
    limits = Limits(
        text=5000,  # our own choice: some 63 000 are said to be allowed, but no page of Meta's says so
        alt_text=1000,  # our own choice: none is documented for alt_text_custom
        images=10,  # our own choice: none is documented for attached_media
        image_bytes=4_000_000,  # https://developers.facebook.com/docs/graph-api/reference/page/photos
        image_types=("image/jpeg", "image/png"),  # https://developers.facebook.com/docs/graph-api/reference/page/photos
        formats=("landscape", "square", "portrait"),  # our own choice: the feed shows each whole
        hashtags=3,  # our own choice: few are used there
        comments=True,  # https://developers.facebook.com/docs/graph-api/reference/object/comments
    )
    replay_window = timedelta(0)  # there is no key
    settle: ClassVar[timedelta | None] = timedelta(minutes=2)  # a post is listed after seconds to a minute, it is said
    Settings = FacebookSettings
    settings: FacebookSettings

    def __init__(self, settings: FacebookSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        self.access = Access(settings, http, clock, tokens)
        self._dead: set[str] = set()  # metrics that Facebook does not know in this version

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Get the token of the page, by a person who may publish there."""
        return self.access.log_in(prompt)

    def check(self) -> Account:
        """Ask whether the version exists, what the token may do, and whose page it is."""
        now = self.clock.now()
        self._version_exists()
        grant = self.access.lasting()
        told = self.access.inspected(grant)
        page = self._call("GET", grant.account, refusals.of_page, params={"fields": "id,name"})
        ending = graph.ending(self.settings.version, now.date())
        return Account(
            id=page.text("id"),
            name=page.maybe("name") or page.text("id"),
            limits=self.limits,
            token_expires_at=told.ends_at or grant.ends_at,
            warnings=(*((ending,) if ending else ()), *told.warnings(now)),
        )

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Get the page's token, and upload the pictures."""
        grant = self.access.lasting()
        if item.role == "reply":
            raise Rejected("Facebook has no threads: only a post and a first comment")
        if item.role == "comment":
            self._commentable(item)

        def upload(**options: Any) -> Answer:
            return self._call("POST", f"{grant.account}/photos", refusals.of_upload, **options)

        for image in item.images:
            photos.make_ready(image, checkpoint, upload, self.clock)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Make the post, or the comment: the one visible call.

        It asks for no fields in return: where reading is what is refused, the post would be there all the same.
        """
        if item.role == "comment":
            path = f"{self._id_of(item.root)}/comments"
            answer = self._call("POST", path, refusals.of_comment, visible=True, json={"message": item.text})
            return Published(answer.text("id"))
        shown = uploads.ids_of(item, checkpoint)
        body: dict[str, Any] = {"message": item.text, "published": True}
        if shown:
            body["attached_media"] = [{"media_fbid": photo} for photo in shown]
        elif item.link:
            body["link"] = item.link

        def judge(answer: Answer) -> PlatformError | None:
            return refusals.of_post(answer, shown)

        answer = self._call("POST", f"{self.access.at_hand().account}/feed", judge, visible=True, json=body)
        return Published(answer.text("id"), permalink=matching.permalink(answer.text("id")))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look where its pictures are shown, then through what the page has published."""
        if item.role == "comment":
            return self._find_comment(item, since)
        uploaded = uploads.all_ids(checkpoint)
        stories = [story for photo in uploaded if (story := self._story_of(photo))]
        for story in dict.fromkeys(stories):
            post = self._seen(story)
            if post and matching.says(post, item):
                return _found(post)
        path = f"{self.access.lasting().account}/published_posts"
        answer = self._sought(
            path, {"fields": POST_FIELDS}, since, lambda post: matching.is_ours(post, item, uploaded), refusals.of_page
        )
        if isinstance(answer, Absent) and stories:
            return CannotTell(f"a picture of it is shown in {matching.permalink(stories[0])}, with other words")
        return answer

    def confirm(self, remote_id: str) -> Confirmation:
        """Look whether it is there, and at which address."""
        try:
            answer = self._call("GET", self._id_of(remote_id), refusals.of_live, params={"fields": "permalink_url"})
        except Missing as missing:
            return Confirmation(warnings=(str(missing),))
        return Confirmation(answer.maybe("permalink_url"))

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts of posts, one by one: one that is gone would spoil those that were asked for with it."""
        return {remote_id: self._counted(remote_id) for remote_id in remote_ids}

    def followers(self) -> int | None:
        """Return how many follow the page."""
        page = self.access.lasting().account
        return self._call("GET", page, refusals.of_page, params={"fields": "followers_count"}).count("followers_count")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Change the text; pictures and link card stay as they are."""
        post = self._id_of(remote_id)
        if item.role == "post":
            live = self._call("GET", post, refusals.of_edit, params={"fields": ATTACHED}).json()
            if matching.count_of_pictures(live) != len(item.images):
                raise Unsupported("a live post keeps its pictures: take it down and publish it again to change them")
        self._call("POST", post, refusals.of_edit, json={"message": item.text})

    def delete(self, remote_id: str) -> None:
        """Take it down. "Not there" may mean "you may not", so it is believed only where the same token sees the page.

        Raises:
            NotSent: it is still there.
        """
        post = self._id_of(remote_id)
        try:
            answer = self._call("DELETE", post, refusals.of_live)
        except Missing:
            self._call("GET", self.access.lasting().account, refusals.of_page, params={"fields": "id"})
            if self._seen(post) is not None:
                raise NotSent("the token may not take the post down") from None
            return
        if answer.get("success") is not True:
            raise NotSent(f"Facebook did not take the post down: {answer.said}")

    def _call(self, method: str, path: str, judge: Classify, *, visible: bool = False, **options: Any) -> Answer:
        """Make a call as the page, on what is at hand if it is the visible one."""
        grant = self.access.at_hand() if visible else self.access.lasting()
        query = {**options.pop("params", {}), **graph.proof_of(grant.token, self.settings.client_secret)}
        address = f"/{self.settings.version}/{quote(path)}"
        try:
            return self.http.call(
                method, address, visible=visible, headers=grant.bearer, params=query, classify=judge, **options
            )
        except NotSent as error:
            if error.token_dead:
                self.access.refused()
            raise

    def _id_of(self, remote_id: str) -> str:
        return matching.id_of(remote_id, self.settings.page or self.access.at_hand().account)

    def _commentable(self, item: Outgoing) -> None:
        """Refuse a comment that cannot be made, here rather than on the visible call."""
        if item.images:
            raise Rejected("a first comment shows no pictures")
        try:
            self._id_of(item.root)
        except Unsupported as error:
            raise Rejected(f"no comment can be made: {error}") from None

    def _version_exists(self) -> None:
        try:
            self.http.get(f"/{self.settings.version}/me", classify=refusals.of_version)
        except Missing:
            return

    def _story_of(self, photo: str) -> str:
        """Return the id of the post that shows a picture, empty where none is told: that proves nothing."""
        try:
            return self._call("GET", photo, refusals.of_live, params={"fields": "page_story_id"}).maybe("page_story_id")
        except Missing:
            return ""

    def _seen(self, post: str) -> dict[str, Any] | None:
        """Return a post or comment as it is now, None where Facebook shows none."""
        try:
            fields = {"fields": "id,message,permalink_url"}
            return dict(self._call("GET", post, refusals.of_live, params=fields).json())
        except Missing:
            return None

    def _find_comment(self, item: Outgoing, since: datetime) -> Found | Absent | CannotTell:
        """Look through the comments under the post; only those of the page itself can be ours."""
        own = self.access.lasting().account
        order = {"filter": "toplevel", "order": "reverse_chronological"}

        def is_ours(comment: Mapping[str, Any]) -> bool:
            return (comment.get("from") or {}).get("id", own) == own and matching.says(comment, item)

        try:
            path = f"{self._id_of(item.root)}/comments"
            return self._sought(path, {"fields": COMMENT_FIELDS, **order}, since, is_ours, refusals.of_counts)
        except Missing as missing:
            return CannotTell(f"the comments cannot be read: {missing}")

    def _sought(
        self,
        path: str,
        params: Mapping[str, Any],
        since: datetime,
        is_ours: Callable[[Mapping[str, Any]], bool],
        judge: Classify,
    ) -> Found | Absent | CannotTell:
        for page in self._listed(path, params, since, judge):
            if page is None:
                return CannotTell(f"there are more than {PAGE * PAGES} since")
            if ours := next((each for each in page if is_ours(each)), None):
                return _found(ours)
        return Absent(honours_key=False)

    def _listed(
        self, path: str, params: Mapping[str, Any], since: datetime, judge: Classify
    ) -> Iterator[list[dict[str, Any]] | None]:
        """Yield what was published at or after `since`, newest first, at last None when it is too much."""
        query = {**params, "since": int(since.timestamp()), "limit": PAGE}
        for _ in range(PAGES):
            answer = self._call("GET", path, judge, params=query)
            page = _nodes(answer)
            yield [each for each in page if each["made_at"] >= since]
            if not (further := answer.maybe("paging", "next")):
                return  # nothing else is the end: https://developers.facebook.com/docs/graph-api/results#cursors
            query["after"] = _after(answer, further)
        yield None

    def _counted(self, remote_id: str) -> Metrics:
        try:
            post = self._id_of(remote_id)
            if post.startswith(f"{self.access.lasting().account}_"):
                return self._counted_post(post)
            fields = {"fields": "like_count,comment_count"}
            return counts.of_comment(self._call("GET", post, refusals.of_counts, params=fields).json())
        except (Missing, Unsupported) as error:
            return Metrics(missing=dict.fromkeys(COUNTS, str(error)))

    def _counted_post(self, post: str) -> Metrics:
        """Ask for the insights, and where they lack something, for what the post tells itself."""
        try:
            insights = self._insights(post)
            causes = {word: counts.DEAD for metric, word in INSIGHTS.items() if metric in self._dead}
        except Missing as missing:
            insights, causes = {}, dict.fromkeys(COUNTS, str(missing))
        own = self._told_by(post) if counts.lacks(insights) else {}
        return counts.counted(insights, own, causes)

    def _insights(self, post: str) -> dict[str, Any]:
        """Return the values of all metrics that are alive; one that is not spoils the call for all, so it is found out.

        Metrics end in all versions at once: https://developers.facebook.com/docs/platforminsights/page/deprecated-metrics
        """
        alive = [metric for metric in INSIGHTS if metric not in self._dead]
        try:
            return self._values(post, alive)
        except UnknownMetric:
            found: dict[str, Any] = {}
            for metric in alive:
                try:
                    found |= self._values(post, [metric])
                except UnknownMetric:
                    self._dead.add(metric)
            return found

    def _values(self, post: str, metrics: Sequence[str]) -> dict[str, Any]:
        if not metrics:
            return {}
        query = {"metric": ",".join(metrics)}
        return counts.in_insights(self._call("GET", f"{post}/insights", refusals.of_counts, params=query).json())

    def _told_by(self, post: str) -> dict[str, int]:
        """Return what a post tells itself: all of it, or what the token may read."""
        for fields in (f"shares,{SUMMARIES}", "shares"):
            try:
                return counts.in_object(self._call("GET", post, refusals.of_counts, params={"fields": fields}).json())
            except Missing:
                continue
        return {}


def _found(node: Mapping[str, Any]) -> Found:
    return Found(str(node["id"]), permalink=str(node.get("permalink_url") or ""))


def _after(answer: Answer, further: str) -> str:
    """Return where the next page of a list begins. Its address is not called: it holds the token.

    Raises:
        NotSent: it is not told.
    """
    told = answer.maybe("paging", "cursors", "after") or parse_qs(urlsplit(further).query).get("after", [""])[0]
    return told or answer.unreadable("the list goes on, and the answer does not say where")


def _nodes(answer: Answer) -> list[dict[str, Any]]:
    """Return the posts or comments of a list, with the moment of each.

    Raises:
        NotSent: it is no such list.
    """
    data = answer.get("data")
    if not isinstance(data, list):
        answer.unreadable("the answer is no list")
    try:
        return [{**node, "id": str(node["id"]), "made_at": matching.made_at(node)} for node in data]
    except (KeyError, TypeError, ValueError):
        answer.unreadable("the answer lists what has no id or no time")
