"""LinkedIn's "little text": how a post's text is written so that readers see it as it was approved. Pure.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format

Some signs mean something there, in links too. One that is not escaped is seldom refused: LinkedIn accepts the post and
shows the text up to it. So everything is escaped that is not meant as a hashtag or a mention.
"""

from __future__ import annotations

import re

from campaign.fit import Span, spans

RESERVED = r"|{}@[]()<>#\*_~"  # the page above, "Reserved characters"

_RESERVED = re.compile("([" + re.escape(RESERVED) + "])")
_MENTION = re.compile(r"@\[([^\]\n]+)\]\((urn:li:(?:organization|person):[\w-]+)\)")
_WRITTEN = re.compile(
    r"\\(?P<sign>.)"
    r"|\{hashtag\|\\?[#＃]\|(?P<tag>[^}]*)\}"
    r"|@\[(?P<name>(?:\\.|[^\]\\])*)\]\((?P<urn>urn:li:[^)]*)\)",
    re.DOTALL,
)


def escape(text: str) -> str:
    """Return a text as LinkedIn takes it: hashtags and mentions as such, everything else as plain words."""
    pieces, end = [], 0
    for span in spans(text):
        pieces += [_plain(text[end : span.start]), _meant(span, text[span.start : span.end])]
        end = span.end
    return "".join([*pieces, _plain(text[end:])])


def unescape(written: str) -> str:
    """Return the text that was escaped, whoever did it: also as LinkedIn gives it back."""
    return _WRITTEN.sub(_unescaped, written)


def _plain(text: str) -> str:
    return _RESERVED.sub(r"\\\1", text)


def _meant(span: Span, piece: str) -> str:
    """Return a piece that may lead somewhere. A tag ends at the first sign that is reserved, so such a one is none."""
    mention = _MENTION.fullmatch(piece)
    if mention:
        return f"@[{_plain(mention[1])}]({mention[2]})"
    is_tag = span.kind == "tag" and piece[0] == "#" and not _RESERVED.search(piece[1:])
    return rf"{{hashtag|\#|{piece[1:]}}}" if is_tag else _plain(piece)


def _unescaped(found: re.Match[str]) -> str:
    if found["sign"] is not None:
        return found["sign"]
    if found["tag"] is not None:
        return f"#{unescape(found['tag'])}"
    return f"@[{unescape(found['name'])}]({found['urn']})"
