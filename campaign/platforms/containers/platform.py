"""Publishing in two steps, as Instagram and Threads have it: a container that nobody sees, and its publication.

A container stands in for an idempotency key: it is published once at most, and tells for ever whether it was. So its
state is asked each time before it is used. One that was not published is published again, one that was is looked for
among the account's own posts, and only one of which nothing will come is made anew.

The checkpoint keeps "children" (the pictures of a carousel, by their number) and "container", each with its account.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from campaign.clock import Clock
from campaign.config.words import Secret
from campaign.errors import NotSent, OutcomeUnknown, PlatformError, RateLimited, Unsupported
from campaign.platforms.base import (
    Absent,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Image,
    Metrics,
    Outgoing,
    Platform,
    PlatformSettings,
    Published,
    TokenStore,
)
from campaign.platforms.containers.reading import (
    USELESS,
    Look,
    Missing,
    State,
    Uncounted,
    Unready,
    insights_in,
    posts_in,
    says,
)
from campaign.platforms.grants import Grant, Grants
from campaign.platforms.graph import refusal_in
from campaign.platforms.http import Answer, Classify, Http
from campaign.platforms.longlived import WEEKLY

POLL = timedelta(seconds=3)  # pictures are done in seconds; Meta's own advice of once a minute is for videos
PATIENCE = timedelta(minutes=1)  # then others get their turn; the container is kept
STUBBORN = timedelta(minutes=10)  # a container that is ready, and cannot be published for so long, is made anew
QUOTA_WAIT = timedelta(hours=1)  # slots free one by one, 24 hours after each publication
PAGE, PAGES = 50, 8  # of the account's own posts

Handle = dict[str, Any]

NOT_RENEWED = "nobody renews a token that stands in the config: it ends 60 days after it was given"


class ContainerSettings(PlatformSettings):
    """What both know.

    `token`: of the account, unless it was stored by a login; nothing renews it. `account`: the account's id, found out
    by a call where it is empty. `client_id`, `client_secret`: of the app at Meta that a person logs in with, and
    `redirect_uri`: the address that is registered there for it.
    """

    version: str = Field(pattern=r"^v\d+\.\d+$")
    token: Secret | None = None
    account: str = Field(default="", pattern=r"^\d*$", coerce_numbers_to_str=True)
    client_id: str = Field(default="", pattern=r"^\d*$", coerce_numbers_to_str=True)
    client_secret: Secret | None = None
    redirect_uri: str = "https://localhost/campaign"


class ContainerPlatform(Platform):
    """What the two have in common."""

    publish_edge: ClassVar[str]
    quota_edge: ClassVar[str]
    state_fields: ClassVar[tuple[str, str]]  # the state, and the words to it
    text_field: ClassVar[str]
    called: ClassVar[str]  # as people call it
    fetches = True

    settings: ContainerSettings

    def __init__(self, settings: PlatformSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        token = self.settings.token
        self.from_config = None if token is None else Grant(token.reveal(), account=self.settings.account)
        self.grants = Grants(tokens, clock, self.server, self.renew, WEEKLY)
        self._whose: tuple[str, str] = ("", "")  # a token, and the id of the account that it belongs to

    @property
    @abstractmethod
    def server(self) -> str:
        """The host of all calls."""

    @property
    @abstractmethod
    def renew(self) -> Callable[[Grant], Grant] | None:
        """The call that gets the next grant, None where there is none."""

    def proof(self, grant: Grant) -> dict[str, str]:
        """Return what shows with each call that it is the app's, where the service can be told to want that."""
        return {}

    @abstractmethod
    def asked_for_account(self, grant: Grant) -> str:
        """Return the id of the account that a token is for, by a call."""

    @abstractmethod
    def make(self, item: Outgoing, checkpoint: Checkpoint) -> str:
        """Make the container of a part and return its id."""

    @abstractmethod
    def create(self, fields: Mapping[str, str]) -> str:
        """Create a container of these fields, by one call, and return its id."""

    @abstractmethod
    def failure(self, look: Look) -> PlatformError:
        """Return what it means that nothing will come of a container."""

    @abstractmethod
    def own_edge(self, item: Outgoing) -> str:
        """Return where the account's own posts of the kind of a part are listed."""

    @abstractmethod
    def of_publishing(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal of the visible call means."""

    @abstractmethod
    def of_thing(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal means where one thing is asked for that may be gone."""

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Have a container that can be published, and room for it in the quota.

        One that was published already is only marked so: publishing it again is left out, and it is looked for.
        """

        def keep(handle: Handle) -> None:
            checkpoint.put("container", handle)

        look = self.ready(checkpoint.get("container"), keep, lambda: self.make(item, checkpoint))
        if look.state is State.LIVE:
            keep({**checkpoint["container"], "published": True})
        elif not item.reply_to:  # nobody writes a thousand answers a day
            self._mind_quota()

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Publish the container: the one visible call."""
        handle = checkpoint.get("container")
        if handle is None:
            raise NotSent("what was prepared is gone")
        if handle.get("published"):
            raise OutcomeUnknown("it was published before, so it is looked for and not sent again")
        grant = self.from_config or self.grants.at_hand()
        edge = f"/{handle['account']}/{self.publish_edge}"
        body = {"creation_id": handle["id"]}
        try:
            answer = self.sent("POST", edge, grant, visible=True, data=body, classify=self.of_publishing)
        except Unready as error:
            if self.clock.now() - datetime.fromisoformat(handle["at"]) > STUBBORN:
                raise NotSent(str(error), forget=("container", "children")) from None
            raise
        return Published(answer.text("id"))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Ask the container whether it was published; if it may have been, look for the post.

        What is absent is sent again by way of `prepare`, which asks the container once more.
        """
        handle = checkpoint.get("container")
        if handle and handle["account"] != self.account():
            return CannotTell("it was sent by another account than the one that is logged in now")
        look = self._look(handle["id"]) if handle else None
        if look and look.state in (State.READY, State.AT_WORK) and item.marked:
            return Absent(honours_key=False)
        listed = self._listed(item, since)
        if listed:
            return listed
        if look and look.state in (State.LIVE, State.UNKNOWN):
            what = "was published" if look.state is State.LIVE else "is not known there any more"
            return CannotTell(f"its container {what}, and no post of the account has its text")
        return Absent(honours_key=False)

    def confirm(self, remote_id: str) -> Confirmation:
        """Look whether the post is still there, and where."""
        if not remote_id.isdigit():
            return Confirmation(remote_id)
        try:
            answer = self.call("GET", f"/{remote_id}", params={"fields": "id,permalink"}, classify=self.of_thing)
        except Missing:
            return Confirmation(warnings=("the post is not there any more",))
        return Confirmation(answer.maybe("permalink"))

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts of posts, one by one: there is no call for several."""
        return {remote_id: self.counted(remote_id) for remote_id in remote_ids}

    @abstractmethod
    def counted(self, remote_id: str) -> Metrics:
        """Return the counts of one post."""

    def insights(self, remote_id: str, asked: str) -> dict[str, int]:
        """Return the insights that are asked for.

        Raises:
            Uncounted: one of them is not there for this post, or none may be read.
        """

        def judge(answer: Answer) -> PlatformError | None:
            refusal = refusal_in(answer)
            return Uncounted(refusal) if refusal.code == 100 or refusal.is_permission else self.classify(answer)

        return insights_in(self.call("GET", f"/{remote_id}/insights", params={"metric": asked}, classify=judge))

    def lacks(self, edge: str, **params: str) -> bool:
        """Whether a call that changes nothing is refused for want of leave."""

        def judge(answer: Answer) -> PlatformError | None:
            refusal = refusal_in(answer)
            return Missing(refusal.said) if refusal.is_permission else self.classify(answer)

        try:
            self.call("GET", f"/{self.account()}/{edge}", params=params, classify=judge)
        except Missing:
            return True
        return False

    def taken_down(self, remote_id: str) -> None:
        """Delete a post; one that is gone already is fine.

        What is missing may only be out of reach of this token, so a refusal is taken for that if the post is there.
        """
        if not remote_id.isdigit():
            raise Unsupported(
                f"{self.called} deletes a post by its number, and of this one only the address is known",
                remedy="Delete it in the app.",
            )
        try:
            self.call("DELETE", f"/{remote_id}", classify=self.of_thing)
        except Missing as refusal:
            try:
                self.call("GET", f"/{remote_id}", params={"fields": "id"}, classify=self.of_thing)
            except Missing:
                return
            raise NotSent(f"{self.called} does not let this login delete the post: {refusal}") from None

    def account(self) -> str:
        """Return the id of the account, asked once for each token that does not tell."""
        grant = self.from_config or self.grants.lasting()
        if grant.account:
            return grant.account
        if self._whose[0] != grant.token:
            self._whose = grant.token, self.asked_for_account(grant)
        return self._whose[1]

    def call(self, method: str, path: str, *, classify: Classify | None = None, **options: Any) -> Answer:
        """Make a call as the account that nobody can see."""
        return self.sent(method, path, self.from_config or self.grants.lasting(), classify=classify, **options)

    def ready(self, known: Handle | None, keep: Callable[[Handle], None], make: Callable[[], str]) -> Look:
        """Have a container that can be published, or was: the known one unless it is of no use, else a new one.

        Raises:
            NotSent: it is not ready yet, or nothing came of it.
        """
        account = self.account()
        look = self._look(known["id"]) if known and known["account"] == account else None
        if known is None or look is None or look.state in USELESS:
            known = {"id": make(), "at": self.clock.now().isoformat(), "account": account}
            keep(known)
            look = self._look(known["id"])
        until = self.clock.now() + PATIENCE
        while look.state is State.AT_WORK:
            if self.clock.now() >= until:
                raise NotSent(f"{self.called} is still at work on what is to be published", retry_after=PATIENCE)
            self.clock.sleep(POLL.total_seconds())
            look = self._look(known["id"])
        if look.state in USELESS:
            raise self.failure(look)
        return look

    def of_pictures(self, item: Outgoing, checkpoint: Checkpoint, words: Mapping[str, str]) -> str:
        """Make the container of a part with pictures: of one, or a carousel of the containers of several."""
        if len(item.images) == 1:
            return self.create({**self.shown(item.images[0]), **words})
        children = [self._child(n, image, checkpoint) for n, image in enumerate(item.images, start=1)]
        return self.create({"media_type": "CAROUSEL", "children": ",".join(children), **words})

    def shown(self, image: Image) -> dict[str, str]:
        """Return the fields of a picture, which is public from now on."""
        described = {"alt_text": image.alt} if image.alt else {}
        return {"image_url": self.public.show(image), **described}

    def _child(self, n: int, image: Image, checkpoint: Checkpoint) -> str:
        """Return the id of the container of the n-th picture of a carousel."""

        def keep(handle: Handle) -> None:
            checkpoint.put("children", {**checkpoint.get("children", {}), str(n): handle})

        def make() -> str:
            return self.create({**self.shown(image), "is_carousel_item": "true"})

        self.ready(checkpoint.get("children", {}).get(str(n)), keep, make)
        return str(checkpoint["children"][str(n)]["id"])

    def _look(self, container: str) -> Look:
        """Ask what a container is.

        Raises:
            NotSent: it does not tell, or tells what this version does not know.
        """
        state, said = self.state_fields
        try:
            answer = self.call("GET", f"/{container}", params={"fields": f"{state},{said}"}, classify=self.of_thing)
        except Missing as missing:
            return Look(State.UNKNOWN, str(missing))
        try:
            return Look(State(answer.text(state)), answer.maybe(said))
        except ValueError:
            answer.unreadable("the container is in a state that this program does not know")

    def _mind_quota(self) -> None:
        """Wait where the account has published as often as it may; if that is not told, publishing will show."""
        try:
            answer = self.call("GET", f"/{self.account()}/{self.quota_edge}", params={"fields": "quota_usage,config"})
            used, most = answer.count("data", 0, "quota_usage"), answer.count("data", 0, "config", "quota_total")
        except NotSent as error:
            if error.token_dead or isinstance(error, RateLimited):
                raise
            return
        if used is not None and most is not None and used >= most:
            why = f"the account has published {used} of {most} times that {self.called} allows within a day"
            raise RateLimited(why, retry_after=QUOTA_WAIT)

    def _listed(self, item: Outgoing, since: datetime) -> Found | CannotTell | None:
        """Look for a part among the account's own posts, by its exact text and time."""
        like: list[Mapping[str, Any]] = []
        for page in self._own_since(self.own_edge(item), since):
            if page is None:
                return CannotTell(f"not all can be seen that the account has posted since: {PAGE * PAGES} at most")
            like += [post for post in page if says(str(post.get(self.text_field) or ""), item)]
        if len(like) > 1:
            return CannotTell(f"{len(like)} posts of the account have its text, and one of them may be older")
        return Found(str(like[0]["id"]), str(like[0].get("permalink") or "")) if like else None

    def _own_since(self, edge: str, since: datetime) -> Iterator[list[dict[str, Any]] | None]:
        """Yield pages of the account's own posts made at or after `since`, at last None when not all can be seen."""
        params = {
            "fields": f"id,{self.text_field},permalink,timestamp",
            "since": str(int(since.timestamp())),
            "limit": str(PAGE),
        }
        for _ in range(PAGES):
            answer = self.call("GET", f"/{self.account()}/{edge}", params=params)
            page = posts_in(answer)
            recent = [post for post in page if post["timestamp"] >= since]
            yield recent
            if not answer.maybe("paging", "next") or len(recent) < len(page):
                return
            if not (after := answer.maybe("paging", "cursors", "after")):
                break  # it goes on, and does not say where
            params["after"] = after
        yield None

    def sent(self, method: str, path: str, grant: Grant, **options: Any) -> Answer:
        """Make a call with a grant; one that is refused is renewed before the next post."""
        address = f"{self.server}/{self.settings.version}{path}"
        params = {**options.pop("params", {}), **self.proof(grant)}
        try:
            return self.http.call(method, address, headers=grant.bearer, params=params, **options)
        except NotSent as error:
            if error.token_dead:
                self.grants.refused(grant)
            raise
