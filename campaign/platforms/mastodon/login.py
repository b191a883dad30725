"""How a channel gets its token: pasted by a person, or by OAuth with a code that the server shows.

API: https://docs.joinmastodon.org/methods/oauth/. A token does not expire; it ends when somebody revokes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlencode

from campaign.log import hide
from campaign.platforms.base import Prompt
from campaign.platforms.grants import challenge
from campaign.platforms.http import Answer
from campaign.platforms.mastodon.refusals import SCOPES

HERE = "urn:ietf:wg:oauth:2.0:oob"  # the server shows the code instead of sending it to a page
APP = "campaign"


def log_in(call: Callable[..., Answer], base_url: str, prompt: Prompt) -> dict[str, str]:
    """Return the token of the account that a person chooses. No message shows it from here on.

    Raises:
        PlatformError: the server gave none, or does not take it.
    """
    pasted = prompt.ask("Paste an access token, or press Enter to log in with the browser:", hidden=True)
    tokens = {"token": pasted} if pasted else _by_browser(call, base_url, prompt)
    hide([tokens["token"]], passing=True)
    headers = {"Authorization": f"Bearer {tokens['token']}"}
    account = call("GET", "/api/v1/accounts/verify_credentials", headers=headers)
    prompt.tell(f"Logged in as {account.text('acct')} on {base_url}.")
    return {**tokens, "base_url": base_url}


def _by_browser(call: Callable[..., Answer], base_url: str, prompt: Prompt) -> dict[str, str]:
    registration = {"client_name": APP, "redirect_uris": HERE, "scopes": SCOPES}
    app = call("POST", "/api/v1/apps", data=registration)
    client = {"client_id": app.text("client_id"), "client_secret": app.text("client_secret")}
    verifier = secrets.token_urlsafe(48)
    hide([client["client_secret"], verifier], passing=True)
    question = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": HERE,
        "scope": SCOPES,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    address = f"{base_url}/oauth/authorize?{urlencode(question)}"
    prompt.tell(f"Open this address, logged in as the account that is to post:\n{address}")
    code = prompt.ask("Paste the code that the server shows:", hidden=True)
    proof = {"grant_type": "authorization_code", "code": code, "redirect_uri": HERE, "scope": SCOPES}
    granted = call("POST", "/oauth/token", data={**proof, **client, "code_verifier": verifier})
    return {"token": granted.text("access_token"), **client}
