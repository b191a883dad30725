"""How a call proves who makes it: by the four keys of OAuth 1.0a, or by a token of OAuth 2.0 that is renewed.

https://docs.x.com/resources/fundamentals/authentication/overview. Both are asked in the same way, see `Access`.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import quote_plus

from oauthlib.oauth1 import Client

from campaign.clock import Clock
from campaign.errors import Rejected
from campaign.log import hide
from campaign.platforms.base import Prompt
from campaign.platforms.grants import Code, Consent, Grant, Grants, consent
from campaign.platforms.http import Answer, Classify, Http
from campaign.platforms.x import refusals
from campaign.platforms.x.settings import KEYS, XSettings

# https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
LASTS = timedelta(hours=2)  # of a token whose answer does not tell: as above


Method = Literal["GET", "POST", "DELETE"]


class Access(Protocol):
    """Who calls."""

    def ready(self) -> None:
        """See that the visible call will have its proof.

        Raises:
            PlatformError: it will not.
        """

    def proof(self, method: Method, url: str, *, visible: bool) -> dict[str, str]:
        """Return the headers that prove it for one call; for a visible one without any call before."""

    def refused(self) -> bool:
        """Note that X did not take the last proof; say whether another may be had."""

    @property
    def account(self) -> str:
        """The account's id where it is known without a call, else empty."""

    @property
    def ends_at(self) -> datetime | None:
        """When only a person can go on."""


class Keys:
    """The four keys of the config, which last until they are revoked. They sign every call (RFC 5849)."""

    account = ""
    ends_at = None

    def __init__(self, settings: XSettings, clock: Clock) -> None:
        self._keys: list[str] = [getattr(settings, name).reveal() for name in KEYS]
        self._clock = clock

    def ready(self) -> None:
        """Keys are always at hand."""

    def proof(self, method: Method, url: str, *, visible: bool) -> dict[str, str]:
        """Sign the method and the address with its query; bodies of JSON and files are not part of it."""
        app, app_secret, token, token_secret = self._keys
        moment, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(16)
        signer = Client(app, app_secret, token, token_secret, timestamp=moment, nonce=nonce)
        _, headers, _ = signer.sign(url, http_method=method)
        return {"Authorization": str(headers["Authorization"])}

    def refused(self) -> bool:
        """There are no other keys."""
        return False


class Login:
    """What a person has granted: tokens of two hours, each of which brings the next one, once."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def ready(self) -> None:
        self._grants.lasting()

    def proof(self, method: Method, url: str, *, visible: bool) -> dict[str, str]:
        return (self._grants.at_hand() if visible else self._grants.lasting()).bearer

    def refused(self) -> bool:
        self._grants.refused(self._grants.at_hand())
        return True

    @property
    def account(self) -> str:
        return self._grants.known().account

    @property
    def ends_at(self) -> datetime | None:
        return self._grants.known().ends_at


class TokenEndpoint:
    """Where tokens come from: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code."""

    def __init__(self, settings: XSettings, http: Http, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock

    def log_in(self, prompt: Prompt) -> Grant:
        """Let a person agree in a browser, and return what they grant.

        Raises:
            Rejected: they did not, or X lacks something of the app.
        """
        if not self._settings.client_id:
            remedy = "Set client_id of the channel to the one of your app, from https://console.x.com."
            raise Rejected("the config does not say which app asks", remedy=remedy)
        scope = " ".join(SCOPES)
        asked = Consent(
            self._settings.authorize_url, self._settings.client_id, self._settings.redirect_uri, scope, proof_key=True
        )
        code = consent(prompt, asked)
        answer = self._exchanged(code)
        lacking = set(SCOPES) - set(answer.maybe("scope").split())
        if lacking:
            remedy = "The app needs the permission to read and write. Set it, then log in again."
            raise Rejected(f"X did not grant {', '.join(sorted(lacking))}", remedy=remedy)
        return self._granted(answer)

    def renew(self, grant: Grant) -> Grant:
        """Return the grant that follows; the token that gets it is good for one call only."""
        form = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
        answer = self._asked(form, refusals.of_renewal)
        return replace(self._granted(answer, grant.refresh), account=grant.account)

    def _exchanged(self, code: Code) -> Answer:
        form = {
            "grant_type": "authorization_code",
            "code": code.code,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": code.verifier,
        }
        return self._asked(form, refusals.of_login)

    def _asked(self, form: Mapping[str, str], classify: Classify) -> Answer:
        """Ask for tokens; an app with a secret names itself by a header, another one in the form."""
        own, headers = {"client_id": self._settings.client_id}, {}
        if secret := self._settings.client_secret:
            pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(secret.reveal())}"
            own, headers = {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return self._http.post("/2/oauth2/token", data={**form, **own}, headers=headers, classify=classify)

    def _granted(self, answer: Answer, refresh: str = "") -> Grant:
        now = self._clock.now()
        lasts = answer.count("expires_in")
        grant = Grant(
            token=answer.text("access_token"),
            refresh=answer.maybe("refresh_token") or refresh,
            expires_at=now + (LASTS if lasts is None else timedelta(seconds=lasts)),
            refresh_expires_at=now + timedelta(days=self._settings.refresh_days),
            server=self._settings.base_url,
        )
        hide([grant.token, grant.refresh], passing=True)
        return grant
