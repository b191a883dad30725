"""What is to be seen of posts, in one form: on the page of a proof, and on the servers by their own APIs.

Nothing of the program takes part in it: a page is read as the HTML that an officer looks at.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, TreeBuilder

from PIL import Image

from tests.realservers import mastodon, pds
from tests.realservers.servers import ask

VOID = ("br", "img", "link", "meta")


@dataclass(frozen=True)
class Picture:
    """A picture by its bytes, and what it says to those who do not see it."""

    sha256: str
    size: tuple[int, int]  # as decoded
    alt: str


@dataclass(frozen=True)
class Preview:
    """What stands under a part for the page that it links to."""

    host: str
    title: str
    description: str
    picture: str  # sha256


@dataclass(frozen=True)
class Part:
    """One part of a post as readers get it."""

    text: str  # with its links in full
    language: str
    links: tuple[str, ...]
    tags: frozenset[str]  # in small letters, as servers compare them
    mentions: frozenset[str]  # handles
    pictures: tuple[Picture, ...]
    preview: Preview | None


Thread = tuple[Part, ...]


def on_page(html: str) -> dict[str, list[Thread]]:
    """Return by the name of the channel the posts that the page of a proof shows, in its order."""
    shown: dict[str, list[Thread]] = {}
    for post in _tree(html).iterfind(".//div[@class='post']"):
        parts = post.findall("div[@class='part']")
        shown.setdefault(_text(parts[0], "div[@class='byline']//b"), []).append(tuple(map(_part_on_page, parts)))
    return shown


def commands_on_page(html: str) -> list[str]:
    """Return the commands that a page tells to type."""
    return ["".join(code.itertext()) for code in _tree(html).iterfind(".//code[@class='command']")]


def on_bluesky(account: pds.Account) -> list[Thread]:
    """Return every post in the repo of an account, by record key.

    What is stated twice must agree: the root and the parent that a reply names, a picture's proportions and its bytes.
    """
    records = account.records()
    assert len(records) < 100, "there may be more on another page"
    replies = [record for record in records if "reply" in record["value"]]
    threads = []
    for first in (record for record in records if "reply" not in record["value"]):
        chain = [first]
        while following := [each for each in replies if each["value"]["reply"]["parent"]["uri"] == chain[-1]["uri"]]:
            (reply,) = following
            assert reply["value"]["reply"] == {"root": _named(first), "parent": _named(chain[-1])}
            chain.append(reply)
        threads.append(chain)
    assert sum(map(len, threads)) == len(records), "a reply answers nothing of this account"
    return [tuple(_part_on_bluesky(account, each["value"]) for each in chain) for chain in threads]


def on_mastodon(account: mastodon.Account) -> list[Thread]:
    """Return every post of an account, the oldest first."""
    statuses = list(_statuses(account))
    by_parent = {status["in_reply_to_id"]: status for status in statuses if status["in_reply_to_id"]}
    threads = []
    for first in (status for status in statuses if not status["in_reply_to_id"]):
        chain = [first]
        while reply := by_parent.get(chain[-1]["id"]):
            chain.append(reply)
        threads.append(chain)
    assert sum(map(len, threads)) == len(statuses), "a reply answers nothing of this account, or two answer the same"
    return [tuple(_part_on_mastodon(account, each) for each in chain) for chain in threads]


def _part_on_page(part: Element) -> Part:
    text = part.find("div[@class='text']")
    assert text is not None
    return Part(
        text="".join(text.itertext()),
        language=part.attrib["lang"],
        links=tuple(link.attrib["href"] for link in text.iter("a")),
        tags=frozenset(_itself(tag)[1:].casefold() for tag in text.iterfind("span[@class='tag']")),
        mentions=frozenset(_itself(mention).removeprefix("@") for mention in text.iterfind("span[@class='mention']")),
        pictures=tuple(_picture_on_page(figure) for figure in part.findall("figure") if not figure.get("class")),
        preview=_preview_on_page(part.find("figure[@class='preview']")),
    )


def _picture_on_page(figure: Element) -> Picture:
    image = figure.find("img")
    assert image is not None
    picture = _picture(_data_of(image), image.attrib["alt"])
    assert (image.attrib["width"], image.attrib["height"]) == tuple(map(str, picture.size))
    assert _text(figure, "figcaption/span[2]") == picture.alt
    return picture


def _preview_on_page(figure: Element | None) -> Preview | None:
    if figure is None:
        return None
    image = figure.find(".//img")
    assert image is not None
    about = [_itself(each) for each in figure.findall(".//div[@class='about']/*")]
    return Preview(*about, picture=_sha256(_data_of(image)))


def _part_on_bluesky(account: pds.Account, value: Mapping[str, Any]) -> Part:
    text, links = with_links_in_full(value)
    features = [facet["features"][0] for facet in value.get("facets", ())]
    embed = value.get("embed", {})
    (language,) = value["langs"]
    return Part(
        text=text,
        language=language,
        links=links,
        tags=frozenset(each["tag"].casefold() for each in features if "tag" in each),
        mentions=frozenset(_handle(account, each["did"]) for each in features if "did" in each),
        pictures=tuple(_picture_on_bluesky(account, image) for image in embed.get("images", ())),
        preview=_preview_on_bluesky(account, embed["external"], links) if "external" in embed else None,
    )


def with_links_in_full(value: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the text with each link in the place of what is shown of it, and the links.

    Tags must stand in the text as they lead; a link must begin with the host that it leads to.
    """
    text, whole, links, end = value["text"].encode(), b"", [], 0
    for facet in value.get("facets", ()):
        (feature,) = facet["features"]
        start, next_end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        piece = text[start:next_end].decode()
        if "tag" in feature:
            assert piece == f"#{feature['tag']}"
        if "uri" in feature:
            links.append(feature["uri"])
            assert _host(feature["uri"]).startswith(piece.split("/")[0].split("?")[0].rstrip("…"))
        whole += text[end:start] + feature.get("uri", piece).encode()
        end = next_end
    return (whole + text[end:]).decode(), tuple(links)


