"""How long a text is for X: the rules of twitter-text's configuration version 3, never counted too low.

https://docs.x.com/fundamentals/counting-characters, and in detail https://github.com/twitter/twitter-text
(`config/v3.json`, `js/src/regexp`). Where it takes the tables of that library to know, the longer of two counts is
taken: what may be a domain under a top level that is not listed here, and emoji younger than those it knows.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

X_LINK = 23  # https://docs.x.com/fundamentals/counting-characters

# Top levels that X knows for certain, of its 1,500: https://data.iana.org/TLD/tlds-alpha-by-domain.txt, beside those of
# countries, which have two letters.
_GENERIC = """
academy aero agency app asia berlin bio biz blog brussels bzh care cat center city cloud club com community company
coop corsica dev digital download education energy engineering eu eus events expert foundation fund gal global
group guide guru help info institute int international jobs lat link live ltd media mil mobi museum name net network
news ngo one ong online org page paris partners photos post press pro pub scot services shop site social solutions
space store studio style support systems team tech technology tel tirol today top tools training travel university
vision wales web website wien wiki work works world xyz zone edu gov
"""
# What ends names of files and of things, and no domain: as above.
_NONE = "csv docx exe gif htm html jpeg jpg js json kt odt pdf png pptx ts txt ui ux vb xlsx xml"
PUBLIC, NO_DOMAINS = frozenset(_GENERIC.split()), frozenset(_NONE.split())

_HOST = r"(?P<under>(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?\.)+)(?P<top>\p{L}{2,})"
_ASCII_HOST = r"(?P<under>(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+)(?P<top>[a-z]{2,})"
# Fewer signs than X lets stand in a path or a query, and fewer at their ends: what is left over counts by itself.
_PATH = r"(?::\d+)?(?:/[a-z0-9!*';:=+,.$/%#\[\]_~@|&()-]*)?(?:\?[a-z0-9!?*'();:&=+$/%#\[\]_.,~|@-]*)?"
_LINK = regex.compile(
    rf"(?<![a-z0-9@＠$#＃])https?://{_HOST}(?![\p{{L}}\p{{N}}@-]){_PATH}"
    rf"|(?<![a-z0-9@＠$#＃_./-]){_ASCII_HOST}(?![\p{{L}}\p{{N}}@-]){_PATH}",
    regex.IGNORECASE,
)
_END = regex.compile(r"(?:[a-z0-9=_#/+-]|\([^()]*\))(?=[^a-z0-9=_#/+-]*$)", regex.IGNORECASE)

# Emoji of more than one code point that the library knows (to Unicode 11); any other one counts by its pieces.
_TONE = "[🏻-🏿]"
_TONED = (
    "[☝⛹✊-✍🎅🏂-🏄🏇🏊-🏌👂👃👆-👐👦-👩👮👰-👸👼💁-💃💅-💇💪🕴🕵🕺🖐🖕🖖"
    "🙅-🙇🙋-🙏🚣🚴-🚶🛀🛌🤘-🤜🤞🤟🤦🤰-🤹🤽🤾🦵🦶🦸🦹🧑-🧝]"
)
_ROLE = "[⚕⚖✈🌾🍳🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦰-🦳]"
_EMOJI = regex.compile(
    r"\p{RI}\p{RI}"
    r"|[0-9#*]\uFE0F?\u20E3"
    r"|🏴\U000E0067\U000E0062[\U000E0061-\U000E007A]{3}\U000E007F"  # England, Scotland, Wales
    rf"|{_TONED}{_TONE}"
    r"|(?![0-9#*])\p{Emoji}\uFE0F"
    rf"|[👨👩]{_TONE}?\u200D{_ROLE}\uFE0F?"
    rf"|\p{{Emoji}}(?:\uFE0F|{_TONE})?\u200D[♀♂]\uFE0F?"
    r"|[👨👩](?:\u200D❤\uFE0F?\u200D(?:💋\u200D)?[👨👩])?"
    r"|[👨👩](?:\u200D[👨👩])?(?:\u200D[👦👧]){1,2}"
    r"|🏳\uFE0F?\u200D🌈|🏴\u200D☠\uFE0F?|👁\uFE0F?\u200D🗨\uFE0F?"
)


def weight(text: str, link_length: int = X_LINK) -> int:
    """Return how long a text is that is composed (NFC)."""
    total = position = 0
    for start, end, counted in links(text, link_length):
        total += _plain(text[position:start]) + counted
        position = end
    return total + _plain(text[position:])


def links(text: str, link_length: int) -> Iterator[tuple[int, int, int]]:
    """Yield where links stand, with and without a scheme, and what each counts."""
    for match in _LINK.finditer(text):
        start, top = match.start(), match["top"].lower()
        end = start + _length(match.group(), match.end("top") - start)
        if top in PUBLIC or (len(top) == 2 and top.isascii() and top not in NO_DOMAINS):
            yield start, end, link_length
        elif match["under"].count(".") > 1:  # `example.org.pdf`: X may take the beginning for a link
            yield start, end, link_length + _plain(text[start:end])
        elif top not in NO_DOMAINS:
            yield start, end, max(link_length, _plain(text[start:end]))


def _length(link: str, least: int) -> int:
    """Return how much of a link X takes: it ends with a letter, a few signs, or a bracket that it has opened."""
    end = _END.search(link, least)
    return end.end() if end else least


def _plain(text: str) -> int:
    """Return the weight of a text without links."""
    return sum(2 if _EMOJI.fullmatch(piece) else sum(map(_sign, piece)) for piece in regex.findall(r"\X", text))


def _sign(character: str) -> int:
    code = ord(character)
    light = code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037
    return 1 if light else 2
