"""Posts of a Facebook Page: `adapter` is the platform, each other module one matter of it."""

from campaign.platforms.facebook.adapter import Facebook

__all__ = ["Facebook"]
