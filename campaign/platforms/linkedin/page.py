"""Who the page is, what whoever logged in may do there, and how long this version of the API is good for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from campaign.errors import ChannelBlocked
from campaign.platforms.http import Answer
from campaign.platforms.linkedin.comments import elements_of
from campaign.platforms.linkedin.refusals import Forbidden, Gone, of_read

Call = Callable[..., Answer]

OLD = 10  # months: https://learn.microsoft.com/linkedin/marketing/versioning ends a version after about twelve
# https://learn.microsoft.com/linkedin/marketing/community-management/organizations/organization-access-control-by-role
POSTING = ("ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER")
COUNTING = "ADMINISTRATOR"
NOT_SHOWN = "counts and followers are shown to administrators of the page only, with the scope rw_organization_admin"


def name_of(organization: str, call: Call) -> str:
    """Return how the page is called; not everybody who may post for it may ask."""
    number = organization.rpartition(":")[2]
    try:
        return call("GET", f"/organizations/{number}", judge=of_read).text("localizedName")
    except (Forbidden, Gone):
        return organization


def role_warnings(organization: str, call: Call) -> tuple[str, ...]:
    """Look what whoever logged in is on the page.

    Raises:
        ChannelBlocked: nobody who may post.
    """
    try:
        answer = call("GET", "/organizationAcls?q=roleAssignee&count=100", judge=of_read)
    except Forbidden:
        return ("LinkedIn does not tell which role on the page whoever logged in has",)
    ours = [each for each in elements_of(answer) if each.get("organization") == organization]
    roles = {str(each.get("role")) for each in ours if each.get("state") == "APPROVED"}
    if not roles.intersection(POSTING):
        raise ChannelBlocked(
            f"whoever logged in has no role on {organization} with which to post",
            remedy="An administrator of the page gives it (Settings, Manage admins), or logs in instead.",
        )
    return () if COUNTING in roles else (f"whoever logged in is no administrator of the page: {NOT_SHOWN}",)


def version_warnings(version: str, now: datetime) -> tuple[str, ...]:
    """Warn ahead of the end of the API's version: from then on every call fails."""
    age = 12 * now.year + now.month - (12 * int(version[:4]) + int(version[4:]))
    ends = f"version {version} of LinkedIn's API is {age} months old, and ends after about twelve"
    return (f"{ends}: set a newer `version` of the channel",) if age > OLD else ()
