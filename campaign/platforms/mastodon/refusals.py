"""What a refusal means, by its status first: the wording follows the server's language. Pure.

Statuses and wordings: https://docs.joinmastodon.org/methods/statuses/#create and the answers of the other servers. What
is not listed here is left to the caller's rule: unknown on the visible call, not sent on any other.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, Rejected
from campaign.platforms.base import Outgoing
from campaign.platforms.http import Answer

SCOPES = "read:accounts read:statuses write:statuses write:media"  # https://docs.joinmastodon.org/api/oauth-scopes/
GONE = "the post is not there any more"
NOT_READY_WAIT = timedelta(seconds=10)

# Words of Mastodon, GoToSocial, Takahe, Pleroma and Pixelfed, loosely: as above, and their sources on
# https://github.com/mastodon/mastodon, https://codeberg.org/superseriousbusiness/gotosocial and so on
_BARRED = re.compile(r"suspend|disabled|pending|approv|confirm|moved|frozen|banned", re.IGNORECASE)
_BAD_TOKEN = re.compile(r"bearer token|identity_token_required", re.IGNORECASE)  # Takahe, with status 400
_NOT_READY = re.compile(r"not finished processing|still processing", re.IGNORECASE)
_ATTACHED = re.compile(r"already (been )?(attached|used)", re.IGNORECASE)
_LOST = re.compile(
    r"(media|attachment).*(not found|not exist|not belong|unknown|invalid|expired)|(unknown|invalid|no such) media",
    re.IGNORECASE | re.DOTALL,
)


class Missing(NotSent):
    """The server has no such thing, or no such call."""


def words(answer: Answer) -> str:
    """Return the server's own words: the error of a JSON answer, the text of a page."""
    try:
        told = ": ".join(filter(None, (answer.maybe("error"), answer.maybe("error_description"))))
    except PlatformError:
        told = ""
    return told[:300] or answer.said or "no reason given"


def json_of(answer: Answer) -> Any:
    """Return what an invisible call was answered, None when it is a page instead of JSON."""
    try:
        return answer.json()
    except NotSent:
        return None


def of_account(status: int, said: str) -> PlatformError | None:
    """The token or the account is not accepted; so it is on whatever call."""
    if status == 401 or (status == 400 and _BAD_TOKEN.search(said)):
        return NotSent(f"the server does not accept the token ({said})", token_dead=True)
    if status == 403 and _BARRED.search(said):
        remedy = "Log in on the server's own page: it says what the account lacks."
        return ChannelBlocked(f"the server bars the account ({said})", remedy=remedy)
    if status == 403:
        remedy = f"The token needs the scopes {SCOPES}."
        return NotSent(f"the token may not do this ({said})", remedy=remedy, token_dead=True)
    return None


def of_status(status: int, said: str, item: Outgoing) -> PlatformError | None:
    """A post is refused.

    Pictures that are attached already were taken by an earlier call, so the post may be live. Mastodon says "not found
    or already attached": when a part is sent again, the caller treats lost pictures as that, too.
    """
    if status in (400, 404, 422) and item.images and (refusal := _of_handles(said)):
        return refusal
    if status == 404 and item.reply_to:
        return Rejected(f"the post that this one answers is not there any more ({said})")
    if status == 404 and item.images:
        return _lost(said)
    return of_account(status, said) or _of_content(status, f"the server refuses the post ({said})")


def _of_handles(said: str) -> PlatformError | None:
    if _LOST.search(said):
        return _lost(said)
    if _ATTACHED.search(said):
        return OutcomeUnknown(f"the pictures belong to a post already, which may be this one ({said})")
    if _NOT_READY.search(said):
        return NotSent(f"the server is not done with the pictures ({said})", retry_after=NOT_READY_WAIT)
    return None


def _lost(said: str) -> NotSent:
    return NotSent(f"the server does not know the uploaded pictures any more ({said})", forget=("media",))


def _of_content(status: int, message: str) -> PlatformError | None:
    return Rejected(message) if status in (400, 413, 415, 422) else None


def of_media(status: int, said: str) -> PlatformError | None:
    """A picture is refused, or the server has no such call or upload."""
    if status in (404, 405):
        return Missing(f"the server has no such upload ({said})")
    return of_account(status, said) or _of_content(status, f"the server refuses the picture ({said})")


def of_edit(status: int, said: str) -> PlatformError | None:
    """A change of a live post is refused."""
    if status in (404, 410):
        return Rejected(GONE)
    return of_account(status, said) or _of_content(status, f"the server refuses the change ({said})")


def of_live(status: int, said: str) -> PlatformError | None:
    """A live post is asked for, and may be gone."""
    return Missing(GONE) if status in (404, 410) else of_account(status, said)


def of_one(status: int, said: str) -> PlatformError | None:
    """One live post of many is asked for: Takahe fails on each that is gone, which must not spoil the others."""
    return Missing(f"the server fails on this post ({said})") if status == 500 else of_live(status, said)


def of_extra(status: int, said: str) -> PlatformError | None:
    """Something is asked for that not every server has, or shows."""
    lacks = status == 501 or (400 <= status < 500 and status not in (401, 429))
    return Missing(f"the server does not tell ({said})") if lacks else of_account(status, said)


def of_login(status: int, said: str) -> PlatformError | None:
    """A token, a code or a registration is refused."""
    if 400 <= status < 500 and status != 429:
        return Rejected(f"the server refuses the login ({said})", remedy="Begin again; a code is good for one try.")
    return None
