"""Posts of a professional account on Instagram: `adapter` is the platform, each other module one matter of it."""

from campaign.platforms.instagram.adapter import Instagram

__all__ = ["Instagram"]
