"""What the simulated Instagram and Threads have in common: one account that publishes by containers.

A container is made where nobody sees it, takes its time, is published by its id, and expires. Nobody has said what
becomes of a second publication of the same one, so here it does the worst: it makes a second post.
"""

from __future__ import annotations

import io
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.transport import Call, Net, Reply

LIFE = timedelta(hours=24)  # of a container: https://developers.facebook.com/docs/threads/troubleshooting
DAY = timedelta(hours=24)  # in which publications and containers are counted
MOST_CONTAINERS = 400  # a day: https://developers.facebook.com/docs/instagram-platform/content-publishing
TOKEN_LIFE = timedelta(days=60)  # https://developers.facebook.com/docs/threads/get-started/long-lived-tokens
YOUNG = timedelta(days=1)  # a token that is younger is not renewed
LARGEST = 8 * 1024 * 1024  # bytes of a picture
LISTED, MOST_LISTED = 25, 100  # posts on a page, without and with a wish
ACCOUNT = "17841405309211844"

Answering = Callable[..., Reply]


@dataclass
class Container:
    """What will be published, and what became of it."""

    id: str
    said: Mapping[str, str]
    alts: tuple[str, ...]
    made_at: datetime
    ready_at: datetime
    failure: str = ""  # why nothing comes of it
    published_at: datetime | None = None

    @property
    def is_child(self) -> bool:
        """Whether it is a picture of a carousel."""
        return self.said.get("is_carousel_item") == "true"


