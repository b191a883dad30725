"""What Threads makes of a text."""

from __future__ import annotations

import pytest

from campaign.platforms.threads.text import links_in, topic_of


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Modules #MoraviaSilesia #Batteries", "MoraviaSilesia"),
        ("#Řemeslo první", "Řemeslo"),
        ("#car-makers, and more", "car-makers"),
        ("#cars! #b", "cars"),
        ("#AT&T", "AT"),
        ("#v2.0", "v2"),
        ("first\n#second", "second"),
        ("#2026 #Year2026", "Year2026"),
        ("No. #1 of all", ""),
        ("C# and a # b", ""),
        ("https://example.org/a#top #Real", "Real"),
        ("https://example.org/?q=#top", ""),
        (f"#{'x' * 50}", "x" * 50),
        (f"#{'x' * 51} #Short", "Short"),
        ("no tag at all", ""),
    ],
)
def test_the_first_tag_that_is_one_is_the_topic(text: str, topic: str) -> None:
    assert topic_of(text) == topic


def test_a_link_that_stands_twice_is_one() -> None:
    one, two = "https://example.org/1", "https://example.org/2"
    assert links_in(f"{one} {two} {one}", two) == {one, two}
    assert links_in("none") == set()
