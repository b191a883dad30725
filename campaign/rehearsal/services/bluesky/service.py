"""The calls of one account to its own server, and to the AppView (https://docs.bsky.app/docs/category/http-reference).

What differs from the reference server on purpose: facets and references of replies are checked, see `lexicon`.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.services.bluesky import lexicon
from campaign.rehearsal.services.bluesky.blobs import Blobs, address_of
from campaign.rehearsal.services.bluesky.lexicon import POST
from campaign.rehearsal.services.bluesky.sessions import Sessions, refused
from campaign.rehearsal.services.meter import Bucket, Level, Meter
from campaign.rehearsal.transport import Call, Net, Reply

BLOB_SIZE = 5 * 1024 * 1024  # PDS_BLOB_UPLOAD_LIMIT: packages/pds/src/config/config.ts
AT_ONCE = 25  # lexicons/app/bsky/feed/getPosts.json
PAGE, LARGEST_PAGE = 50, 100  # lexicons/com/atproto/repo/listRecords.json
RATE_LIMITS = {  # packages/pds/src/rate-limits.ts, https://docs.bsky.app/docs/advanced-guides/rate-limits
    "calls": Bucket(3000, timedelta(minutes=5)),
    "logins in 5 min": Bucket(30, timedelta(minutes=5)),
    "logins in a day": Bucket(300, timedelta(days=1)),
    "writes in an hour": Bucket(5000, timedelta(hours=1)),
    "writes in a day": Bucket(35_000, timedelta(days=1)),
    "uploads": Bucket(1000, timedelta(days=1)),
}
WRITES = {"putRecord": 2, "createRecord": 3, "deleteRecord": 1}  # points: packages/pds/src/api/com/atproto/repo

Answering = Callable[..., Reply]


class BlueskyService(Service):
    """One account. `token` is its app password: when another is set, the sessions that it has opened are not renewed.

    `handles` are those of others, with their DIDs; `listing_lag` is how late the AppView shows a post.
    """

    name = "bluesky"

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        handle: str = "",
        handles: Mapping[str, str] | None = None,
        listing_lag: timedelta = timedelta(seconds=1),
        blob_size: int = BLOB_SIZE,
        rate_limits: Mapping[str, Bucket] | None = None,
    ) -> None:
        self.handle = handle or f"org.{host}"
        digest = hashlib.sha256(host.encode()).digest()
        self.did = f"did:plc:{b32encode(digest).decode().lower()[:24]}"
        super().__init__(net, host, token=token or "abcd-efgh-ijkl-mnop", seed=seed)
        self.handles = {**(handles or {}), self.handle: self.did}
        self.listing_lag = listing_lag
        self.closed = ""  # why nothing goes: AccountTakedown, AccountDeactivated
        self.sessions = Sessions(self.did, host)
        self.blobs = Blobs(blob_size, self._blobs_in_use)
        self.meter = Meter(rate_limits or {})
        self._followers = self.chance.randint(80, 900)

    def routes(self) -> list[tuple[str, str, Answering]]:
        def signed(answering: Callable[[Call], Reply]) -> Answering:
            return lambda call: self._signed(answering, call)

        calls: dict[str, tuple[str, Answering]] = {
            "com.atproto.repo.putRecord": ("POST", signed(self._put)),
            "com.atproto.repo.getRecord": ("GET", self._get),
            "com.atproto.repo.uploadBlob": ("POST", signed(self._upload)),
            "com.atproto.server.refreshSession": ("POST", self._refresh),
            "com.atproto.server.createSession": ("POST", self._sign_in),
            "com.atproto.server.getSession": ("GET", signed(self._session)),
            "app.bsky.feed.getPosts": ("GET", self._posts),
            "app.bsky.actor.getProfile": ("GET", self._profile),
            "com.atproto.identity.resolveHandle": ("GET", self._resolve),
            "com.atproto.repo.createRecord": ("POST", signed(self._create)),
            "com.atproto.repo.deleteRecord": ("POST", signed(self._delete)),
            "com.atproto.repo.listRecords": ("GET", self._list),
        }
        return [(method, f"/xrpc/{name}", answering) for name, (method, answering) in calls.items()]

    def answer(self, call: Call) -> Reply:
        level = self.meter.take(_points(call), call.at)
        if level and level.is_over:
            return Reply(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, _headers(level))
        try:
            reply = super().answer(call)
        except Refused as no:
            reply = no.reply
        if reply.status == 404:
            return Reply(404, {"error": "XRPCNotSupported", "message": "XRPCNotSupported"})
        return Reply(reply.status, reply.body, _headers(level)) if level else reply

    def refuse(self, call: Call) -> Reply:
        if call.path.endswith("createSession"):
            return Reply(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
        return Reply(400, {"error": "ExpiredToken", "message": "Token has been revoked"})

    def settings(self) -> Mapping[str, Any]:
        url = f"https://{self.host}"
        return {"base_url": url, "identifier": self.handle, "appview_url": url}

    def tokens(self) -> Mapping[str, str]:
        """Return what campaign.platforms.bluesky.session stores of a new session."""
        url, pair = f"https://{self.host}", self.sessions.open(self.token, self.clock.now())
        return {
            "password": self.token,
            "identifier": self.handle,
            "server": url,
            "did": self.did,
            "handle": self.handle,
            "host": url,
            "access": pair["accessJwt"],
            "refresh": pair["refreshJwt"],
        }

    def is_visible(self, call: Call) -> bool:
        return call.path in ("/xrpc/com.atproto.repo.putRecord", "/xrpc/com.atproto.repo.createRecord")

    def take_down(self, id: str) -> bool:
        item = self.find(id)
        gone = super().take_down(id)
        if item:
            self.blobs.drop(lexicon.blobs_of(item.extra["record"]))
        return gone

    def _signed(self, answering: Callable[[Call], Reply], call: Call) -> Reply:
        self.sessions.check(call.bearer, call.at)
        self._must_be_open()
        return answering(call)

    def _must_be_open(self) -> None:
        if self.closed:
            words = "Account has been taken down" if self.closed == "AccountTakedown" else "Account is deactivated"
            raise Refused(401, {"error": self.closed, "message": words})

    def _sign_in(self, call: Call) -> Reply:
        asked = _asked(call)
        known = str(asked.get("identifier", "")).lower() in (self.handle, self.did)
        if not known or asked.get("password") != self.token:
            return self.refuse(call)
        self._must_be_open()
        return self._opened(self.sessions.open(self.token, call.at))

    def _refresh(self, call: Call) -> Reply:
        self._must_be_open()
        return self._opened(self.sessions.renew(call.bearer, self.token, call.at))

    def _opened(self, pair: Mapping[str, str]) -> Reply:
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": f"https://{self.host}",
        }
        who = {"did": self.did, "handle": self.handle, "didDoc": {"id": self.did, "service": [service]}}
        return Reply(200, {**pair, **who, "active": True})

    def _session(self, call: Call) -> Reply:
        return Reply(200, {"did": self.did, "handle": self.handle, "active": True})

    def _upload(self, call: Call) -> Reply:
        kind = call.headers.get("content-type", "application/octet-stream")
        return Reply(200, {"blob": self.blobs.take(call.body, kind, call.at)})

    def _resolve(self, call: Call) -> Reply:
        did = self.handles.get(call.asked("handle").lower())
        if did is None:
            raise refused("InvalidRequest", "Unable to resolve handle")
        return Reply(200, {"did": did})

    def _put(self, call: Call) -> Reply:
        """Write a record, as packages/pds/src/api/com/atproto/repo/putRecord.ts does."""
        asked = _asked(call)
        record, uri = self._prepared(asked, str(asked.get("rkey", "")))
        cid, current = address_of(record), self.find(uri)
        if current and current.extra["cid"] == cid:
            return Reply(200, {"uri": uri, "cid": cid, "validationStatus": "valid"})
        was = current.extra["cid"] if current else None
        if "swapRecord" in asked and asked["swapRecord"] != was:
            raise refused("InvalidSwap", f"Record was at {was or 'null'}")
        return self._written(uri, cid, record, call.at)

    def _create(self, call: Call) -> Reply:
        """Write a new record. That the key is taken breaks the reference server (issue 4725)."""
        asked = _asked(call)
        record, uri = self._prepared(asked, str(asked.get("rkey") or self._next_key(call.at)))
        if self.find(uri):
            return Reply(500, {"error": "InternalServerError", "message": "Internal Server Error"})
        return self._written(uri, address_of(record), record, call.at)

    def _prepared(self, asked: Mapping[str, Any], key: str) -> tuple[dict[str, Any], str]:
        """Return the record that is to be written, and its address.

        Raises:
            Refused: it may not be written.
        """
        self._must_be_ours(asked)
        lexicon.check_key(key)
        lexicon.check_post(asked.get("record"))
        record: dict[str, Any] = {"$type": POST, **asked["record"]}
        for uri, cid in lexicon.references(record):
            if not any(item.id == uri and item.extra["cid"] == cid for item in self.items):
                raise refused("InvalidRequest", f"Invalid {POST} record: there was never a {uri} at {cid}")
        return record, self._uri(key)

    def _must_be_ours(self, asked: Mapping[str, Any]) -> None:
        if asked.get("repo") not in (self.did, self.handle):
            raise Refused(403, {"error": "AccountNotFound", "message": "Account not found"})
        if asked.get("collection") != POST:
            raise refused("InvalidRequest", f"Unknown lexicon type: {asked.get('collection')}")

    def _written(self, uri: str, cid: str, record: dict[str, Any], now: datetime) -> Reply:
        self.blobs.must_be_there(lexicon.blobs_of(record), now)
        old = self.find(uri)
        langs = record.get("langs") or [""]
        self.show(
            Item(
                uri,
                record["text"],
                now,
                reply_to=record.get("reply", {}).get("parent", {}).get("uri", ""),
                link=lexicon.link_of(record),
                language=langs[0],
                alts=lexicon.alts_of(record),
                key=uri.rpartition("/")[2],
                extra={"cid": cid, "record": record},
            )
        )
        if old:
            old.gone_at = now
            self.blobs.drop(lexicon.blobs_of(old.extra["record"]))
        commit = {"cid": address_of({"of": cid}), "rev": self._next_key(now)}
        return Reply(200, {"uri": uri, "cid": cid, "commit": commit, "validationStatus": "valid"})

    def _get(self, call: Call) -> Reply:
        uri = f"at://{self._repo(call)}/{call.asked('collection')}/{call.asked('rkey')}"
        item = self.find(uri)
        if item is None or call.asked("cid", item.extra["cid"]) != item.extra["cid"]:
            raise refused("RecordNotFound", f"Could not locate record: {uri}")
        return Reply(200, _stored(item))

    def _list(self, call: Call) -> Reply:
        """Newest key first: lexicons/com/atproto/repo/listRecords.json."""
        most, cursor = min(int(call.asked("limit") or PAGE), LARGEST_PAGE), call.asked("cursor")
        ours = self._repo(call) == self.did and call.asked("collection") == POST
        found = [item for item in self.items if ours and item.is_live and (not cursor or item.key < cursor)]
        found.sort(key=lambda item: item.key, reverse=True)
        page = found[:most]
        more = {"cursor": page[-1].key} if len(found) > most else {}
        return Reply(200, {"records": [_stored(item) for item in page], **more})

    def _delete(self, call: Call) -> Reply:
        asked = _asked(call)
        self._must_be_ours(asked)
        was_there = self.take_down(self._uri(str(asked.get("rkey", ""))))
        rev = self._next_key(call.at)
        return Reply(200, {"commit": {"cid": address_of({"without": rev}), "rev": rev}} if was_there else {})

    def _posts(self, call: Call) -> Reply:
        uris = call.query.get("uris", [])
        if len(uris) > AT_ONCE:
            raise refused("InvalidRequest", f"array too big (maximum {AT_ONCE}, got {len(uris)}) at $.uris")
        found = (self.find(uri) for uri in uris)
        return Reply(200, {"posts": [self._shown(item) for item in found if item and self._is_indexed(item, call.at)]})

    def _is_indexed(self, item: Item, now: datetime) -> bool:
        return now - item.at >= self.listing_lag

    def _shown(self, item: Item) -> dict[str, Any]:
        """Return a postView (lexicons/app/bsky/feed/defs.json)."""
        likes = self.liked(item, 60)
        return {
            "uri": item.id,
            "cid": item.extra["cid"],
            "author": {"did": self.did, "handle": self.handle},
            "record": item.extra["record"],
            "likeCount": likes,
            "repostCount": likes // 5,
            "replyCount": likes // 7 + self.answers_to(item),
            "quoteCount": likes // 15,
            "bookmarkCount": likes // 20,
            "indexedAt": (item.at + self.listing_lag).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "labels": [],
        }

    def _profile(self, call: Call) -> Reply:
        if call.asked("actor").lower() not in (self.did, self.handle):
            raise refused("InvalidRequest", "Profile not found")
        count = len(self.live)
        who = {"did": self.did, "handle": self.handle}
        return Reply(200, {**who, "followersCount": self._followers + count, "postsCount": count})

    def _repo(self, call: Call) -> str:
        return self.did if call.asked("repo") == self.handle else call.asked("repo")

    def _uri(self, key: str) -> str:
        return f"at://{self.did}/{POST}/{key}"

    def _blobs_in_use(self) -> Iterator[str]:
        return (cid for item in self.live for cid in lexicon.blobs_of(item.extra["record"]))

    def _next_key(self, now: datetime) -> str:
        """Return a TID of this server (https://atproto.com/specs/tid)."""
        self._made += 1
        number = int(now.timestamp() * 1_000_000) << 10 | self._made % 1024
        return "".join("234567abcdefghijklmnopqrstuvwxyz"[number >> shift & 31] for shift in range(60, -1, -5))


def _asked(call: Call) -> dict[str, Any]:
    asked = call.json()
    if not isinstance(asked, dict):
        raise refused("InvalidRequest", "Expected object value type at $")
    return asked


def _stored(item: Item) -> dict[str, Any]:
    return {"uri": item.id, "cid": item.extra["cid"], "value": item.extra["record"]}


def _points(call: Call) -> dict[str, int]:
    """Return what a call counts: createSession by itself, writes by points, uploads by number."""
    name = call.path.rpartition(".")[2]
    points = {"calls": 1}
    if name == "createSession":
        points |= {"logins in 5 min": 1, "logins in a day": 1}
    elif name in WRITES:
        points |= {"writes in an hour": WRITES[name], "writes in a day": WRITES[name]}
    elif name == "uploadBlob":
        points["uploads"] = 1
    return points


def _headers(level: Level) -> dict[str, str]:
    """packages/xrpc-server/src/rate-limiter.ts"""
    return {
        "RateLimit-Limit": str(level.limit),
        "RateLimit-Remaining": str(level.remaining),
        "RateLimit-Reset": str(int(level.resets_at.timestamp())),
        "RateLimit-Policy": f"{level.limit};w={int(level.window.total_seconds())}",
    }
