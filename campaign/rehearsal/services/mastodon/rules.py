"""What a server allows, and how it counts and shows a text. Pure.

The rules are Mastodon's (https://github.com/mastodon/mastodon), but for GoToSocial, which counts every character.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import regex

from campaign.platforms.base import Limits
from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.meter import Bucket

Software = Literal["mastodon", "gotosocial"]
NAMED: Mapping[Software, Mapping[str, Any]] = {
    "mastodon": {
        "version": "4.5.0",
        "source_url": "https://github.com/mastodon/mastodon",
        "api_versions": {"mastodon": 7},
    },
    "gotosocial": {
        "version": "0.20.2+git-8a7e3c5",
        "source_url": "https://codeberg.org/superseriousbusiness/gotosocial",
    },
}
VISIBILITIES = ("public", "unlisted", "private", "direct")  # https://docs.joinmastodon.org/methods/statuses/#create

RATE_LIMITS = {  # https://docs.joinmastodon.org/api/rate-limits/, and config/initializers/rack_attack.rb
    "account": Bucket(1500, timedelta(minutes=5)),
    "token": Bucket(300, timedelta(minutes=5)),
    "media": Bucket(30, timedelta(minutes=30)),
    "deletes": Bucket(30, timedelta(minutes=30)),
    "pages": Bucket(300, timedelta(minutes=15)),
    "statuses": Bucket(300, timedelta(hours=3)),  # app/lib/rate_limiter.rb
}

# ISO 639-1: https://www.loc.gov/standards/iso639-2/php/code_list.php
_LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj
kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGES = frozenset(_LANGUAGES.split())

_LINK = re.compile(
    r"https?://(?:[^\s<>\"“”„«»…()]|\([^\s()<>]*\))*(?:[^\s<>\"“”„«»….,;:!?'()\[\]]|\([^\s()<>]*\))", re.IGNORECASE
)
_MENTION = re.compile(r"(?<![\w@/])@(\w+)@[\w.-]*\w")
_ANCHORED = re.compile(rf"({_LINK.pattern})|{_MENTION.pattern}|(?<![\w&/])#(\w*[^\W\d_]\w*)", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n{2,}")


@dataclass(frozen=True)
class Rules:
    """The limits of a server, as /api/v2/instance tells them; Mastodon's defaults."""

    software: Software = "mastodon"
    characters: int = 500  # https://docs.joinmastodon.org/user/posting/#text
    per_url: int = 23  # https://docs.joinmastodon.org/user/posting/#links
    pictures: int = 4  # https://docs.joinmastodon.org/user/posting/#images
    description: int = 1500  # https://docs.joinmastodon.org/user/posting/#media
    image_size: int = 16_777_216  # https://docs.joinmastodon.org/user/posting/#images
    image_types: tuple[str, ...] = ("image/jpeg", "image/png", "image/gif", "image/webp")

    @classmethod
    def of(cls, limits: Limits) -> Rules:
        """Return the rules of a server of which these limits are known."""
        return cls(
            software="mastodon" if limits.unit == "graphemes" else "gotosocial",
            characters=limits.text,
            per_url=limits.link_length or cls.per_url,
            pictures=limits.images,
            description=limits.alt_text,
        )

    @property
    def refusal(self) -> int:
        """The status of what is refused for its content; GoToSocial's was tried."""
        return 422 if self.software == "mastodon" else 400

    def told(self, domain: str) -> dict[str, Any]:
        """Return the answer of https://docs.joinmastodon.org/methods/instance/#v2."""
        statuses = {
            "max_characters": self.characters,
            "max_media_attachments": self.pictures,
            "characters_reserved_per_url": self.per_url,
        }
        media = {
            "description_limit": self.description,
            "image_size_limit": self.image_size,
            "image_matrix_limit": 33_177_600,
            "supported_mime_types": list(self.image_types),
        }
        configuration = {"statuses": statuses, "media_attachments": media}
        return {"domain": domain, "title": domain, **NAMED[self.software], "configuration": configuration}

    def check(self, text: str, visibility: str, language: str, *, has_media: bool) -> None:
        """Look at what a status says.

        Raises:
            Refused: the server does not take it.
        """
        if not text and not has_media:
            raise self.refused("Validation failed: Text can't be blank")
        if self.is_too_long(text):
            raise self.refused(f"Validation failed: Text character limit of {self.characters} exceeded")
        if visibility not in VISIBILITIES:
            raise self.refused(f"'{visibility}' is not a valid visibility")
        if language and language not in LANGUAGES:
            raise self.refused(f"Validation failed: Language {language} is no ISO 639-1 code")

    def is_too_long(self, text: str) -> bool:
        """Count as app/validators/status_length_validator.rb does: graphemes, any link the same, mentions by name."""
        if len(text) + self.per_url * text.count("://") <= self.characters:
            return False  # whatever way it is counted
        if self.software != "mastodon":
            return len(text) > self.characters
        adjusted = _MENTION.sub(r"@\1", _LINK.sub("x" * self.per_url, text))
        return len(regex.findall(r"\X", adjusted)) > self.characters

    def refused(self, why: str) -> Refused:
        """Return a refusal of content."""
        return Refused(self.refusal, {"error": why})


def first_link(text: str) -> str:
    """Return the link that a status would have a preview of."""
    found = _LINK.search(text)
    return found[0] if found else ""


def shown(text: str, host: str) -> str:
    """Return a text as HTML, as app/lib/text_formatter.rb writes it."""
    pieces, end = [], 0
    for found in _ANCHORED.finditer(text):
        pieces += [html.escape(text[end : found.start()], quote=False), _anchor(found, host)]
        end = found.end()
    whole = "".join(pieces) + html.escape(text[end:], quote=False)
    return "".join(f"<p>{each.replace(chr(10), '<br />')}</p>" for each in _PARAGRAPHS.split(whole)) if text else ""


def _anchor(found: re.Match[str], host: str) -> str:
    link, name, tag = found.groups()
    if link:
        scheme, _, rest = link.partition("://")
        begin, hidden = html.escape(rest[:30]), html.escape(rest[30:])
        kind = ' class="ellipsis"' if hidden else ""
        return (
            f'<a href="{html.escape(link)}" target="_blank" rel="nofollow noopener" translate="no">'
            f'<span class="invisible">{scheme}://</span><span{kind}>{begin}</span>'
            f'<span class="invisible">{hidden}</span></a>'
        )
    if name:
        domain = found[0].rpartition("@")[2]
        anchor = f'<a href="https://{domain}/@{name}" class="u-url mention">@<span>{name}</span></a>'
        return f'<span class="h-card" translate="no">{anchor}</span>'
    return f'<a href="https://{host}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
