"""A simulated Instagram: a professional account, reached by Instagram's own login.

https://developers.facebook.com/docs/instagram-platform/content-publishing
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from campaign.rehearsal.services.base import Item, Refused
from campaign.rehearsal.services.containers import (
    ACCOUNT,
    LARGEST,
    Answering,
    Container,
    ContainerHost,
    invalid,
    moment,
    refusal,
    size_of,
)
from campaign.rehearsal.transport import Call, Reply

CAPTION, TAGS, MENTIONS, ALT = 2200, 30, 20, 1000
NARROWEST, WIDEST = 4 / 5, 1.91
SLACK = 0.01  # of a ratio: pixels are whole
PICTURES = 10


class InstagramService(ContainerHost):
    """One account. By Instagram's own login nothing can be deleted; `deletes` lets it, as by Facebook's."""

    name = "instagram"
    kind = "ig"
    made_at_edge = "media"
    published_at_edge = "media_publish"
    quota_edge = "content_publishing_limit"
    state_field = "status_code"
    words_field = "status"
    text_field = "caption"
    fields = frozenset({"image_url", "caption", "alt_text", "is_carousel_item", "media_type", "children"})
    metrics = frozenset(
        {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "profile_visits", "follows"}
    )
    usual_quota = 50
    deletes = False

    def settings(self) -> Mapping[str, Any]:
        return {**super().settings(), "login": "instagram"}

    def routes(self) -> list[tuple[str, str, Answering]]:
        def listing(call: Call) -> Reply:
            return self._signed(lambda call: self.listed(call, self.live), call)

        return [("GET", rf"/v\d+\.\d+/{ACCOUNT}/media", listing), *super().routes()]

    def checked(self, said: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        """Judge what is to be published; pictures are fetched at once."""
        self._check_caption(said.get("caption", ""))
        if said.get("media_type") == "CAROUSEL":
            if "image_url" in said or "alt_text" in said or "is_carousel_item" in said:
                raise invalid("A carousel has children, and no picture of its own")
            children = self.children_of(said, PICTURES)
            if children is None:
                raise refusal(100, "Invalid parameter", 2207028, title="Carousel validation failed")
            return tuple(alt for child in children for alt in child.alts), ""
        if "media_type" in said:
            raise refusal(100, "Invalid parameter", 2207023, title="Unknown media type")
        if "children" in said or "image_url" not in said:
            raise invalid("The parameter image_url is required")
        if "is_carousel_item" in said and ("caption" in said or said["is_carousel_item"] != "true"):
            raise invalid("A picture of a carousel has no caption")
        if len(said.get("alt_text", "")) > ALT:
            raise invalid(f"alt_text must be at most {ALT} characters")
        self._check_picture(said["image_url"])
        return (said.get("alt_text", ""),), ""

    def _check_caption(self, caption: str) -> None:
        if len(caption) > CAPTION:
            words = f"The caption was too long. It can have at most {CAPTION} characters."
            raise refusal(36004, "The caption is too long.", 2207010, title="Caption too long", words=words)
        tags, mentions = re.findall(r"(?<!\w)#\w+", caption), re.findall(r"(?<!\w)@[\w.]+", caption)
        if len(tags) > TAGS or len(mentions) > MENTIONS:
            raise refusal(100, "Invalid parameter", 2207040, title="Too many tags or mentions")

    def _check_picture(self, url: str) -> None:
        try:
            media_type, data = self.fetched(url)
        except LookupError:
            said = "Only photo or video can be accepted as media type."
            words = f"The media could not be fetched from this URI: {url}"
            raise refusal(9004, said, 2207052, title="Media download has failed", words=words) from None
        picture = size_of(data)
        if media_type != "image/jpeg" or picture is None or picture[0] != "JPEG":
            raise refusal(36001, "The image format is not supported.", 2207005, title="Unsupported format")
        if len(data) > LARGEST:
            words = "The image is too large to download. It should be less than 8 MiB."
            raise refusal(36000, "The image size is too large.", 2207004, title="Image size too large", words=words)
        ratio = picture[1] / picture[2]
        if not NARROWEST - SLACK <= ratio <= WIDEST + SLACK:
            said = "The submitted image with aspect ratio cannot be published."
            raise refusal(36003, said, 2207009, title="Aspect ratio not supported")

    def not_ready(self, container: Container, state: str) -> Refused:
        if state == "EXPIRED":
            return refusal(-2, "The media has expired", 2207020, title="Media expired")
        if state == "ERROR":
            return refusal(24, "The requested resource does not exist", 2207006, title="Media not found")
        return refusal(9007, "Media ID is not available", 2207027, title="The media is not ready for publishing")

    def full(self, container: Container) -> Refused | None:
        if len(self.published()) < self.quota:
            return None
        words = "You reached maximum number of posts that is allowed to be published by Content Publishing API."
        return refusal(9, "Application request limit reached", 2207042, title="Quota exceeded", words=words)

    def told_quota(self) -> dict[str, Any]:
        return {
            "quota_usage": len(self.published()),
            "config": {"quota_total": self.quota, "quota_duration": 86400},
        }

    def who(self) -> dict[str, Any]:
        return {
            "id": ACCOUNT,
            "user_id": ACCOUNT,
            "username": "org",
            "followers_count": self._followers + len(self.live),
            "media_count": len(self.live),
        }

    def item_of(self, container: Container) -> Item:
        return Item(self.new_id(), container.said.get("caption", ""), self.clock.now(), alts=container.alts)

    def shown(self, item: Item) -> dict[str, Any]:
        likes = self.liked(item, 60)
        return {
            "id": item.id,
            "caption": item.text or None,
            "permalink": f"https://www.instagram.com/p/{item.id}/",
            "shortcode": item.id,
            "timestamp": moment(item.at),
            "media_type": "CAROUSEL_ALBUM" if len(item.alts) > 1 else "IMAGE",
            "media_product_type": "FEED",
            "like_count": likes,
            "comments_count": likes // 6,
        }

    def numbers(self, item: Item) -> dict[str, int]:
        likes = self.liked(item, 60)
        told = {"likes": likes, "comments": likes // 6, "saved": likes // 8, "shares": likes // 10}
        seen = {"views": likes * 14, "reach": likes * 9, "profile_visits": likes // 5, "follows": likes // 30}
        return {**told, **seen, "total_interactions": sum(told.values())}

    def _delete(self, call: Call, id: str) -> Reply:
        if not self.deletes:
            raise refusal(3, "(#3) Application does not have the capability to make this API call.")
        return super()._delete(call, id)
