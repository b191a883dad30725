"""What a post's record may say. Pure.

Lexicons: https://github.com/bluesky-social/atproto, lexicons/app/bsky/feed/post.json, embed/images.json,
embed/external.json and richtext/facet.json. Facets are looked at more closely than there: the real server takes ranges
that lie outside of the text, or cut a character in two, which no reader can use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import regex

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.bluesky.sessions import refused

POST = "app.bsky.feed.post"
GRAPHEMES, BYTES = 300, 3000  # post.json, text
PICTURES = 4  # images.json
PICTURE_SIZE = 2_000_000  # images.json
THUMB_SIZE = 1_000_000  # external.json
LANGS = 3  # post.json
TAG_GRAPHEMES, TAG_BYTES = 64, 640  # facet.json

TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")  # https://atproto.com/specs/tid
_DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]")  # https://atproto.com/specs/did
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}|i)(?:-[A-Za-z0-9]{1,8})*")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,20})?(?:Z|[+-]\d\d:\d\d)")  # specs/lexicon#datetime
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)

Check = Callable[[Any, str], None]


def check_key(key: Any) -> None:
    """Look at the key of a post.

    Raises:
        Refused: it is no TID.
    """
    if not isinstance(key, str) or not TID.fullmatch(key):
        raise refused("InvalidRequest", f"Invalid record key for {POST}: Invalid TID string (got {key!r})")


def check_post(record: Any) -> None:
    """Look at the record of a post.

    Raises:
        Refused: the server does not take it.
    """
    if not isinstance(record, dict) or record.get("$type", POST) != POST:
        found = record.get("$type") if isinstance(record, dict) else record
        raise refused("InvalidRequest", f"Invalid $type: expected {POST}, got {found}")
    text = _text(record, "text", "$.record")
    _check_text(text)
    _need(_is_moment(_text(record, "createdAt", "$.record")), "Invalid datetime", "$.record.createdAt")
    _check_langs(record.get("langs", []))
    _check_facets(record.get("facets", []), text.encode())
    if "embed" in record:
        _check_embed(record["embed"])
    if "reply" in record:
        _check_reply(record["reply"])


def references(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return uri and cid of the posts that a post answers: root, then parent."""
    for name in ("root", "parent") if "reply" in record else ():
        yield record["reply"][name]["uri"], record["reply"][name]["cid"]


def blobs_of(record: Mapping[str, Any]) -> list[str]:
    """Return the addresses of the blobs that a post shows."""
    embed = record.get("embed", {})
    thumb = embed.get("external", {}).get("thumb")
    found = [each["image"] for each in embed.get("images", ())] + ([thumb] if thumb else [])
    return [str(each["ref"]["$link"]) for each in found]


def link_of(record: Mapping[str, Any]) -> str:
    """Return where a post leads: its card, else its first link."""
    if external := record.get("embed", {}).get("external"):
        return str(external["uri"])
    features = (facet["features"][0] for facet in record.get("facets", ()))
    return next((str(feature["uri"]) for feature in features if "uri" in feature), "")


def alts_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the alt texts of a post's pictures."""
    return tuple(each["alt"] for each in record.get("embed", {}).get("images", ()))


def _check_text(text: str) -> None:
    size = len(text.encode())
    _need(size <= BYTES, f"string too big (maximum {BYTES}, got {size})", "$.record.text")
    if len(text) > GRAPHEMES:  # else they cannot be more graphemes
        count = len(regex.findall(r"\X", text))
        _need(count <= GRAPHEMES, f"grapheme too big (maximum {GRAPHEMES}, got {count})", "$.record.text")


