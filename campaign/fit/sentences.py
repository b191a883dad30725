"""Where sentences end, in the languages of Europe's regions.

Whoever cuts there must not cut "z. B. Ostrava" in two. So a full stop counts only when it cannot be that of an
abbreviation, an initial or an ordinal number; an end that is missed costs nothing but a place to cut.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import regex


class End(NamedTuple):
    """A place where a sentence ends."""

    place: int
    nested: bool  # within quotation marks or brackets, which go on


_END = regex.compile(
    r"""
    (?P<mark>[.!?]+|;)                                          # ; asks in Greek
    (?P<closing>(?:[”“"»«’‘')\]]|[ \u00A0\u202F]»)*)            # « closes in German, » after a space in French
    (?=[^\S\u00A0\u2007\u202F]+[„“”"«»‘'(\[¿¡]*[ \u00A0\u202F]?  # a space that may break, then what opens a sentence
       (?:[\p{Lu}\p{Lt}\p{Lo}]|[#＃@][^\W\d_]|\p{Emoji_Presentation}))
    """,
    regex.VERBOSE,
)
_WITHIN = regex.compile(r"\([^()]*\)|\[[^\[\]]*\]|„[^„“”]*[“”]|“[^„“”]*”|»[^«»]*«|«[^«»]*»|\"[^\"\n]*\"")
_WORD_BEFORE = regex.compile(r"[^\s„“”\"«»‘'(\[]*$")
_QUOTES = frozenset("”“\"»«’‘'")
_VOWEL = regex.compile(r"[aeiouyæøœαεηιουωаеиоуъюяєіїыэ]")
_SHORT_PIECES = regex.compile(r"(?:[^\W\d]{1,3}\.)+[^\W\d]{1,4}")  # e.g, s.r.o, т.н: before the last stop
_ORDINAL = regex.compile(r"(?:\d{1,2}\.)*\d{1,2}|\d{3}|[IVXLCDM]+")  # 2. Mai, 5. 5. Ostrava, XIV. Tagung
_DOUBLED = regex.compile(r"(\p{Lu})\1")  # EE. UU.

# Abbreviations that have a vowel, from the languages of the regions. Those without one, as "bzw", "tj" and "Mgr", and
# single letters are told by their looks.
_ABBREVIATIONS = """
prof profa assoc doc ing dipl arch dott avv mag dra sra sres srta eng sig univ inst dept rev gen col capt gov
approx incl excl resp evtl inkl exkl usw sog geb max min tel ausg aufl
etc ecc env ed eds cap pag pág núm aprox ave avda exmo exma ej ex es edo lda ltda inc co corp cía
např napr popř příp apod aj atď atd ods odst ul nám tab obr čís ca asi kupř
itp itd inż im os godz woj al ust poz rys zob łac ang niem tys
ill ún vö özv ifj id pél okl mérn osv
κα δηλ αρ καθ σελ εκ δισ εκατ αι κος
проф инж доц акад ул бул напр обл респ изд ал арх общ
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())


def sentence_ends(text: str) -> Iterator[End]:
    """Yield where the sentences of `text` end, except the last; what closes a quotation or bracket belongs to them."""
    within = [match.span() for match in _WITHIN.finditer(text)]
    for match in _END.finditer(text):
        if _ends(text, match):
            place = match.end()
            yield End(place, any(start < place < end for start, end in within))


def _ends(text: str, match: regex.Match[str]) -> bool:
    mark, closing = match["mark"], match["closing"]
    before = text[: match.start()].rstrip(" \u00a0\u202f")
    word = _WORD_BEFORE.findall(before)[0]
    if mark == ";":
        return bool(regex.search(r"\p{Greek}$", word))
    if mark == ".":
        return bool(word) and not _is_abbreviation(word)
    if "." in mark:
        return False  # "Well... Škoda" may go on
    return not _QUOTES & set(closing)  # “Will it work?” Anna asked


def _is_abbreviation(word: str) -> bool:
    """Whether the full stop behind `word` may be no end of a sentence."""
    if any(looks.fullmatch(word) for looks in (_ORDINAL, _DOUBLED, _SHORT_PIECES)):
        return True
    if "://" in word:
        return False
    letters = word.rpartition("-")[2].rpartition("/")[2].rpartition(".")[2] or word
    if len(letters) == 1 and letters.isalpha():
        return True
    bare = letters.casefold()
    looks_short = letters.isalpha() and not letters.isupper() and not _VOWEL.search(_without_accents(bare))
    return bare in ABBREVIATIONS or looks_short


def _without_accents(word: str) -> str:
    return regex.sub(r"\p{M}", "", unicodedata.normalize("NFD", word))
