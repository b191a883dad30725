"""A simulated Threads: one profile, its posts and its own replies. https://developers.facebook.com/docs/threads"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import regex

from campaign.rehearsal.services.base import Item, Refused
from campaign.rehearsal.services.containers import (
    ACCOUNT,
    LARGEST,
    Answering,
    Container,
    ContainerHost,
    addresses_in,
    invalid,
    moment,
    refusal,
    size_of,
)
from campaign.rehearsal.transport import Call, Reply

TEXT, ALT, TOPIC, LINKS, PICTURES = 500, 1000, 50, 5, 20
LONGEST_RATIO = 10.0
REPLIES = 1000  # a day
FRESH = timedelta(seconds=2)  # so long a new post is not known as one that may be answered
SCOPES = ("basic", "content_publish", "manage_insights", "manage_replies", "read_replies", "delete")


class ThreadsService(ContainerHost):
    """One profile."""

    name = "threads"
    kind = "th"
    made_at_edge = "threads"
    published_at_edge = "threads_publish"
    quota_edge = "threads_publishing_limit"
    state_field = "status"
    words_field = "error_message"
    text_field = "text"
    fields = frozenset(
        {
            *("media_type", "text", "image_url", "alt_text", "is_carousel_item", "children"),
            *("link_attachment", "topic_tag", "reply_to_id"),
        }
    )
    metrics = frozenset({"views", "likes", "replies", "reposts", "quotes", "shares"})
    usual_quota = 250

    def routes(self) -> list[tuple[str, str, Answering]]:
        def listing(*, replies: bool) -> Answering:
            def own(call: Call) -> Reply:
                if replies:
                    self.needs("read_replies")
                return self.listed(call, [item for item in self.live if bool(item.reply_to) == replies])

            return lambda call: self._signed(own, call)

        version = r"/v1\.0"
        return [
            ("GET", rf"{version}/{ACCOUNT}/threads", listing(replies=False)),
            ("GET", rf"{version}/{ACCOUNT}/replies", listing(replies=True)),
            ("GET", rf"{version}/{ACCOUNT}/threads_insights", lambda call: self._signed(self._of_profile, call)),
            ("GET", rf"{version}/debug_token", lambda call: self._signed(self._inspected, call)),
            *super().routes(),
        ]

    def checked(self, said: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        """Judge what is to be published; a picture of a bad shape is taken, and nothing comes of it."""
        self._check_text(said)
        match said.get("media_type"):
            case "TEXT":
                return self._of_text(said)
            case "IMAGE":
                return self._of_picture(said)
            case "CAROUSEL":
                return self._of_carousel(said)
        raise invalid("Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}")

    def _check_text(self, said: Mapping[str, str]) -> None:
        if counted(said.get("text", "")) > TEXT:
            raise refusal(100, f"Param text must be at most {TEXT} characters long.")
        links = {*addresses_in(said.get("text", "")), *([said["link_attachment"]] if "link_attachment" in said else ())}
        if len(links) > LINKS:
            raise refusal("THREADS_API__LINK_LIMIT_EXCEEDED", "The post has too many links")
        topic = said.get("topic_tag")
        if topic is not None and (not 1 <= len(topic) <= TOPIC or set(topic) & set(".&#")):
            raise invalid("Param topic_tag is not valid")
        if parent := said.get("reply_to_id"):
            self._check_parent(parent)

    def _check_parent(self, parent: str) -> None:
        found = self.find(parent)
        if found is None or self.clock.now() - found.at < FRESH:
            raise not_found(parent)

    def _of_text(self, said: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        if odd := {"image_url", "alt_text", "children", "is_carousel_item"} & said.keys():
            raise invalid(f"Param {min(odd)} is not for posts of text")
        if not said.get("text"):
            raise invalid("Param text is required")
        return (), ""

    def _of_picture(self, said: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        if "children" in said or "link_attachment" in said:
            raise invalid("A picture has neither children nor a card")
        if "is_carousel_item" in said and {"text", "topic_tag", "reply_to_id"} & said.keys():
            raise invalid("A picture of a carousel has no text of its own")
        if len(said.get("alt_text", "")) > ALT:
            raise invalid(f"Param alt_text must be at most {ALT} characters long.")
        return (said.get("alt_text", ""),), self._judged(said.get("image_url", ""))

    def _of_carousel(self, said: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        if {"image_url", "alt_text", "link_attachment", "is_carousel_item"} & said.keys():
            raise invalid("A carousel has children, and no picture of its own")
        children = self.children_of(said, PICTURES)
        if children is None:
            raise invalid(f"A carousel has 2 to {PICTURES} children")
        return tuple(alt for child in children for alt in child.alts), ""

    def _judged(self, url: str) -> str:
        """Return why nothing comes of a picture, empty for a good one."""
        try:
            media_type, data = self.fetched(url)
        except LookupError:
            raise refusal(100, f"The media could not be fetched from this URI: {url}") from None
        picture = size_of(data)
        if media_type not in ("image/jpeg", "image/png") or picture is None or picture[0] not in ("JPEG", "PNG"):
            raise invalid("Only JPEG and PNG are taken")
        if len(data) > LARGEST:
            raise invalid("The picture is larger than 8 MB")
        ratio = picture[1] / picture[2]
        return "" if 1 / LONGEST_RATIO <= ratio <= LONGEST_RATIO else "INVALID_ASPEC_RATIO"

    def not_ready(self, container: Container, state: str) -> Refused:
        return not_found(container.id)

    def full(self, container: Container) -> Refused | None:
        replies = "reply_to_id" in container.said
        if len(self._count(replies=replies)) < (REPLIES if replies else self.quota):
            return None
        return refusal(4, "(#4) Application request limit reached")

    def _count(self, *, replies: bool) -> list[Container]:
        return [each for each in self.published() if ("reply_to_id" in each.said) == replies]

    def told_quota(self) -> dict[str, Any]:
        return {
            "quota_usage": len(self._count(replies=False)),
            "config": {"quota_total": self.quota, "quota_duration": 86400},
            "reply_quota_usage": len(self._count(replies=True)),
            "reply_config": {"quota_total": REPLIES, "quota_duration": 86400},
        }

    def who(self) -> dict[str, Any]:
        return {"id": ACCOUNT, "username": "org"}

    def item_of(self, container: Container) -> Item:
        said = container.said
        return Item(
            self.new_id(),
            said.get("text", ""),
            self.clock.now(),
            reply_to=said.get("reply_to_id", ""),
            link=said.get("link_attachment", ""),
            alts=container.alts,
            extra={"topic": said.get("topic_tag", "")},
        )

    def shown(self, item: Item) -> dict[str, Any]:
        return {
            "id": item.id,
            "text": item.text or None,
            "permalink": f"https://www.threads.com/@org/post/{item.id}",
            "shortcode": item.id,
            "timestamp": moment(item.at),
            "media_type": {0: "TEXT_POST", 1: "IMAGE"}.get(len(item.alts), "CAROUSEL_ALBUM"),
        }

    def numbers(self, item: Item) -> dict[str, int]:
        likes = self.liked(item, 40)
        shared = {"reposts": likes // 8, "quotes": likes // 20, "shares": likes // 15}
        return {"views": likes * 20, "likes": likes, "replies": likes // 6 + self.answers_to(item), **shared}

    def _of_profile(self, call: Call) -> Reply:
        self.needs("manage_insights")
        if call.asked("metric") != "followers_count":
            raise invalid("This simulation counts followers only")
        return Reply(200, {"data": [{"name": "followers_count", "total_value": {"value": self._followers}}]})

    def _inspected(self, call: Call) -> Reply:
        token = call.asked("input_token")
        if token not in self.ends:
            return self.refuse(call)
        scopes = [f"threads_{scope}" for scope in SCOPES if scope not in self.lacks]
        ends = int(self.ends[token].timestamp())
        return Reply(200, {"data": {"is_valid": True, "expires_at": ends, "scopes": scopes}})


def not_found(id: str) -> Refused:
    """Return what is said of a container that is not ready, and of a post that nobody knows yet."""
    words = f"The media with id {id} cannot be found."
    return refusal(24, "The requested resource does not exist", 4279009, title="Media Not Found", words=words)


def counted(text: str) -> int:
    """Return the length of a text as Threads counts it: an emoji by its bytes."""
    total = 0
    for sign in regex.findall(r"\X", text):
        is_emoji = regex.search(r"\p{Emoji_Presentation}|\uFE0F|\p{RI}", sign)
        total += len(sign.encode()) if is_emoji else len(sign)
    return total