def _picture_on_bluesky(account: pds.Account, image: Mapping[str, Any]) -> Picture:
    picture = _picture(_blob(account, image["image"]), image["alt"])
    assert image["aspectRatio"] == dict(zip(("width", "height"), picture.size, strict=True))
    return picture


def _preview_on_bluesky(account: pds.Account, external: Mapping[str, Any], links: Sequence[str]) -> Preview:
    assert external["uri"] == links[-1]
    return Preview(
        _host(external["uri"]), external["title"], external["description"], _sha256(_blob(account, external["thumb"]))
    )


def _blob(account: pds.Account, blob: Mapping[str, Any]) -> bytes:
    data = account.pds.blob(account.did, blob["ref"]["$link"])
    assert blob["size"] == len(data)
    return data


def _host(uri: str) -> str:
    return urlsplit(uri).netloc


def _handle(account: pds.Account, did: str) -> str:
    return str(account.get("com.atproto.repo.describeRepo", repo=did)["handle"])


def _named(record: Mapping[str, Any]) -> dict[str, str]:
    return {"uri": record["uri"], "cid": record["cid"]}


def _statuses(account: mastodon.Account) -> Iterator[dict[str, Any]]:
    """Yield an account's own statuses, the oldest first."""
    path = f"/api/v1/accounts/{account.id}/statuses"
    found: list[dict[str, Any]] = []
    while page := account.get(path, limit=40, **({"max_id": found[-1]["id"]} if found else {})):
        found += page
    yield from reversed(found)


def _part_on_mastodon(account: mastodon.Account, status: Mapping[str, Any]) -> Part:
    content = _tree(status["content"])
    return Part(
        text=account.get(f"/api/v1/statuses/{status['id']}/source")["text"],
        language=status["language"],
        links=tuple(_address(link.attrib["href"]) for link in content.iter("a")),
        tags=frozenset(tag["name"] for tag in status["tags"]),
        mentions=frozenset(mention["acct"] for mention in status["mentions"]),
        pictures=tuple(
            _picture(ask("GET", media["url"]).content, media["description"]) for media in status["media_attachments"]
        ),
        preview=None,
    )


def _address(href: str) -> str:
    """Return a link without a sentence's own signs, which mastodon_mock takes along and Mastodon leaves out."""
    address = href.rstrip(".,")
    return address[:-1] if address.count(")") > address.count("(") else address


def _picture(data: bytes, alt: str) -> Picture:
    with Image.open(BytesIO(data)) as image:
        image.load()
        return Picture(_sha256(data), image.size, alt)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _data_of(image: Element) -> bytes:
    return base64.b64decode(image.attrib["src"].partition(";base64,")[2])


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    assert found is not None, path
    return _itself(found)


def _itself(element: Element) -> str:
    return "".join(element.itertext())


def _tree(html: str) -> Element:
    parser = _Parser()
    parser.feed(f"<html>{html}</html>")
    parser.close()
    return parser.built.close()


class _Parser(HTMLParser):
    """Builds a tree of a page, whose elements are all closed but for those that never are."""

    def __init__(self) -> None:
        super().__init__()
        self.built = TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.built.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.built.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.built.end(tag)

    def handle_data(self, data: str) -> None:
        self.built.data(data)
