"""Simulated platforms: each keeps state as the real one does, and refuses what the real one would."""

SERVICES = {  # by the name of the platform that speaks to it
    "mastodon": "campaign.rehearsal.services.mastodon:MastodonService",
    "facebook": "campaign.rehearsal.services.facebook:FacebookService",
    "bluesky": "campaign.rehearsal.services.bluesky:BlueskyService",
    "instagram": "campaign.rehearsal.services.instagram:InstagramService",
    "threads": "campaign.rehearsal.services.threads:ThreadsService",
}
