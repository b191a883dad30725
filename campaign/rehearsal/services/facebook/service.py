"""The calls of one page at a simulated Facebook (https://developers.facebook.com/docs/pages-api/posts)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal

from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.services.facebook.photos import Photos
from campaign.rehearsal.services.facebook.rules import Fields, fields_in, moment, not_there, only, picked, refused
from campaign.rehearsal.services.facebook.tokens import App, Token, dead
from campaign.rehearsal.services.meter import Bucket, Meter
from campaign.rehearsal.transport import Call, Net, Reply

PAGE = "1040001"
OLDEST, UNHEARD_OF = 21, 50  # versions: https://developers.facebook.com/docs/graph-api/changelog, and what may come
LONGEST = 63_206  # characters
LISTED = 100  # at most at once
CALLS = timedelta(hours=1)  # that are counted together; the real ones are a rolling day
METRICS = {  # alive in September 2026
    "post_media_view",
    "post_total_media_view_unique",
    "post_clicks",
    "post_clicks_by_type",
    "post_reactions_by_type_total",
    "post_activity_by_action_type",
    "post_video_views",
}

Answering = Callable[..., Reply]
Stories = Literal["post", "own", "none"]


class FacebookService(Service):
    """One page, the app that serves it, and a system user of the app.

    `token` is the system user's; the page's own is got by it. `app_secret`: calls must prove that they are the app's.
    `listing_lag` is how late a new post stands in the list. `stories` is what a picture tells of where it is shown:
    the post, a story of the picture's own, or nothing. `calls` is how many calls an hour are allowed.
    """

    name = "facebook"

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        app_secret: str = "",
        listing_lag: timedelta = timedelta(0),
        stories: Stories = "post",
        calls: int = 0,
    ) -> None:
        super().__init__(net, host, token=token or f"token-of-{host}", seed=seed)
        self.listing_lag = listing_lag
        self.stories = stories
        self.app = App(secret=app_secret)
        self.app.give(self.token, "system")
        self.page_token = self.app.give(f"{self.token}-page", "page").text
        self.photos = Photos()
        self.metrics = set(METRICS)
        self.is_small = False  # a page with too few followers has no insights
        self.barred: Refused | None = None  # how everything that is written is refused
        self.meter = Meter({"calls": Bucket(calls, CALLS)} if calls else {})
        self._followers = self.chance.randint(200, 4000)

    def routes(self) -> list[tuple[str, str, Answering]]:
        version, page, post = r"/(v\d+\.\d+)", f"({PAGE})", r"(\d+_\d+)"
        calls: list[tuple[str, str, Answering]] = [
            ("GET", "/me", self._me),
            ("GET", "/oauth/access_token", lambda call: Reply(200, self.app.exchanged(call))),
            ("GET", "/debug_token", lambda call: Reply(200, self.app.inspected(call, PAGE))),
            ("GET", "/me/accounts", self._accounts),
            ("GET", f"/{page}", self._page),
            ("POST", f"/{page}/photos", self._upload),
            ("POST", f"/{page}/feed", self._post),
            ("GET", f"/{page}/published_posts", self._list),
            ("GET", r"/(\d+)", self._photo),
            ("GET", f"/{post}", self._one),
            ("POST", f"/{post}", self._edit),
            ("DELETE", f"/{post}", self._delete),
            ("GET", f"/{post}/insights", self._insights),
            ("GET", f"/{post}/comments", self._comments),
            ("POST", f"/{post}/comments", self._comment),
        ]
        return [(method, f"{version}{path}", self._of_version(answering)) for method, path, answering in calls]

    def answer(self, call: Call) -> Reply:
        level = self.meter.take({"calls": 1}, call.at)
        if level is None:
            return self._answered(call)
        left = -(-(level.resets_at - call.at) // timedelta(minutes=1)) if level.is_over else 0
        used = 100 * (level.limit - level.remaining) // level.limit
        told = f'[{{"type":"pages","call_count":{used},"estimated_time_to_regain_access":{left}}}]'
        headers = {"X-Business-Use-Case-Usage": f'{{"{PAGE}":{told}}}'}
        if level.is_over:
            said = "There have been too many calls to this Page account."
            return refused(80001, said, headers=headers).reply
        reply = self._answered(call)
        return Reply(reply.status, reply.body, {**reply.headers, **headers})

    def refuse(self, call: Call) -> Reply:
        return dead(None).reply

    def settings(self) -> Mapping[str, Any]:
        proving = {"client_id": self.app.client_id, "client_secret": self.app.secret} if self.app.secret else {}
        return {"base_url": f"https://{self.host}", "page": PAGE, "token": self.token, **proving}

    def is_visible(self, call: Call) -> bool:
        return call.method == "POST" and call.path.endswith(("/feed", "/comments"))

    def take_down(self, id: str) -> bool:
        self.photos.drop(id)
        for comment in [item for item in self.live if item.reply_to == id]:
            comment.gone_at = self.clock.now()
        return super().take_down(id)

    def _answered(self, call: Call) -> Reply:
        try:
            reply = super().answer(call)
        except Refused as refusal:
            return refusal.reply
        if reply.status == 404:
            return refused(2500, f"Unknown path components: {call.path}").reply
        return reply

    def _of_version(self, answering: Answering) -> Answering:
        def answered(call: Call, version: str, *groups: str) -> Reply:
            major, minor = map(int, version[1:].split("."))
            if minor or major >= UNHEARD_OF:
                raise refused(2500, f"Unknown path components: {call.path.removeprefix(f'/{version}')}")
            if major < OLDEST:
                raise refused(2635, "You are calling a deprecated version of the API. Please update to the latest.")
            return answering(call, *groups)

        return answered

    def _by_page(self, call: Call, *scopes: str) -> None:
        """Let nobody but the page call, with these permissions."""
        if self.app.caller(call).kind != "page":
            raise refused(190, "This method must be called with a Page Access Token", 2069032)
        for scope in scopes:
            self.app.may(scope)

    def _writes(self, call: Call, scope: str) -> dict[str, Any]:
        """Return what is to be written."""
        self._by_page(call, scope)
        if self.barred:
            raise self.barred
        only(call.query, {"appsecret_proof"})
        given = call.json()
        if not isinstance(given, dict):
            raise refused(100, "Invalid parameter")
        return given

    def _me(self, call: Call) -> Reply:
        if not call.bearer:
            raise refused(2500, "An active access token must be used to query information about the current user.")
        token = self.app.caller(call)
        return Reply(200, {"id": PAGE if token.kind == "page" else "77", "name": "Whoever it is"})

    def _accounts(self, call: Call) -> Reply:
        """The page's token is as lasting as that of the person."""
        person = self.app.caller(call)
        self.app.may("pages_show_list")
        text = self.page_token if person.long else self._brief_page_token(person).text
        node = {"id": PAGE, "name": "Region", "access_token": text, "tasks": ["ANALYZE", "CREATE_CONTENT"]}
        return Reply(200, {"data": [picked(node, _asked(call), "Page")]})

    def _brief_page_token(self, person: Token) -> Token:
        return self.app.give(f"{person.text}-page", "page", person.until)

    def _page(self, call: Call, page: str) -> Reply:
        token = self.app.caller(call)
        only(call.query, {"fields", "appsecret_proof"})
        given = token.text if token.kind == "page" else self.page_token
        followers = self._followers + len(self.live)
        node = {"id": PAGE, "name": "Region", "access_token": given, "followers_count": followers}
        return Reply(200, picked(node, _asked(call), "Page"))

    def _upload(self, call: Call, page: str) -> Reply:
        self._by_page(call, "pages_manage_posts")
        if self.barred:
            raise self.barred
        self._made += 1
        return Reply(200, {"id": self.photos.take(f"9{self._made:09d}", call).id})

    def _photo(self, call: Call, id: str) -> Reply:
        self._by_page(call, "pages_read_engagement")
        photo = self.photos.get(id, call.at)
        story = {"post": photo.story, "own": f"{PAGE}_{id}", "none": ""}[self.stories] if photo.story else ""
        return Reply(200, picked({"id": id, "page_story_id": story or None}, _asked(call), "Photo"))

    def _post(self, call: Call, page: str) -> Reply:
        asked = self._writes(call, "pages_manage_posts")
        only(asked, {"message", "link", "attached_media", "published"})
        message, link = _text(asked.get("message")), str(asked.get("link") or "")
        ids = [str(each.get("media_fbid")) for each in asked.get("attached_media") or ()]
        if link and ids:
            raise refused(100, "A link and photos cannot be attached together")
        if asked.get("published") is not True:
            raise refused(100, "In this simulation every post is published at once")
        shown = self.photos.to_show(ids, call.at)
        self._new_text(message, has_more=bool(link or ids))
        item = Item(f"{PAGE}_{self.new_id()}", message, call.at, link=link, alts=tuple(each.alt for each in shown))
        for photo in shown:
            photo.story = item.id
        item.extra["photos"] = ids
        return Reply(200, {"id": self.show(item).id})

    def _new_text(self, message: str, *, has_more: bool) -> None:
        posts = [item for item in self.live if not item.reply_to]
        if not message and not has_more:
            raise refused(100, "Missing message or attachment")
        if len(message) > LONGEST:
            raise refused(100, "The message is too long")
        if message and posts and posts[-1].text == message and not posts[-1].extra["photos"]:
            raise refused(506, "Duplicate status message", status=403)

    def _list(self, call: Call, page: str) -> Reply:
        self._by_page(call, "pages_read_engagement")
        posts = [item for item in self.items if not item.reply_to and call.at - item.at >= self.listing_lag]
        return self._listed(call, list(reversed(posts)), self._node, "Post", {"since", "limit", "after"})

    def _comments(self, call: Call, post: str) -> Reply:
        self._by_page(call, "pages_read_engagement", "pages_read_user_content")
        self._found(post)
        comments = [item for item in self.items if item.reply_to == post]
        if call.asked("order") == "reverse_chronological":
            comments.reverse()
        known = {"since", "limit", "after", "filter", "order"}
        return self._listed(call, comments, self._comment_node, "Comment", known)

    def _listed(
        self, call: Call, items: list[Item], node: Callable[[Item], dict[str, Any]], kind: str, known: set[str]
    ) -> Reply:
        """Show a page of a list. What may not be seen is left out: a page may be short, or empty, and not the last.

        https://developers.facebook.com/docs/graph-api/results#cursors
        """
        only(call.query, {"fields", "appsecret_proof", *known})
        most, since = int(call.asked("limit", "25")), int(call.asked("since", "0"))
        if most > LISTED:
            raise refused(100, "Please reduce the amount of data you're asking for, then retry your request", 99)
        recent = [item for item in items if int(item.at.timestamp()) >= since]
        start = int(call.asked("after", "0"))
        counted = recent[start : start + most]
        shown = [picked(node(item), _asked(call), kind) for item in counted if item.is_live]
        told: dict[str, Any] = {"data": shown}
        if counted:
            end = start + len(counted)
            told["paging"] = {"cursors": {"before": str(start), "after": str(end)}}
            if end < len(recent):
                told["paging"]["next"] = f"https://{self.host}{call.path}?after={end}"
        return Reply(200, told)

    def _one(self, call: Call, id: str) -> Reply:
        self._by_page(call, "pages_read_engagement")
        only(call.query, {"fields", "appsecret_proof"})
        item, wanted = self._found(id), _asked(call)
        if {"reactions", "comments"} & wanted.keys():
            self.app.may("pages_read_user_content")
        if item.reply_to:
            return Reply(200, picked(self._comment_node(item), wanted, "Comment"))
        return Reply(200, picked(self._node(item), wanted, "Post"))

    def _edit(self, call: Call, id: str) -> Reply:
        asked = self._writes(call, "pages_manage_posts")
        only(asked, {"message"})
        item = self._found(id)
        if not _text(asked.get("message")):
            raise refused(100, "Missing message")
        item.text = _text(asked["message"])
        return Reply(200, {"success": True})

    def _delete(self, call: Call, id: str) -> Reply:
        self._by_page(call, "pages_manage_posts")
        self._found(id)
        return Reply(200, {"success": self.take_down(id)})

    def _comment(self, call: Call, post: str) -> Reply:
        asked = self._writes(call, "pages_manage_engagement")
        only(asked, {"message"})
        self._found(post)
        if not _text(asked.get("message")):
            raise refused(100, "Missing message")
        id = f"{post.partition('_')[2]}_{self.new_id()}"
        return Reply(200, {"id": self.show(Item(id, _text(asked["message"]), call.at, reply_to=post)).id})

    def _insights(self, call: Call, id: str) -> Reply:
        self._by_page(call, "read_insights")
        item, wanted = self._found(id), [name for name in call.asked("metric").split(",") if name]
        only(call.query, {"metric", "appsecret_proof"})
        if not wanted:
            raise refused(3001, "No metric was specified to be fetched.", 1504028)
        if not self.metrics.issuperset(wanted):
            raise refused(100, "The value must be a valid insights metric")
        likes, comments = self.liked(item, 60), self._comments_on(item)
        actions = {"like": likes, "comment": comments, "share": likes // 4}
        values: dict[str, Any] = {
            "post_media_view": likes * 30,
            "post_total_media_view_unique": likes * 21,
            "post_clicks": likes // 2,
            "post_clicks_by_type": {"link clicks": likes // 3},
            "post_reactions_by_type_total": {"like": likes - likes // 8, "love": likes // 8} if likes else {},
            "post_activity_by_action_type": actions if likes else {},
            "post_video_views": 0,
        }
        rows = [
            {"name": name, "period": "lifetime", "values": [{"value": values[name]}], "id": f"{id}/insights/{name}"}
            for name in wanted
        ]
        return Reply(200, {"data": [] if self.is_small else rows})

    def _found(self, id: str) -> Item:
        item = self.find(id)
        if item is None:
            raise not_there(id)
        return item

    def _node(self, item: Item) -> dict[str, Any]:
        """Return all of a post. https://developers.facebook.com/docs/graph-api/reference/page-post"""
        likes = self.liked(item, 60)
        pictures = [{"media_type": "photo", "target": {"id": id}} for id in item.extra["photos"]]
        album = {"media_type": "album", "target": {"id": "1"}, "subattachments": {"data": pictures}}
        alone = [{**each, "subattachments": None} for each in pictures]
        return {
            "id": item.id,
            "message": item.text or None,
            "created_time": moment(item.at),
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{item.id.partition('_')[2]}",
            "attachments": {"data": alone if len(pictures) == 1 else [album]} if pictures else None,
            "shares": {"count": likes // 4} if likes // 4 else None,
            "reactions": {"data": [], "summary": {"total_count": likes}},
            "comments": {"data": [], "summary": {"total_count": self._comments_on(item)}},
        }

    def _comments_on(self, item: Item) -> int:
        return self.liked(item, 60) // 6 + self.answers_to(item)

    def _comment_node(self, item: Item) -> dict[str, Any]:
        """Return all of a comment. https://developers.facebook.com/docs/graph-api/reference/comment"""
        return {
            "id": item.id,
            "message": item.text,
            "created_time": moment(item.at),
            "permalink_url": f"https://www.facebook.com/{item.reply_to}?comment_id={item.id.partition('_')[2]}",
            "from": {"id": PAGE, "name": "Region"},
            "like_count": self.liked(item, 9),
            "comment_count": 0,
        }


def _asked(call: Call) -> Fields:
    return fields_in(call.asked("fields", "id"))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
