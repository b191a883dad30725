"""Posts, carousels and chains of replies of one profile on Threads.

API: https://developers.facebook.com/docs/threads. Pictures are fetched by Threads from a public address while their
container is made. `auto_publish_text` is never sent: it would make that step the visible one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms.base import Account, Checkpoint, Image, Limits, Metrics, Outgoing, Prompt
from campaign.platforms.containers import NOT_RENEWED, ContainerPlatform, Look, Uncounted, Unready
from campaign.platforms.grants import Consent, Grant
from campaign.platforms.http import Answer
from campaign.platforms.longlived import LongLived
from campaign.platforms.threads import counts, refusals
from campaign.platforms.threads.settings import ThreadsSettings
from campaign.platforms.threads.text import MOST_LINKS, links_in, topic_of

FRESH_TRIES, FRESH_WAIT = 4, 3.0  # seconds between them; after that others get their turn
SCOPES = (  # https://developers.facebook.com/docs/threads/get-started
    "threads_basic",
    "threads_content_publish",
    "threads_manage_insights",
    "threads_manage_replies",  # the parts of a chain are replies
    "threads_read_replies",
    "threads_delete",
)


class Threads(ContainerPlatform):
    """One profile."""

    name = "threads"
    called = "Threads"
    limits = Limits(
        text=500,  # https://developers.facebook.com/docs/threads/overview#limitations
        unit="emoji-bytes",  # https://developers.facebook.com/docs/threads/overview#limitations
        alt_text=1000,  # https://developers.facebook.com/docs/threads/create-posts/accessibility
        images=20,  # https://developers.facebook.com/docs/threads/posts#carousel-posts
        image_bytes=8_000_000,  # https://developers.facebook.com/docs/threads/overview#image-specifications
        image_types=("image/jpeg", "image/png"),  # https://developers.facebook.com/docs/threads/overview
        formats=("portrait", "square", "landscape"),  # our own choice: the app shows each whole, the tall ones largest
        hashtags=1,  # https://developers.facebook.com/docs/threads/create-posts/tags one post has one topic
        threads=True,  # https://developers.facebook.com/docs/threads/retrieve-and-manage-replies/create-replies
    )
    cannot_edit = "Threads lets no program change a published post"
    replay_window = timedelta(0)  # a repeat goes by way of `prepare`, which asks the container whether it was published
    settle: ClassVar[timedelta | None] = timedelta(minutes=5)  # our own choice: Meta lets a container take so long
    Settings = ThreadsSettings
    settings: ThreadsSettings

    publish_edge = "threads_publish"
    quota_edge = "threads_publishing_limit"
    state_fields = ("status", "error_message")
    text_field = "text"

    @property
    def server(self) -> str:
        """The host of all calls."""
        return self.settings.base_url

    @property
    def renew(self) -> Callable[[Grant], Grant]:
        """The token is exchanged for a new one."""
        return lambda old: self._tokens_of().renewed(self.http, old, self.clock.now())

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal of any call means."""
        return refusals.of_call(answer)

    def of_publishing(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal of the visible call means."""
        return refusals.of_publishing(answer)

    def of_thing(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal means where one thing is asked for that may be gone."""
        return refusals.of_thing(answer)

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Let a person give leave, in a browser."""
        asked = Consent(
            self.settings.consent_url, self.settings.client_id, self.settings.redirect_uri, ",".join(SCOPES)
        )
        grant = self._tokens_of().granted(self.http, prompt, asked, self.settings.client_secret, self.clock.now())
        me = self._me(grant)
        prompt.tell(f"Logged in as @{me.text('username')} on Threads.")
        return replace(grant, account=me.text("id")).stored()

    def check(self) -> Account:
        """Ask whose the token is, until when it lasts and what it may do."""
        account = self.account()
        grant = self.from_config or self.grants.lasting()
        me, inspected = self._me(grant), self._inspected(grant)
        scopes = inspected.get("data", "scopes") if inspected else None
        lacks = [scope for scope in SCOPES if isinstance(scopes, list) and scope not in scopes]
        warnings = (
            f"the token lacks {', '.join(lacks)}" if lacks else "",
            NOT_RENEWED if self.from_config else "",
        )
        ends = (inspected.count("data", "expires_at") if inspected else None) or 0
        told = datetime.fromtimestamp(ends, UTC) if ends > 0 else None
        return Account(
            id=account,
            name=f"@{me.text('username')} on Threads",
            limits=self.limits,
            token_expires_at=told if self.from_config else grant.ends_at,
            warnings=tuple(filter(None, warnings)),
        )

    def make(self, item: Outgoing, checkpoint: Checkpoint) -> str:
        """Make the container of a part: of its text, of one picture, or of a carousel of the containers of several."""
        card = item.link if not item.images else ""
        if len(links_in(item.text, card)) > MOST_LINKS:
            raise Rejected(f"Threads takes {MOST_LINKS} different links, and this text has more")
        body = {"text": item.text, **self._place(item)}
        if not item.images:
            return self.create({"media_type": "TEXT", **body, **({"link_attachment": card} if card else {})})
        return self.of_pictures(item, checkpoint, body)

    def shown(self, image: Image) -> dict[str, str]:
        """Return the fields of a picture, which is public from now on."""
        return {"media_type": "IMAGE", **super().shown(image)}

    def create(self, fields: Mapping[str, str]) -> str:
        """Create a container; the post that it answers was published seconds ago, and may not be known yet."""
        edge, tries = f"/{self.account()}/threads", FRESH_TRIES if "reply_to_id" in fields else 1
        for _ in range(tries - 1):
            try:
                return self.call("POST", edge, data=dict(fields), classify=refusals.of_making).text("id")
            except Unready:
                self.clock.sleep(FRESH_WAIT)
        return self.call("POST", edge, data=dict(fields), classify=refusals.of_making).text("id")

    def failure(self, look: Look) -> PlatformError:
        """Return what it means that nothing came of a container."""
        return refusals.of_failure(look)

    def own_edge(self, item: Outgoing) -> str:
        """Return where the profile's posts are listed, or its replies."""
        return "replies" if item.reply_to else "threads"

    def asked_for_account(self, grant: Grant) -> str:
        """Return the profile of a token."""
        return self._me(grant).text("id")

    def counted(self, remote_id: str) -> Metrics:
        """Return the insights of a post, as many as there are for it."""
        if not remote_id.isdigit():
            return counts.uncounted(counts.BY_ADDRESS)
        cause = ""
        for asked in counts.ASKED:
            try:
                return counts.counted(self.insights(remote_id, asked), cause)
            except Uncounted as error:
                cause = cause or counts.cause_of(error.refusal)
                if cause in (counts.GONE, counts.NO_LEAVE):
                    break
        return counts.uncounted(cause)

    def followers(self) -> int | None:
        """Return how many follow the profile, None where Threads does not tell."""
        params = {"metric": "followers_count"}
        answer = self.call("GET", f"/{self.account()}/threads_insights", params=params)
        return answer.count("data", 0, "total_value", "value")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Refuse: there is no such call."""
        raise Unsupported(
            self.cannot_edit,
            remedy="Change it in the app soon after its publication, or take the post down and publish it anew.",
        )

    def delete(self, remote_id: str) -> None:
        """Take the post down."""
        self.taken_down(remote_id)

    def _tokens_of(self) -> LongLived:
        return LongLived(self.server, f"{self.server}/oauth/access_token", "th")

    def _me(self, grant: Grant) -> Answer:
        return self.sent("GET", "/me", grant, params={"fields": "id,username"})

    def _inspected(self, grant: Grant) -> Answer | None:
        """Return what Threads knows of a token, None when it does not tell."""
        try:
            return self.sent("GET", "/debug_token", grant, params={"input_token": grant.token})
        except NotSent as error:
            if error.token_dead:
                raise
            return None

    def _place(self, item: Outgoing) -> dict[str, str]:
        """Return what a part answers, and for the first one what it is about.

        Raises:
            Rejected: nobody can name what it answers.
        """
        if item.reply_to and not item.reply_to.isdigit():
            raise Rejected(
                f"Threads is answered by number, and of the post before only the address is known: {item.reply_to}",
                remedy="Publish the rest in the app.",
            )
        if item.reply_to:
            return {"reply_to_id": item.reply_to}
        topic = topic_of(item.text)
        return {"topic_tag": topic} if topic else {}
