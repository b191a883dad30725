"""Signing in, and renewing the tokens (https://atproto.com/specs/xrpc#authentication).

A session has two tokens: one for calls, good for two hours, and one that fetches the next pair, good for months. The
server lets an account sign in only so often a day, so a session is kept, and renewed when it ends. A new pair is stored
before it is used; a renewal whose answer was lost may be repeated for two hours.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from campaign.clock import Clock
from campaign.errors import NotSent
from campaign.platforms.base import Prompt, TokenStore
from campaign.platforms.bluesky.refusals import of_sign_in
from campaign.platforms.bluesky.settings import BlueskySettings, bare
from campaign.platforms.http import Answer, Http

ENTRY = "bsky.social"  # where accounts of Bluesky sign in; each lives on a server of its own behind it
SPARE = timedelta(minutes=5)  # a session must last so much longer, for the visible call does not renew it
PAGE = "https://bsky.app/settings/app-passwords"


@dataclass(frozen=True)
class Session:
    """An account that is signed in, and the server on which it lives."""

    did: str
    handle: str
    host: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @property
    def bearer(self) -> dict[str, str]:
        """The header that proves who calls."""
        return {"Authorization": f"Bearer {self.access}"}


class SignIn:
    """The session of one channel, as it is stored."""

    def __init__(self, settings: BlueskySettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._tokens = tokens
        self._refused = ""  # a token that the server does not take, whatever its date says
        self._held: Session | None = None  # of the last preparation

    def known(self) -> Session:
        """Return the session, even one that has ended: whoever only reads needs no more. Signs in when there is none.

        Raises:
            PlatformError: nobody can sign in.
        """
        return self._session_in(self._tokens.load()) or self._renewed()

    def at_hand(self) -> Session:
        """Return the session without any call: the one that was prepared, while it lasts, else what is stored.

        Raises:
            NotSent: there is none.
        """
        if self._held and self.lasts(self._held):
            return self._held
        if session := self._session_in(self._tokens.load()):
            return session
        raise nobody()

    def lasting(self) -> Session:
        """Return a session that lasts for a while, renewed if need be.

        Raises:
            PlatformError: nobody can sign in.
        """
        session = self._session_in(self._tokens.load())
        self._held = session if session and self.lasts(session) else self._renewed()
        return self._held

    def renewed(self, refused: Session) -> Session:
        """Return another session than one that the server has refused.

        Raises:
            PlatformError: nobody can sign in.
        """
        self.refused(refused)
        return self.lasting()

    def refused(self, session: Session) -> None:
        """Note that the server does not take a session any more."""
        self._refused = session.access

    def lasts(self, session: Session) -> bool:
        """Whether a session is good for some time yet. Where its token does not tell, the server will."""
        end = end_of(session.access)
        return session.access != self._refused and (end is None or end - self._clock.now() > SPARE)

    def log_in(self, prompt: Prompt) -> dict[str, str]:
        """Sign in with what a person types, and return what is to be stored.

        Raises:
            PlatformError: the server does not accept it.
        """
        identifier = self._settings.identifier or bare(prompt.ask("Handle of the account, such as name.bsky.social"))
        typed = {}
        if self._settings.app_password is None:
            prompt.tell(f"An app password is needed, not the account's own. Make one: {PAGE}")
            typed = {"password": prompt.ask("App password", hidden=True)}
        return self._stored(identifier, typed, self._signed_in(identifier, typed))

    def _ours(self, stored: Mapping[str, str]) -> Mapping[str, str]:
        """Return stored tokens if they belong to this channel's account on its server, else nothing."""
        theirs = stored.get("identifier", "")
        same = self._settings.identifier in ("", theirs) and stored.get("server") == self._settings.base_url
        return stored if same else {}

    def _stored(self, identifier: str, kept: Mapping[str, str], session: Session) -> dict[str, str]:
        return {**kept, "identifier": identifier, "server": self._settings.base_url, **asdict(session)}

    def _session_in(self, stored: Mapping[str, str]) -> Session | None:
        """Return the session that is stored for this channel, None when there is none."""
        ours = self._ours(stored)
        if not ours.get("access"):
            return None
        return Session(**{each.name: ours[each.name] for each in fields(Session)})

    def _renewed(self) -> Session:
        """Renew the session, one at a time; whoever waited takes what the one before has got."""
        with self._tokens.renewing() as stored:
            kept = self._ours(stored)
            old = self._session_in(kept)
            if old and self.lasts(old):
                return old
            identifier = self._settings.identifier or kept.get("identifier", "")
            new = (old and self._refreshed(old)) or self._signed_in(identifier, kept)
            self._tokens.save(self._stored(identifier, kept, new))
        return new

    def _refreshed(self, old: Session) -> Session | None:
        """Return the session that follows, None when the server has ended it."""
        address = xrpc(old.host, "com.atproto.server.refreshSession")
        headers = {"Authorization": f"Bearer {old.refresh}"}
        try:
            return self._session(self._http.post(address, headers=headers, classify=of_sign_in), old.host)
        except NotSent as error:
            if not error.token_dead:
                raise
        return None

    def _signed_in(self, identifier: str, kept: Mapping[str, str]) -> Session:
        given = self._settings.app_password
        password = given.reveal() if given else kept.get("password", "")
        if not identifier or not password:
            raise nobody()
        asked = {"identifier": identifier, "password": password}
        address = xrpc(self._settings.base_url, "com.atproto.server.createSession")
        return self._session(self._http.post(address, json=asked, classify=of_sign_in))

    def _session(self, answer: Answer, known_host: str = "") -> Session:
        return Session(
            did=answer.text("did"),
            handle=answer.text("handle"),
            host=host_of(self._settings.base_url, answer.get("didDoc", "service"), known_host),
            access=answer.text("accessJwt"),
            refresh=answer.text("refreshJwt"),
        )


def nobody() -> NotSent:
    """Return the error of a channel without credentials."""
    return NotSent("nobody is logged in", token_dead=True)


def xrpc(host: str, method: str) -> str:
    """Return the address of a call (https://atproto.com/specs/xrpc)."""
    return f"{host}/xrpc/{method}"


def host_of(base_url: str, services: Any, known: str = "") -> str:
    """Return the server on which an account lives: behind the entry the one that its document names, else the known.

    A server of one's own, or a proxy before it, stays what it is.

    Raises:
        NotSent: the document names none that may be called.
    """
    if urlsplit(base_url).hostname != ENTRY:
        return base_url
    listed = services if isinstance(services, list) else []
    for service in (each for each in listed if isinstance(each, dict)):
        address = str(service.get("serviceEndpoint", "")).rstrip("/")
        if str(service.get("id", "")).endswith("#atproto_pds") and urlsplit(address).scheme == "https":
            return address
    if known:
        return known
    raise NotSent(
        f"{ENTRY} does not say on which server the account lives", remedy="Set base_url to the account's server."
    )


def end_of(token: str) -> datetime | None:
    """Return when a token ends (RFC 7519, 4.1.4), None where it does not tell."""
    try:
        claims = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return datetime.fromtimestamp(told["exp"], UTC)
    except (IndexError, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
