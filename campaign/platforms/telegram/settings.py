"""The keys that a Telegram channel may set."""

from __future__ import annotations

import re

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from campaign.config.words import Secret
from campaign.platforms.base import PlatformSettings

# A token is the bot's number and a secret (https://core.telegram.org/bots/api#authorizing-your-bot). It stands in the
# address of every call, so nothing that would be written otherwise there may be in it.
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_CHAT = re.compile(r"@\w{4,32}|-?\d{1,16}", re.ASCII)  # https://core.telegram.org/bots/api#sendmessage chat_id


class TelegramSettings(PlatformSettings):
    """`chat`: the channel, by its number or its @name. `token`: of the bot, unless a login has stored it.

    `archive`: a private chat of the bot and its people, for what is uploaded ahead and for looks at the channel.
    """

    base_url: str = "https://api.telegram.org"
    chat: str
    archive: str = ""
    token: Secret | None = None

    @field_validator("chat", "archive")
    @classmethod
    def _is_chat(cls, chat: str) -> str:
        if chat and not _CHAT.fullmatch(chat):
            raise PydanticCustomError("no_chat", 'this must be a number such as "-1001234567890", or an "@name"')
        return chat

    @field_validator("token")
    @classmethod
    def _is_token(cls, token: Secret | None) -> Secret | None:
        if token is not None and not is_token(token.reveal()):
            raise PydanticCustomError("no_token", "this must be the token of a bot as @BotFather gives it: 123456:ABC…")
        return token


def is_token(text: str) -> bool:
    """Whether a text looks like the token of a bot."""
    return _TOKEN.fullmatch(text) is not None
