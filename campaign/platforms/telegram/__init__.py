"""Posts in a Telegram channel, by a bot.

- adapter: the calls that publish, change, count and delete
- archive: the private chat of pictures and of looks: what is uploaded ahead, and what stands in the channel
- message: a part as the Bot API takes it, and its ids and address (pure)
- refusals: what the API's errors mean (pure)
- settings: the keys of a channel
"""

from campaign.platforms.telegram.adapter import Telegram

__all__ = ["Telegram"]
