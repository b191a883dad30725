"""Signing in, and the tokens: packages/pds/src/account-manager of https://github.com/bluesky-social/atproto.

A token tells when it ends, but nobody signs it: those that were given out are known by heart.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from campaign.rehearsal.services.base import Refused

ACCESS = timedelta(hours=2)  # packages/pds/src/account-manager/helpers/auth.ts
REFRESH = timedelta(days=90)  # as above
GRACE = timedelta(hours=2)  # that a used token still fetches its successor: account-manager.ts, rotateRefreshToken

Kind = Literal["access", "refresh"]


@dataclass
class _Refresh:
    """A refresh token, as the server keeps it."""

    password: str  # the app password that it was made by; with it, it ends
    until: datetime
    next: str = ""


@dataclass(frozen=True)
class _Given:
    """A token that was given out."""

    kind: Kind
    id: str
    until: datetime


class Sessions:
    """All sessions of one account."""

    def __init__(self, did: str, host: str) -> None:
        self._did, self._audience = did, f"did:web:{host}"
        self._given: dict[str, _Given] = {}
        self._kept: dict[str, _Refresh] = {}
        self._made = 0

    def open(self, password: str, now: datetime) -> dict[str, str]:
        """Return the tokens of a new session."""
        return self._pair(self._new_id(), password, now)

    def check(self, token: str, now: datetime) -> None:
        """Look at a token of a call.

        Raises:
            Refused: it is not accepted.
        """
        self._verified(token, "access", now)

    def renew(self, token: str, password: str, now: datetime) -> dict[str, str]:
        """Return the tokens that follow. Whoever asks again within the grace gets the same successor.

        Raises:
            Refused: it is not accepted, or the app password is not that of the account any more.
        """
        id = self._verified(token, "refresh", now).id
        kept = self._kept[id]
        until = min(now + GRACE, kept.until)
        if until <= now or kept.password != password:
            raise refused("ExpiredToken", "Token has been revoked")
        kept.until = until
        kept.next = kept.next or self._new_id()
        return self._pair(kept.next, kept.password, now)

    def _verified(self, token: str, kind: Kind, now: datetime) -> _Given:
        """The order is that of packages/pds/src/auth-verifier.ts."""
        if not token:
            raise Refused(401, {"error": "AuthMissing", "message": "Authentication Required"})
        given = self._given.get(token)
        if given is None:
            raise refused("InvalidToken", "Token could not be verified")
        if now >= given.until:
            raise refused("ExpiredToken", "Token has expired")
        if given.kind != kind:
            raise refused("InvalidToken", "Bad token scope")
        return given

    def _pair(self, id: str, password: str, now: datetime) -> dict[str, str]:
        self._kept.setdefault(id, _Refresh(password, now + REFRESH))
        return {
            "accessJwt": self._token("access", "", now, ACCESS),
            "refreshJwt": self._token("refresh", id, now, REFRESH),
        }

    def _token(self, kind: Kind, id: str, now: datetime, lasts: timedelta) -> str:
        until = (now + lasts).replace(microsecond=0)
        claims: dict[str, Any] = {
            "scope": "com.atproto.appPass" if kind == "access" else "com.atproto.refresh",
            "sub": self._did,
            "aud": self._audience,
            "iat": int(now.timestamp()),
            "exp": int(until.timestamp()),
        }
        header = {"typ": "at+jwt" if kind == "access" else "refresh+jwt", "alg": "none"}
        token = f"{_encoded(header)}.{_encoded(claims | ({'jti': id} if id else {}))}.{_SIGNATURE}"
        self._given[token] = _Given(kind, id, until)
        return token

    def _new_id(self) -> str:
        self._made += 1
        return f"{self._did[8:16]}{self._made:08d}"


def refused(name: str, words: str) -> Refused:
    """Return a refusal as https://atproto.com/specs/xrpc#error-responses has it."""
    return Refused(400, {"error": name, "message": words})


_SIGNATURE = base64.urlsafe_b64encode(b"of no worth").decode().rstrip("=")


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
