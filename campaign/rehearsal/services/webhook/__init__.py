"""A simulated receiver of events, as docs/platforms/webhook.md tells people to write one."""

from campaign.rehearsal.services.webhook.service import WebhookService

__all__ = ["WebhookService"]