def _is_moment(text: str) -> bool:
    try:
        return bool(_MOMENT.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _check_langs(langs: Any) -> None:
    _list(langs, LANGS, "$.record.langs")
    for n, lang in enumerate(langs):
        _need(isinstance(lang, str) and _LANGUAGE.fullmatch(lang), "Invalid language", f"$.record.langs[{n}]")


def _check_facets(facets: Any, text: bytes) -> None:
    _list(facets, 1000, "$.record.facets")
    end = 0
    for n, facet in enumerate(facets):
        path = f"$.record.facets[{n}]"
        index = _object(_object(facet, path).get("index"), f"{path}.index")
        start, stop = _int(index, "byteStart", f"{path}.index"), _int(index, "byteEnd", f"{path}.index")
        fits = end <= start < stop <= len(text)
        _need(fits, f"a range outside of the text, or across another (got {start} to {stop})", f"{path}.index")
        _need(_is_edge(text, start) and _is_edge(text, stop), "a range that cuts a character", f"{path}.index")
        features = facet.get("features")
        _need(isinstance(features, list) and features, 'Missing required key "features"', path)
        for feature in features:
            _check_feature(_object(feature, f"{path}.features"), f"{path}.features")
        end = stop


def _is_edge(text: bytes, place: int) -> bool:
    """Whether a character begins at a place of UTF-8."""
    return place == len(text) or text[place] & 0xC0 != 0x80


def _check_feature(feature: Mapping[str, Any], path: str) -> None:
    match feature.get("$type"):
        case "app.bsky.richtext.facet#link":
            _need(_URI.fullmatch(_text(feature, "uri", path)), "Invalid uri", f"{path}.uri")
        case "app.bsky.richtext.facet#mention":
            _need(_DID.fullmatch(_text(feature, "did", path)), "Invalid DID", f"{path}.did")
        case "app.bsky.richtext.facet#tag":
            tag = _text(feature, "tag", path)
            fits = len(tag.encode()) <= TAG_BYTES and len(regex.findall(r"\X", tag)) <= TAG_GRAPHEMES
            _need(fits and tag, f"a tag of 1 to {TAG_GRAPHEMES} graphemes", f"{path}.tag")
        case other:
            _need(False, f"Expected a known feature (got {other!r})", path)


def _check_embed(embed: Any) -> None:
    path = "$.record.embed"
    match _object(embed, path).get("$type"):
        case "app.bsky.embed.images":
            images = _list(embed.get("images"), PICTURES, f"{path}.images")
            for n, image in enumerate(images):
                _check_image(_object(image, f"{path}.images[{n}]"), f"{path}.images[{n}]")
        case "app.bsky.embed.external":
            _check_external(_object(embed.get("external"), f"{path}.external"), f"{path}.external")
        case other:
            _need(False, f"Expected a known embed (got {other!r})", path)


def _check_image(image: Mapping[str, Any], path: str) -> None:
    _text(image, "alt", path)
    _check_blob(image.get("image"), PICTURE_SIZE, f"{path}.image")
    ratio = _object(image.get("aspectRatio", {"width": 1, "height": 1}), f"{path}.aspectRatio")
    for side in ("width", "height"):
        number = _int(ratio, side, f"{path}.aspectRatio")
        _need(number >= 1, f"integer too small (minimum 1, got {number})", f"{path}.aspectRatio.{side}")


def _check_external(external: Mapping[str, Any], path: str) -> None:
    _need(_URI.fullmatch(_text(external, "uri", path)), "Invalid uri", f"{path}.uri")
    _text(external, "title", path)
    _text(external, "description", path)
    if "thumb" in external:
        _check_blob(external["thumb"], THUMB_SIZE, f"{path}.thumb")


def _check_blob(blob: Any, largest: int, path: str) -> None:
    _need(_object(blob, path).get("$type") == "blob", "Expected blob value type", path)
    size = _int(blob, "size", path)
    _text(_object(blob.get("ref"), f"{path}.ref"), "$link", f"{path}.ref")
    _need(_text(blob, "mimeType", path).startswith("image/"), "Expected image/*", f"{path}.mimeType")
    _need(size <= largest, f"blob too big (maximum {largest}, got {size})", path)


def _check_reply(reply: Any) -> None:
    for name in ("root", "parent"):
        path = f"$.record.reply.{name}"
        strong = _object(_object(reply, "$.record.reply").get(name), path)
        _need(_text(strong, "uri", path).startswith("at://"), "Invalid at-uri", f"{path}.uri")
        _text(strong, "cid", path)


def _text(holder: Mapping[str, Any], key: str, path: str) -> str:
    _need(key in holder, f'Missing required key "{key}"', path)
    value = holder[key]
    if not isinstance(value, str):
        raise _invalid(f"Expected string value type (got {value!r:.48})", f"{path}.{key}")
    return value


def _int(holder: Mapping[str, Any], key: str, path: str) -> int:
    value = holder.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _invalid(f"Expected integer value type (got {value!r:.48})", f"{path}.{key}")
    return value


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"Expected object value type (got {value!r:.48})", path)
    return value


def _list(value: Any, most: int, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _invalid(f"Expected array value type (got {value!r:.48})", path)
    _need(len(value) <= most, f"array too big (maximum {most}, got {len(value)})", path)
    return value


def _need(is_so: object, otherwise: str, path: str) -> None:
    if not is_so:
        raise _invalid(otherwise, path)


def _invalid(why: str, path: str) -> Refused:
    return refused("InvalidRequest", f"Invalid {POST} record: {why} at {path}")
