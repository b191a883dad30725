"""Posts of one professional account on Instagram.

API: https://developers.facebook.com/docs/instagram-platform/content-publishing. There is no post without a picture, and
Instagram fetches each from a public address while its container is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import ClassVar

from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms.base import Account, Checkpoint, Limits, Metrics, Outgoing, Prompt
from campaign.platforms.containers import NOT_RENEWED, ContainerPlatform, Look, Missing, Uncounted
from campaign.platforms.grants import Grant
from campaign.platforms.graph import ending, proof_of
from campaign.platforms.http import Answer
from campaign.platforms.instagram import counts, login, refusals
from campaign.platforms.instagram.settings import InstagramSettings


class Instagram(ContainerPlatform):
    """One account."""

    name = "instagram"
    called = "Instagram"
    limits = Limits(
        text=2200,  # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
        unit="characters",  # our own choice: Meta does not say how it counts, and this is the strictest but for bytes
        alt_text=1000,  # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
        images=10,  # https://developers.facebook.com/docs/instagram-platform/content-publishing#carousel-posts
        image_bytes=8_000_000,  # https://developers.facebook.com/docs/instagram-platform/content-publishing#images
        image_types=(
            "image/jpeg",
        ),  # https://developers.facebook.com/docs/instagram-platform/content-publishing#images
        formats=("portrait", "square"),  # our own choice of what lies between 4:5 and 1.91:1: they fill the screen
        hashtags=5,  # our own choice: 30 are allowed, and look like begging
        needs_image=True,  # https://developers.facebook.com/docs/instagram-platform/content-publishing
        links_work=False,  # https://help.instagram.com/537518769659039 addresses in captions are no links
        one_shape=True,  # https://developers.facebook.com/docs/instagram-platform/content-publishing#carousel-posts
    )
    cannot_edit = "Instagram lets no program change a caption"
    replay_window = timedelta(0)  # a repeat goes by way of `prepare`, which asks the container whether it was published
    settle: ClassVar[timedelta | None] = timedelta(minutes=5)  # our own choice: counters lag by minutes, states may too
    Settings = InstagramSettings
    settings: InstagramSettings

    publish_edge = "media_publish"
    quota_edge = "content_publishing_limit"
    state_fields = ("status_code", "status")
    text_field = "caption"

    @property
    def server(self) -> str:
        """The host of all calls."""
        return self.settings.server

    @property
    def renew(self) -> Callable[[Grant], Grant] | None:
        """Tokens of Instagram's own login are exchanged for new ones; that of a Page does not end."""
        if self.settings.login == "facebook":
            return None
        return lambda old: login.long_lived(self.settings).renewed(self.http, old, self.clock.now())

    def proof(self, grant: Grant) -> dict[str, str]:
        """Facebook can be told to want it: https://developers.facebook.com/docs/graph-api/guides/secure-requests."""
        return proof_of(grant.token, self.settings.client_secret) if self.settings.login == "facebook" else {}

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
        by = login.by_facebook if self.settings.login == "facebook" else login.by_instagram
        return by(self.http, prompt, self.settings, self.clock.now()).stored()

    def check(self) -> Account:
        """Ask whose the token is, and by calls that change nothing what it may do."""
        account = self.account()
        who = self.call("GET", f"/{account}", params={"fields": "username"})
        warnings = (
            "the token does not allow to publish" if self.lacks(self.quota_edge, fields="quota_usage,config") else "",
            "the token does not allow to read insights" if self.lacks("insights", metric="reach", period="day") else "",
            NOT_RENEWED if self.from_config and self.settings.login == "instagram" else "",
            ending(self.settings.version, self.clock.now().date()),
        )
        return Account(
            id=account,
            name=f"@{who.text('username')} on Instagram",
            limits=self.limits,
            token_expires_at=None if self.from_config else self.grants.known().ends_at,
            warnings=tuple(filter(None, warnings)),
        )

    def make(self, item: Outgoing, checkpoint: Checkpoint) -> str:
        """Make the container of a post: of one picture, or of a carousel of the containers of its pictures."""
        if not item.images:
            raise Rejected("Instagram has no posts without a picture", remedy='Set attach = "card" of the channel.')
        return self.of_pictures(item, checkpoint, {"caption": item.text})

    def create(self, fields: Mapping[str, str]) -> str:
        """Create a container."""
        return self.call("POST", f"/{self.account()}/media", data=dict(fields)).text("id")

    def failure(self, look: Look) -> PlatformError:
        """Return what it means that nothing came of a container."""
        return refusals.of_failure(look)

    def own_edge(self, item: Outgoing) -> str:
        """Return where the account's posts are listed."""
        return "media"

    def asked_for_account(self, grant: Grant) -> str:
        """Return the account of a token: its own, or that of the Page that the token is for."""
        if self.settings.login == "instagram":
            address, field = "/me", "user_id"
        else:
            address, field = f"/{self.settings.page or 'me'}", "instagram_business_account"
        answer = self.sent("GET", address, grant, params={"fields": field})
        if not answer.get(field):
            raise NotSent("no professional account on Instagram belongs to this token", remedy=refusals.CONVERT)
        return answer.text(field) if self.settings.login == "instagram" else answer.text(field, "id")

    def counted(self, remote_id: str) -> Metrics:
        """Return the insights of a post, as many as there are for it, else what the post itself tells."""
        if not remote_id.isdigit():
            return counts.uncounted(counts.BY_ADDRESS)
        cause = ""
        for asked in counts.ASKED:
            try:
                return counts.counted(self.insights(remote_id, asked), cause)
            except Uncounted as error:
                cause = cause or counts.cause_of(error.refusal)
                if not counts.helps_to_ask_less(error.refusal):
                    break
        return self._told_by_itself(remote_id, cause)

    def followers(self) -> int | None:
        """Return how many follow the account."""
        return self.call("GET", f"/{self.account()}", params={"fields": "followers_count"}).count("followers_count")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Refuse: there is no such call."""
        raise Unsupported(
            self.cannot_edit,
            remedy="Change it in the app, or take the post down and publish it anew.",
        )

    @property
    def cannot_delete(self) -> str:
        """By Instagram's own login nothing is deleted."""
        told = "Instagram lets a program delete posts of accounts that are linked to a Facebook Page only"
        return told if self.settings.login == "instagram" else ""

    def delete(self, remote_id: str) -> None:
        """Take the post down, where Instagram lets a program do so."""
        if self.cannot_delete:
            raise Unsupported(
                self.cannot_delete,
                remedy='Delete it in the app. With login = "facebook" of the channel it can be done from here.',
            )
        self.taken_down(remote_id)

    def _told_by_itself(self, remote_id: str, cause: str) -> Metrics:
        params = {"fields": ",".join(counts.FIELDS)}
        try:
            answer = self.call("GET", f"/{remote_id}", params=params, classify=self.of_thing)
        except Missing:
            return counts.uncounted(counts.GONE)
        told = {name: answer.count(field) for field, name in counts.FIELDS.items()}
        return counts.counted({name: number for name, number in told.items() if number is not None}, cause)
