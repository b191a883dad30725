"""Three services that stand for all others, by what they can tell after an answer was lost.

- container: made first where nobody sees it, then published by its id, which is harmless to repeat
- listing: no keys, but the account's own posts can be listed, some time after they appeared
- blind: nothing can be asked
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from campaign.rehearsal.services.base import Item, Service
from campaign.rehearsal.transport import Call, Net, Reply

PROCESSING = timedelta(seconds=3)
CONTAINER_LIFE = timedelta(hours=24)  # https://developers.facebook.com/docs/instagram-platform/content-publishing
LAG = timedelta(seconds=20)  # after which a listing shows what was posted
SAME_TEXT = timedelta(minutes=10)  # in which a text is refused as a duplicate
LIKES = 40


class Nature(Service):
    """What the three have in common: one token, and counts."""

    def settings(self) -> Mapping[str, Any]:
        return {"base_url": f"https://{self.host}", "token": self.token}

    def refuse(self, call: Call) -> Reply:
        return Reply(401, {"error": "the token is not accepted"})

    def answer(self, call: Call) -> Reply:
        return super().answer(call) if call.bearer == self.token else self.refuse(call)

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("GET", "/me", lambda call: Reply(200, {"id": self.host, "name": self.name})),
            ("GET", "/counts", self._counts),
            ("DELETE", r"/posts/(\w+)", lambda call, id: Reply(200 if self.take_down(id) else 404, {})),
        ]

    def _posted(self, call: Call, said: Mapping[str, Any]) -> Item:
        text, reply_to = str(said.get("text", "")), str(said.get("reply_to", ""))
        item = Item(self.new_id(), text, self.clock.now(), reply_to, str(said.get("link", "")))
        item.alts = tuple(said.get("alts", ()))
        return self.show(item)

    def _counts(self, call: Call) -> Reply:
        found = {id: self.find(id) for id in call.query.get("id", [])}
        return Reply(200, {id: {"likes": self.liked(item, LIKES)} for id, item in found.items() if item})


@dataclass
class Draft:
    """A container: what will be published, and what became of it."""

    said: Mapping[str, Any]
    made_at: datetime
    published: bool = False


class ContainerService(Nature):
    """Publishing in two steps, as on Instagram and Threads."""

    name: ClassVar[str] = "container"

    def __init__(self, net: Net, host: str, **options: Any) -> None:
        super().__init__(net, host, **options)
        self._drafts: dict[str, Draft] = {}

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            *super().routes(),
            ("POST", "/containers", self._draft),
            ("GET", r"/containers/(\w+)", self._status),
            ("POST", "/publish", self._publish),
            ("GET", "/posts", self._own),
        ]

    def is_visible(self, call: Call) -> bool:
        return call.path == "/publish"

    def _draft(self, call: Call) -> Reply:
        said = call.json()
        if not isinstance(said, dict) or not said.get("text"):
            return Reply(400, {"error": "text is missing", "code": "invalid"})
        id = self.new_id()
        self._drafts[id] = Draft(said, self.clock.now())
        return Reply(200, {"id": id})

    def _status(self, call: Call, id: str) -> Reply:
        draft = self._drafts.get(id)
        return Reply(200, {"status": self._state(draft)}) if draft else Reply(404, {"error": "gone", "code": "gone"})

    def _state(self, draft: Draft) -> str:
        age = self.clock.now() - draft.made_at
        if draft.published:
            return "PUBLISHED"
        if age > CONTAINER_LIFE:
            return "EXPIRED"
        return "FINISHED" if age >= PROCESSING else "IN_PROGRESS"

    def _publish(self, call: Call) -> Reply:
        said = call.json()
        draft = self._drafts.get(str(said.get("container"))) if isinstance(said, dict) else None
        state = self._state(draft) if draft else "EXPIRED"
        if draft is None or state != "FINISHED":
            return Reply(400, {"error": f"the container is {state}", "code": state.lower()})
        draft.published = True
        return Reply(200, {"id": self._posted(call, draft.said).id})

    def _own(self, call: Call) -> Reply:
        return Reply(200, [{"id": item.id, "text": item.text, "reply_to": item.reply_to} for item in self.live])


class ListingService(Nature):
    """No keys, but the own posts can be listed, as on a LinkedIn page or on Facebook."""

    name: ClassVar[str] = "listing"

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            *super().routes(),
            ("POST", "/posts", self._post),
            ("GET", "/posts", self._own),
            ("POST", r"/posts/(\w+)/comments", self._comment),
            ("GET", r"/posts/(\w+)/comments", self._own),
        ]

    def is_visible(self, call: Call) -> bool:
        return call.method == "POST"

    def _comment(self, call: Call, post: str) -> Reply:
        said = call.json()
        if self.find(post) is None:
            return Reply(404, {"error": "there is no such post", "code": "gone"})
        if not isinstance(said, dict) or not said.get("text"):
            return Reply(400, {"error": "text is missing", "code": "invalid"})
        comment = self._posted(call, {**said, "reply_to": post})
        comment.extra["comment"] = True
        return Reply(201, {"id": comment.id})

    def _post(self, call: Call) -> Reply:
        said, now = call.json(), self.clock.now()
        if not isinstance(said, dict) or not said.get("text"):
            return Reply(400, {"error": "text is missing", "code": "invalid"})
        for item in self.live:
            if item.text == said["text"] and now - item.at < SAME_TEXT:
                return Reply(422, {"error": f"the same text as {item.id}", "code": "duplicate"})
        return Reply(201, {"id": self._posted(call, said).id})

    def _own(self, call: Call, post: str = "") -> Reply:
        """Answer with the own posts, or with the comments below one of them."""
        seen_before = self.clock.now() - LAG
        return Reply(
            200,
            [
                {"id": item.id, "text": item.text, "reply_to": item.reply_to}
                for item in self.live
                if item.at <= seen_before and item.at.isoformat() >= call.asked("since")
                if (item.reply_to if item.extra.get("comment") else "") == post
            ],
        )


class BlindService(Nature):
    """Takes posts and tells nothing, as a bot's channel on Telegram."""

    name: ClassVar[str] = "blind"

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            *super().routes(),
            ("POST", "/posts", lambda call: Reply(201, {"id": self._posted(call, call.json()).id})),
        ]

    def is_visible(self, call: Call) -> bool:
        return call.method == "POST" and call.path == "/posts"

    def _post(self, call: Call) -> Reply:
        return Reply(201, {"id": self._posted(call, call.json()).id})
