"""OAuth 2 for the platforms that use it (RFC 6749): consent in a browser, and tokens that are renewed before they end.

What an adapter adds is its addresses, and what an answer of its token endpoint is called there.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from campaign.clock import Clock
from campaign.errors import NotSent, Rejected
from campaign.platforms.base import Prompt, TokenStore

SPARE = timedelta(minutes=5)  # a token must last so much longer, for the visible call does not renew it


@dataclass(frozen=True)
class Grant:
    """What an account has granted: the token for calls, and what gets the next one."""

    token: str = field(repr=False)
    refresh: str = field(default="", repr=False)  # empty where the token itself is exchanged, or never ends
    expires_at: datetime | None = None  # of the token; None: never
    refresh_expires_at: datetime | None = None  # when a person must log in again, whatever is renewed before
    renewed_at: datetime | None = None
    account: str = ""  # whatever the platform calls the account by: an id, a URN
    server: str = ""  # base_url at which it was given: another server never sees it

    @property
    def bearer(self) -> dict[str, str]:
        """The header that proves who calls."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def ends_at(self) -> datetime | None:
        """When only a person can go on: the end of what renews, else of the token; None: never."""
        return self.refresh_expires_at if self.refresh else self.expires_at

    def stored(self) -> dict[str, str]:
        """Return it as `TokenStore` keeps it."""
        texts = {"token": self.token, "refresh": self.refresh, "account": self.account, "server": self.server}
        moments = {name: getattr(self, name) for name in MOMENTS}
        return texts | {name: moment.isoformat() for name, moment in moments.items() if moment}


MOMENTS = ("expires_at", "refresh_expires_at", "renewed_at")
NOTE = "renewal_began"  # stored beside a grant from before its renewal until its answer is stored


def grant_in(stored: Mapping[str, str], server: str) -> Grant | None:
    """Return the grant that is stored for a server, None when there is none."""
    if not stored.get("token") or stored.get("server", "") != server:
        return None
    moments = {name: datetime.fromisoformat(stored[name]) for name in MOMENTS if stored.get(name)}
    return Grant(
        stored["token"], stored.get("refresh", ""), account=stored.get("account", ""), server=server, **moments
    )


Renew = Callable[[Grant], Grant]


class Grants:
    """The grant of one channel, as it is stored.

    `renew` makes the one call that gets the next grant. `ahead` is how long before its end a token is renewed.
    """

    def __init__(
        self, tokens: TokenStore, clock: Clock, server: str, renew: Renew | None = None, ahead: timedelta = SPARE
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._server = server
        self._renew = renew
        self._ahead = ahead
        self._refused = ""  # a token that the platform does not take, whatever its date says
        self._held: Grant | None = None  # of the last preparation
        self._unstored: tuple[str, Grant] | None = None  # what renewed, and the grant that it got

    def known(self) -> Grant:
        """Return the stored grant as it is.

        Raises:
            NotSent: nobody is logged in.
        """
        if grant := grant_in(self._tokens.load(), self._server):
            return grant
        raise NotSent("nobody is logged in", token_dead=True)

    def at_hand(self) -> Grant:
        """Return the grant without any call, for the visible one: what was prepared, else what is stored."""
        return self._held or self.known()

    def lasting(self) -> Grant:
        """Return a grant that lasts for a while, renewed if need be: for `prepare` and `check`.

        One that is renewed long before its end is good meanwhile, should that not work today.

        Raises:
            NotSent: nobody is logged in, or the platform renews it no more.
        """
        grant = self.known()
        try:
            self._held = grant if self._renew is None or self._lasts(grant) else self._renewed(self._renew)
        except NotSent:
            if not self._lasts(grant, SPARE):
                raise
            self._held = grant
        return self._held

    def refused(self, grant: Grant) -> None:
        """Note that the platform does not take a token any more: the next preparation renews it."""
        self._refused, self._held = grant.token, None

    def _lasts(self, grant: Grant, ahead: timedelta | None = None) -> bool:
        ends, spare = grant.expires_at, self._ahead if ahead is None else ahead
        return grant.token != self._refused and (ends is None or ends - self._clock.now() > spare)

    def _renewed(self, renew: Renew) -> Grant:
        """Renew the grant, one at a time; whoever waited takes what the one before has got."""
        with self._tokens.renewing() as stored:
            old = grant_in(stored, self._server)
            if old is None:
                raise NotSent("nobody is logged in", token_dead=True)
            if self._lasts(old):
                return old
            new = self._next(renew, old, stored)
            self._unstored = old.token, new
            self._tokens.save({**_without_note(stored), **new.stored()})
            self._unstored = None
        return new

    def _next(self, renew: Renew, old: Grant, stored: Mapping[str, str]) -> Grant:
        """Make the one call that gets the next grant, noted before it is made: it may use up what it is made with.

        A grant that could not be stored is not lost, as long as this process lives.

        Raises:
            NotSent: the platform renews it no more. Where the answer to an earlier call was lost, that is why.
        """
        if self._unstored and self._unstored[0] == old.token:
            return self._unstored[1]
        earlier = stored.get(NOTE)
        if not earlier:
            self._tokens.save({**stored, NOTE: self._clock.now().isoformat()})
        try:
            return replace(renew(old), renewed_at=self._clock.now(), server=self._server)
        except NotSent as error:
            if not error.token_dead:
                raise  # the answer may be lost, and the next try will tell
            if not earlier:
                self._tokens.save(stored)  # an answer came, so nothing is lost
                raise
            began = f"{datetime.fromisoformat(earlier):%Y-%m-%d %H:%M}"
            why = f"the answer to a renewal at {began} UTC was lost, and the next token with it"
            raise NotSent(f"{why} ({error})", remedy="Log in again.", token_dead=True) from None


def _without_note(stored: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in stored.items() if name != NOTE}


@dataclass(frozen=True)
class Consent:
    """How a platform asks a person: where, and with what (RFC 6749, 4.1.1)."""

    address: str  # of the page that asks
    client_id: str
    redirect_uri: str
    scope: str
    more: Mapping[str, str] = field(default_factory=dict)
    proof_key: bool = False  # PKCE, where the platform takes it (RFC 7636)


@dataclass(frozen=True)
class Code:
    """What consent brought: good for one exchange, and soon over."""

    code: str = field(repr=False)
    verifier: str = field(default="", repr=False)  # of PKCE


def consent(prompt: Prompt, asked: Consent) -> Code:
    """Let a person agree in a browser.

    Raises:
        Rejected: they did not, or the answer belongs to another question.
    """
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    query = {
        "response_type": "code",
        "client_id": asked.client_id,
        "redirect_uri": asked.redirect_uri,
        "scope": asked.scope,
        "state": state,
        **({"code_challenge": challenge(verifier), "code_challenge_method": "S256"} if asked.proof_key else {}),
        **asked.more,
    }
    came_to = prompt.consent(f"{asked.address}?{urlencode(query)}", asked.redirect_uri)
    told = {name: values[0] for name, values in parse_qs(urlsplit(came_to.strip()).query).items()}
    again = "Begin again, and paste the whole address of the page that the browser ends on."
    if error := told.get("error_description") or told.get("error"):
        raise Rejected(f"the platform gave no consent: {error}", remedy="Begin again, and agree to everything asked.")
    if not secrets.compare_digest(told.get("state", "").encode(), state.encode()):
        raise Rejected("this address answers another login", remedy=again)
    if not told.get("code"):
        raise Rejected("there is no code in this address", remedy=again)
    return Code(told["code"], verifier if asked.proof_key else "")


def challenge(verifier: str) -> str:
    """Return what proves later that the code is asked for by whoever began (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
