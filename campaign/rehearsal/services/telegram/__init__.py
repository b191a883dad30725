"""A simulated Bot API, with one bot, one channel, and one private chat as archive.

- service: the calls
- chats: the chats and what stands in them
- rules: what Telegram takes, and how it changes a text (pure)
"""

from campaign.rehearsal.services.telegram.service import TelegramService

__all__ = ["TelegramService"]
