"""Statuses on a server that speaks Mastodon's API: `adapter` is the platform, each other module one matter of it."""

from campaign.platforms.mastodon.adapter import Mastodon

__all__ = ["Mastodon"]
