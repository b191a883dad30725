"""Pages are whole in one file, fetch nothing, run nothing, and show what people wrote as text."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from campaign import pages
from campaign.errors import CampaignError
from campaign.models import ImageContent, PartContent

POLICY = "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'"


def an_image(alt: str = "A lathe.") -> ImageContent:
    return ImageContent(sha256="ab" * 32, media_type="image/png", width=4, height=2, size=3, alt=alt)


def test_a_picture_stands_in_the_page_itself(tmp_path: Path) -> None:
    file = tmp_path / "lathe.png"
    file.write_bytes(b"\x89PN")

    part = pages.shown_part(PartContent(text="A", language="en", images=(an_image(),)), lambda *_: file, "1 of 9")

    assert part.pictures[0].source == "data:image/png;base64," + base64.b64encode(b"\x89PN").decode()
    assert (part.pictures[0].alt, part.length) == ("A lathe.", "1 of 9")


def test_a_picture_that_is_not_there_has_no_source(tmp_path: Path) -> None:
    part = pages.shown_part(PartContent(text="A", language="en", images=(an_image(),)), lambda *_: tmp_path / "gone")

    assert part.pictures[0].source == ""


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain & simple", "plain &amp; simple"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (
            'See https://example.org/a?b=1&c="2.',
            'See <a href="https://example.org/a?b=1&amp;c=" rel="noopener noreferrer">'
            "https://example.org/a?b=1&amp;c=</a>&#34;2.",
        ),
        ("With #MoraviaSilesia 🎉", 'With <span class="tag">#MoraviaSilesia</span> 🎉'),
        ("By @msk@social.example", 'By <span class="mention">@msk@social.example</span>'),
        ("By @[A & B](urn:li:organization:1)", 'By <span class="mention">A &amp; B</span>'),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_links_tags_and_mentions_are_set_apart_and_the_rest_is_escaped(text: str, html: str) -> None:
    assert str(pages.highlighted(text)) == html


@pytest.mark.parametrize(
    ("name", "letters"),
    [("ASA, English", "AE"), ("Website", "W"), ("regions in motion", "RM"), ("kraj-web", "KW"), ("–", ""), ("", "")],
)
def test_a_name_is_shortened_to_the_letters_in_its_circle(name: str, letters: str) -> None:
    assert pages.initials(name) == letters


def test_every_page_forbids_itself_to_fetch_or_run_anything() -> None:
    base = (pages.shipped("templates", "pages") / "_base.html.j2").read_text()

    assert f'http-equiv="Content-Security-Policy" content="{POLICY}"' in base
    for template in pages.shipped("templates", "pages").glob("*.j2"):
        assert "<script" not in template.read_text()
        assert "@import" not in template.read_text()


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file where the folder should be")
    empty = {"campaign": "C", "code": "", "entries": [], "made": "", "made_by": ""}

    with pytest.raises(CampaignError, match=r"pages/proof\.html cannot be written: .*\n.*\[pages\] folder"):
        pages.write(tmp_path / "pages" / "proof.html", "proof.html.j2", **empty)
