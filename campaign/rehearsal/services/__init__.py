"""Simulated platforms: each keeps state as the real one does, and refuses what the real one would."""

SERVICES = {  # by the name of the platform that speaks to it
    "mastodon": "campaign.rehearsal.services.mastodon:MastodonService",
    "linkedin": "campaign.rehearsal.services.linkedin:LinkedInService",
    "bluesky": "campaign.rehearsal.services.bluesky:BlueskyService",
}