def refusal(
    code: int | str, message: str, subcode: int = 0, *, title: str = "", words: str = "", status: int = 400
) -> Refused:
    """Return an error as Meta writes it (https://developers.facebook.com/docs/graph-api/guides/error-handling)."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "is_transient": False}
    told = {"error_subcode": subcode, "error_user_title": title, "error_user_msg": words}
    return Refused(status, {"error": {**error, **{k: v for k, v in told.items() if v}, "fbtrace_id": "A6LJylpZRQ2"}})


def invalid(message: str) -> Refused:
    """Return what is said of a parameter that is missing, unknown or wrong."""
    return refusal(100, f"(#100) {message}")


def nothing_there(id: str) -> Refused:
    """Return what is said of what does not exist, or may not be seen: which of the two is not told."""
    what = f"Object with ID '{id}' does not exist, cannot be loaded due to missing permissions"
    return refusal(100, f"Unsupported get request. {what}", 33)


class ContainerHost(Service):
    """One account.

    `processing` is how long a container takes, `lag` how late a container tells that it was published and the list
    shows its post. `quota` is how many posts a day may hold. `token_age` is how old the token of the account is.
    """

    host_name: ClassVar[str]
    kind: ClassVar[str]  # of the calls that exchange tokens
    made_at_edge: ClassVar[str]
    published_at_edge: ClassVar[str]
    quota_edge: ClassVar[str]
    state_field: ClassVar[str]
    words_field: ClassVar[str]
    text_field: ClassVar[str]
    fields: ClassVar[frozenset[str]]  # of a call that makes a container
    metrics: ClassVar[frozenset[str]]

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        processing: timedelta = timedelta(0),
        lag: timedelta = timedelta(0),
        quota: int = 0,
        token_age: timedelta = timedelta(days=2),
    ) -> None:
        super().__init__(net, host, token=token or f"token-of-{host}", seed=seed)
        self.net = net
        self.processing, self.lag, self.quota = processing, lag, quota or self.usual_quota
        self.barred: Refused | None = None  # how everything that is to become visible is refused
        self.lacks: set[str] = set()  # scopes that the token does not have
        self.refused_metrics: set[str] = set()
        self.spoilt = ""  # why nothing comes of the containers that are made
        self.containers: dict[str, Container] = {}
        self.ends = {self.token: self.clock.now() - token_age + TOKEN_LIFE}
        self._followers = self.chance.randint(80, 900)

    usual_quota: ClassVar[int]

    def routes(self) -> list[tuple[str, str, Answering]]:
        def signed(answering: Answering) -> Answering:
            return lambda call, *groups: self._signed(answering, call, *groups)

        version = r"/v\d+\.\d+"
        return [
            ("GET", "/refresh_access_token", self._refresh),
            ("GET", rf"{version}/me", signed(self._me)),
            ("POST", rf"{version}/{ACCOUNT}/{self.made_at_edge}", signed(self._make)),
            ("POST", rf"{version}/{ACCOUNT}/{self.published_at_edge}", signed(self._publish)),
            ("GET", rf"{version}/{ACCOUNT}/{self.quota_edge}", signed(self._quota)),
            ("GET", rf"{version}/{ACCOUNT}", signed(self._account)),
            ("GET", rf"{version}/(\d+)/insights", signed(self._insights)),
            ("GET", rf"{version}/(\d+)", signed(self._one)),
            ("DELETE", rf"{version}/(\d+)", signed(self._delete)),
        ]

    @abstractmethod
    def checked(self, said: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        """Return the alt texts of what is to be published, and why nothing will come of it, mostly empty.

        Raises:
            Refused: it is not taken.
        """

    @abstractmethod
    def not_ready(self, container: Container, state: str) -> Refused:
        """Return what is said of a container that cannot be published."""

    @abstractmethod
    def full(self, container: Container) -> Refused | None:
        """Return what is said when the account has published enough for a day, None when it has not."""

    @abstractmethod
    def told_quota(self) -> dict[str, Any]:
        """Return what is used of the quotas."""

    @abstractmethod
    def who(self) -> dict[str, Any]:
        """Return the fields of the account."""

    @abstractmethod
    def numbers(self, item: Item) -> dict[str, int]:
        """Return what is counted of a post."""

    def answer(self, call: Call) -> Reply:
        try:
            reply = super().answer(call)
        except Refused as refused:
            return refused.reply
        if reply.status == 404:
            return refusal(2500, f"Unknown path components: {call.path}").reply
        return reply

    def refuse(self, call: Call) -> Reply:
        said = "Error validating access token: The session has been invalidated."
        return refusal(190, said, 467, status=401).reply

    def settings(self) -> Mapping[str, Any]:
        return {"base_url": f"https://{self.host}", "account": ACCOUNT}

    def tokens(self) -> Mapping[str, str]:
        return {
            "token": self.token,
            "account": ACCOUNT,
            "server": f"https://{self.host}",
            "expires_at": self.ends[self.token].isoformat(),
        }

    def is_visible(self, call: Call) -> bool:
        return call.method == "POST" and call.path.endswith(f"/{self.published_at_edge}")

    def new_id(self) -> str:
        self._made += 1
        return f"179{self._made:014d}"

    def needs(self, scope: str) -> None:
        """Refuse what the token does not allow."""
        if scope in self.lacks:
            raise refusal(10, f"(#10) Application does not have permission for this action ({scope})", status=403)

    def fetched(self, url: str) -> tuple[str, bytes]:
        """Return the type and the bytes of what lies at an address, as Meta's own crawler gets it.

        Raises:
            LookupError: there is nothing to be had.
        """
        if urlsplit(url).scheme != "https":
            raise LookupError(url)
        reply = self.net.fetch(url)
        if reply.status != 200 or not isinstance(reply.body, bytes):
            raise LookupError(url)
        return str(reply.headers.get("Content-Type", "")), reply.body

    def published(self) -> list[Container]:
        """Return what was published within the last day; what was deleted since counts on."""
        made = [each for each in self.containers.values() if each.published_at]
        return [each for each in made if each.published_at and self.clock.now() - each.published_at < DAY]

    def listed(self, call: Call, items: list[Item]) -> Reply:
        """Answer with a page of posts, newest first."""
        since = datetime.fromtimestamp(int(call.asked("since") or 0), self.clock.now().tzinfo)
        shown = [item for item in reversed(items) if since <= item.at <= self.clock.now() - self.lag]
        if after := call.asked("after"):
            places = [n for n, item in enumerate(shown) if item.id == after]
            shown = shown[places[0] + 1 :] if places else []
        most = min(int(call.asked("limit") or LISTED), MOST_LISTED)
        page, names = shown[:most], call.asked("fields", "id").split(",")
        body: dict[str, Any] = {"data": [self._of(self.shown(item), names, item.id) for item in page]}
        if page:
            body["paging"] = {"cursors": {"before": page[0].id, "after": page[-1].id}}
        if len(shown) > most:
            body["paging"]["next"] = f"https://{self.host}{call.path}?after={page[-1].id}"
        return Reply(200, body)

    @abstractmethod
    def shown(self, item: Item) -> dict[str, Any]:
        """Return all fields of a post; what is None is left out."""

    def _signed(self, answering: Answering, call: Call, *groups: str) -> Reply:
        """Answer a call of the account, and of nobody else."""
        if call.bearer not in self.ends:
            return self.refuse(call)
        if call.at >= self.ends[call.bearer]:
            ended = self.ends[call.bearer]
            said = f"Error validating access token: Session has expired on {ended:%A, %d-%b-%y %H:%M:%S} UTC."
            return refusal(190, said, 463).reply
        return answering(call, *groups)

    def _refresh(self, call: Call) -> Reply:
        """Exchange a token for a new one; the old one lives on to its end."""
        old = call.asked("access_token")
        if call.asked("grant_type") != f"{self.kind}_refresh_token":
            raise invalid("grant_type is not supported")
        if old not in self.ends or call.at >= self.ends[old]:
            return self.refuse(call)
        if self.ends[old] - call.at > TOKEN_LIFE - YOUNG:
            raise invalid("The token must be at least 24 hours old")
        new = f"{self.token}-{len(self.ends)}"
        self.ends[new] = call.at + TOKEN_LIFE
        return Reply(200, {"access_token": new, "token_type": "bearer", "expires_in": int(TOKEN_LIFE.total_seconds())})

    def _make(self, call: Call) -> Reply:
        said, files = call.form()
        if odd := sorted(said.keys() - self.fields):
            raise invalid(f"Unexpected key {odd[0]!r}")
        if files:
            raise invalid("Files are not taken")
        self.needs("content_publish")
        made = [each for each in self.containers.values() if call.at - each.made_at < DAY]
        if len(made) >= MOST_CONTAINERS:
            raise refusal(4, "(#4) Application request limit reached")
        alts, failure = self.checked(said)
        id = f"178{len(self.containers) + 1:014d}"
        self.containers[id] = Container(id, said, alts, call.at, call.at + self.processing, failure or self.spoilt)
        return Reply(200, {"id": id})

    def state(self, container: Container) -> str:
        """Return what a container is."""
        now = self.clock.now()
        if container.published_at and now - container.published_at >= self.lag:
            return "PUBLISHED"
        if now - container.made_at >= LIFE and not container.published_at:
            return "EXPIRED"
        if now < container.ready_at:
            return "IN_PROGRESS"
        return "ERROR" if container.failure else "FINISHED"

    def children_of(self, said: Mapping[str, str], most: int) -> list[Container] | None:
        """Return the pictures of a carousel, None when there are too few or too many.

        Raises:
            Refused: one of them is none, or not ready.
        """
        ids = [id for id in said.get("children", "").split(",") if id]
        if not 2 <= len(ids) <= most or len(set(ids)) < len(ids):
            return None
        found = [self.containers.get(id) for id in ids]
        children = [each for each in found if each and each.is_child]
        if len(children) < len(found):
            raise nothing_there(said["children"])
        for child in children:
            if (state := self.state(child)) != "FINISHED":
                raise self.not_ready(child, state)
        return children

    def _publish(self, call: Call) -> Reply:
        said, _ = call.form()
        if said.keys() != {"creation_id"}:
            raise invalid("The parameter creation_id is required, and no other is taken")
        container = self.containers.get(said["creation_id"])
        if container is None or container.is_child:
            raise nothing_there(said["creation_id"])
        state = self.state(container)
        if state not in ("FINISHED", "PUBLISHED"):
            raise self.not_ready(container, state)
        self.needs("content_publish")
        if self.barred:
            raise self.barred
        if full := self.full(container):
            raise full
        container.published_at = call.at
        return Reply(200, {"id": self.show(self.item_of(container)).id})

    @abstractmethod
    def item_of(self, container: Container) -> Item:
        """Return what readers see of a container."""

    def _quota(self, call: Call) -> Reply:
        self.needs("content_publish")
        return Reply(200, {"data": [self._of(self.told_quota(), call.asked("fields").split(","))]})

    def _me(self, call: Call) -> Reply:
        return Reply(200, self._of(self.who(), call.asked("fields", "id").split(",")))

    def _account(self, call: Call) -> Reply:
        return Reply(200, self._of(self.who(), call.asked("fields", "id").split(","), ACCOUNT))

    def _one(self, call: Call, id: str) -> Reply:
        """Answer about a container or a post."""
        names = call.asked("fields", "id").split(",")
        if container := self.containers.get(id):
            state = self.state(container)
            words = container.failure if state == "ERROR" else None
            return Reply(200, self._of({self.state_field: state, self.words_field: words}, names, id))
        if item := self.find(id):
            return Reply(200, self._of(self.shown(item), names, id))
        raise nothing_there(id)

    def _insights(self, call: Call, id: str) -> Reply:
        if id == ACCOUNT:
            return self.insights_of_account(call)
        self.needs("manage_insights")
        item = self.find(id)
        if item is None:
            raise nothing_there(id)
        wanted = call.asked("metric").split(",")
        for name in wanted:
            if name not in self.metrics:
                raise invalid(f"metric[0] must be one of the following values: {', '.join(sorted(self.metrics))}")
            if name in self.refused_metrics:
                raise invalid(f"The Media Insights API does not support the {name} metric for this media product type.")
        told = self.numbers(item)
        rows = [{"name": name, "period": "lifetime", "values": [{"value": told[name]}]} for name in wanted]
        return Reply(200, {"data": [{**row, "id": f"{id}/insights/{row['name']}/lifetime"} for row in rows]})

    def insights_of_account(self, call: Call) -> Reply:
        """Answer with what is counted of the account."""
        self.needs("manage_insights")
        return Reply(200, {"data": []})

    def _delete(self, call: Call, id: str) -> Reply:
        self.needs("delete")
        if not self.take_down(id):
            raise nothing_there(id)
        return Reply(200, {"success": True})

    def _of(self, known: Mapping[str, Any], names: list[str], id: str = "") -> dict[str, Any]:
        """Return the fields that are asked for; one that is not known is an error, one that is None left out."""
        known = {**known, **({"id": id} if id else {})}
        if odd := [name for name in names if name not in known]:
            raise invalid(f"Tried accessing nonexisting field ({odd[0]})")
        told = {name: known[name] for name in names if known[name] is not None}
        return {**told, "id": known["id"]} if "id" in known else told


def size_of(data: bytes) -> tuple[str, int, int] | None:
    """Return the format, width and height of a picture, None when it is none."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return str(picture.format), *picture.size
    except (UnidentifiedImageError, OSError):
        return None


def moment(at: datetime) -> str:
    """Return a moment as Meta writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}+0000"


def addresses_in(text: str) -> list[str]:
    """Return the links of a text."""
    return [found.rstrip(".,;:!?)") for found in re.findall(r"https?://\S+", text)]
