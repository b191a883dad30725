"""The registry of platforms.

To add one: write `campaign/platforms/NAME.py` (or a package of that name), add the folder `templates/posts/NAME/` where
its wording differs, and a line here. The conformance test names whatever is missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from campaign.errors import UsageError

if TYPE_CHECKING:
    from campaign.platforms.base import Platform

PLATFORMS = {
    "bluesky": "campaign.platforms.bluesky:Bluesky",
    "facebook": "campaign.platforms.facebook:Facebook",
    "folder": "campaign.platforms.folder:Folder",
    "instagram": "campaign.platforms.instagram:Instagram",
    "linkedin": "campaign.platforms.linkedin:LinkedIn",
    "mastodon": "campaign.platforms.mastodon:Mastodon",
    "telegram": "campaign.platforms.telegram:Telegram",
    "threads": "campaign.platforms.threads:Threads",
    "webhook": "campaign.platforms.webhook:Webhook",
    "x": "campaign.platforms.x:X",
}


def load(name: str) -> type[Platform]:
    """Return a platform's class, importing it on first use.

    Raises:
        UsageError: there is no such platform.
    """
    try:
        module, _, attribute = PLATFORMS[name].partition(":")
    except KeyError:
        raise UsageError(f"there is no platform {name!r}", remedy=f"Known: {', '.join(PLATFORMS)}") from None
    found: type[Platform] = getattr(import_module(module), attribute)
    return found
