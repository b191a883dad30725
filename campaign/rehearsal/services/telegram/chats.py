"""The chats and what stands in them. Numbers of messages grow by one in each chat, and are never used again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaign.rehearsal.services.base import Item
from campaign.rehearsal.services.telegram.rules import refused


@dataclass
class Message:
    """One message of a chat."""

    id: int
    at: datetime
    text: str = ""  # or caption
    photo: str = ""  # its file_id
    link: str = ""  # of the preview
    reply_to: int = 0
    album: str = ""
    is_notice: bool = False  # of the chat itself: it cannot be forwarded
    item: Item | None = None  # what readers see, where this is a message of ours


@dataclass
class Chat:
    """One chat, and what the bot is in it."""

    id: int
    title: str
    type: str = "channel"
    username: str = ""
    rights: dict[str, bool] = field(default_factory=lambda: {"can_post_messages": True, "can_delete_messages": True})
    status: str = "administrator"
    is_protected: bool = False  # nothing of it may be forwarded
    keeps: int = 0  # seconds after which messages are deleted; 0: they stay
    moved_to: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    last: int = 0

    @property
    def told(self) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#chatfullinfo"""
        names = {"username": self.username} if self.username else {}
        protected = {"has_protected_content": True} if self.is_protected else {}
        keeps = {"message_auto_delete_time": self.keeps} if self.keeps else {}
        return {"id": self.id, "title": self.title, "type": self.type, **names, **protected, **keeps}

    def add(self, at: datetime, **values: Any) -> Message:
        """Append a message."""
        self.last += 1
        self.messages[self.last] = Message(self.last, at, **values)
        return self.messages[self.last]

    def check_access(self) -> None:
        """Look whether the bot is in the chat.

        Raises:
            Refused: it is not.
        """
        if self.moved_to:
            raise refused("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.moved_to)
        if self.status == "kicked":
            raise refused(f"bot was kicked from the {self.type} chat", 403)
        if self.status == "left":
            raise refused(f"bot is not a member of the {self.type} chat", 403)

    def check_posting(self) -> None:
        """Look whether the bot may post.

        Raises:
            Refused: it may not.
        """
        self.check_access()
        if self.type == "channel" and not self.rights.get("can_post_messages"):
            raise refused("need administrator rights in the channel chat")

    def message(self, id: Any, what: str) -> Message:
        """Return a message that must be there.

        Raises:
            Refused: it is not.
        """
        self.check_access()
        found = self.messages.get(id) if isinstance(id, int) else None
        if found is None:
            raise refused(f"message to {what} not found")
        return found

    def to_copy(self, ids: Iterable[int]) -> list[Message]:
        """Return those of some messages that may be copied."""
        found = [self.messages[id] for id in ids if id in self.messages]
        return [] if self.is_protected else [message for message in found if not message.is_notice]
