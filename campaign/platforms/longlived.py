"""Tokens that last 60 days and are exchanged for themselves, as Instagram's own login and Threads give them.

https://developers.facebook.com/docs/threads/get-started/long-lived-tokens,
https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaign.config.words import Secret
from campaign.errors import NotSent, Rejected
from campaign.log import hide
from campaign.platforms.base import Prompt
from campaign.platforms.grants import Consent, Grant, consent
from campaign.platforms.graph import LOG_IN, exchanged, of_any, of_login
from campaign.platforms.http import Http

LIFE = timedelta(days=60)
WEEKLY = LIFE - timedelta(days=7)  # so long before its end one is renewed: a server may then sleep for seven weeks


@dataclass(frozen=True)
class LongLived:
    """Where such tokens are asked for, and in whose name."""

    server: str  # the calls' own host
    code_url: str  # takes the code that consent brought
    kind: str  # how the calls are named: "ig", "th"

    def granted(self, http: Http, prompt: Prompt, asked: Consent, app_secret: Secret | None, now: datetime) -> Grant:
        """Let a person agree, and return the grant for 60 days; whose it is, is the caller's to find out.

        Raises:
            Rejected: the app is not set, or there is no consent.
        """
        if not asked.client_id or app_secret is None:
            raise Rejected(
                "the channel names no app to log in with",
                remedy="Set client_id and client_secret of the channel to the id and secret of your app at Meta.",
            )
        code = consent(prompt, asked)
        form = {
            "client_id": asked.client_id,
            "client_secret": app_secret.reveal(),
            "grant_type": "authorization_code",
            "redirect_uri": asked.redirect_uri,
            "code": code.code,
        }
        answer = http.post(self.code_url, data=form, classify=of_login)
        token = answer.maybe("data", 0, "access_token") or answer.text("access_token")
        hide([token], passing=True)
        query = {
            "grant_type": f"{self.kind}_exchange_token",
            "client_secret": app_secret.reveal(),
            "access_token": token,
        }
        return self._lasting(exchanged(http, f"{self.server}/access_token", query, now=now), now)

    def renewed(self, http: Http, old: Grant, now: datetime) -> Grant:
        """Return the grant for another 60 days.

        Raises:
            NotSent: it has ended, or is younger than a day: such are not renewed.
        """
        if old.expires_at and old.expires_at - now > LIFE - timedelta(days=1):
            raise NotSent("a token that is new is not accepted", remedy=LOG_IN, token_dead=True)
        query = {"grant_type": f"{self.kind}_refresh_token", "access_token": old.token}
        new = exchanged(http, f"{self.server}/refresh_access_token", query, now=now, classify=of_any)
        return replace(self._lasting(new, now), account=old.account)

    def _lasting(self, grant: Grant, now: datetime) -> Grant:
        return replace(grant, expires_at=grant.expires_at or now + LIFE, server=self.server)
