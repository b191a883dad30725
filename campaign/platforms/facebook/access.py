"""The token of the page: stored by a login, or got by the token that stands in the config.

A page's token that comes from a long-lived one of a person has no end, but may die any day; nothing renews it. Apart
from that, an app that nobody has logged in to for 90 days may not read any more.
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from campaign.clock import Clock
from campaign.errors import NotSent, Rejected
from campaign.log import hide
from campaign.platforms import graph
from campaign.platforms.base import Prompt, TokenStore
from campaign.platforms.facebook import refusals
from campaign.platforms.facebook.settings import FacebookSettings
from campaign.platforms.grants import Consent, Grant, Grants, consent
from campaign.platforms.http import Answer, Http

SCOPES = {  # https://developers.facebook.com/docs/permissions, and what each is needed for here
    "pages_show_list": "the login can offer the page",
    "pages_manage_posts": "posts can be published",
    "pages_read_engagement": "posts can be found again",
    "read_insights": "views and clicks are counted",
    "pages_manage_engagement": "a first comment can be published",
    "pages_read_user_content": "comments are found again, and counted where Facebook has no figures",
}
PUBLISHES = "CREATE_CONTENT"  # https://developers.facebook.com/docs/pages-api/overview#tasks
READING_ENDS_SOON = timedelta(days=14)


class Access:
    """Gets the page's token, and looks at it."""

    def __init__(self, settings: FacebookSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._grants = Grants(tokens, clock, settings.base_url)
        self._got: Grant | None = None  # by the token of the config

    def lasting(self) -> Grant:
        """Return the page's token, for calls that nobody can see: they may get it first.

        Raises:
            NotSent: there is none for this page.
        """
        if self._settings.token is None:
            return self._of_this_page(self._grants.lasting())
        if self._got is None:
            self._got = self._page_token(self._settings.token.reveal())
        return self._got

    def at_hand(self) -> Grant:
        """Return the page's token without any call, for the visible one."""
        if self._settings.token is None:
            return self._of_this_page(self._grants.at_hand())
        if self._got is None:
            raise NotSent("the page's token was not asked for yet")
        return self._got

    def refused(self) -> None:
        """Note that Facebook does not take the page's token: the next preparation asks for it anew."""
        self._got = None

    def log_in(self, prompt: Prompt) -> Mapping[str, str]:
        """Let a person agree, and return the token of the page as it is stored.

        Raises:
            Rejected: the config lacks what it takes, the person did not agree, or may not publish on the page.
        """
        settings, now = self._settings, self._clock.now()
        if not (settings.client_id and settings.client_secret and settings.redirect_uri):
            remedy = "Set client_id, client_secret and redirect_uri of the app, or token (docs/platforms/facebook.md)."
            raise Rejected("the channel's app is not in the config", remedy=remedy)
        app = {"client_id": settings.client_id, "client_secret": settings.client_secret.reveal()}
        asked = Consent(
            address=f"{settings.consent_url}/{settings.version}/dialog/oauth",
            client_id=settings.client_id,
            redirect_uri=settings.redirect_uri,
            scope=",".join(SCOPES),
        )
        code = consent(prompt, asked).code
        hide([code], passing=True)  # it stands in an address, which errors quote
        path = f"/{settings.version}/oauth/access_token"
        brief = graph.exchanged(self._http, path, {**app, "redirect_uri": settings.redirect_uri, "code": code}, now=now)
        swap = {"grant_type": "fb_exchange_token", **app, "fb_exchange_token": brief.token}
        person = graph.exchanged(self._http, path, swap, now=now)
        page = _chosen(self._pages_of(person), settings.page, prompt)
        hide([page["access_token"]], passing=True)
        prompt.tell(f"Logged in for the page {page.get('name', page['id'])}.")
        return Grant(page["access_token"], account=page["id"], server=settings.base_url).stored()

    def inspected(self, grant: Grant) -> Inspection:
        """Return what Facebook says of the token, nothing where the app's own id and secret are not set.

        https://developers.facebook.com/docs/graph-api/reference/debug_token

        Raises:
            NotSent: it is not good any more.
        """
        settings = self._settings
        if not (settings.client_id and settings.client_secret):
            return Inspection()
        answer = self._http.get(
            f"/{settings.version}/debug_token",
            params={"input_token": grant.token},
            headers={"Authorization": f"Bearer {settings.client_id}|{settings.client_secret.reveal()}"},
            classify=refusals.of_inspection,
        )
        if answer.get("data", "is_valid") is not True:
            why = answer.maybe("data", "error", "message") or "no reason given"
            raise NotSent(f"the token is not good any more: {why}", remedy=graph.LOG_IN, token_dead=True)
        lacking = SCOPES.keys() - _granted(answer, grant.account)
        return Inspection(
            ends_at=_moment(answer.count("data", "expires_at")),
            reads_until=_moment(answer.count("data", "data_access_expires_at")),
            lacking=tuple(scope for scope in SCOPES if scope in lacking),
        )

    def _of_this_page(self, grant: Grant) -> Grant:
        if self._settings.page not in ("", grant.account):
            remedy = "Log the channel in again, for the page in the config."
            raise NotSent("the login was for another page than the config names", remedy=remedy, token_dead=True)
        return grant

    def _page_token(self, token: str) -> Grant:
        """Return the page's token by that of a system user; a page's own token gets itself."""
        page = self._settings.page
        answer = self._http.get(
            f"/{self._settings.version}/{page}",
            params={"fields": "access_token", **graph.proof_of(token, self._settings.client_secret)},
            headers=Grant(token).bearer,
            classify=refusals.of_page,
        )
        got = answer.maybe("access_token") or token
        hide([got], passing=True)
        return Grant(got, account=page, server=self._settings.base_url)

    def _pages_of(self, person: Grant) -> list[dict[str, Any]]:
        """Return the pages that a person may choose. More than a hundred have not been met."""
        query = {"fields": "id,name,access_token,tasks", "limit": 100}
        answer = self._http.get(
            f"/{self._settings.version}/me/accounts",
            params={**query, **graph.proof_of(person.token, self._settings.client_secret)},
            headers=person.bearer,
            classify=graph.of_login,
        )
        told = answer.get("data")
        pages = [page for page in told if isinstance(page, dict)] if isinstance(told, list) else []
        return [page for page in pages if page.get("id") and page.get("access_token")]


@dataclass(frozen=True)
class Inspection:
    """What Facebook says of a token."""

    ends_at: datetime | None = None
    reads_until: datetime | None = None
    lacking: tuple[str, ...] = ()  # scopes

    def warnings(self, now: datetime) -> tuple[str, ...]:
        """Return what a person should know of."""
        lacking = tuple(f"the token lacks {scope}: only with it {SCOPES[scope]}" for scope in self.lacking)
        if self.reads_until is None or self.reads_until - now > READING_ENDS_SOON:
            return lacking
        day = f"{self.reads_until:%d %B %Y}"
        return (
            *lacking,
            f"Facebook lets the channel read until {day}, then posts are not found or counted: log it in again",
        )


def _chosen(pages: list[dict[str, Any]], wanted: str, prompt: Prompt) -> dict[str, Any]:
    """Return the page of the config, the only one, or the one that the person names.

    Raises:
        Rejected: there is no such page, or the person may not publish on it.
    """
    listed = "\n".join(f"  {page['id']}  {page.get('name', '')}" for page in pages)
    if not wanted and len(pages) > 1:
        prompt.tell(f"Your pages:\n{listed}")
        wanted = prompt.ask("Type the id of the page:")
    page = next((page for page in pages if wanted in ("", page["id"])), None)
    if page is None:
        remedy = f"Begin again, and tick the page when Facebook asks which ones. It gave:\n{listed or '  none'}"
        raise Rejected(f"Facebook gave no token for the page {wanted}".rstrip(), remedy=remedy)
    if PUBLISHES not in page.get("tasks", [PUBLISHES]):
        remedy = "Somebody with full control of the page must give you access to its content."
        raise Rejected("you may not publish on this page", remedy=remedy)
    return page


def _granted(answer: Answer, page: str) -> set[str]:
    """Return the scopes that a token has for a page: each may be given for some pages only."""
    scopes, granular = answer.get("data", "scopes"), answer.get("data", "granular_scopes")
    given = set(scopes) if isinstance(scopes, list) else set()
    elsewhere = {
        each.get("scope")
        for each in (granular if isinstance(granular, list) else ())
        if each.get("target_ids") and page not in each["target_ids"]
    }
    return given - elsewhere


def _moment(seconds: int | None) -> datetime | None:
    """Return a moment that is told in Unix seconds; 0 is never."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
