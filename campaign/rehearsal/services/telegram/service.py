"""The calls of one bot (https://core.telegram.org/bots/api#available-methods)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from campaign.platforms.base import Limits
from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.services.meter import Bucket, Meter
from campaign.rehearsal.services.telegram import rules
from campaign.rehearsal.services.telegram.chats import Chat, Message
from campaign.rehearsal.services.telegram.rules import refused
from campaign.rehearsal.transport import Call, Net, Reply, Upload

BOT = 7000000001
CHANNEL, ARCHIVE = -1001234567890, -1009876543210
AT_ONCE = 100  # https://core.telegram.org/bots/api#copymessages
DELETABLE = timedelta(hours=48)  # https://core.telegram.org/bots/api#deletemessage
OF_A_CHAT = Bucket(20, timedelta(minutes=1))  # https://core.telegram.org/bots/faq, "My bot is hitting limits"
SENDING = ("sendMessage", "sendPhoto", "sendMediaGroup")

Asked = Mapping[str, Any]
Files = Mapping[str, Upload]


class TelegramService(Service):
    """One bot, its channel, and its archive.

    `archive`: whether the channel's settings name one. `is_metered`: whether a chat takes 20 messages a minute only.
    The channel was founded and used before: its first message is a notice, the second is of a person.
    """

    name = "telegram"

    @classmethod
    def options(cls, settings: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        return {"archive": bool(settings.get("archive"))}

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        archive: bool = True,
        is_metered: bool = False,
    ) -> None:
        token = token or f"secret-of-{host}".replace(".", "-")
        super().__init__(net, host, token=token if ":" in token else f"{BOT}:{token}", seed=seed)
        self.channel = Chat(CHANNEL, "Org News", username="orgnews")
        self.archive = Chat(ARCHIVE, "Org Archive")
        self.chats = (self.channel, self.archive)
        self.has_archive = archive
        self.files: dict[str, tuple[int, int]] = {}  # the sizes of known pictures, by file_id
        self._meter = Meter({str(chat.id): OF_A_CHAT for chat in self.chats} if is_metered else {})
        self._joined = self.chance.randint(80, 900)
        self._albums = 0
        self._methods: dict[str, Callable[[Asked, Files], Any]] = {
            "getMe": self._get_me,
            "getChat": self._get_chat,
            "getChatMember": self._get_chat_member,
            "getChatMemberCount": self._get_chat_member_count,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendMediaGroup": self._send_media_group,
            "editMessageText": self._edit_message_text,
            "editMessageMedia": self._edit_message_media,
            "deleteMessage": self._delete_message,
            "deleteMessages": self._delete_messages,
            "forwardMessage": self._forward_message,
            "copyMessages": self._copy_messages,
        }
        self.channel.add(self.clock.now(), is_notice=True)
        self.channel.add(self.clock.now(), text="What somebody wrote by hand")

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [("POST", r"/bot([^/]+)/(\w+)", self._called)]

    def refuse(self, call: Call) -> Reply:
        return refused("Unauthorized", 401).reply

    def settings(self) -> Mapping[str, Any]:
        archive = {"archive": str(ARCHIVE)} if self.has_archive else {}
        return {"base_url": f"https://{self.host}", "chat": str(CHANNEL), "token": self.token, **archive}

    def is_visible(self, call: Call) -> bool:
        return call.path.rpartition("/")[2] in SENDING and self._chat(_asked(call)[0].get("chat_id")) is self.channel

    def take_down(self, id: str) -> bool:
        """Let all messages of something disappear, as when a person deletes it in the app."""
        for message in [
            message for message in self.channel.messages.values() if message.item and message.item.id == id
        ]:
            del self.channel.messages[message.id]
        return super().take_down(id)

    def _called(self, call: Call, token: str, method: str) -> Reply:
        if token != self.token:
            return self.refuse(call)
        answering = self._methods.get(method)
        if answering is None:
            return refused("Not Found: method not found", 404).reply
        try:
            return Reply(200, {"ok": True, "result": answering(*_asked(call))})
        except Refused as no:
            return no.reply

    def _chat(self, id: Any) -> Chat | None:
        names = {chat.id: chat for chat in self.chats} | {f"@{chat.username}": chat for chat in self.chats}
        return names.get(int(id) if isinstance(id, str) and id.lstrip("-").isdigit() else id)

    def _the_chat(self, id: Any) -> Chat:
        chat = self._chat(id)
        if chat is None:
            raise refused("chat not found")
        return chat

    def _count(self, chat: Chat, messages: int = 1) -> None:
        """Count messages to a chat (each of an album), and refuse those that are too many."""
        now = self.clock.now()
        level = self._meter.take({str(chat.id): messages}, now)
        if level is not None and level.is_over:
            wait = max(1, round((level.resets_at - now).total_seconds()))
            raise refused(f"Too Many Requests: retry after {wait}", 429, retry_after=wait)

    def _get_me(self, asked: Asked, files: Files) -> Any:
        return {"id": BOT, "is_bot": True, "first_name": "Org", "username": "org_news_bot"}

    def _get_chat(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id",))
        chat = self._the_chat(asked["chat_id"])
        chat.check_access()
        return chat.told

    def _get_chat_member(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "user_id"))
        chat = self._the_chat(asked["chat_id"])
        chat.check_access()
        return {"status": chat.status, "user": {"id": asked["user_id"], "is_bot": True}, **chat.rights}

    def _get_chat_member_count(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id",))
        return self._joined + len(self._the_chat(asked["chat_id"]).messages)

    def _send_message(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "text"), ("link_preview_options", "reply_parameters", "disable_notification"))
        text = rules.text_of(asked)
        link = rules.preview_of(asked, text)
        [message] = self._sent(asked, [{"text": text, "link": link}])
        return self._told(message, self._the_chat(asked["chat_id"]))

    def _send_photo(self, asked: Asked, files: Files) -> Any:
        rules.only({**asked, **files}, ("chat_id", "photo"), ("caption", "reply_parameters", "disable_notification"))
        photo = self._taken(files["photo"]) if "photo" in files else self._known(asked["photo"])
        [message] = self._sent(asked, [{"text": rules.caption_of(asked), "photo": photo}])
        return self._told(message, self._the_chat(asked["chat_id"]))

    def _send_media_group(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "media"), ("reply_parameters", "disable_notification"))
        media = asked["media"]
        if not isinstance(media, list) or not rules.ALBUM[0] <= len(media) <= rules.ALBUM[1]:
            raise refused("wrong number of media in the album: 2 to 10 are taken")
        self._albums += 1
        parts = [{**self._medium(each, files), "album": str(self._albums)} for each in media]
        chat = self._the_chat(asked["chat_id"])
        return [self._told(message, chat) for message in self._sent(asked, parts)]

    def _sent(self, asked: Asked, parts: list[dict[str, Any]]) -> list[Message]:
        """Put messages into a chat; in the channel readers see them, an album as one thing."""
        chat = self._the_chat(asked["chat_id"])
        chat.check_posting()
        reply_to = self._answered(asked, chat)
        self._count(chat, len(parts))
        now = self.clock.now()
        messages = [chat.add(now, reply_to=reply_to, **part) for part in parts]
        if chat is self.channel:
            first = messages[0]
            item = Item(",".join(str(each.id) for each in messages), first.text, now, link=first.link)
            item.reply_to = str(reply_to or "")
            item.extra["photos"] = [each.photo for each in messages if each.photo]
            for each in messages:
                each.item = item
            self.show(item)
        return messages

    def _answered(self, asked: Asked, chat: Chat) -> int:
        answered = asked.get("reply_parameters")
        if answered is None:
            return 0
        rules.only(answered, ("message_id",))
        return chat.message(answered["message_id"], "be replied").id

    def _medium(self, asked: Any, files: Files) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#inputmediaphoto"""
        rules.only(asked, ("type", "media"), ("caption",))
        if asked["type"] != "photo":
            raise refused("only photos are simulated")
        place = str(asked["media"])
        name = place.removeprefix("attach://")
        if name != place and name not in files:
            raise refused("can't parse InputMedia: Can't find the attached file")
        photo = self._known(place) if name == place else self._taken(files[name])
        return {"text": rules.caption_of(asked), "photo": photo}

    def _taken(self, file: Upload) -> str:
        size = rules.check_photo(file.data)
        file_id = f"AgACAgQAAx{len(self.files):04d}"
        self.files[file_id] = size
        return file_id

    def _known(self, file_id: Any) -> str:
        if file_id not in self.files:
            raise refused("wrong file identifier/HTTP URL specified")
        return str(file_id)

    def _told(self, message: Message, chat: Chat) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#message"""
        told: dict[str, Any] = {"message_id": message.id, "date": int(message.at.timestamp()), "chat": chat.told}
        if not message.photo:
            return {**told, "text": message.text}
        width, height = self.files[message.photo]
        sizes = [
            {"file_id": f"{message.photo}s", "file_unique_id": "small", "width": width // 4, "height": height // 4},
            {"file_id": message.photo, "file_unique_id": "large", "width": width, "height": height},
        ]
        caption = {"caption": message.text} if message.text else {}
        return {**told, "photo": sizes, **caption, **({"media_group_id": message.album} if message.album else {})}

    def _edit_message_text(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "message_id", "text"), ("link_preview_options",))
        chat, message = self._to_edit(asked)
        if message.photo:
            raise refused("there is no text in the message to edit")
        text = rules.text_of(asked)
        self._change(message, text=text, link=rules.preview_of(asked, text))
        return self._told(message, chat)

    def _edit_message_media(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "message_id", "media"))
        chat, message = self._to_edit(asked)
        self._change(message, **self._medium(asked["media"], files))
        return self._told(message, chat)

    def _to_edit(self, asked: Asked) -> tuple[Chat, Message]:
        chat = self._the_chat(asked["chat_id"])
        message = chat.message(asked["message_id"], "edit")
        if message.item is None:
            raise refused("message can't be edited")
        return chat, message

    def _change(self, message: Message, **values: Any) -> None:
        if all(getattr(message, name) == value for name, value in values.items()):
            raise refused(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                "current content and reply markup of the message"
            )
        for name, value in values.items():
            setattr(message, name, value)
        item = message.item
        if item is not None and item.id.split(",")[0] == str(message.id):
            item.text, item.link = message.text, message.link

    def _delete_message(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "message_id"))
        chat = self._the_chat(asked["chat_id"])
        message = chat.message(asked["message_id"], "delete")
        is_old = self.clock.now() - message.at >= DELETABLE
        if is_old and not chat.rights.get("can_delete_messages"):
            raise refused("message can't be deleted for everyone")
        self._remove(chat, message.id)
        return True

    def _delete_messages(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "message_ids"))
        chat = self._the_chat(asked["chat_id"])
        for id in self._numbers(asked):
            self._remove(chat, id)
        return True

    def _remove(self, chat: Chat, id: int) -> None:
        message = chat.messages.pop(id, None)
        item = message.item if message else None
        if item is not None and not any(each.item is item for each in chat.messages.values()):
            super().take_down(item.id)

    def _forward_message(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "from_chat_id", "message_id"), ("disable_notification",))
        chat, source = self._the_chat(asked["chat_id"]), self._the_chat(asked["from_chat_id"])
        message = source.message(asked["message_id"], "forward")
        if not source.to_copy([message.id]):
            raise refused("message can't be forwarded")
        copy = self._copied(chat, message)
        origin = {"type": "channel", "chat": source.told, "message_id": message.id}
        return {**self._told(copy, chat), "forward_origin": {**origin, "date": int(message.at.timestamp())}}

    def _copy_messages(self, asked: Asked, files: Files) -> Any:
        rules.only(asked, ("chat_id", "from_chat_id", "message_ids"), ("disable_notification",))
        chat, source = self._the_chat(asked["chat_id"]), self._the_chat(asked["from_chat_id"])
        source.check_access()
        found = source.to_copy(self._numbers(asked))
        if not found:
            raise refused("there are no messages to forward")
        return [{"message_id": self._copied(chat, message).id} for message in found]

    def _copied(self, chat: Chat, message: Message) -> Message:
        if chat is self.channel:
            raise refused("nothing is forwarded into the channel in this simulation")
        chat.check_posting()
        self._count(chat)
        return chat.add(self.clock.now(), text=message.text, photo=message.photo)

    def _numbers(self, asked: Asked) -> list[int]:
        ids = asked["message_ids"]
        if not isinstance(ids, list) or not ids or len(ids) > AT_ONCE or ids != sorted(set(ids)):
            raise refused("message identifiers must be 1 to 100 growing numbers")
        return ids


def _asked(call: Call) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return the parameters of a call, and its files. In a form, objects and numbers are JSON."""
    if call.headers.get("content-type", "").startswith("application/json"):
        asked = call.json()
        return (asked if isinstance(asked, dict) else {}), {}
    fields, files = call.form()
    return {name: value if name == "caption" else _value(value) for name, value in fields.items()}, files


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
