"""Tokens, what they allow, and where they come from.

https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow and …/programmatic-refresh-tokens
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.linkedin.rules import refused
from campaign.rehearsal.transport import Call, Reply

TOKEN_LIFE, REFRESH_LIFE = timedelta(days=60), timedelta(days=365)
CODE_LIFE = timedelta(minutes=30)
SCOPES = frozenset(
    {
        "w_organization_social",
        "r_organization_social",
        "rw_organization_admin",
        "w_organization_social_feed",
        "r_organization_social_feed",
    }
)
CLIENT_ID, CLIENT_SECRET, REDIRECT_URI = "77simulatedapp", "simulated-client-secret", "http://localhost:8400/"


@dataclass(frozen=True)
class Given:
    """A token that was given out."""

    scopes: frozenset[str]
    expires_at: datetime


class Access:
    """The app, and one member who administers the page. `self_serve`: the app was not approved for renewing."""

    def __init__(self, token: str, scopes: Iterable[str], self_serve: bool, now: datetime) -> None:
        self.scopes = frozenset(scopes)
        self.revoked: set[str] = set()
        self._self_serve = self_serve
        self._first = token
        self._tokens = {token: Given(self.scopes, now + TOKEN_LIFE)}
        self._refreshing: dict[str, datetime] = {}  # until when each works
        if not self_serve:
            self._refreshing[f"refresh-{token}"] = now + REFRESH_LIFE
        self._codes: dict[str, tuple[datetime, str]] = {}  # when each was given, and for which redirect_uri

    def stored(self, account: str, server: str, now: datetime) -> dict[str, str]:
        """Return what a login would have stored of the first token."""
        kept = {"token": self._first, "account": account, "server": server}
        until = {"expires_at": (now + TOKEN_LIFE).isoformat()}
        if self._self_serve:
            return kept | until | {"refresh": ""}
        again = {"refresh": f"refresh-{self._first}", "refresh_expires_at": (now + REFRESH_LIFE).isoformat()}
        return kept | until | again

    def check(self, token: str, now: datetime, scope: str) -> None:
        """Look whether a call may be made.

        Raises:
            Refused: it may not.
        """
        if not token:
            raise Refused(401, {"message": "Empty oauth2_access_token", "serviceErrorCode": 401, "status": 401})
        given = self._tokens.get(token)
        if token in self.revoked:
            raise refused(401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked", 65601)
        if given is None:
            raise refused(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
        if now >= given.expires_at:
            raise refused(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602)
        if scope not in given.scopes:
            raise refused(403, "ACCESS_DENIED", f"Not enough permissions: {scope} is missing", 100)

    def agree(self, address: str, now: datetime) -> str:
        """Do in the browser what a member does who agrees, and return where the browser ends up."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state", "")
        wrong = (
            ("redirect_uri_mismatch" if redirect_uri != REDIRECT_URI else "")
            or ("unauthorized_client" if asked.get("client_id") != CLIENT_ID else "")
            or ("unsupported_response_type" if asked.get("response_type") != "code" else "")
            or ("unauthorized_scope_error" if not set(asked.get("scope", "?").split()) <= SCOPES else "")
        )
        if wrong:
            told = {"error": wrong, "error_description": f"the request is wrong: {wrong}", "state": state}
            return f"{REDIRECT_URI}?{urlencode(told)}"
        code = f"code-{len(self._codes) + 1}"
        self._codes[code] = now, redirect_uri
        self.scopes = frozenset(asked["scope"].split())
        return f"{redirect_uri}?{urlencode({'code': code, 'state': state})}"

    def exchange(self, call: Call) -> Reply:
        """Give a token for a code, or for what renews."""
        form = _form(call)
        match form.get("grant_type"):
            case "authorization_code":
                return self._first_token(form, call.at)
            case "refresh_token":
                return self._next_token(form.get("refresh_token", ""), call.at)
        raise _wrong("invalid_request", "A required parameter grant_type is missing or unknown")

    def inspect(self, call: Call) -> Reply:
        """Tell what a token is good for."""
        token = _form(call).get("token", "")
        given = self._tokens.get(token)
        if given is None or token in self.revoked or call.at >= given.expires_at:
            status = "revoked" if token in self.revoked else "expired" if given else "invalid"
            return Reply(200, {"active": False, "status": status})
        ends = int(given.expires_at.timestamp())
        told = {"active": True, "status": "active", "auth_type": "3L", "expires_at": ends}
        return Reply(200, told | {"scope": ",".join(sorted(given.scopes))})

    def _first_token(self, form: Mapping[str, str], now: datetime) -> Reply:
        at, redirect_uri = self._codes.pop(form.get("code", ""), (now - CODE_LIFE, ""))
        if now - at >= CODE_LIFE or form.get("redirect_uri") != redirect_uri:
            raise _wrong("invalid_request", "Unable to retrieve access token: appid/redirect uri/code verifier/…")
        refresh = "" if self._self_serve else f"refresh-{self._first}-{len(self._refreshing)}"
        if refresh:
            self._refreshing[refresh] = now + REFRESH_LIFE
        return self._token(refresh, now)

    def _next_token(self, refresh: str, now: datetime) -> Reply:
        if now >= self._refreshing.get(refresh, now):
            raise _wrong("invalid_request", "The provided authorization grant or refresh token is invalid or expired")
        return self._token(refresh, now)

    def _token(self, refresh: str, now: datetime) -> Reply:
        token = f"{self._first}-{len(self._tokens)}"
        left = self._refreshing[refresh] - now if refresh else TOKEN_LIFE
        life = min(TOKEN_LIFE, left)  # near the end it is shorter: a renewal extends nothing
        self._tokens[token] = Given(self.scopes, now + life)
        told: dict[str, Any] = {"access_token": token, "expires_in": int(life.total_seconds())}
        if refresh:
            told |= {"refresh_token": refresh, "refresh_token_expires_in": int(left.total_seconds())}
        return Reply(200, told | {"scope": ",".join(sorted(self.scopes))})


def _form(call: Call) -> dict[str, str]:
    """Return the fields of a call of the app.

    Raises:
        Refused: it is another app, or no form.
    """
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise _wrong("invalid_request", "The content type must be application/x-www-form-urlencoded")
    form, _ = call.form()
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise _wrong("invalid_client", "Client authentication failed", 401)
    return form


def _wrong(error: str, description: str, status: int = 400) -> Refused:
    return Refused(status, {"error": error, "error_description": description})
