"""Posts of one account on X. API: https://docs.x.com/x-api

There is no idempotency key. What became of a post whose answer was lost, the account's own timeline tells, a little
later; X's refusal to take the same text again guards beside it. Names of fields are changing from tweet to post.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from campaign.clock import Clock
from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms import uploads
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
    PlatformSettings,
    Prompt,
    Published,
    TokenStore,
)
from campaign.platforms.grants import Grants
from campaign.platforms.http import Answer, Http
from campaign.platforms.x import counts, matching, media, refusals
from campaign.platforms.x.access import Access, Keys, Login, Method, TokenEndpoint
from campaign.platforms.x.refusals import OF_ACCOUNT, OF_POST, OF_PRIVATE, OF_READ, Hidden, Line, Missing, Misspelt
from campaign.platforms.x.settings import XSettings

PERMALINK = "https://x.com/i/web/status/"  # it needs no user name, which may change
BATCH = 100  # https://docs.x.com/x-api/posts/get-posts-by-ids
PAGE, PAGES = 100, 10  # https://docs.x.com/x-api/users/get-posts
EARLIER = timedelta(seconds=60)  # X dates a post by its own clock
INVALID = (
    "\ufffe",
    "\ufeff",
    "\uffff",
)  # https://github.com/twitter/twitter-text/blob/master/js/src/regexp/invalidChars.js

Word = Literal["tweet", "post"]


@dataclass(frozen=True)
class Seen:
    """What X shows of posts that were asked for by their ids, and why not of the others."""

    posts: Mapping[str, Mapping[str, Any]]
    causes: Mapping[str, str]


class X(Platform):
    """Posts of one account."""

    name = "x"
    limits = Limits(
        text=280,  # https://docs.x.com/fundamentals/counting-characters; Premium: the channel's text_length
        unit="x-weighted",  # https://github.com/twitter/twitter-text/blob/master/config/v3.json
        link_length=23,  # https://docs.x.com/fundamentals/counting-characters
        alt_text=1000,  # https://docs.x.com/x-api/media/create-media-metadata
        images=4,  # https://docs.x.com/x-api/media/quickstart/best-practices
        image_bytes=5_000_000,  # https://docs.x.com/x-api/media/quickstart/best-practices
        image_types=("image/jpeg", "image/png"),  # https://docs.x.com/x-api/media/quickstart/best-practices
        formats=("landscape", "square"),  # our own choice: timelines crop what is taller
        hashtags=3,  # our own choice: there is little room
        threads=True,  # https://docs.x.com/x-api/posts/create-post
    )
    replay_window = timedelta(0)  # there is no key
    settle: ClassVar[timedelta | None] = timedelta(minutes=2)  # our own choice: a timeline lags by up to a minute
    cannot_edit = "X lets only Premium accounts change a post, within an hour, and makes another post of it"
    Settings = XSettings
    settings: XSettings

    def __init__(self, settings: PlatformSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        self._endpoint = TokenEndpoint(self.settings, http, clock)
        self._access = self._whose()
        self._word: Word = "post" if self.settings.fields == "post" else "tweet"
        self._own_id = ""

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what is known of refusals of the credentials or the account."""
        return refusals.meaning(OF_ACCOUNT, answer, self.clock.now())

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Let a person agree in a browser, and ask whose account they have opened."""
        grant = self._endpoint.log_in(prompt)
        answer = self.http.get("/2/users/me", headers=grant.bearer)
        account = replace(grant, account=_of_data(answer, "id"))
        prompt.tell(f"Logged in as @{_of_data(answer, 'username')}.")
        return account.stored()

    def check(self) -> Account:
        """Ask who the account is; X tells nothing of its limits."""
        answer = self._call("GET", "/2/users/me")
        reads_only = answer.headers.get("x-access-level") == "read"
        why = "the app may only read: give it the permission to read and write, then make the access token anew"
        return Account(
            id=_of_data(answer, "id"),
            name=f"@{_of_data(answer, 'username')}",
            limits=replace(self.limits, text=self.settings.text_length),
            token_expires_at=self._access.ends_at,
            warnings=(why,) if reads_only else (),
        )

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """See that the credentials last, and upload the pictures."""
        if any(sign in item.text for sign in INVALID):
            raise Rejected("the text holds a sign that X does not take, such as U+FEFF", remedy="Type the text anew.")
        _answering(item)
        self._access.ready()
        for image in item.images:
            media.make_ready(image, checkpoint, self._call, self.clock)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Make the post: the one visible call."""
        ids = uploads.ids_of(item, checkpoint)
        body = {
            "text": item.text,
            **({"media": {"media_ids": ids}} if ids else {}),
            **({"reply": {"in_reply_to_tweet_id": _answering(item)}} if item.reply_to else {}),
        }
        answer = self._call("POST", "/2/tweets", visible=True, json=body, lines=OF_POST)
        remote_id = _of_data(answer, "id")
        return Published(remote_id, permalink=PERMALINK + remote_id)

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look through the account's own timeline. The same words in another place leave it open: X may not tell where.

        Which names it has for what a post answers is changing.
        """
        item, elsewhere = replace(item, reply_to=_answering(item)), ""
        for page in self._own_since(since - EARLIER):
            if page is None:
                return CannotTell(f"the account has posted more than {PAGE * PAGES} times since")
            for post in _posts_in(page):
                if matching.is_ours(post, item):
                    return Found(str(post["id"]), permalink=PERMALINK + str(post["id"]))
                elsewhere = PERMALINK + str(post["id"]) if matching.says(post, item) else elsewhere
            if refusals.errors(refusals.told(page)):
                return CannotTell(f"X does not show all that the account has posted ({refusals.words(page)})")
        if elsewhere:
            return CannotTell(f"{elsewhere} says the same, but X does not show it as an answer to the same post")
        return Absent(honours_key=False)

    def confirm(self, remote_id: str) -> Confirmation:
        """Look whether the post is there."""
        post = matching.id_of(remote_id)
        seen = self._looked_up([post], "created_at", OF_READ)
        warnings = () if post in seen.posts else (seen.causes.get(post, refusals.GONE),)
        return Confirmation(PERMALINK + post, warnings)

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts; of what is no post's id or address, nothing is known."""
        posts: dict[str, str] = {}
        for remote_id in remote_ids:
            with suppress(Unsupported):
                posts[remote_id] = matching.id_of(remote_id)
        told = self._counted(list(dict.fromkeys(posts.values())))
        unseen = counts.uncounted(counts.NOT_SHOWN)
        return {remote_id: told[posts[remote_id]] if remote_id in posts else unseen for remote_id in remote_ids}

    def _counted(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts, 100 posts at a time; who followed a link is asked apart, of young posts only."""
        told: dict[str, Metrics] = {}
        for start in range(0, len(remote_ids), BATCH):
            batch = remote_ids[start : start + BATCH]
            public = self._looked_up(batch, "public_metrics", OF_READ)
            private = self._private([each for each in batch if each in public.posts])
            told |= {
                each: counts.counted(
                    public.posts[each], private.posts.get(each, {}), private.causes.get(each, counts.NOT_TOLD)
                )
                if each in public.posts
                else counts.uncounted(public.causes.get(each, counts.NOT_SHOWN))
                for each in batch
            }
        return told

    def followers(self) -> int | None:
        """Return how many follow the account."""
        answer = self._call("GET", "/2/users/me", {"user.fields": "public_metrics"})
        return answer.count("data", "public_metrics", "followers_count")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Refuse: it takes a Premium account and the first hour, and makes another post."""
        raise Unsupported(self.cannot_edit)

    def delete(self, remote_id: str) -> None:
        """Take the post down; one that is gone already is fine."""
        post = matching.id_of(remote_id)
        try:
            answer = self._call("DELETE", f"/2/tweets/{post}", lines=OF_READ)
        except Missing:
            return
        if answer.get("data", "deleted") is not True and _causes(answer).get(post) != refusals.GONE:
            answer.unreadable(f"X does not say that it has deleted the post: {refusals.words(answer)}")

    def _whose(self) -> Access:
        if self.settings.access_token:
            return Keys(self.settings, self.clock)
        return Login(Grants(self.tokens, self.clock, self.settings.base_url, self._endpoint.renew))

    def _call(
        self,
        method: Method,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        visible: bool = False,
        lines: tuple[Line, ...] = OF_ACCOUNT,
        **options: Any,
    ) -> Answer:
        """Make a call as the account. One that nobody can see is repeated once where its proof can be renewed."""
        query = f"?{urlencode(params, quote_via=quote)}" if params else ""  # as it is signed, so it is sent
        url = f"{self.settings.base_url}{path}{query}"
        options |= {"visible": visible, "classify": refusals.by(lines, self.clock.now)}
        proof = self._access.proof(method, url, visible=visible)
        try:
            return self.http.call(method, url, headers=proof, **options)
        except NotSent as error:
            if not error.token_dead or not self._access.refused() or visible:
                raise
        return self.http.call(method, url, headers=self._access.proof(method, url, visible=False), **options)

    def _read(self, path: str, params: Mapping[str, str], fields: str, lines: tuple[Line, ...]) -> Answer:
        """Ask for posts with some fields; where the host does not know the word for posts, by the other one."""
        try:
            return self._call("GET", path, {**params, **_fields(self._word, fields)}, lines=lines)
        except Misspelt:
            if self.settings.fields != "auto":
                raise
        self._word = "post" if self._word == "tweet" else "tweet"
        return self._call("GET", path, {**params, **_fields(self._word, fields)}, lines=lines)

    def _looked_up(self, remote_ids: Sequence[str], fields: str, lines: tuple[Line, ...]) -> Seen:
        """Ask for posts by their ids. X refuses all for the sake of one that is no id."""
        if not remote_ids:
            return Seen({}, {})
        answer = self._read("/2/tweets", {"ids": ",".join(remote_ids)}, fields, lines)
        return Seen({each: post for post in _posts_in(answer) for each in _ids_of(post)}, _causes(answer))

    def _private(self, remote_ids: Sequence[str]) -> Seen:
        """Ask for what X tells the author alone; it may leave out a whole post for which it does not."""
        now = self.clock.now()
        young = [each for each in remote_ids if counts.tells_clicks(each, now)]
        old = dict.fromkeys(set(remote_ids) - set(young), counts.NO_CLICKS_ANY_MORE)
        try:
            seen = self._looked_up(young, "non_public_metrics", OF_PRIVATE)
        except Hidden as hidden:
            return Seen({}, {**old, **dict.fromkeys(young, f"X does not tell it to this account ({hidden})")})
        return Seen(seen.posts, {**old, **seen.causes})

    def _own_since(self, since: datetime) -> Iterator[Answer | None]:
        """Yield pages of the account's own posts made at or after `since`, at last None when there are too many."""
        path = f"/2/users/{quote(self._account_id(), safe='')}/tweets"
        start = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        params = {"max_results": str(PAGE), "start_time": start, "exclude": "retweets"}
        for _ in range(PAGES):
            answer = self._read(path, params, "created_at,entities,references,note", OF_READ)
            yield answer
            if not (token := answer.maybe("meta", "next_token")):
                return
            params["pagination_token"] = token
        yield None

    def _account_id(self) -> str:
        self._own_id = self._access.account or self._own_id or _of_data(self._call("GET", "/2/users/me"), "id")
        return self._own_id


def _answering(item: Outgoing) -> str:
    """Return the id of the post that a part answers, empty when it answers none.

    Raises:
        Rejected: nobody can name it.
    """
    try:
        return matching.id_of(item.reply_to) if item.reply_to else ""
    except Unsupported as error:
        raise Rejected(f"no answer can be made: {error}") from None


def _fields(word: Word, wanted: str) -> dict[str, str]:
    """Return how posts are asked for with some fields, by the word that X has for them.

    What a post answers is a field by the one, and an expansion by the other:
    https://github.com/xdevplatform/docs/blob/main/openapi.json, before and from 2.167 on.
    """
    names = wanted.replace("note", f"note_{word}")
    if word == "tweet":
        return {"tweet.fields": names.replace("references", "referenced_tweets")}
    if "references" not in names:
        return {"post.fields": names}
    return {"post.fields": names.replace("references,", ""), "expansions": "referenced_posts"}


def _of_data(answer: Answer, name: str) -> str:
    """Return a text that must stand in what was asked for; what X says instead is told."""
    if answer.get("data") is None:
        answer.unreadable(f"X answered without what was asked for: {refusals.words(answer)}")
    return answer.text("data", name)


def _posts_in(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the posts of a list; where there is none, X leaves the list out."""
    listed = answer.get("data")
    if listed is None and (answer.count("meta", "result_count") == 0 or refusals.errors(refusals.told(answer))):
        return []
    if not isinstance(listed, list) or not all(isinstance(each, dict) and each.get("id") for each in listed):
        answer.unreadable("the answer is no list of posts")
    return listed


def _ids_of(post: Mapping[str, Any]) -> set[str]:
    """Return the ids that a post has had: a change of it by hand, in X's own app, gives it a new one."""
    histories = (post.get(name) for name in ("edit_history_tweet_ids", "edit_history_post_ids"))
    return {str(post["id"]), *(str(each) for ids in histories if isinstance(ids, list) for each in ids)}


def _causes(answer: Answer) -> dict[str, str]:
    """Return by id why a post, or a field of it, is not shown."""
    found = {}
    for error in refusals.errors(refusals.told(answer)):
        gone = str(error.get("type")).endswith("/resource-not-found")
        said = error.get("detail") or error.get("title") or "no reason given"
        found[str(error.get("resource_id"))] = refusals.GONE if gone else f"X does not show it ({said})"
    return found
