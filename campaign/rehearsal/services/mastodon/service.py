"""The calls of one account on a server that speaks Mastodon's API (https://docs.joinmastodon.org/methods/)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from campaign.platforms.base import Limits
from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.services.mastodon.media import Attachments
from campaign.rehearsal.services.mastodon.rules import Rules, first_link, shown
from campaign.rehearsal.services.meter import Bucket, Level, Meter
from campaign.rehearsal.transport import Call, Net, Reply

KEY_KEPT = timedelta(hours=1)  # after success: https://docs.joinmastodon.org/methods/statuses/#headers
PAGE, LARGEST_PAGE = 20, 40  # https://docs.joinmastodon.org/methods/accounts/#statuses
OWN = "109000000000000001"  # the id of the account
NOT_FOUND = {"error": "Record not found"}
NO_PARENT = {"error": "The post you are trying to reply to does not appear to exist."}
BROKEN = {"error": "Something went wrong"}

Repeat = Literal["first status", "500", "second status"]
Answering = Callable[..., Reply]


class MastodonService(Service):
    """One account on one server.

    `on_repeat` is what a repeated key gets: the first status, as Mastodon has it; a 500 though that is live, as in some
    releases of 2026 (issue 40399); or a second status, where the header is not known. `listing_lag` is how late a new
    status stands in the account's list, `processing` how long a picture takes, `silenced` lowers what is public.
    """

    name = "mastodon"

    @classmethod
    def options(cls, settings: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        return {"rules": Rules.of(limits)}

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        rules: Rules | None = None,
        on_repeat: Repeat | None = None,
        listing_lag: timedelta = timedelta(0),
        processing: timedelta = timedelta(0),
        rate_limits: Mapping[str, Bucket] | None = None,
    ) -> None:
        super().__init__(net, host, token=token or f"token-of-{host}", seed=seed)
        self.rules = rules or Rules()
        self.on_repeat = on_repeat or ("first status" if self.rules.software == "mastodon" else "second status")
        self.listing_lag = listing_lag
        self.barred = ""  # why the account may not do anything, such as "Your login is currently disabled"
        self.silenced = False
        self.media = Attachments(self.rules, processing)
        self.meter = Meter(rate_limits or {})
        self._first_token = self.token
        self._keys: dict[str, tuple[str, datetime]] = {}  # the status of each key, and until when it is known
        self._followers = self.chance.randint(80, 900)

    def routes(self) -> list[tuple[str, str, Answering]]:
        def signed(answering: Answering) -> Answering:
            return lambda call, *groups: self._signed(answering, call, *groups)

        return [
            ("POST", "/api/v1/statuses", signed(self._post)),
            ("GET", r"/api/v1/accounts/(\w+)/statuses", signed(self._list)),
            ("GET", "/api/v1/accounts/verify_credentials", signed(self._account)),
            ("GET", "/api/v1/statuses", signed(self._several)),
            ("GET", r"/api/v1/statuses/(\w+)", signed(self._one)),
            ("GET", r"/api/v1/statuses/(\w+)/source", signed(self._source)),
            ("PUT", r"/api/v1/statuses/(\w+)", signed(self._edit)),
            ("DELETE", r"/api/v1/statuses/(\w+)", signed(self._delete)),
            ("POST", "/api/v2/media", signed(self._upload)),
            ("GET", r"/api/v1/media/(\w+)", signed(self._uploaded)),
            ("GET", "/api/v2/instance", self._instance),
        ]

    def answer(self, call: Call) -> Reply:
        try:
            return super().answer(call)
        except Refused as refused:
            return refused.reply

    def refuse(self, call: Call) -> Reply:
        """https://docs.joinmastodon.org/entities/Error/, and Doorkeeper's words."""
        known = call.bearer == self._first_token
        return Reply(401, {"error": "The access token was revoked" if known else "The access token is invalid"})

    def settings(self) -> Mapping[str, Any]:
        return {"base_url": f"https://{self.host}"}

    def tokens(self) -> Mapping[str, str]:
        return {"token": self.token, "base_url": f"https://{self.host}"}

    def is_visible(self, call: Call) -> bool:
        return call.method == "POST" and call.path == "/api/v1/statuses"

    def take_down(self, id: str) -> bool:
        self.media.detach(id)
        return super().take_down(id)

    def new_id(self) -> str:
        """Return a snowflake: they grow with the time (lib/mastodon/snowflake.rb)."""
        self._made += 1
        return str((int(self.clock.now().timestamp() * 1000) << 16) + self._made % 65536)

    def _signed(self, answering: Answering, call: Call, *groups: str) -> Reply:
        """Answer a call of the account, and of nobody else; tell how many more it may make."""
        if call.bearer != self.token:
            return self.refuse(call)
        if self.barred:
            return Reply(403, {"error": self.barred})
        level = self.meter.take(_points(call), call.at)
        if level is None:
            return answering(call, *groups)
        if level.is_over:
            return Reply(429, {"error": "Too many requests"}, _headers(level))
        try:
            reply = answering(call, *groups)
        except Refused as refused:
            reply = refused.reply
        return Reply(reply.status, reply.body, {**reply.headers, **_headers(level)})

    def _instance(self, call: Call) -> Reply:
        return Reply(200, self.rules.told(self.host))

    def _account(self, call: Call) -> Reply:
        account = {
            "id": OWN,
            "acct": "org",
            "username": "org",
            "url": f"https://{self.host}/@org",
            "followers_count": self._followers + len(self.live),
            "statuses_count": len(self.live),
            "source": {"privacy": "public", "language": "en"},
        }
        return Reply(200, account)

    def _upload(self, call: Call) -> Reply:
        fields, files = call.form()
        made = self.media.take(self.new_id(), files.get("file"), fields.get("description", ""), call.at)
        return Reply(200 if call.at >= made.ready_at else 202, made.told(self.host, call.at))

    def _uploaded(self, call: Call, id: str) -> Reply:
        found = self.media.get(id, call.at)
        if found is None or found.status:  # https://docs.joinmastodon.org/methods/media/#get
            return Reply(404, NOT_FOUND)
        return Reply(200 if call.at >= found.ready_at else 206, found.told(self.host, call.at))

    def _post(self, call: Call) -> Reply:
        """Make a status: in the order of api/v1/statuses_controller.rb and app/services/post_status_service.rb."""
        asked = _asked(call)
        parent = str(asked.get("in_reply_to_id") or "")
        if parent and self.find(parent) is None:
            return Reply(404, NO_PARENT)
        key = call.headers.get("idempotency-key", "")
        if again := self._repeated(key, call.at):
            return again
        ids = [str(id) for id in asked.get("media_ids") or ()]
        attached = self.media.to_attach(ids, call.at)
        text, visibility, language = _words(asked)
        self.rules.check(text, visibility, language, has_media=bool(attached))
        if self.silenced and visibility == "public":
            visibility = "unlisted"
        item = Item(
            self.new_id(),
            text,
            call.at,
            reply_to=parent,
            link=first_link(text),
            language=language,
            alts=tuple(each.description for each in attached),
            key=key,
            extra={"visibility": visibility, "media": ids, "content": shown(text, self.host), "edited_at": None},
        )
        for each in attached:
            each.status = item.id
        if key and self.on_repeat != "second status":
            self._keys[key] = item.id, call.at + KEY_KEPT
        return Reply(200, self._told(self.show(item)))

    def _repeated(self, key: str, now: datetime) -> Reply | None:
        """Answer a repeated key; what else was sent with it is not looked at."""
        id, until = self._keys.get(key, ("", now))
        if now >= until:
            return None
        if self.on_repeat == "500":  # https://github.com/mastodon/mastodon/issues/40399
            return Reply(500, BROKEN)
        first = self.find(id)
        return Reply(200, self._told(first)) if first else Reply(404, NOT_FOUND)

    def _list(self, call: Call, account: str) -> Reply:
        if account != OWN:
            return Reply(404, NOT_FOUND)
        most = min(int(call.asked("limit") or PAGE), LARGEST_PAGE)
        below, above = call.asked("max_id"), call.asked("min_id") or call.asked("since_id")
        listed = [
            item
            for item in self.items
            if item.is_live
            and call.at - item.at >= self.listing_lag
            and (not below or item.id < below)
            and item.id > above
        ]
        listed.sort(key=lambda item: item.id, reverse=True)  # all ids are of the same length
        page = listed[-most:] if call.asked("min_id") else listed[:most]
        return Reply(200, [self._told(item) for item in page])

    def _several(self, call: Call) -> Reply:
        found = (self.find(id) for id in call.query.get("id[]", ())[:LARGEST_PAGE])
        return Reply(200, [self._told(item) for item in found if item])

    def _one(self, call: Call, id: str) -> Reply:
        return Reply(200, self._told(self._found(id)))

    def _source(self, call: Call, id: str) -> Reply:
        return Reply(200, {"id": id, "text": self._found(id).text, "spoiler_text": ""})

    def _edit(self, call: Call, id: str) -> Reply:
        """https://docs.joinmastodon.org/methods/statuses/#edit; pictures that it does not name are taken away."""
        item, asked = self._found(id), _asked(call)
        ids = [str(each) for each in asked.get("media_ids") or ()]
        attached = self.media.to_attach(ids, call.at, status=id)
        text, _, language = _words(asked)
        self.rules.check(text, "public", language, has_media=bool(attached))
        described = {str(each.get("id")): each for each in asked.get("media_attributes") or ()}
        for each in attached:
            if each.id in described:
                self.media.describe(each, str(described[each.id].get("description") or ""))
        self.media.detach(id)
        for each in attached:
            each.status = id
        item.text, item.link, item.language = text, first_link(text), language or item.language
        item.alts = tuple(each.description for each in attached)
        item.extra |= {"media": ids, "content": shown(text, self.host), "edited_at": _moment(call.at)}
        return Reply(200, self._told(item))

    def _delete(self, call: Call, id: str) -> Reply:
        item = self._found(id)
        told = {**self._told(item), "text": item.text}
        self.take_down(id)
        return Reply(200, told)

    def _found(self, id: str) -> Item:
        item = self.find(id)
        if item is None:
            raise Refused(404, NOT_FOUND)
        return item

    def _told(self, item: Item) -> dict[str, Any]:
        """Return a status (https://docs.joinmastodon.org/entities/Status/)."""
        likes = self.liked(item, 40)
        attached = zip(item.extra["media"], item.alts, strict=True)
        return {
            "id": item.id,
            "created_at": _moment(item.at),
            "in_reply_to_id": item.reply_to or None,
            "reblog": None,
            "visibility": item.extra["visibility"],
            "language": item.language or None,
            "spoiler_text": "",
            "uri": f"https://{self.host}/users/org/statuses/{item.id}",
            "url": f"https://{self.host}/@org/{item.id}",
            "content": item.extra["content"],
            "application": {"name": "campaign"},
            "media_attachments": [{"id": id, "type": "image", "description": alt or None} for id, alt in attached],
            "favourites_count": likes,
            "reblogs_count": likes // 3,
            "replies_count": likes // 6 + self.answers_to(item),
            "quotes_count": likes // 12,
            "edited_at": item.extra["edited_at"],
        }


def _asked(call: Call) -> dict[str, Any]:
    """Return the parameters of a call; forms are read by the real server, too, but not here."""
    asked = call.json()
    return asked if isinstance(asked, dict) else {}


def _words(asked: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return text, visibility and language of a status."""
    return (
        str(asked.get("status") or "").strip(),
        str(asked.get("visibility") or "public"),
        str(asked.get("language") or ""),
    )


def _points(call: Call) -> dict[str, int]:
    """Return what a call is counted as (config/initializers/rack_attack.rb)."""
    points = {"account": 1, "token": 1}
    match call.method:
        case "POST" if call.path.startswith("/api/v2/media"):
            points["media"] = 1
        case "POST":
            points["statuses"] = 1
        case "DELETE":
            points["deletes"] = 1
        case "GET" if "max_id" in call.query:
            points["pages"] = 1
    return points


def _headers(level: Level) -> dict[str, str]:
    """https://docs.joinmastodon.org/api/rate-limits/#headers"""
    return {
        "X-RateLimit-Limit": str(level.limit),
        "X-RateLimit-Remaining": str(level.remaining),
        "X-RateLimit-Reset": f"{level.resets_at:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
