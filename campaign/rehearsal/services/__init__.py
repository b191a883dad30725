"""Simulated platforms: each keeps state as the real one does, and refuses what the real one would."""

SERVICES = {  # by the name of the platform that speaks to it
    "bluesky": "campaign.rehearsal.services.bluesky:BlueskyService",
    "facebook": "campaign.rehearsal.services.facebook:FacebookService",
    "instagram": "campaign.rehearsal.services.instagram:InstagramService",
    "linkedin": "campaign.rehearsal.services.linkedin:LinkedInService",
    "mastodon": "campaign.rehearsal.services.mastodon:MastodonService",
    "telegram": "campaign.rehearsal.services.telegram:TelegramService",
    "threads": "campaign.rehearsal.services.threads:ThreadsService",
    "webhook": "campaign.rehearsal.services.webhook:WebhookService",
    "x": "campaign.rehearsal.services.x:XService",
}
