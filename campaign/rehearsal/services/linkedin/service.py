"""The calls of an organization's page to LinkedIn's versioned API.

https://learn.microsoft.com/linkedin/marketing/community-management/community-management-overview
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.services.linkedin import access, rules
from campaign.rehearsal.services.linkedin.access import SCOPES, Access
from campaign.rehearsal.services.linkedin.images import Pictures
from campaign.rehearsal.services.linkedin.protocol import check_headers, listed, ms, page, urn_in
from campaign.rehearsal.services.linkedin.rules import bad, refused
from campaign.rehearsal.services.meter import Bucket, Meter
from campaign.rehearsal.transport import Call, Net, Reply

NUMBER = "5515715"
PAGE = f"urn:li:organization:{NUMBER}"
MEMBER = "urn:li:person:8675309"
REMEMBERED = timedelta(hours=36)  # "24 to 48 hours" in which a text is a duplicate of an earlier one
DAY = timedelta(days=1)

Answering = Callable[..., Reply]


class LinkedInService(Service):
    """One page, and the member who administers it.

    `listing_lag` is how late a new post stands in the page's list, `processing` how long a picture takes, `duplicates`
    how long a text is remembered, `quota` how many calls a day each resource takes.
    """

    name = "linkedin"

    def __init__(
        self,
        net: Net,
        host: str,
        *,
        token: str = "",
        seed: int = 0,
        listing_lag: timedelta = timedelta(seconds=1),
        processing: timedelta = timedelta(0),
        duplicates: timedelta = REMEMBERED,
        scopes: Iterable[str] = SCOPES,
        role: str = "ADMINISTRATOR",
        self_serve: bool = False,
        quota: int | None = None,
    ) -> None:
        super().__init__(net, host, token=token or f"token-of-{host}", seed=seed)
        self.listing_lag = listing_lag
        self.duplicates = duplicates
        self.role = role
        self.access = Access(self.token, scopes, self_serve, self.clock.now())
        self.pictures = Pictures(processing)
        self._meter = Meter(dict.fromkeys(RESOURCES, Bucket(quota, DAY)) if quota is not None else {})
        self._followers = self.chance.randint(800, 5000)

    def routes(self) -> list[tuple[str, str, Answering]]:
        def signed(scope: str, answering: Answering, restli: str = "") -> Answering:
            return lambda call, *groups: self._signed(scope, restli, answering, call, *groups)

        write, read, admin = "w_organization_social", "r_organization_social", "rw_organization_admin"
        say, hear = "w_organization_social_feed", "r_organization_social_feed"
        said = r"/rest/socialActions/([^/]+)/comments"
        return [
            ("POST", "/rest/posts", signed(write, self._post)),
            ("GET", "/rest/posts", signed(read, self._own, "FINDER")),
            ("GET", r"/rest/posts/([^/]+)", signed(read, self._one)),
            ("POST", r"/rest/posts/([^/]+)", signed(write, self._edit, "PARTIAL_UPDATE")),
            ("DELETE", r"/rest/posts/([^/]+)", signed(write, self._delete, "DELETE")),
            ("POST", "/rest/images", signed(write, self._place)),
            ("GET", r"/rest/images/([^/]+)", signed(write, self._picture)),
            ("PUT", r"/dms-uploads/(\w+)", self._upload),
            ("POST", said, signed(say, self._comment)),
            ("GET", said, signed(hear, self._comments)),
            ("GET", rf"{said}/(\d+)", signed(hear, self._one_comment)),
            ("POST", rf"{said}/(\d+)", signed(say, self._edit_comment, "PARTIAL_UPDATE")),
            ("DELETE", rf"{said}/(\d+)", signed(say, self._delete_comment)),
            ("GET", "/rest/organizationalEntityShareStatistics", signed(admin, self._statistics)),
            ("GET", r"/rest/networkSizes/([^/]+)", signed(admin, self._network)),
            ("GET", "/rest/organizationAcls", signed(admin, self._roles)),
            ("GET", rf"/rest/organizations/{NUMBER}", signed(admin, self._page)),
            ("POST", "/oauth/v2/accessToken", self._exchange),
            ("POST", "/oauth/v2/introspectToken", self._inspect),
        ]

    def answer(self, call: Call) -> Reply:
        try:
            self._count(call)
            return super().answer(call)
        except Refused as no:
            return no.reply

    def refuse(self, call: Call) -> Reply:
        if call.path.startswith("/oauth/"):
            return Reply(400, {"error": "invalid_request", "error_description": "The token is invalid or expired"})
        return refused(401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked", 65601).reply

    def settings(self) -> Mapping[str, Any]:
        return {
            "base_url": f"https://{self.host}/rest",
            "auth_url": f"https://{self.host}/oauth/v2",
            "organization": PAGE,
            "client_id": access.CLIENT_ID,
            "client_secret": access.CLIENT_SECRET,
        }

    def tokens(self) -> Mapping[str, str]:
        return self.access.stored(PAGE, f"https://{self.host}/rest", self.clock.now())

    def is_visible(self, call: Call) -> bool:
        says = re.fullmatch(r"/rest/(posts|socialActions/[^/]+/comments)", call.path)
        return call.method == "POST" and says is not None

    def take_down(self, id: str) -> bool:
        """Remove something; what was said under it goes with it."""
        for comment in [each for each in self.live if each.reply_to == id]:
            super().take_down(comment.id)
        return super().take_down(id)

    def new_id(self) -> str:
        """Return the next number: they grow with the time."""
        self._made += 1
        return str((int(self.clock.now().timestamp() * 1000) << 22) + self._made)

    def agree(self, address: str) -> str:
        """Do what the member does in a browser, and return the address that it is sent to."""
        return self.access.agree(address, self.clock.now())

    def _count(self, call: Call) -> None:
        """Count a call, also one that will fail; at midnight UTC all begins anew."""
        resource = call.path.split("/")[2] if call.path.startswith("/rest/") else ""
        level = self._meter.take({resource: 1}, call.at)
        if level and level.is_over:
            said = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
            raise Refused(429, {"status": 429, "serviceErrorCode": 101, "code": "TOO_MANY_REQUESTS", "message": said})

    def _signed(self, scope: str, restli: str, answering: Answering, call: Call, *groups: str) -> Reply:
        """Answer a call of the member with all that its headers must say."""
        self.access.check(call.bearer, call.at, scope)
        check_headers(call, restli)
        return answering(call, *(urn_in(each) for each in groups))

    def _exchange(self, call: Call) -> Reply:
        return self.access.exchange(call)

    def _inspect(self, call: Call) -> Reply:
        return self.access.inspect(call)

    def _place(self, call: Call) -> Reply:
        asked = rules.has(call.json(), {"initializeUploadRequest": True}, "images")
        owner = rules.has(asked["initializeUploadRequest"], {"owner": True}, "initializeUploadRequest")["owner"]
        if call.asked("action") != "initializeUpload" or owner != PAGE:
            raise bad("INVALID_VALUE_FOR_FIELD", "/owner :: is not the page")
        name = f"C4E{self.new_id()}"
        told = {
            "uploadUrl": f"https://{self.host}/dms-uploads/{name}",
            "uploadUrlExpiresAt": ms(call.at + DAY),
            "image": self.pictures.ask(name, call.at).urn,
        }
        return Reply(200, {"value": told})

    def _upload(self, call: Call, name: str) -> Reply:
        self.access.check(call.bearer, call.at, "w_organization_social")
        if call.headers.get("content-type") not in ("image/jpeg", "image/png", "image/gif"):
            raise bad("INVALID_VALUE_FOR_FIELD", "the content type is no picture's", status=415)
        self.pictures.take(name, call.body, call.at)
        return Reply(201, b"")

    def _picture(self, call: Call, urn: str) -> Reply:
        picture = self.pictures.get(urn)
        if picture is None:
            raise refused(404, "NOT_FOUND", f"Could not find entity {urn}")
        return Reply(200, {"id": urn, "owner": PAGE, "status": picture.state(call.at)})

    def _post(self, call: Call) -> Reply:
        """Make a post; its id stands in a header only."""
        said = call.json()
        rules.check_post(said, PAGE)
        pictures = rules.pictures_in(said)
        for picture in pictures:
            self.pictures.check(str(picture["id"]), call.at)
        self._must_be_new(said, call.at)
        number = self.new_id()
        item = Item(
            f"urn:li:share:{number}",
            rules.shown(said["commentary"]),
            call.at,
            link=str(said.get("content", {}).get("article", {}).get("source", "")),
            alts=tuple(str(each.get("altText", "")) for each in pictures),
            extra={"said": said, "activity": f"urn:li:activity:{int(number) + 7}"},
        )
        return Reply(201, b"", {"x-restli-id": self.show(item).id})

    def _must_be_new(self, said: Mapping[str, Any], now: datetime) -> None:
        """Refuse what was said lately, also where it was taken down since; pictures make it another."""
        for item in self.items:
            same = not item.reply_to and all(item.extra["said"].get(key) == said.get(key) for key in SAME)
            if same and now - item.at < self.duplicates:
                why = "Duplicate post is detected"
                raise bad("DUPLICATE_POST", why, status=422, message=f"Content is a duplicate of {item.id}")

    def _own(self, call: Call) -> Reply:
        if call.asked("author") != PAGE or call.asked("q") != "author":
            raise refused(403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPostsExternal.FINDER", 100)
        found = [item for item in self.live if not item.reply_to and call.at - item.at >= self.listing_lag]
        by_change = call.asked("sortBy", "LAST_MODIFIED") == "LAST_MODIFIED"
        found.sort(key=lambda item: item.extra.get("edited_at", item.at) if by_change else item.at, reverse=True)
        return page([self._told(item) for item in found], call)

    def _one(self, call: Call, urn: str) -> Reply:
        return Reply(200, self._told(self._found(urn)))

    def _edit(self, call: Call, urn: str) -> Reply:
        item = self._found(urn)
        patch = rules.has(call.json(), {"patch": True}, "post")["patch"]
        changed = rules.has(rules.has(patch, {"$set": True}, "patch")["$set"], {"commentary": True}, "$set")
        rules.check_commentary(changed["commentary"], bool(item.extra["said"].get("content")))
        item.text = rules.shown(changed["commentary"])
        item.extra |= {"said": {**item.extra["said"], **changed}, "edited_at": call.at}
        return Reply(204, b"")

    def _delete(self, call: Call, urn: str) -> Reply:
        self.take_down(urn)  # whether it is there or not
        return Reply(204, b"")

    def _comment(self, call: Call, urn: str) -> Reply:
        post = self._found(urn)
        said = rules.has(call.json(), {"actor": True, "object": True, "message": True}, "comments")
        text = str(rules.has(said["message"], {"text": True, "attributes": False}, "message")["text"])
        if said["actor"] != PAGE:
            raise refused(403, "ACCESS_DENIED", f"Not enough permissions to act for {said['actor']}", 100)
        if said["object"] not in (post.id, post.extra["activity"]):
            raise bad("INVALID_URN_ID", f"/object :: {said['object']} is not {urn}")
        if not 0 < rules.units(text) <= rules.LONGEST_COMMENT:
            raise bad("FIELD_LENGTH_TOO_LONG", f"/message/text :: is longer than {rules.LONGEST_COMMENT}, or empty")
        number = self.new_id()
        name = f"urn:li:comment:({post.extra['activity']},{number})"
        item = self.show(Item(name, text, call.at, reply_to=post.id, extra={"id": number}))
        return Reply(201, self._comment_told(item), {"x-restli-id": number})

    def _comments(self, call: Call, urn: str) -> Reply:
        post = self._found(urn)
        found = [item for item in self.live if item.reply_to == post.id and call.at - item.at >= self.listing_lag]
        return page([self._comment_told(item) for item in found], call)

    def _one_comment(self, call: Call, urn: str, number: str) -> Reply:
        return Reply(200, self._comment_told(self._found_comment(urn, number)))

    def _edit_comment(self, call: Call, urn: str, number: str) -> Reply:
        item = self._found_comment(urn, number)
        _check_actor(call)
        message = rules.has(rules.has(call.json(), {"patch": True}, "comment")["patch"], {"message": True}, "patch")
        item.text = str(
            rules.has(rules.has(message["message"], {"$set": True}, "message")["$set"], TEXT, "$set")["text"]
        )
        return Reply(204, b"")

    def _delete_comment(self, call: Call, urn: str, number: str) -> Reply:
        item = self._found_comment(urn, number)
        _check_actor(call)
        self.take_down(item.id)
        return Reply(204, b"")

    def _statistics(self, call: Call) -> Reply:
        """Count what was done with posts; one with which nobody did anything is left out."""
        self._must_administer()
        asked = call.raw_query.split("&")
        if f"organizationalEntity={quote(PAGE, safe='')}" not in asked or "q=organizationalEntity" not in asked:
            raise bad("INVALID_VALUE_FOR_FIELD", "/organizationalEntity :: is not the page")
        posts = [(name, urn) for name in ("shares", "ugcPosts") for urn in listed(asked, name)]
        elements = [self._statistic(name, item) for name, urn in posts if (item := self.find(urn))]
        return page([each for each in elements if each["totalShareStatistics"]["impressionCount"]], call)

    def _statistic(self, name: str, item: Item) -> dict[str, Any]:
        seen = self.liked(item, 1800)
        likes, clicks = seen // 45, seen // 30
        comments = likes // 8 + self.answers_to(item)
        shares = likes // 6
        counts = {
            "impressionCount": seen,
            "uniqueImpressionsCount": seen * 3 // 4,
            "clickCount": clicks,
            "likeCount": likes,
            "commentCount": comments,
            "shareCount": shares,
            "engagement": (clicks + likes + comments + shares) / seen if seen else 0,
        }
        return {"organizationalEntity": PAGE, name.removesuffix("s"): item.id, "totalShareStatistics": counts}

    def _network(self, call: Call, urn: str) -> Reply:
        self._must_administer()
        if urn != PAGE or call.asked("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            raise bad("INVALID_VALUE_FOR_FIELD", "/edgeType :: is not known")
        return Reply(200, {"firstDegreeSize": self._followers + 2 * len(self.live)})

    def _roles(self, call: Call) -> Reply:
        if call.asked("q") != "roleAssignee":
            raise bad("MISSING_FIELD", "q is needed")
        role = {"organization": PAGE, "roleAssignee": MEMBER, "role": self.role, "state": "APPROVED"}
        return page([role] if self.role else [], call)

    def _page(self, call: Call) -> Reply:
        self._must_administer()
        return Reply(200, {"id": int(NUMBER), "localizedName": f"Page on {self.host}", "vanityName": "page"})

    def _must_administer(self) -> None:
        if self.role != "ADMINISTRATOR":
            raise refused(403, "ACCESS_DENIED", f"Not enough permissions: {MEMBER} is no administrator", 100)

    def _found(self, urn: str) -> Item:
        """Return a live post, by its own name or that of its activity.

        Raises:
            Refused: there is none.
        """
        for item in self.live:
            if not item.reply_to and urn in (item.id, item.extra["activity"]):
                return item
        raise refused(404, "NOT_FOUND", f"Could not find entity {urn}")

    def _found_comment(self, urn: str, number: str) -> Item:
        post = self._found(urn)
        for item in self.live:
            if item.reply_to == post.id and item.extra["id"] == number:
                return item
        raise refused(404, "NOT_FOUND", f"Could not find comment {number}")

    def _told(self, item: Item) -> dict[str, Any]:
        said = item.extra["said"]
        return {
            "id": item.id,
            "author": PAGE,
            "commentary": said["commentary"],
            "content": said.get("content", {}),
            "createdAt": ms(item.at),
            "publishedAt": ms(item.at),
            "lastModifiedAt": ms(item.extra.get("edited_at", item.at)),
            "lifecycleState": "PUBLISHED",
            "visibility": "PUBLIC",
        }

    def _comment_told(self, item: Item) -> dict[str, Any]:
        post, likes = self.find(item.reply_to), self.liked(item, 6)
        return {
            "actor": PAGE,
            "agent": MEMBER,
            "commentUrn": item.id,
            "commentsSummary": {"aggregatedTotalComments": 0, "totalFirstLevelComments": 0, "selectedComments": []},
            "likesSummary": {"aggregatedTotalLikes": likes, "totalLikes": likes, "selectedLikes": []},
            "created": {"actor": PAGE, "time": ms(item.at)},
            "id": item.extra["id"],
            "message": {"attributes": [], "text": item.text},
            "object": post.extra["activity"] if post else "",
        }


SAME = ("commentary", "content")
TEXT = {"text": True}
RESOURCES = (
    "posts",
    "images",
    "socialActions",
    "organizationalEntityShareStatistics",
    "networkSizes",
    "organizationAcls",
    "organizations",
)


def _check_actor(call: Call) -> None:
    if call.asked("actor") != PAGE:
        raise refused(403, "ACCESS_DENIED", "Not enough permissions: actor is not the page", 100)
