"""Posts on X: `adapter` is the platform, each other module one matter of it."""

from campaign.platforms.x.adapter import X

__all__ = ["X"]
