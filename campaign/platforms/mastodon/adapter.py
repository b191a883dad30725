"""Statuses on a Mastodon-compatible server. API: https://docs.joinmastodon.org/methods/statuses/

One account lives on one server, and every limit is that server's. Not every server that speaks this API knows the
header Idempotency-Key; on those that do not, nothing is repeated, and the account's own statuses tell what is live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field

from campaign.clock import Clock
from campaign.config.words import Secret
from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms import uploads
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
    PlatformSettings,
    Prompt,
    Published,
    TokenStore,
)
from campaign.platforms.http import Answer, Classify, Http
from campaign.platforms.mastodon import instance, login, matching, media, refusals
from campaign.platforms.mastodon.counts import counted
from campaign.platforms.mastodon.instance import Server
from campaign.platforms.mastodon.refusals import Missing

VISIBILITIES = ("public", "unlisted", "private", "direct")  # widest first
SERVER_AGE = timedelta(days=1)  # after which the server is asked anew what it allows
PAGE = 40  # https://docs.joinmastodon.org/methods/accounts/#statuses
PAGES = 5
BATCH = 20  # https://docs.joinmastodon.org/methods/statuses/#index, from Mastodon 4.3 on

Judge = Callable[[int, str], PlatformError | None]


class MastodonSettings(PlatformSettings):
    """`base_url`: the server. `token`: of the account, unless it was stored by a login.

    `visibility` is that of every post. `idempotency` says whether the server honours the header Idempotency-Key;
    "auto" goes by its software.
    """

    base_url: str = Field(min_length=1)
    token: Secret | None = None
    visibility: Literal["public", "unlisted", "private", "direct"] = "public"
    idempotency: Literal["auto", "yes", "no"] = "auto"


class Mastodon(Platform):
    """Statuses of one account on one server."""

    name = "mastodon"
    limits = Limits(  # Mastodon's own defaults; `check` reads the server's
        text=500,  # https://docs.joinmastodon.org/user/posting/#text
        unit="graphemes",  # https://github.com/mastodon/mastodon/blob/main/app/validators/status_length_validator.rb
        link_length=23,  # https://docs.joinmastodon.org/user/posting/#links
        alt_text=1500,  # https://docs.joinmastodon.org/user/posting/#media
        images=4,  # https://docs.joinmastodon.org/user/posting/#images
        image_bytes=2_000_000,  # our own choice: 16 MB are allowed, but every server scales them down at once
        image_types=("image/jpeg", "image/png"),  # https://docs.joinmastodon.org/user/posting/#images
        formats=("landscape", "square"),  # our own choice: timelines crop what is taller
        threads=True,  # https://docs.joinmastodon.org/methods/statuses/#create in_reply_to_id
    )
    replay_window = timedelta(minutes=50)  # of 1 h: https://docs.joinmastodon.org/methods/statuses/#headers
    settle: ClassVar[timedelta | None] = timedelta(minutes=1)  # our own choice: a server under load may store late
    Settings = MastodonSettings
    settings: MastodonSettings

    def __init__(self, settings: PlatformSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        self._server_known: tuple[datetime, Server] | None = None
        self._own: tuple[str, str] = ("", "")  # a token, and the id of the account that it belongs to

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what is known of refusals of the token or the account."""
        return self._by(refusals.of_account)(answer)

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Get a token, pasted or by the browser."""

        def call(method: str, path: str, **options: Any) -> Answer:
            return self.http.call(method, path, classify=self._by(refusals.of_login), **options)

        return login.log_in(call, self.settings.base_url, prompt)

    def check(self) -> Account:
        """Ask who the account is, what its server allows, and, by calls that change nothing, what the token may do."""
        answer = self._call("GET", "/api/v1/accounts/verify_credentials")
        own = answer.text("id")
        self._server_known = None
        server, host = self._server(), urlsplit(self.settings.base_url).netloc
        return Account(
            id=answer.maybe("url") or f"{own}@{host}",
            name=f"{answer.text('acct')}@{host}",
            limits=server.limits,
            warnings=(*instance.key_warnings(server, self.settings.idempotency), *self._scope_warnings(own)),
        )

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Learn what the server is, and upload the pictures."""
        self._token()  # that it is missing is better learnt here than on the visible call
        self._answering(item)
        if self.settings.idempotency == "auto" and "server" not in checkpoint:
            checkpoint.put("server", self._server().software)
        for image in item.images:
            media.make_ready(image, checkpoint, self._judged_by(refusals.of_media), self.clock)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Post the status: the one visible call."""
        body = {
            **self._words_of(item),
            "media_ids": uploads.ids_of(item, checkpoint),
            "visibility": self.settings.visibility,
            **({"in_reply_to_id": self._answering(item)} if item.reply_to else {}),
        }
        answer = self._call(
            "POST",
            "/api/v1/statuses",
            visible=True,
            headers={"Idempotency-Key": idempotency_key},
            json=body,
            judge=lambda status, said: refusals.of_status(status, said, item),
        )
        return Published(answer.text("id"), permalink=answer.maybe("url") or answer.maybe("uri"))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look through the account's own statuses, and at the source of those whose text their server has changed."""
        item = replace(item, reply_to=self._answering(item))
        uploaded = uploads.all_ids(checkpoint)
        others: list[dict[str, Any]] = []
        for page in self._own_since(since):
            if page is None:
                return CannotTell(f"the account has posted more than {PAGE * PAGES} times since")
            for status in page:
                if matching.is_ours(status, item, uploaded):
                    return _found(status)
            others += page
        doubt: CannotTell | None = None
        for status in others:
            match self._seen_closer(status, item):
                case Found() as found:
                    return found
                case CannotTell() as cannot:
                    doubt = cannot
        return doubt or Absent(honours_key=self._honours_key(checkpoint))

    def confirm(self, remote_id: str) -> Confirmation:
        """Look whether the status is there, and as visible as it was meant to be."""
        try:
            answer = self._call("GET", _path(self._id_of(remote_id)), judge=refusals.of_live)
        except Missing:
            return Confirmation(warnings=(refusals.GONE,))
        wanted, shown = self.settings.visibility, answer.maybe("visibility")
        lower = shown in VISIBILITIES and VISIBILITIES.index(shown) > VISIBILITIES.index(wanted)
        why = f"it is {shown}, not {wanted}: the server may have limited the account"
        return Confirmation(answer.maybe("url") or answer.maybe("uri"), warnings=(why,) if lower else ())

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts of statuses; of an address that tells no id, nothing is known."""
        statuses: dict[str, str] = {}
        told: dict[str, Metrics] = {}
        for remote_id in remote_ids:
            try:
                statuses[remote_id] = self._id_of(remote_id)
            except Unsupported as error:
                told[remote_id] = Metrics(missing=dict.fromkeys(COUNTS, str(error)))
        counts = self._counted(list(dict.fromkeys(statuses.values())))
        return told | {remote_id: counts[status] for remote_id, status in statuses.items()}

    def followers(self) -> int | None:
        """Return how many follow the account, as far as its server knows."""
        return self._call("GET", "/api/v1/accounts/verify_credentials").count("followers_count")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Change the text and the alt texts; whoever has shared the status is told."""
        path = _path(self._id_of(remote_id))
        live = self._call("GET", path, judge=refusals.of_edit)
        ids = [str(each["id"]) for each in live.get("media_attachments") or ()]
        if len(ids) != len(item.images):
            raise Unsupported("a live post keeps its pictures: take it down and publish it again to change them")
        described = [{"id": each, "description": image.alt} for each, image in zip(ids, item.images, strict=True)]
        body = {**self._words_of(item), "media_ids": ids, "media_attributes": described}  # left out, pictures may go
        self._call("PUT", path, json=body, judge=refusals.of_edit)

    def delete(self, remote_id: str) -> None:
        """Take the status down; one that is gone already is fine. Servers say so of another account's too.

        Raises:
            NotSent: it is there, and not ours.
        """
        path = _path(self._id_of(remote_id))
        try:
            self._call("DELETE", path, judge=refusals.of_live)
        except Missing:
            try:
                self._call("GET", path, judge=refusals.of_live)
            except Missing:
                return
            raise NotSent("the server does not delete the post: it may be another account's") from None

    def _id_of(self, remote_id: str) -> str:
        return matching.id_of(remote_id, self.settings.base_url)

    def _answering(self, item: Outgoing) -> str:
        """Return the id of the status that a part answers, empty when it answers none.

        Raises:
            Rejected: nobody can name it.
        """
        try:
            return self._id_of(item.reply_to) if item.reply_to else ""
        except Unsupported as error:
            raise Rejected(f"no answer can be made: {error}") from None

    def _words_of(self, item: Outgoing) -> dict[str, str]:
        """Return the text as servers take it: some would read Markdown in it, unless told not to."""
        language = item.language.partition("-")[0].lower()  # ISO 639-1
        return {"status": item.text, "content_type": "text/plain", "language": language}

    def _token(self) -> str:
        """Return the account's token: the config's, else the one that a login on this very server has stored."""
        if self.settings.token is not None:
            token = self.settings.token.reveal()
        else:
            stored = self.tokens.load()
            token = stored.get("token", "") if stored.get("base_url") == self.settings.base_url else ""
        if not token:
            raise NotSent(f"there is no token for {self.settings.base_url}", token_dead=True)
        return token

    def _call(
        self,
        method: str,
        path: str,
        *,
        judge: Judge | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        """Make a call as the account; English words, for what is told apart by them."""
        own = {"Authorization": f"Bearer {self._token()}", "Accept-Language": "en", **(headers or {})}
        return self.http.call(method, path, headers=own, classify=self._by(judge) if judge else None, **options)

    def _judged_by(self, judge: Judge) -> Callable[..., Answer]:
        return lambda method, path, **options: self._call(method, path, judge=judge, **options)

    def _by(self, judge: Judge) -> Classify:
        return lambda answer: judge(answer.status, refusals.words(answer))

    def _server(self) -> Server:
        """Return what the server is, asked at most once a day."""
        now = self.clock.now()
        if self._server_known is None or now - self._server_known[0] > SERVER_AGE:
            self._server_known = now, instance.ask(self._judged_by(refusals.of_extra), self.limits)
        return self._server_known[1]

    def _honours_key(self, checkpoint: Checkpoint) -> bool:
        """Whether a repeated key is known to be answered with the first status."""
        setting = self.settings.idempotency
        try:
            asks = setting == "auto" and "server" not in checkpoint
            software = self._server().software if asks else checkpoint.get("server", "")
        except NotSent:
            return False
        return instance.honours_key(software, setting)

    def _scope_warnings(self, own: str) -> tuple[str, ...]:
        """Try each scope by a call that changes nothing: no file, no such status."""
        tries = {
            "read:statuses": ("GET", f"/api/v1/accounts/{quote(own, safe='')}/statuses?limit=1"),
            "write:media": ("POST", "/api/v2/media"),
            "write:statuses": ("PUT", "/api/v1/statuses/0"),
        }
        return tuple(f"the token lacks {scope}" for scope, call in tries.items() if self._lacks(*call))

    def _lacks(self, method: str, path: str) -> bool:
        try:
            self._call(method, path)
        except NotSent as error:
            return error.token_dead
        return False

    def _own_id(self) -> str:
        token = self._token()
        if self._own[0] != token:
            self._own = token, self._call("GET", "/api/v1/accounts/verify_credentials").text("id")
        return self._own[1]

    def _own_since(self, since: datetime) -> Iterator[list[dict[str, Any]] | None]:
        """Yield pages of the account's own statuses made at or after `since`, at last None when there are too many."""
        path = f"/api/v1/accounts/{quote(self._own_id(), safe='')}/statuses"
        params = {"exclude_reblogs": "true", "limit": str(PAGE)}
        for _ in range(PAGES):
            page = statuses_in(self._call("GET", path, params=params))
            recent = [status for status in page if status["created_at"] >= since]
            yield [status for status in recent if not status.get("reblog")]
            if not page or len(recent) < len(page):
                return
            params["max_id"] = page[-1]["id"]
        yield None

    def _seen_closer(self, status: Mapping[str, Any], item: Outgoing) -> Found | CannotTell | None:
        """Compare a status as it was typed; where the server does not show that, one much like ours is a doubt."""
        if not matching.has_same_parent(status, item):
            return None
        source = self._source(status)
        if source is None and matching.resembles(status, item):
            return CannotTell(f"a post much like it is there, and the server does not show its source: {_link(status)}")
        return _found(status) if source is not None and matching.says(source, item) else None

    def _source(self, status: Mapping[str, Any]) -> str | None:
        """Return a status as it was typed, None where the server does not show it."""
        try:
            told = refusals.json_of(self._call("GET", f"{_path(status['id'])}/source", judge=refusals.of_extra))
        except Missing:
            return None
        source = told.get("text") if isinstance(told, dict) else None
        return source if isinstance(source, str) else None

    def _counted(self, statuses: Sequence[str]) -> dict[str, Metrics]:
        """Return counts by id: in batches where the server has them, else one by one."""
        counts: dict[str, Metrics] = {}
        for start in range(0, len(statuses), BATCH):
            batch = statuses[start : start + BATCH]
            together = self._together(batch)
            counts |= {each: counted(together[each]) if each in together else self._alone(each) for each in batch}
        return counts

    def _together(self, remote_ids: Sequence[str]) -> dict[str, Any]:
        """Return by id the statuses that are there, nothing where the server has no such call."""
        try:
            answer = self._call("GET", "/api/v1/statuses", params={"id[]": list(remote_ids)}, judge=refusals.of_extra)
        except Missing:
            return {}
        told = refusals.json_of(answer)
        return {str(each.get("id")): each for each in told if isinstance(each, dict)} if isinstance(told, list) else {}

    def _alone(self, remote_id: str) -> Metrics:
        try:
            return counted(self._call("GET", _path(remote_id), judge=refusals.of_one).json())
        except Missing as missing:
            return Metrics(missing=dict.fromkeys(COUNTS, str(missing)))


def statuses_in(answer: Answer) -> list[dict[str, Any]]:
    """Return the statuses of a list, with the moment of each as a time.

    Raises:
        NotSent: it is no such list.
    """
    told = answer.json()
    if not isinstance(told, list):
        answer.unreadable("the answer is no list of statuses")
    try:
        return [{**status, "id": str(status["id"]), "created_at": _moment(status["created_at"])} for status in told]
    except (KeyError, TypeError, ValueError):
        answer.unreadable("the answer holds what is no status")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _found(status: Mapping[str, Any]) -> Found:
    return Found(status["id"], permalink=_link(status))


def _link(status: Mapping[str, Any]) -> str:
    return str(status.get("url") or status.get("uri") or "")


def _path(remote_id: str) -> str:
    return f"/api/v1/statuses/{quote(remote_id, safe='')}"
