"""What the Bot API refuses: https://core.telegram.org/bots/api#making-requests and its server's code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.platforms.mastodon.scripted import Kept, Scripted, send
from tests.platforms.mastodon.scripted import item as any_item
from tests.platforms.rows import Call, Means, Row, Stage, blocked, dead, later, limited, lost, refused, row, unknown
from tests.platforms.telegram.bot import ARCHIVE, CHANNEL, CHAT, LINK, TEXT, Api, adapter, message, photo, way


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    api = Api(server)
    api.says("sendMessage", message())
    api.says("sendPhoto", message(photo=photo("AgACAg")))
    api.says("getMe", {"id": 7000000001, "is_bot": True, "username": "org_news_bot"})
    api.says("getChat", CHAT)
    api.says("getChatMember", {"status": "administrator", "can_post_messages": True, "can_delete_messages": True})
    api.refuses("copyMessages", 400, "Bad Request: there are no messages to forward")


def item(**values: Any) -> Any:
    return any_item(**({"text": TEXT, "link": LINK} | values))


def post(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item())  # type: ignore[arg-type]


def answer(stage: Stage) -> object:
    sent = item(n=2, role="reply", root="77", reply_to="77")
    return send(adapter(stage.server, stage.clock), sent)  # type: ignore[arg-type]


def picture(stage: Stage) -> object:
    """Post a picture by the id of its upload."""
    shown = stage.image()
    kept = Kept({"media": {shown.sha256: "AgACAg"}, "after": {"chat": str(CHANNEL), "message": 70}})
    return send(archived(stage), item(images=(shown,)), kept)


def upload(stage: Stage) -> object:
    return send(archived(stage), item(images=(stage.image(),)))


def archived(stage: Stage) -> Any:
    return adapter(stage.server, stage.clock, archive=str(ARCHIVE))


def check(stage: Stage) -> object:
    return adapter(stage.server, stage.clock).check()


CALLS = {
    "post": Call(way("sendMessage"), post, visible=True),
    "answer": Call(way("sendMessage"), answer, visible=True),
    "picture": Call(way("sendPhoto"), picture, visible=True),
    "upload": Call(way("sendPhoto"), upload),
    "check": Call(way("getChat"), check, reads=False),  # what is no channel needs a person
}
KICKED, ADMINISTRATOR = "Make it an administrator there", "Let it post messages there"


def told(code: int, description: str, parameters: dict[str, int] | None = None, **means: Means) -> Row:
    """Return a refusal as the API words it."""
    body = {"ok": False, "error_code": code, "description": description}
    return row(description, code, body | ({"parameters": parameters} if parameters else {}), **means)


def everywhere(code: int, description: str, means: Means, parameters: dict[str, int] | None = None) -> Row:
    return told(code, description, parameters, **dict.fromkeys(CALLS, means))


def of_posts(code: int, description: str) -> Row:
    means = refused(f"Telegram refuses the post ({description}")
    return told(code, description, post=means, answer=means, picture=means, upload=means)


ROWS = (
    everywhere(401, "Unauthorized", dead("does not accept the bot's token")),
    everywhere(404, "Not Found", dead("does not accept the bot's token")),
    everywhere(403, "Forbidden: bot was kicked from the channel chat", blocked(KICKED)),
    everywhere(403, "Forbidden: bot is not a member of the channel chat", blocked(KICKED)),
    everywhere(400, "Bad Request: chat not found", blocked("Correct `chat` or `archive`")),
    everywhere(400, "Bad Request: need administrator rights in the channel chat", blocked(ADMINISTRATOR)),
    everywhere(400, "Bad Request: not enough rights to send photos to the chat", blocked(ADMINISTRATOR)),
    everywhere(400, "Bad Request: have no rights to send a message", blocked(ADMINISTRATOR)),
    everywhere(400, "Bad Request: CHAT_WRITE_FORBIDDEN", blocked(ADMINISTRATOR)),
    everywhere(400, "Bad Request: CHAT_ADMIN_REQUIRED", blocked(ADMINISTRATOR)),
    everywhere(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        blocked('Set it in the config: "-1007"'),
        {"migrate_to_chat_id": -1007},
    ),
    everywhere(
        429, "Too Many Requests: retry after 41", limited(timedelta(seconds=41), "retry after 41"), {"retry_after": 41}
    ),
    of_posts(400, "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 14"),
    of_posts(400, "Bad Request: message caption is too long"),
    of_posts(400, "Bad Request: message is too long"),
    of_posts(400, "Bad Request: message text is empty"),
    of_posts(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    of_posts(400, "Bad Request: IMAGE_PROCESS_FAILED"),
    of_posts(400, "Bad Request: wrong type of the web page content"),
    of_posts(400, "Bad Request: failed to get HTTP URL content"),
    of_posts(400, "Bad Request: file is too big"),
    of_posts(413, "Request Entity Too Large"),
    told(400, "Bad Request: wrong file identifier/HTTP URL specified", picture=lost("media")),
    told(400, "Bad Request: wrong remote file identifier specified: Wrong padding", picture=lost("media")),
    told(400, "Bad Request: FILE_REFERENCE_EXPIRED", picture=lost("media")),
    told(400, "Bad Request: message to be replied not found", answer=refused("is not there any more")),
    told(400, "Bad Request: message to reply not found", answer=refused("is not there any more")),
    told(400, "Bad Request: reply message not found", answer=refused("is not there any more")),
    told(409, "Conflict: terminated by other getUpdates request", post=unknown(), picture=unknown(), check=later()),
    told(400, "Bad Request: something that nobody has listed", post=unknown(), picture=unknown(), upload=later()),
    told(403, "Forbidden: something that nobody has listed", post=unknown(), upload=later(), check=later()),
    told(
        500,
        "Internal Server Error: sent message was immediately deleted and can't be returned",
        post=unknown(),
        picture=unknown(),
        upload=later(),
    ),
    told(502, "Bad Gateway", post=unknown("Bad Gateway"), check=later()),
    told(504, "Gateway Timeout", post=unknown(), check=later()),
)
