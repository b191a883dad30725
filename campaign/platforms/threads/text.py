"""What Threads makes of a text: its topic and its links. Pure.

https://developers.facebook.com/docs/threads/posts, https://developers.facebook.com/docs/threads/overview
"""

from __future__ import annotations

import re

from campaign.fit import spans

MOST_LINKS = 5  # different ones, with that of the card; since 2025-12-22
MOST_OF_A_TOPIC = 50  # characters

_TAG = re.compile(r"(?<![\w#&/])#([^\s.&@!?,;:#]+)")


def topic_of(text: str) -> str:
    """Return the topic of a post: the first hashtag of its text that Threads takes for one, without its sign.

    A tag ends at a blank or one of `. & @ ! ? , ; :`, and one of digits alone is none.
    """
    inside = [(span.start, span.end) for span in spans(text) if span.kind == "link"]
    for tag in _TAG.finditer(text):
        in_link = any(start <= tag.start() < end for start, end in inside)
        if not in_link and not tag[1].isdigit() and len(tag[1]) <= MOST_OF_A_TOPIC:
            return tag[1]
    return ""


def links_in(text: str, link: str = "") -> set[str]:
    """Return the different links of a text and its card."""
    found = {text[span.start : span.end] for span in spans(text) if span.kind == "link"}
    return found | ({link} if link else set())
