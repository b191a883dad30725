"""The calls of one account on X: https://docs.x.com/x-api.

The words for a post in the names of fields are changing; `word` says which this host knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from campaign.platforms.base import Limits
from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.services.meter import Bucket, Level, Meter
from campaign.rehearsal.services.x import rules
from campaign.rehearsal.services.x.media import Pictures
from campaign.rehearsal.services.x.sessions import LIFE, Sessions, Signatures
from campaign.rehearsal.transport import Call, Net, Reply

OWN = "2244994945"  # the id of the account
BEGAN = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)  # https://docs.x.com/fundamentals/x-ids
PRIVATE_FOR = timedelta(days=30)  # https://docs.x.com/x-api/fundamentals/metrics
PRIVATE = ("non_public_metrics", "organic_metrics", "promoted_metrics")
FIELDS = {"attachments", "created_at", "entities", "id", "lang", "public_metrics", "reply_settings", "text", *PRIVATE}
LARGEST_PAGE, SMALLEST_PAGE = 100, 5  # https://docs.x.com/x-api/users/get-posts
UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}

Answering = Callable[..., Reply]


class XService(Service):
    """One account on X.

    `signed`: it is called with the four keys of OAuth 1.0a. `word`: what a post is called in the names of fields.
    `lasts`: how long a token is good. `listing_lag`: how late a new post stands in the account's timeline. `wrapped`:
    whether an upload is answered within `data`. `most`: the longest text; 25,000 with Premium.
    """

    name = "x"

    @classmethod
    def options(cls, settings: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        return {
            "signed": "consumer_key" in settings,
            "client_secret": "simulated-secret" if "client_secret" in settings else "",
            "word": "post" if settings.get("fields") == "post" else "tweet",
            "most": settings.get("text_length", limits.text),
        }

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        signed: bool = False,
        client_secret: str = "",
        word: Literal["tweet", "post"] = "tweet",
        lasts: timedelta = LIFE,
        listing_lag: timedelta = timedelta(0),
        duplicates: timedelta = timedelta(hours=12),
        wrapped: bool = True,
        most: int = rules.SHORT,
        rate_limits: Mapping[str, Bucket] | None = None,
        day_limits: Mapping[str, Bucket] | None = None,
    ) -> None:
        super().__init__(net, host, token=token or f"token-of-{host}", seed=seed)
        now = self.clock.now()
        self.sessions = Sessions(self.token, "campaign-app", client_secret, now, lasts)
        self._lasts_until = now + lasts
        self.signatures = Signatures(self.token) if signed else None
        self.word, self.listing_lag, self.duplicates = word, listing_lag, duplicates
        self.wrapped, self.most = wrapped, most
        self.pictures = Pictures()
        self.refusing: Reply | None = None  # every call of the account, for a while
        self.answers_itself = True  # self-serve accounts may be barred from answers
        self.credits: int | None = None  # calls that are paid for; None: enough
        self.meters = Meter(rate_limits or {}), Meter(day_limits or {})
        self._followers = self.chance.randint(80, 900)

    def routes(self) -> list[tuple[str, str, Answering]]:
        def known(answering: Answering) -> Answering:
            return lambda call, *groups: self._known(answering, call, *groups)

        return [
            ("POST", "/2/oauth2/token", lambda call: Reply(200, self.sessions.answer(call))),
            ("GET", "/2/users/me", known(self._me)),
            ("GET", r"/2/users/(\w+)/tweets", known(self._timeline)),
            ("GET", "/2/tweets", known(self._several)),
            ("POST", "/2/tweets", known(self._post)),
            ("DELETE", r"/2/tweets/(\w+)", known(self._delete)),
            ("POST", "/2/media/upload", known(self._upload)),
            ("POST", "/2/media/metadata", known(lambda call: Reply(200, {"data": self.pictures.describe(call)}))),
        ]

    def answer(self, call: Call) -> Reply:
        try:
            return super().answer(call)
        except Refused as refused:
            return refused.reply

    def refuse(self, call: Call) -> Reply:
        return Reply(401, UNAUTHORIZED)

    def settings(self) -> Mapping[str, Any]:
        address = {"base_url": f"https://{self.host}"}
        if self.signatures:
            return address | self.signatures.keys
        secret = {"client_secret": self.sessions.client_secret} if self.sessions.client_secret else {}
        return address | {"client_id": self.sessions.client_id} | secret

    def tokens(self) -> Mapping[str, str]:
        if self.signatures:
            return {}
        first = self.sessions.first
        return {
            "token": first["access_token"],
            "refresh": first["refresh_token"],
            "expires_at": self._lasts_until.isoformat(),
            "account": OWN,
            "server": f"https://{self.host}",
        }

    def is_visible(self, call: Call) -> bool:
        return call.method == "POST" and call.path == "/2/tweets"

    def new_id(self) -> str:
        """Return a snowflake: it begins with the milliseconds since X's epoch."""
        self._made += 1
        return str((int((self.clock.now() - BEGAN) / timedelta(milliseconds=1)) << 22) + self._made % 4096)

    def _known(self, answering: Answering, call: Call, *groups: str) -> Reply:
        """Answer a call of the account, and of nobody else; tell how many more it may make."""
        good = self.signatures.check(call) if self.signatures else self.sessions.check(call.bearer, call.at)
        if not good:
            return self.refuse(call)
        if self.refusing:
            return self.refusing
        points = {_counted_as(call): 1}
        levels = [meter.take(points, call.at) for meter in self.meters]
        headers = _headers(levels)
        if any(level and level.is_over for level in levels):
            return Reply(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}, headers)
        if self.credits is not None:
            if self.credits <= 0:
                return Reply(402, _no_credits())
            self.credits -= 1
        try:
            reply = answering(call, *groups)
        except Refused as refused:
            reply = refused.reply
        return Reply(reply.status, reply.body, {**reply.headers, **headers})

    def _me(self, call: Call) -> Reply:
        _only(call, {"user.fields", "expansions"})
        me: dict[str, Any] = {"id": OWN, "name": "Org", "username": "org"}
        if "public_metrics" in call.asked("user.fields").split(","):
            count = f"{self.word}_count"
            me["public_metrics"] = {"followers_count": self._followers, count: len(self.live)}
        return Reply(200, {"data": me})

    def _upload(self, call: Call) -> Reply:
        told = self.pictures.take(self.new_id(), call)
        return Reply(200, {"data": told} if self.wrapped else told)

    def _post(self, call: Call) -> Reply:
        """https://docs.x.com/x-api/posts/create-post"""
        asked = _asked(call)
        media, reply = _part(asked, "media", rules.MEDIA_KEYS), _part(asked, "reply", rules.REPLY_KEYS)
        text = asked.get("text", "")
        if not isinstance(text, str) or not (text.strip() or media):
            raise rules.invalid("$.text: is missing but it is required")
        parent = self._parent(reply)
        pictures = self.pictures.to_attach(media.get("media_ids") or (), call.at) if media else []
        recent = (item.text for item in self.live if call.at - item.at < self.duplicates)
        rules.check_text(text, self.most, recent)
        found = rules.links(text)
        item = Item(self.new_id(), text, call.at, reply_to=parent, link=found[0] if found else "")
        item.alts = tuple(picture.alt for picture in pictures)
        item.extra = {"media": f"3_{pictures[0].id}" if pictures else ""}
        self.show(item)
        told, _ = rules.shown(text, item.extra["media"], item.id)
        return Reply(201, {"data": {"id": item.id, "text": told, f"edit_history_{self.word}_ids": [item.id]}})

    def _parent(self, reply: Mapping[str, Any]) -> str:
        if not reply:
            return ""
        parent = reply.get("in_reply_to_tweet_id")
        if not isinstance(parent, str) or not rules.ID.fullmatch(parent):
            raise rules.invalid("$.reply.in_reply_to_tweet_id: is missing but it is required")
        if not self.answers_itself:
            said = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged"
            raise rules.forbidden(f"{said} by the author of the post you are replying to.")
        if self.find(parent) is None:
            raise rules.forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        return parent

    def _timeline(self, call: Call, account: str) -> Reply:
        """https://docs.x.com/x-api/users/get-posts"""
        _only(call, {"max_results", "start_time", "exclude", "pagination_token", f"{self.word}.fields", "expansions"})
        fields = self._fields(call)
        if account != OWN:
            raise rules.problem(404, "Not Found Error", f"Could not find user with id: [{account}].")
        most = int(call.asked("max_results", "10"))
        if not SMALLEST_PAGE <= most <= LARGEST_PAGE:
            raise rules.invalid(f"The `max_results` query parameter value [{most}] is not between 5 and 100")
        since = datetime.fromisoformat(call.asked("start_time", f"{BEGAN:%Y-%m-%dT%H:%M:%SZ}"))
        start = int(call.asked("pagination_token", "0"))
        seen = [each for each in self.live if call.at - each.at >= self.listing_lag and each.at >= since]
        page = sorted(seen, key=lambda item: int(item.id), reverse=True)[start : start + most]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + most < len(seen):
            meta["next_token"] = str(start + most)
        return Reply(200, ({"data": [self._told(item, fields) for item in page]} if page else {}) | {"meta": meta})

    def _several(self, call: Call) -> Reply:
        """https://docs.x.com/x-api/posts/get-posts-by-ids; of what it does not show, it says why."""
        _only(call, {"ids", f"{self.word}.fields", "expansions"})
        fields, ids = self._fields(call), call.asked("ids").split(",")
        if not 0 < len(ids) <= LARGEST_PAGE or not all(rules.ID.fullmatch(id) for id in ids):
            raise rules.invalid(f"The `ids` query parameter value [{','.join(ids)}] is not valid")
        told, errors = [], []
        private = sorted(fields & set(PRIVATE))
        for id in ids:
            item = self.find(id)
            if item is None:
                errors.append(rules.not_found(id))
            elif private and call.at - item.at > PRIVATE_FOR:
                errors += [rules.not_authorized(id, f"{name}.impression_count") for name in private]
            else:
                told.append(self._told(item, fields))
        return Reply(200, ({"data": told} if told else {}) | ({"errors": errors} if errors else {}))

    def _delete(self, call: Call, id: str) -> Reply:
        if not self.take_down(id):
            raise rules.problem(404, "Not Found Error", f"Could not find tweet with id: [{id}].")
        return Reply(200, {"data": {"deleted": True}})

    def _fields(self, call: Call) -> set[str]:
        """Return what is asked for of each post, what it answers included."""
        name = f"{self.word}.fields"
        fields = {field for field in call.asked(name).split(",") if field}
        known = FIELDS | {f"note_{self.word}"} | ({"referenced_tweets"} if self.word == "tweet" else set())
        if strange := sorted(fields - known):
            raise rules.invalid(f"The `{name}` query parameter value [{strange[0]}] is not one of [{', '.join(known)}]")
        return fields | {field for field in call.asked("expansions").split(",") if field == "referenced_posts"}

    def _told(self, item: Item, fields: set[str]) -> dict[str, Any]:
        text, entities = rules.shown(item.text, item.extra["media"], item.id)
        long = rules.weight(item.text) > rules.SHORT
        all_of_it = {
            "created_at": f"{item.at:%Y-%m-%dT%H:%M:%S}.000Z",
            "entities": {"urls": []} if long else entities,
            f"note_{self.word}": {"text": text, "entities": entities} if long else None,
            f"referenced_{self.word}s": [{"type": "replied_to", "id": item.reply_to}] if item.reply_to else None,
            "public_metrics": self._counts(item),
            "non_public_metrics": self._own_counts(item),
        }
        shown = {name: value for name, value in all_of_it.items() if name in fields and value}
        short = f"{text[: rules.MORE]}…" if long else text
        return {"id": item.id, "text": short, f"edit_history_{self.word}_ids": [item.id], **shown}

    def _counts(self, item: Item) -> dict[str, int]:
        likes = self.liked(item, 60)
        return {
            "retweet_count" if self.word == "tweet" else "repost_count": likes // 3,
            "reply_count": likes // 6 + self.answers_to(item),
            "like_count": likes,
            "quote_count": likes // 12,
            "bookmark_count": likes // 10,
            "impression_count": likes * 40,
        }

    def _own_counts(self, item: Item) -> dict[str, int]:
        likes = self.liked(item, 60)
        return {"impression_count": likes * 40, "url_link_clicks": likes // 2, "user_profile_clicks": likes // 4}


def _asked(call: Call) -> dict[str, Any]:
    """Return what a post is to be; a key that X does not know is refused."""
    asked = call.json()
    if not call.headers.get("content-type", "").startswith("application/json") or not isinstance(asked, dict):
        raise rules.invalid("The body is not JSON")
    if strange := sorted(asked.keys() - rules.POST_KEYS):
        raise rules.invalid(f"$.{strange[0]}: is not defined in the schema and additional properties are not allowed")
    return asked


def _part(asked: Mapping[str, Any], name: str, keys: frozenset[str]) -> Mapping[str, Any]:
    part = asked.get(name, {})
    if not isinstance(part, dict) or not part.keys() <= keys or (name in asked and not part):
        raise rules.invalid(f"$.{name}: is not defined in the schema")
    return part


def _only(call: Call, known: set[str]) -> None:
    for name in call.query:
        if name not in known:
            raise rules.invalid(f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]")


def _counted_as(call: Call) -> str:
    """Return the bucket of a call (https://docs.x.com/x-api/fundamentals/rate-limits)."""
    if call.path == "/2/users/me":
        return "GET /2/users/me"
    return f"{call.method} {'/'.join(call.path.split('/')[:3])}"


def _headers(levels: list[Level | None]) -> dict[str, str]:
    """https://docs.x.com/x-api/fundamentals/rate-limits, and those of a day, which come with some answers."""
    headers = {}
    for name, level in zip(("x-rate-limit", "x-app-limit-24hour"), levels, strict=True):
        if level:
            headers[f"{name}-limit"] = str(level.limit)
            headers[f"{name}-remaining"] = str(level.remaining)
            headers[f"{name}-reset"] = str(int(level.resets_at.timestamp()))
    return headers


def _no_credits() -> dict[str, Any]:
    detail = "Your enrolled account [1234567890123456789] does not have any credits to fulfill this request."
    return {"title": "CreditsDepleted", "detail": detail, "type": "https://api.twitter.com/2/problems/credits"}
