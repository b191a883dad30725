"""The calls to a Bluesky account's own server, and to the AppView that counts.

API: https://docs.bsky.app/docs/category/http-reference. The visible call is `putRecord` with a key of ours, a frozen
record and `swapRecord: null`: only a record that is not there yet is written, so repeating it is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from campaign.clock import Clock
from campaign.errors import ChannelBlocked, NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Image,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    Prompt,
    Published,
    TokenStore,
)
from campaign.platforms.bluesky import refusals
from campaign.platforms.bluesky.record import (
    COLLECTION,
    Blob,
    Place,
    made_since,
    pictures,
    post_record,
    record_key,
    says_the_same,
)
from campaign.platforms.bluesky.refusals import NotThere
from campaign.platforms.bluesky.richtext import LINK_LENGTH, mentioned, rich
from campaign.platforms.bluesky.session import Session, SignIn, xrpc
from campaign.platforms.bluesky.settings import BlueskySettings
from campaign.platforms.http import Answer, Http

PAGE, PAGES = 100, 10  # https://github.com/bluesky-social/atproto/blob/main/lexicons/com/atproto/repo/listRecords.json
AT_ONCE = 25  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/getPosts.json
UNCOUNTED = {word: "Bluesky does not tell" for word in ("impressions", "clicks")}
COUNTED = {"reactions": ("likeCount",), "comments": ("replyCount",), "shares": ("repostCount", "quoteCount")}
NOT_TOLD = "the AppView gave no such number"
NO_APPVIEW = "nobody is set to count: set appview_url of the channel, such as https://public.api.bsky.app"


class Bluesky(Platform):
    """Posts of one account."""

    name = "bluesky"
    cannot_edit = "Bluesky goes on showing a post as it was first published, so nobody would see the change"
    limits = Limits(
        text=300,  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
        unit="graphemes",  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
        text_bytes=3000,  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
        link_length=LINK_LENGTH,  # our own choice: what a link is cut to
        alt_text=2000,  # https://github.com/bluesky-social/social-app/blob/main/src/lib/constants.ts
        images=4,  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json
        image_bytes=1_000_000,  # as above, for servers that have not raised it: https://docs.bsky.app/docs/advanced-guides/posts
        image_types=("image/jpeg", "image/png"),  # https://docs.bsky.app/docs/advanced-guides/posts
        formats=("landscape", "square", "portrait"),  # our own choice: the app shows each whole
        hashtags=3,  # our own choice: there is little room
        threads=True,  # https://docs.bsky.app/docs/advanced-guides/posts
        brings_preview=True,  # https://docs.bsky.app/docs/advanced-guides/posts
    )
    replay_window = timedelta(hours=1)  # the key never ends; but what somebody has deleted since is not to come back
    settle: ClassVar[timedelta | None] = timedelta(seconds=5)  # the account's own server shows at once what it took
    for_good = ("rkey",)  # under it the server takes one record only, whatever a person has overlooked
    Settings = BlueskySettings
    settings: BlueskySettings

    def __init__(self, settings: BlueskySettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        self.sign_in = SignIn(settings, http, clock, tokens)

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal to write means, None when it is not listed."""
        return refusals.of_write(answer)

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Sign in with handle and app password, asked for unless they are set.

        Raises:
            PlatformError: the server does not accept them.
        """
        return self.sign_in.log_in(prompt)

    def check(self) -> Account:
        """Ask the server who we are there.

        Raises:
            NotSent: it does not accept our credentials.
            ChannelBlocked: the account is closed.
        """
        answer = self._signed(lambda session: self._get(session, "com.atproto.server.getSession"))
        if answer.get("active") is False:
            raise ChannelBlocked(f"the account is closed ({answer.maybe('status') or 'no reason given'})")
        limits = replace(self.limits, image_bytes=self.settings.image_bytes)
        warnings = () if self.settings.appview_url else (f"the counts of its posts stay unknown: {NO_APPVIEW}",)
        return Account(id=answer.text("did"), name=answer.text("handle"), limits=limits, warnings=warnings)

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Choose the key, upload the pictures, look up who is mentioned and what is answered; freeze the record.

        Raises:
            Rejected: the server does not take a picture, or the post that this one answers is gone.
            PlatformError: nobody can sign in.
        """
        if "rkey" not in checkpoint:
            checkpoint.put("rkey", record_key(item.due_at, item.n, item.part))
        for image in pictures(item):
            self._upload(image, checkpoint)
        session = self.sign_in.lasting()
        record = post_record(
            item,
            created_at=self.clock.now(),
            dids={handle: did for handle in mentioned(item.text) if (did := self._did(session, handle))},
            blobs=checkpoint.get("blobs", {}),
            reply=self._reply(session, item),
        )
        checkpoint.put("repo", session.did)
        checkpoint.put("record", record)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Put the frozen record in its place, where nothing may be yet."""
        if "record" not in checkpoint:
            raise NotSent("what was prepared is gone")
        session = self.sign_in.at_hand()
        place = Place(checkpoint["repo"], checkpoint["rkey"])
        body = {**place.names, "record": checkpoint["record"], "swapRecord": None, "validate": True}
        try:
            answer = self._post(session, "com.atproto.repo.putRecord", visible=True, json=body)
        except NotSent as error:
            if error.token_dead:
                self.sign_in.refused(session)
            raise
        return Published(remote_id=answer.text("uri"), permalink=place.permalink)

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look whether there is a record under the key of the part, on the account's own server.

        After a restore the part may have had another key: then one with its text is looked for.
        """
        session = self.sign_in.known()
        key = checkpoint.get("rkey") or record_key(item.due_at, item.n, item.part)
        place = Place(checkpoint.get("repo", session.did), key)
        if place.repo != session.did:
            return CannotTell("it was sent by another account than the one that is logged in now")
        try:
            answer = self._record(session, place)
        except NotThere:  # a repeat is sent as it was, so our session must still be good
            absent = Absent(honours_key=self.sign_in.lasts(session))
            return absent if item.marked else self._like(session, item, since) or absent
        frozen = checkpoint.get("record") or {"text": rich(item.text, {})[0]}
        if answer.get("value", "text") != frozen["text"]:
            return CannotTell(f"another text stands in its place: {place.permalink}")
        return Found(remote_id=answer.text("uri"), permalink=place.permalink)

    def confirm(self, remote_id: str) -> Confirmation:
        """Look whether the post is still there."""
        session = self.sign_in.known()
        place = self._place(session, remote_id)
        try:
            self._record(session, place)
        except NotThere:
            return Confirmation(place.permalink, warnings=("the post is not there any more",))
        return Confirmation(place.permalink)

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Ask the AppView for the counts, 25 posts at a time. What it does not show is looked up on the server."""
        if not self.settings.appview_url:
            return {remote_id: uncounted(NO_APPVIEW) for remote_id in remote_ids}
        session = self.sign_in.known()
        places: dict[str, Place] = {}
        told: dict[str, Metrics] = {}
        for remote_id in remote_ids:
            try:
                places[remote_id] = self._place(session, remote_id)
            except Unsupported as error:
                told[remote_id] = uncounted(str(error))
        shown = self._shown([place.uri for place in places.values()])
        for remote_id, place in places.items():
            told[remote_id] = shown.get(place.uri) or self._unseen(session, place)
        return told

    def followers(self) -> int | None:
        """Return the followers that the AppView counts, None without one."""
        if not self.settings.appview_url:
            return None
        return self._appview("app.bsky.actor.getProfile", actor=self.sign_in.known().did).count("followersCount")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Refuse: readers would not see it."""
        raise Unsupported(self.cannot_edit)

    def delete(self, remote_id: str) -> None:
        """Delete the record; one that is gone already is no error."""

        def remove(session: Session) -> Answer:
            place = self._place(session, remote_id)
            return self._post(session, "com.atproto.repo.deleteRecord", json=place.names)

        self._signed(remove)

    def _place(self, session: Session, address: str) -> Place:
        """Return where a post lies, of which a person may have given the address, with a handle in it.

        Raises:
            Unsupported: it is no post's address, or another account's.
        """
        place = Place.of(address)
        if place.repo.startswith("did:"):
            return place
        if self._did(session, place.repo) != session.did:
            raise Unsupported(f"{address} is not known to be a post of the account that is logged in")
        return replace(place, repo=session.did)

    def _upload(self, image: Image, checkpoint: Checkpoint) -> None:
        """Upload a picture, unless the server has it."""
        blobs = checkpoint.get("blobs", {})
        if image.sha256 in blobs:
            return
        data = image.approved_bytes()
        headers = {"Content-Type": image.media_type}
        answer = self._signed(
            lambda session: self._post(session, "com.atproto.repo.uploadBlob", data=data, headers=headers)
        )
        answer.text("blob", "ref", "$link")
        blob: Blob = answer.get("blob")
        checkpoint.put("blobs", {**blobs, image.sha256: blob})

    def _did(self, session: Session, handle: str) -> str:
        """Return the account behind a handle, empty when there is none: it stays plain text then."""
        try:
            params = {"handle": handle}
            address = xrpc(session.host, "com.atproto.identity.resolveHandle")
            return self.http.get(address, params=params, classify=refusals.of_handle).text("did")
        except NotThere:
            return ""

    def _reply(self, session: Session, item: Outgoing) -> dict[str, Any] | None:
        """Return which posts a part answers: the first of the thread, and the one before."""
        if not item.reply_to:
            return None
        try:
            known = {uri: self._reference(session, uri) for uri in dict.fromkeys((item.root, item.reply_to))}
        except NotThere:
            raise Rejected("the post that it answers is not there any more") from None
        except Unsupported as error:
            raise Rejected(f"no answer can be made: {error}") from None
        return {"root": known[item.root], "parent": known[item.reply_to]}

    def _reference(self, session: Session, uri: str) -> dict[str, str]:
        answer = self._record(session, self._place(session, uri))
        return {"uri": answer.text("uri"), "cid": answer.text("cid")}

    def _record(self, session: Session, place: Place) -> Answer:
        """Return a record as the account's own server has it now.

        Raises:
            NotThere: there is none.
        """
        address = xrpc(session.host, "com.atproto.repo.getRecord")
        return self.http.get(address, params=place.names, classify=refusals.of_read)

    def _like(self, session: Session, item: Outgoing, since: datetime) -> Found | CannotTell | None:
        """Look through the account's records for one that says the same and was made since then, newest first."""
        cursor = ""
        for _ in range(PAGES):
            params = {
                "repo": session.did,
                "collection": COLLECTION,
                "limit": PAGE,
                **({"cursor": cursor} if cursor else {}),
            }
            answer = self.http.get(
                xrpc(session.host, "com.atproto.repo.listRecords"), params=params, classify=refusals.of_read
            )
            recent = [each for each in answer.get("records") if made_since(each["value"], since)]
            for record in recent:
                if says_the_same(record["value"], item):
                    return Found(record["uri"], permalink=Place.of(record["uri"]).permalink)
            cursor = answer.maybe("cursor")
            if not recent or not cursor:
                return None
        return CannotTell(f"the account has posted more than {PAGE * PAGES} times since")

    def _shown(self, uris: Sequence[str]) -> dict[str, Metrics]:
        """Return the counts of the posts that the AppView shows."""
        found: dict[str, Metrics] = {}
        for start in range(0, len(uris), AT_ONCE):
            answer = self._appview("app.bsky.feed.getPosts", uris=uris[start : start + AT_ONCE])
            posts = answer.get("posts")
            if not isinstance(posts, list):
                answer.unreadable("the answer lacks posts")
            found |= {str(post.get("uri")): counts_of(post) for post in posts}
        return found

    def _unseen(self, session: Session, place: Place) -> Metrics:
        """Return why the AppView shows nothing of a post."""
        try:
            self._record(session, place)
        except NotThere:
            return uncounted("the post is not there any more")
        return uncounted("Bluesky does not show the post to readers yet")

    def _appview(self, method: str, **params: Any) -> Answer:
        """Ask the AppView, who needs no session."""
        return self.http.get(xrpc(self.settings.appview_url, method), params=params, classify=refusals.of_read)

    def _signed(self, call: Callable[[Session], Answer]) -> Answer:
        """Make a call that nobody can see; when the server refuses the session, renew it and repeat the call once."""
        session = self.sign_in.lasting()
        try:
            return call(session)
        except NotSent as error:
            if not error.token_dead:
                raise
        return call(self.sign_in.renewed(session))

    def _get(self, session: Session, method: str) -> Answer:
        return self.http.get(xrpc(session.host, method), headers=session.bearer, classify=refusals.of_read)

    def _post(
        self, session: Session, method: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        return self.http.post(xrpc(session.host, method), headers={**session.bearer, **(headers or {})}, **options)


def counts_of(post: Mapping[str, Any]) -> Metrics:
    """Return the counts of a post that the AppView shows. It may leave any out; quotes are shares where it counts them.

    https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/defs.json (postView)
    """
    raw = {name: number for name, number in post.items() if name.endswith("Count") and isinstance(number, int)}
    counts = {word: sum(raw.get(name, 0) for name in names) for word, names in COUNTED.items() if names[0] in raw}
    missing = UNCOUNTED | {word: NOT_TOLD for word in COUNTED if word not in counts}
    return Metrics(counts, missing, raw)


def uncounted(cause: str) -> Metrics:
    """Return that nothing was counted, and why."""
    return Metrics(missing=UNCOUNTED | dict.fromkeys(COUNTED, cause))
