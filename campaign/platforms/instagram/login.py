"""How a person gives leave to an account: by Instagram's own login, or by Facebook's where a Page is linked to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from campaign.errors import Rejected
from campaign.log import hide
from campaign.platforms.base import Prompt
from campaign.platforms.grants import Consent, Grant, consent
from campaign.platforms.graph import exchanged, of_login, proof_of
from campaign.platforms.http import Http
from campaign.platforms.instagram.settings import InstagramSettings
from campaign.platforms.longlived import LongLived

# https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
OWN_SCOPES = ("instagram_business_basic", "instagram_business_content_publish", "instagram_business_manage_insights")
# https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/get-started
FACEBOOK_SCOPES = (
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_insights",
    "instagram_manage_contents",
    "pages_show_list",
    "pages_read_engagement",
    "business_management",
)


def long_lived(settings: InstagramSettings) -> LongLived:
    """Return where the tokens of Instagram's own login are asked for."""
    return LongLived(settings.server, settings.code_url, "ig")


def by_instagram(http: Http, prompt: Prompt, settings: InstagramSettings, now: datetime) -> Grant:
    """Return the grant for 60 days that Instagram's own login gives."""
    asked = Consent(settings.consent_url, settings.client_id, settings.redirect_uri, ",".join(OWN_SCOPES))
    grant = long_lived(settings).granted(http, prompt, asked, settings.client_secret, now)
    address = f"{settings.server}/{settings.version}/me"
    me = http.get(address, params={"fields": "user_id,username"}, headers=grant.bearer, classify=of_login)
    prompt.tell(f"Logged in as @{me.text('username')} on Instagram.")
    return replace(grant, account=me.text("user_id"))


def by_facebook(http: Http, prompt: Prompt, settings: InstagramSettings, now: datetime) -> Grant:
    """Return the grant of the Page that the account is linked to: it has no end as long as the person stays.

    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
    """
    if not settings.client_id or settings.client_secret is None:
        raise Rejected(
            "the channel names no app to log in with",
            remedy="Set client_id and client_secret of the channel to the id and secret of your app at Meta.",
        )
    dialog = f"https://www.facebook.com/{settings.version}/dialog/oauth"
    code = consent(prompt, Consent(dialog, settings.client_id, settings.redirect_uri, ",".join(FACEBOOK_SCOPES)))
    app = {"client_id": settings.client_id, "client_secret": settings.client_secret.reveal()}
    path = f"{settings.server}/{settings.version}/oauth/access_token"
    short = exchanged(http, path, {**app, "redirect_uri": settings.redirect_uri, "code": code.code}, now=now)
    longer = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": short.token}
    person = exchanged(http, path, longer, now=now)
    answer = http.get(
        f"{settings.server}/{settings.version}/me/accounts",
        params={
            "fields": "id,name,access_token,instagram_business_account{id,username}",
            "limit": "100",
            **proof_of(person.token, settings.client_secret),
        },
        headers=person.bearer,
        classify=of_login,
    )
    page = _chosen(answer.get("data"), settings.page)
    hide([str(page["access_token"])], passing=True)
    account = page["instagram_business_account"]
    prompt.tell(f"Logged in as @{account.get('username', account['id'])} on Instagram, by the Page {page.get('name')}.")
    return Grant(str(page["access_token"]), account=str(account["id"]), server=settings.server)


def _chosen(pages: Any, wanted: str) -> Mapping[str, Any]:
    """Return the Page that is meant, of those with an account on Instagram.

    Raises:
        Rejected: there is none, or there are several.
    """
    linked = [page for page in pages or () if isinstance(page, dict) and page.get("instagram_business_account")]
    chosen = [page for page in linked if wanted in ("", str(page.get("id")))]
    if len(chosen) == 1 and chosen[0].get("access_token"):
        return chosen[0]
    if len(chosen) > 1:
        known = ", ".join(f"{page.get('name')} ({page.get('id')})" for page in chosen)
        raise Rejected(
            f"there are several Pages with an account on Instagram: {known}",
            remedy="Set `page` of the channel to the number of the right one, and log in again.",
        )
    raise Rejected(
        "this person sees no Page with a professional account on Instagram"
        + (f" and the id {wanted}" if wanted else ""),
        remedy="Link the account to the Page, give the person a role there, and agree to everything when logging in.",
    )
