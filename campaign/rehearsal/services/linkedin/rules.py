"""What a post may be, and how its text is read. Pure.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api and …/little-text-format. What the
real one is silent about (fields that it does not know), this one refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from campaign.rehearsal.services.base import Refused

LONGEST, LONGEST_ALT, LONGEST_COMMENT = 3000, 4086, 1250
MOST_PICTURES = 20
BODY = {
    "author": True,
    "commentary": True,
    "visibility": True,
    "distribution": True,
    "lifecycleState": True,
    "isReshareDisabledByAuthor": False,
    "content": False,
}  # whether it must be there
SPREAD = {"feedDistribution": True, "targetEntities": False, "thirdPartyDistributionChannels": False}
PICTURE = {"id": True, "altText": False}
CARD = {"source": True, "title": True, "description": False, "thumbnail": False}
MEANT = re.compile(
    r"\\([|{}@\[\]()<>#\\*_~])"  # a reserved sign, escaped
    r"|\{hashtag\|(?:\\#|#|＃)\|([^\W_]+)\}"
    r"|@\[((?:\\.|[^\]\\|{}@\[()<>#*_~])+)\]\(urn:li:(?:organization|person):[\w-]+\)"
    r"|(#[^\W_]+)"  # a hashtag as people write it
    r"|([^|{}@\[\]()<>#\\*_~]+)"  # words
)


def refused(status: int, code: str, message: str, service_code: int = 0) -> Refused:
    """Return a refusal in the first of two shapes that LinkedIn has."""
    number = {"serviceErrorCode": service_code} if service_code else {}
    return Refused(status, {"status": status, **number, "code": code, "message": message})


def bad(code: str, description: str, *, status: int = 400, message: str = "") -> Refused:
    """Return a refusal in the other shape."""
    kind = "com.linkedin.content.common.exception.BadRequestResponseException"
    details = {"inputErrors": [{"description": description, "input": {}, "code": code}]}
    body = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"{kind}: {message or description}",
        "errorDetails": details,
        "status": status,
    }
    return Refused(status, body)


def has(said: Any, fields: Mapping[str, bool], where: str) -> Mapping[str, Any]:
    """Return an object that has the fields it must have, and no others.

    Raises:
        Refused: it has not.
    """
    if not isinstance(said, dict):
        raise bad("MISSING_FIELD", f"{where} is required")
    for name, needed in fields.items():
        if needed and name not in said:
            raise bad("MISSING_FIELD", f"/{where}/{name} :: field is required but not found and has no default value")
    for name in said:
        if name not in fields:
            raise bad("INVALID_VALUE_FOR_FIELD", f"/{where}/{name} :: unrecognized field found but not allowed")
    return said


def check_post(said: Any, owner: str) -> None:
    """Look at a post as a whole; its pictures are looked at elsewhere.

    Raises:
        Refused: it may not be made.
    """
    post = has(said, BODY, "post")
    spread = has(post["distribution"], SPREAD, "distribution")
    wanted = {"visibility": "PUBLIC", "lifecycleState": "PUBLISHED"}
    for name, value in {**wanted, "feedDistribution": "MAIN_FEED"}.items():
        if {**post, **spread}.get(name) != value:
            raise bad("INVALID_VALUE_FOR_FIELD", f"/{name} :: {post.get(name)!r} is not supported")
    if not re.fullmatch(r"urn:li:(organization|person):[\w-]+", str(post["author"])):
        raise bad("INVALID_URN_TYPE", f"/author :: {post['author']!r}")
    if post["author"] != owner:
        raise refused(403, "ACCESS_DENIED", f"Not enough permissions to act for {post['author']}", 100)
    check_commentary(post["commentary"], "content" in post)


def check_commentary(commentary: Any, has_content: bool) -> None:
    """Look at the length of a text.

    Raises:
        Refused: it is none, or too long.
    """
    if not isinstance(commentary, str):
        raise bad("INVALID_VALUE_FOR_FIELD", "/commentary :: is no string")
    if not commentary.strip() and not has_content:
        raise bad("INVALID_VALUE_BLANK_FIELD", "/commentary :: is blank")
    if units(shown(commentary)) > LONGEST:
        raise bad("FIELD_LENGTH_TOO_LONG", f"/commentary :: is longer than {LONGEST}")


def pictures_in(post: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the pictures of a post, each with its id and alt text; a card's has none.

    Raises:
        Refused: what stands under the text is none of the kinds that there are.
    """
    content = post.get("content")
    if content is None:
        return ()
    match content:
        case {"media": picture} if len(content) == 1:
            found = [has(picture, PICTURE, "media")]
        case {"multiImage": {"images": [*several]} as images} if len(content) == len(images) == 1:
            found = [has(each, PICTURE, "images") for each in several]
            if not 2 <= len(found) <= MOST_PICTURES:
                raise bad("INVALID_VALUE_FOR_FIELD", f"/multiImage/images :: 2 to {MOST_PICTURES}, not {len(found)}")
        case {"article": card} if len(content) == 1:
            found = _thumbnail(has(card, CARD, "article"))
        case _:
            raise bad("INVALID_VALUE_FOR_FIELD", "/content :: exactly one of media, multiImage, article")
    if any(len(str(each.get("altText", ""))) > LONGEST_ALT for each in found):
        raise bad("FIELD_LENGTH_TOO_LONG", f"/altText :: is longer than {LONGEST_ALT}")
    return found


def _thumbnail(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", str(card["source"])):
        raise bad("INVALID_URL", f"/article/source :: {card['source']!r}")
    if not str(card["title"]).strip():
        raise bad("INVALID_VALUE_BLANK_FIELD", "/article/title :: is blank")
    return [{"id": card["thumbnail"]}] if "thumbnail" in card else []


def shown(commentary: str) -> str:
    """Return what readers see of a text: all, or what stands before a reserved sign that means nothing where it is."""
    pieces, end = [], 0
    for found in MEANT.finditer(commentary):
        if found.start() != end:
            break
        sign, tag, name, plain_tag, words = found.groups()
        pieces.append(sign or (f"#{tag}" if tag else re.sub(r"\\(.)", r"\1", name or "")) or plain_tag or words)
        end = found.end()
    return "".join(pieces)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
