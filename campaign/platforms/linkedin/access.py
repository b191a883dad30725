"""The token of a page's channel: the config's, or one that a person has agreed to and that is renewed.

https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow. A token is good for 60 days. What
renews it is good for a year from the day on which the person agreed, however often it is used; apps without the
approval of their product get none, and their people agree anew every 60 days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaign.clock import Clock
from campaign.errors import NotSent, Rejected
from campaign.log import hide
from campaign.platforms.base import Prompt, TokenStore
from campaign.platforms.grants import Consent, Grant, Grants, consent
from campaign.platforms.http import Answer, Classify, Http
from campaign.platforms.linkedin import refusals
from campaign.platforms.linkedin.settings import LinkedInSettings

# One fixed set: with another one, all tokens that the app has for this person end.
# https://learn.microsoft.com/linkedin/marketing/community-management/community-management-overview#permissions
SCOPES = {
    "w_organization_social": "it cannot post",
    "r_organization_social": "what became of a call without an answer stays unknown, and a person is asked",
    "rw_organization_admin": "counts and followers stay unknown",
    "w_organization_social_feed": "it cannot comment",
    "r_organization_social_feed": "what became of a comment without an answer stays unknown, and a person is asked",
}
AGAIN = "Whoever administers the page logs in again: campaign channel login"


@dataclass(frozen=True)
class Token:
    """What LinkedIn says of a token."""

    scopes: frozenset[str]
    expires_at: datetime | None


class Access:
    """Who calls, and with what right."""

    def __init__(self, settings: LinkedInSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._own = Grant(settings.token.reveal(), server=settings.base_url) if settings.token else None
        self._grants = Grants(tokens, clock, settings.base_url, self._renewed if self._app else None)

    def at_hand(self) -> Grant:
        """Return the grant without any call, for the visible one."""
        return self._own or self._grants.at_hand()

    def lasting(self) -> Grant:
        """Return a grant that lasts for a while, renewed if need be.

        Raises:
            NotSent: nobody is logged in, or LinkedIn renews it no more.
        """
        return self._own or self._grants.lasting()

    def refused(self, grant: Grant) -> None:
        """Note that LinkedIn does not take a token any more."""
        self._grants.refused(grant)

    def log_in(self, prompt: Prompt) -> dict[str, str]:
        """Let a person agree, and return what is to be stored.

        Raises:
            Rejected: the app is not named, the person did not agree, or LinkedIn gave no token.
        """
        if not self._app:
            raise Rejected(
                "client_id and client_secret are not set",
                remedy="Register an app at https://www.linkedin.com/developers/apps and put both into the channel.",
            )
        address = f"{self._settings.auth_url}/authorization"
        redirect_uri = self._settings.redirect_uri
        scope = " ".join(SCOPES)
        agreed = consent(prompt, Consent(address, self._settings.client_id, redirect_uri, scope))
        asked = {"grant_type": "authorization_code", "code": agreed.code, "redirect_uri": redirect_uri}
        return self._grant(self._asked("accessToken", asked, refusals.of_login), Grant("")).stored()

    def inspected(self, grant: Grant) -> Token | None:
        """Return what LinkedIn says of a token, None where only the app could ask and is not named.

        https://learn.microsoft.com/linkedin/shared/authentication/token-introspection

        Raises:
            NotSent: it has ended.
        """
        if not self._app:
            return None
        answer = self._asked("introspectToken", {"token": grant.token}, refusals.of_login)
        if answer.get("active") is not True:
            ended = answer.maybe("status") or "not active"
            raise NotSent(f"LinkedIn does not take the token any more ({ended})", token_dead=True, remedy=AGAIN)
        ends = answer.count("expires_at")
        scopes = re.split(r"[\s,]+", answer.maybe("scope"))
        return Token(frozenset(scopes), datetime.fromtimestamp(ends, UTC) if ends else None)

    @property
    def _app(self) -> dict[str, str]:
        """Who asks, empty where the config does not say."""
        client_id, secret = self._settings.client_id, self._settings.client_secret
        return {"client_id": client_id, "client_secret": secret.reveal()} if client_id and secret else {}

    def _renewed(self, old: Grant) -> Grant:
        if not old.refresh:
            raise NotSent("the login has ended, and LinkedIn gave nothing to renew it", token_dead=True, remedy=AGAIN)
        asked = {"grant_type": "refresh_token", "refresh_token": old.refresh}
        return self._grant(self._asked("accessToken", asked, refusals.of_renewal), old)

    def _asked(self, name: str, form: Mapping[str, str], judge: Classify) -> Answer:
        return self._http.post(f"{self._settings.auth_url}/{name}", data={**form, **self._app}, classify=judge)

    def _grant(self, answer: Answer, old: Grant) -> Grant:
        """Return the grant that an answer holds; what renews it never lasts longer than it did before."""
        token, refresh = answer.text("access_token"), answer.maybe("refresh_token") or old.refresh
        hide([each for each in (token, refresh) if each], passing=True)
        told = self._moment(answer.count("refresh_token_expires_in"))
        ends = min(filter(None, (told, old.refresh_expires_at)), default=None)
        return Grant(
            token,
            refresh,
            expires_at=self._moment(answer.count("expires_in")),
            refresh_expires_at=ends if refresh else None,
            account=self._settings.organization,
            server=self._settings.base_url,
        )

    def _moment(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self._clock.now() + timedelta(seconds=seconds)
