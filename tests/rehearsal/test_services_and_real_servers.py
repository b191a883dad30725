"""What the simulated services answer is what the real ones of the rig answer: to our adapters, and to single calls.

Where a service is stricter on purpose (facets, replies, mastodon_mock's laxness), it is not asked here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from campaign.errors import PlatformError
from campaign.platforms.base import Checkpoint, Image, Platform, Published
from campaign.platforms.bluesky import Bluesky
from campaign.platforms.http import Http, real_transport
from campaign.platforms.mastodon import Mastodon
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.services.bluesky import BlueskyService
from campaign.rehearsal.services.mastodon import MastodonService
from campaign.rehearsal.transport import Net
from tests.making import picture
from tests.realservers.accounts import OnBluesky
from tests.realservers.mastodon import Mastodon as RealMastodon
from tests.realservers.pds import Pds
from tests.realservers.proxy import Proxy
from tests.realservers.servers import ask
from tests.rehearsal.rig import Rig, Tokens, image, part, reply_to

pytest_plugins = ["tests.realservers.fixtures"]

NSID = "app.bsky.feed.post"
REPO, SERVER = "com.atproto.repo.", "com.atproto.server."
Ask = Callable[..., tuple[int, Any]]  # of method, name, body, token: status and JSON


def test_our_adapter_cannot_tell_bluesky_from_a_pds(clock: VirtualClock, tmp_path: Path, pds: Pds) -> None:
    net = Net(clock)
    simulated = Rig(net, BlueskyService(net, "pds.example"), Bluesky, {"appview_url": ""})
    account = pds.create_account()
    with Proxy(pds.url) as proxy:
        stored = OnBluesky(account, proxy).tokens()
        settings = Bluesky.Settings.model_validate({"base_url": proxy.url, "identifier": account.handle})
        http = Http(proxy.url, clock, transport=real_transport)
        real = Bluesky(settings, http, clock, Tokens(stored))
        told = outcomes(real, image(tmp_path), account.did)

    assert told == outcomes(simulated.platform, image(tmp_path), simulated.service.did)


def test_our_adapter_cannot_tell_mastodon_from_its_mock(
    clock: VirtualClock, tmp_path: Path, mastodon: RealMastodon
) -> None:
    net = Net(clock)
    simulated = Rig(net, MastodonService(net, "social.example"), Mastodon)
    settings = Mastodon.Settings.model_validate({"base_url": mastodon.url})
    tokens = Tokens({"token": mastodon.create_account().token, "base_url": mastodon.url})
    real = Mastodon(settings, Http(mastodon.url, clock, transport=real_transport), clock, tokens)

    assert outcomes(real, image(tmp_path)) == outcomes(simulated.platform, image(tmp_path))


def outcomes(platform: Platform, shown: Image, did: str = "-") -> list[str]:
    """Publish, look, edit, delete; return what came of each step, without what differs by account."""
    kept: dict[str, dict[str, Any]] = {}

    def checkpoint(of: str) -> Checkpoint:
        return Checkpoint(kept.get(of, {}), lambda values: kept.update({of: json.loads(json.dumps(values))}))

    def publish(sent: Any) -> Any:
        platform.prepare(sent, checkpoint(sent.part))
        return platform.publish(sent, checkpoint(sent.part), idempotency_key=sent.part)

    def again(sent: Any) -> Any:
        return platform.publish(sent, checkpoint(sent.part), idempotency_key=sent.part)

    def find(sent: Any) -> Any:
        return platform.find(sent, checkpoint(sent.part), sent.due_at)

    words = part(text="Ahoj @nobody, žluť & <b> https://example.org/a_(b)?utm_content=0a1b2c3d. #Tag", images=(shown,))
    first = publish(words)
    assert isinstance(first, Published)
    second = reply_to([first], 2, "Druhá část 👩‍👩‍👧")
    steps: list[Callable[[], Any]] = [
        lambda: again(words) == first,
        lambda: find(words).remote_id == first.remote_id,
        lambda: find(second),
        lambda: publish(second).remote_id != first.remote_id,
        lambda: find(second).remote_id != first.remote_id,
        lambda: len(platform.confirm(first.remote_id).warnings),
        lambda: platform.edit(first.remote_id, part(text="Nový text", images=(shown,))),
        lambda: platform.delete(first.remote_id),
        lambda: platform.delete(first.remote_id),
        lambda: platform.confirm(first.remote_id).warnings,
        lambda: publish(part(3, text="x" * 6000)),
        lambda: platform.delete("not an id of any"),
    ]
    return [first.remote_id.replace(did, "did") if did != "-" else "", *(_came_of(step) for step in steps)]


def _came_of(step: Callable[[], Any]) -> str:
    try:
        return repr(step())
    except PlatformError as error:
        return type(error).__name__


def test_single_calls_are_answered_alike_by_a_pds(clock: VirtualClock, pds: Pds) -> None:
    net = Net(clock)
    service = BlueskyService(net, "pds.example")
    rig = Rig(net, service, Bluesky)
    account = pds.create_account()

    def simulated(method: str, name: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        reply = rig.ask(method, f"/xrpc/{name}", body, token=token, content_type="image/jpeg")
        return reply.status, reply.body

    def real(method: str, name: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        raw = isinstance(body, bytes)
        kind = {"headers": {"Content-Type": "image/jpeg"}}
        options: Mapping[str, Any] = {"data": body, **kind} if raw else {"json": body}
        answer = ask(method, f"{pds.url}/xrpc/{name}", token, **options)
        return answer.status_code, answer.json()

    def revoked() -> None:
        service.token = "another"

    ours = calls(simulated, service.did, service.token, revoked)
    theirs = calls(real, account.did, account.app_password(), account.revoke_app_password)
    assert ours == theirs


def calls(ask: Ask, did: str, password: str, revoke: Callable[[], object]) -> dict[str, Any]:
    """Make single calls, and return by their names what is the same on any server."""
    pair = ask("POST", f"{SERVER}createSession", {"identifier": did, "password": password})[1]
    access, refresh = pair["accessJwt"], pair["refreshJwt"]
    told: dict[str, Any] = {}

    def note(name: str, reply: tuple[int, Any]) -> Any:
        status, body = reply
        told[name] = status, body.get("error"), "commit" in body
        return body

    def put(call: str = "putRecord", key: str = "3m6w2xk4c7s2a", **asked: Any) -> tuple[int, Any]:
        record = {"$type": NSID, "text": "Text", "createdAt": "2026-03-02T08:00:00.000Z", **asked.pop("record", {})}
        record = {name: value for name, value in record.items() if value is not None}
        place = {"repo": did, "collection": NSID, "rkey": key}
        return ask("POST", f"{REPO}{call}", {**place, "record": record, "validate": True, **asked}, access)

    note("new", put(swapRecord=None))
    note("same again", put(swapRecord=None))
    note("other, null", put(swapRecord=None, record={"text": "Other"}))
    note("other, no swap", put(record={"text": "Other"}))
    note("create again", put("createRecord"))
    note("another repo", put(repo="did:plc:ewvi7nxzyoun6zhxrhs64oiz"))
    for key in ("mine", "zm6w2xk4c7s2a"):
        note(f"key {key}", put(key=key))
    blob = {"$type": "blob", "ref": {"$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}}
    shown = {"alt": "", "image": {**blob, "mimeType": "image/jpeg", "size": 9}}
    wrong: dict[str, dict[str, Any]] = {
        "301 graphemes": {"text": "x" * 301},
        "300 graphemes": {"text": "👩‍👩‍👧" * 30 + "x" * 270},
        "too many bytes": {"text": "👩‍👩‍👧‍👧" * 121},
        "no createdAt": {"createdAt": None},
        "createdAt without a zone": {"createdAt": "2026-03-02T08:00:00"},
        "four languages": {"langs": ["cs", "en", "de", "fr"]},
        "no language": {"langs": ["Czech language"]},
        "a facet without features": {"facets": [{"index": {"byteStart": 0, "byteEnd": 2}}]},
        "five pictures": {"embed": {"$type": "app.bsky.embed.images", "images": [shown] * 5}},
        "a picture without alt": {"embed": {"$type": "app.bsky.embed.images", "images": [{"image": shown["image"]}]}},
        "an unknown blob": {"embed": {"$type": "app.bsky.embed.images", "images": [shown]}},
        "another type": {"$type": "app.bsky.feed.like"},
        "a reply without parent": {"reply": {"root": {"uri": f"at://{did}/{NSID}/x", "cid": "y"}}},
    }
    for letter, (name, record) in zip("abcdefghijklmnop", wrong.items(), strict=False):
        note(name, put(key=f"3m6w2xk4c7t{letter}a", record=record))
    told["the words of 301"] = put(key="3m6w2xk4c7u2a", record=wrong["301 graphemes"])[1]["message"]
    told["blob"] = ask("POST", f"{REPO}uploadBlob", picture(), access)[1]
    place = f"repo={did}&collection={NSID}&rkey=3m6w2xk4c7s2a"
    note("get", ask("GET", f"{REPO}getRecord?{place}"))
    delete = {"repo": did, "collection": NSID, "rkey": "3m6w2xk4c7s2a"}
    note("delete", ask("POST", f"{REPO}deleteRecord", delete, access))
    note("delete again", ask("POST", f"{REPO}deleteRecord", delete, access))
    gone = note("get what is gone", ask("GET", f"{REPO}getRecord?{place}"))
    told["its words"] = gone["message"].replace(did, "did")
    note("put what was deleted", put(swapRecord=None))
    note("no token", ask("POST", f"{REPO}deleteRecord", delete))
    note("a made-up token", ask("POST", f"{REPO}deleteRecord", delete, "made-up"))
    note("refresh token for a call", ask("POST", f"{REPO}deleteRecord", delete, refresh))
    note("access token to refresh", ask("POST", f"{SERVER}refreshSession", None, access))
    note("refresh", ask("POST", f"{SERVER}refreshSession", None, refresh))
    note("refresh again", ask("POST", f"{SERVER}refreshSession", None, refresh))
    note("a wrong password", ask("POST", f"{SERVER}createSession", {"identifier": did, "password": "wrong"}))
    note("no such handle", ask("GET", "com.atproto.identity.resolveHandle?handle=nobody.test"))
    revoke()
    revoked = note("refresh without password", ask("POST", f"{SERVER}refreshSession", None, refresh))
    told["those words"] = revoked["message"]
    note("the access token goes on", put(key="3m6w2xk4c7s2b"))
    return told
