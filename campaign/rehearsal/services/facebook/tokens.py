"""Who calls, what the call may do, and how tokens are got.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens, …/guides/advanced/manual-flow
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.facebook.rules import refused
from campaign.rehearsal.transport import Call

SCOPES = (  # https://developers.facebook.com/docs/permissions
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "read_insights",
)
BRIEF, LONG = timedelta(hours=2), timedelta(days=60)
READS_FOR = timedelta(days=90)  # https://developers.facebook.com/docs/facebook-login/auth-vs-data

Kind = Literal["page", "person", "system"]


@dataclass
class Token:
    """A token that was given out."""

    text: str
    kind: Kind
    until: datetime | None = None  # None: for ever
    long: bool = True
    dead: int = 0  # the subcode with which it is refused


@dataclass
class App:
    """The team's app, and everything that Facebook has given to it."""

    client_id: str = "1040"
    secret: str = ""  # empty: calls need not prove that they are the app's
    redirect_uri: str = "https://example.org/back"
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    reads_until: datetime | None = None

    def give(self, text: str, kind: Kind, until: datetime | None = None, *, long: bool = True) -> Token:
        """Give a token out."""
        self.tokens[text] = Token(text, kind, until, long)
        return self.tokens[text]

    def caller(self, call: Call) -> Token:
        """Return the token of a call.

        Raises:
            Refused: there is none, or it is not accepted.
        """
        token = self.tokens.get(call.bearer)
        if not call.bearer:
            raise refused(104, "An access token is required to request this resource.", status=400)
        if token is None or token.dead or (token.until and call.at >= token.until):
            raise dead(token)
        self._proved(call)
        return token

    def may(self, scope: str) -> None:
        """Refuse what the app has no permission for."""
        if scope not in self.scopes:
            raise refused(200, f"Requires {scope} permission to manage the object", status=403)

    def inspected(self, call: Call, page: str) -> dict[str, Any]:
        """https://developers.facebook.com/docs/graph-api/reference/debug_token"""
        if call.bearer != f"{self.client_id}|{self.secret}":
            raise refused(190, "Invalid OAuth access token signature.")
        token = self.tokens.get(call.asked("input_token"))
        if token is None or token.dead or (token.until and call.at >= token.until):
            return {"data": {"is_valid": False, "error": {"code": 190, "message": "The session is invalid."}}}
        told = {
            "app_id": self.client_id,
            "type": token.kind.upper(),
            "is_valid": True,
            "expires_at": int(token.until.timestamp()) if token.until else 0,
            "data_access_expires_at": int(self.reads_until.timestamp()) if self.reads_until else 0,
            "scopes": sorted(self.scopes),
            "granular_scopes": [{"scope": scope, "target_ids": [page]} for scope in sorted(self.scopes)],
        }
        return {"data": told}

    def exchanged(self, call: Call) -> dict[str, Any]:
        """Give a token for a code, or a longer one for a short one."""
        if (call.asked("client_id"), call.asked("client_secret")) != (self.client_id, self.secret):
            raise refused(1, "Error validating client secret.")
        if call.asked("grant_type") == "fb_exchange_token":
            brief = self.tokens.get(call.asked("fb_exchange_token"))
            if brief is None or brief.kind != "person" or (brief.until and call.at >= brief.until):
                raise refused(190, "Error validating access token: it is none of this app", 463)
            return self._given(call, LONG, long=True)
        if call.asked("code") not in self.codes or call.asked("redirect_uri") != self.redirect_uri:
            raise refused(100, "This authorization code has expired, or was issued for another redirect URI.", 36007)
        self.codes.discard(call.asked("code"))
        return self._given(call, BRIEF, long=False)

    def _given(self, call: Call, life: timedelta, *, long: bool) -> dict[str, Any]:
        text = f"person-{len(self.tokens)}-{'long' if long else 'brief'}"
        self.give(text, "person", call.at + life, long=long)
        self.reads_until = call.at + READS_FOR
        return {"access_token": text, "token_type": "bearer", "expires_in": int(life.total_seconds())}

    def _proved(self, call: Call) -> None:
        """https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
        digest = hmac.new(self.secret.encode(), call.bearer.encode(), hashlib.sha256).hexdigest()
        if self.secret and call.asked("appsecret_proof") != digest:
            raise refused(100, "Invalid appsecret_proof provided in the API argument")


def dead(token: Token | None) -> Refused:
    """Return how a token is refused: as one that has ended, unless more is known of it."""
    subcode = token.dead if token and token.dead else 463
    return refused(190, "Error validating access token: Session has expired.", subcode)
