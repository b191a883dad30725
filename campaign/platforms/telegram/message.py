"""A part of a post as the Bot API takes it (https://core.telegram.org/bots/api#available-methods), its ids and address.

A text goes as it is, without a parse mode: so no sign in it means anything, nothing is to be escaped, and Telegram
finds links, hashtags and names by itself. Pure, but for the bytes of pictures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaign.errors import NotSent, Unsupported
from campaign.platforms.base import Image, Outgoing, unmarked

Chat = int | str
File = tuple[str, bytes, str]  # name, content, media type

# https://github.com/tdlib/td/blob/master/td/telegram/misc.cpp, `clean_input_string`
_DROPPED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
_ADDRESS = re.compile(r"https?://(?:t|telegram)\.me/(?:s/)?(c/\d+|\w+)/(\d+)(?:[?#](.*))?", re.ASCII)


@dataclass(frozen=True)
class Request:
    """One call: its method, its parameters, and the files that come along."""

    method: str
    asked: Mapping[str, Any]
    files: Mapping[str, File] = field(default_factory=dict)


def chat_id(chat: str) -> Chat:
    """Return a chat as the API takes it: a number, or an @name."""
    return chat if chat.startswith("@") else int(chat)


def written(text: str) -> str:
    """Return a text as it is sent: composed letters, because Telegram takes the ring (U+030A) off a u beside it."""
    return unicodedata.normalize("NFC", text)


def new_message(item: Outgoing, chat: Chat, file_ids: Mapping[str, str] | None) -> Request:
    """Return the call that makes a part visible.

    `file_ids` are those of its pictures, by the SHA-256 of their bytes; None: the bytes themselves come along.

    Raises:
        NotSent: a picture was never uploaded, or its bytes cannot be had.
    """
    common: dict[str, Any] = {"chat_id": chat}
    if item.reply_to:
        common["reply_parameters"] = {"message_id": ids_of(item.reply_to)[0]}
    if not item.images:
        return Request("sendMessage", common | _text(item))
    media, files = _media(item, file_ids)
    if len(media) > 1:
        return Request("sendMediaGroup", common | {"media": media}, files)
    if files:
        return Request("sendPhoto", common | {"caption": written(item.text)}, {"photo": files["f0"]})
    return Request("sendPhoto", common | {"photo": media[0]["media"], "caption": written(item.text)})


def changes(item: Outgoing, chat: Chat, ids: Sequence[int]) -> list[Request]:
    """Return the calls that change a live part; its pictures are uploaded anew, so that they are the approved ones.

    Raises:
        Unsupported: it has another number of pictures now.
    """
    if len(ids) != max(1, len(item.images)):
        raise Unsupported("a live post keeps the number of its pictures: take it down and publish it anew")
    if not item.images:
        return [Request("editMessageText", {"chat_id": chat, "message_id": ids[0], **_text(item)})]
    media, files = _media(item, None)
    return [
        Request("editMessageMedia", {"chat_id": chat, "message_id": id, "media": each}, {f"f{n}": files[f"f{n}"]})
        for n, (id, each) in enumerate(zip(ids, media, strict=True))
    ]


def _text(item: Outgoing) -> dict[str, Any]:
    """Return a text and what Telegram shows below it: the page that the post leads to, and no other one."""
    preview = {"url": item.link, "prefer_large_media": True} if item.link else {"is_disabled": True}
    return {"text": written(item.text), "link_preview_options": preview}


def _media(item: Outgoing, file_ids: Mapping[str, str] | None) -> tuple[list[dict[str, str]], dict[str, File]]:
    """Return the pictures as an album; the text stands under the first, which the app then shows for all of them."""
    media: list[dict[str, str]] = []
    files: dict[str, File] = {}
    for n, image in enumerate(item.images):
        if file_ids is None:
            files[f"f{n}"] = file_of(image)
        elif image.sha256 not in file_ids:
            raise NotSent("a picture is not uploaded yet", forget=("media",))
        place = f"attach://f{n}" if file_ids is None else file_ids[image.sha256]
        media.append({"type": "photo", "media": place} | ({"caption": written(item.text)} if n == 0 else {}))
    return media, files


def file_of(image: Image) -> File:
    """Return a picture as a file of a form.

    Raises:
        NotSent: it is not the one that was approved.
    """
    return image.path.name, image.approved_bytes(), image.media_type


def ids_of(remote_id: str) -> list[int]:
    """Return the messages of a live part: an album has several.

    Raises:
        Unsupported: only a person has seen it, and it is not known which messages these are.
    """
    ids = remote_id.split(",")
    if not all(id.isascii() and id.isdigit() for id in ids):
        raise Unsupported(f"which messages of the channel {remote_id} shows is not known", remedy="Do it in the app.")
    return [int(id) for id in ids]


def messages_at(address: str, pictures: int) -> tuple[str, str]:
    """Return the chat that an address names (`name`, or `c/` and a number), and the messages of a part that is there.

    Both are empty where it tells neither: an address with `single` shows one picture of an album, not always its first.
    An album's messages are numbered in a row. https://core.telegram.org/api/links#message-links
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or (pictures > 1 and "single" in (found[3] or "")):
        return "", ""
    first = int(found[2])
    return found[1], ",".join(map(str, range(first, first + max(1, pictures))))


def names_of(chat: Mapping[str, Any]) -> set[str]:
    """Return how addresses may name a chat, in small letters (https://core.telegram.org/bots/api#chatfullinfo)."""
    names = [chat.get("username"), *(chat.get("active_usernames") or ())]
    return {str(name).lower() for name in names if name} | {f"c/{str(chat.get('id')).removeprefix('-100')}"}


def address(chat: Mapping[str, Any], message: int) -> str:
    """Return where people find a message; that of a private channel opens for its members only.

    (https://core.telegram.org/api/links#message-links)
    """
    if name := chat.get("username"):
        return f"https://t.me/{name}/{message}"
    return f"https://t.me/c/{str(chat.get('id')).removeprefix('-100')}/{message}"


def says(message: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a message has the text of a part; where the marks in its links are not its own, they do not count."""
    shown, sought = str(message.get("text") or message.get("caption") or ""), item.text
    if not item.marked:
        shown, sought = unmarked(shown), unmarked(sought)
    return _compared(shown) == _compared(sought)


def _compared(text: str) -> list[str]:
    """Return a text as it is compared: blanks change on the way, and some signs are dropped."""
    return _DROPPED.sub("", written(text)).split()
