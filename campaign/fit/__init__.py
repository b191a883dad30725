"""How long a text is for a platform, and how it becomes shorter or several. Pure.

Nothing here knows a template or a story: blocks of text come in; texts that fit go out, and what gave way.

entities   what platforms make of a text, and what may not be cut in it
counting   how long a text is
blocks     one text: what goes first, what is shortened, what stays
sentences  where sentences end
threads    several texts: what one would have to shorten goes on in the next
"""

from __future__ import annotations

from campaign.fit.blocks import ELLIPSIS, GLUE, Block, Fitted, Join, fit, shorten
from campaign.fit.counting import Bounds, Unit, count, length
from campaign.fit.entities import Span, SpanKind, as_read, spans, tags
from campaign.fit.threads import InParts, in_parts

__all__ = [
    "ELLIPSIS",
    "GLUE",
    "Block",
    "Bounds",
    "Fitted",
    "InParts",
    "Join",
    "Span",
    "SpanKind",
    "Unit",
    "as_read",
    "count",
    "fit",
    "in_parts",
    "length",
    "shorten",
    "spans",
    "tags",
]
