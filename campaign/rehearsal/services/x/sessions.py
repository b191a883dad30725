"""Who calls. OAuth 2.0 with tokens that are renewed once each, and OAuth 1.0a with four keys.

https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code, and RFC 5849 for signatures.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.transport import Call

LIFE = timedelta(hours=2)  # of a token: as above
REFRESH_LIFE = timedelta(days=180)  # as is said of it
CODE_LIFE = timedelta(seconds=30)
SKEW = timedelta(minutes=5)  # of a signature's time
SCOPE = "tweet.read tweet.write users.read media.write offline.access"
INVALID_TOKEN = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
UNSIGNED = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}


@dataclass(frozen=True)
class Asked:
    """A code, and what it was asked for with."""

    code: str
    challenge: str
    redirect_uri: str
    until: datetime


class Sessions:
    """The tokens of one account, for one app."""

    def __init__(self, name: str, client_id: str, client_secret: str, now: datetime, lasts: timedelta = LIFE) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self._name, self._lasts = name, lasts
        self._tokens: dict[str, datetime] = {}
        self._refreshes: dict[str, datetime] = {}
        self._made = 0
        self._asked: Asked | None = None
        self.first = self._pair(now)

    def check(self, token: str, now: datetime) -> bool:
        """Whether a token of a call is good."""
        return now < self._tokens.get(token, now)

    def agree(self, challenge: str, redirect_uri: str, now: datetime) -> str:
        """Let a person agree; return the code that their browser brings back."""
        self._asked = Asked(f"{self._name}-code-{self._made}", challenge, redirect_uri, now + CODE_LIFE)
        return self._asked.code

    def answer(self, call: Call) -> dict[str, Any]:
        """Answer a call of the token endpoint.

        Raises:
            Refused: nothing is granted.
        """
        form, _ = call.form()
        if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            raise Refused(400, {"error": "invalid_request", "error_description": "Missing required parameter"})
        self._check_app(call, form)
        match form.get("grant_type"):
            case "refresh_token":
                self._take_refresh(form.get("refresh_token", ""), call.at)
            case "authorization_code":
                self._take_code(form, call.at)
            case _:
                raise Refused(400, {"error": "unsupported_grant_type", "error_description": "Unknown grant type"})
        return self._pair(call.at)

    def _check_app(self, call: Call, form: Mapping[str, str]) -> None:
        """A confidential app names itself in the header, a public one in the form."""
        if self.client_secret:
            pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
            if call.headers.get("authorization") != f"Basic {pair}":
                raise Refused(401, UNSIGNED)
        elif form.get("client_id") != self.client_id:
            said = "Value passed for the client id was invalid."
            raise Refused(400, {"error": "invalid_client", "error_description": said})

    def _take_refresh(self, refresh: str, now: datetime) -> None:
        until = self._refreshes.pop(refresh, now)  # good for one call, whether its answer arrives or not
        if now >= until:
            raise Refused(400, INVALID_TOKEN)

    def _take_code(self, form: Mapping[str, str], now: datetime) -> None:
        asked, self._asked = self._asked, None
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        given = form.get("code"), form.get("redirect_uri"), shown
        if asked is None or now >= asked.until or given != (asked.code, asked.redirect_uri, asked.challenge):
            said = "Value passed for the authorization code was invalid."
            raise Refused(400, {"error": "invalid_request", "error_description": said})

    def _pair(self, now: datetime) -> dict[str, Any]:
        self._made += 1
        token, refresh = f"{self._name}-{self._made}", f"{self._name}-refresh-{self._made}"
        self._tokens[token], self._refreshes[refresh] = now + self._lasts, now + REFRESH_LIFE
        return {
            "token_type": "bearer",
            "expires_in": int(self._lasts.total_seconds()),
            "access_token": token,
            "scope": SCOPE,
            "refresh_token": refresh,
        }


class Signatures:
    """The four keys of one account; they do not end."""

    def __init__(self, name: str) -> None:
        self.keys = {
            "consumer_key": f"{name}-consumer",
            "consumer_secret": f"{name}-consumer-secret",
            "access_token": f"{name}-access",
            "access_token_secret": f"{name}-access-secret",
        }
        self._seen: set[str] = set()

    def check(self, call: Call) -> bool:
        """Whether a call is signed with the keys, now, and for the first time (RFC 5849, 3.2)."""
        scheme, _, rest = call.headers.get("authorization", "").partition(" ")
        given = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', rest)}
        named = self.keys["consumer_key"], self.keys["access_token"], "HMAC-SHA1", "1.0"
        claims = "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_version"
        if scheme != "OAuth" or tuple(given.get(name, "") for name in claims) != named:
            return False
        moment, nonce = given.get("oauth_timestamp", ""), given.get("oauth_nonce", "")
        if not moment.isdigit() or abs(call.at.timestamp() - int(moment)) > SKEW.total_seconds() or nonce in self._seen:
            return False
        self._seen.add(nonce)
        return hmac.compare_digest(given.pop("oauth_signature", ""), self._signature(call, given))

    def _signature(self, call: Call, claims: Mapping[str, str]) -> str:
        pairs = [*claims.items(), *((name, value) for name, values in call.query.items() for value in values)]
        sorted_pairs = "&".join(f"{name}={value}" for name, value in sorted((_pct(n), _pct(v)) for n, v in pairs))
        base = "&".join(map(_pct, (call.method, f"https://{call.host}{call.path}", sorted_pairs)))
        key = f"{_pct(self.keys['consumer_secret'])}&{_pct(self.keys['access_token_secret'])}"
        return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _pct(value: str) -> str:
    return quote(value, safe="")
