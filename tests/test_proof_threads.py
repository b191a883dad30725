"""A proof shows every part of a thread and every preview as its audience will see them, and looks at them too."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import approve
from campaign.app import App
from campaign.models import PartContent, PreviewContent
from campaign.proof import Finding, Level, in_text, proof
from campaign.story import Photo
from tests.rendered import TUESDAY, a_part, a_post, a_story, an_image, render_again
from tests.skies import CHANNELS, add_skies

LINK = "https://example.org/modules?a=1&b=2"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, config_file: Path, make_app: Callable[..., App]) -> App:
    """The program with a channel `sky` that posts threads of three parts, and `herd` with link cards of its server."""
    add_skies(monkeypatch)
    sky, herd = CHANNELS.split("\n\n")
    config_file.write_text(f'{config_file.read_text()}{sky}\nthread = 3\n\n{herd}attach = "link-card"\n')
    return make_app()


def a_thread(app: App, *, parts: int = 3) -> list[PartContent]:
    """Return a thread with a picture in its first part and a preview in its last."""
    first = a_part("Modules for all.\n\n1/3", images=(an_image(app),))
    replies = [a_part(f"More of it, {n}.", role="reply") for n in range(2, parts)]
    return [first, *replies, a_part(f"Read more: {LINK}", role="reply", link=LINK, preview=a_preview(app))]


def a_preview(app: App, **changes: object) -> PreviewContent:
    image = an_image(app, alt="A cell <b>on</b> a bench.", colour=(0, 90, 0))
    return PreviewContent(**({"title": "Modules & more", "description": "For <all>.", "image": image} | changes))


def look(app: App, *parts: PartContent, channel: str = "sky", **story: object) -> tuple[Finding, ...]:
    a_post(app, a_story(app, **story), *parts, channel=channel)  # type: ignore[arg-type]
    return proof(app, ["modules"], text_only=True).items[0].findings


def test_the_page_shows_the_parts_in_order_with_their_numbers_lengths_and_pictures(app: App) -> None:
    a_post(app, a_story(app), *a_thread(app), channel="sky")

    page = proof(app).page
    assert page is not None
    html = page.read_text()
    parts = html.split('<div class="part"')[1:]

    assert [re.findall(r"<b>part \d of \d</b>", part) for part in parts] == [
        [f"<b>part {n} of 3</b>"] for n in (1, 2, 3)
    ]
    assert [part.count("<img") for part in parts] == [1, 0, 1]
    assert ["Modules for all." in parts[0], "More of it, 2." in parts[1], "Read more: " in parts[2]] == [True] * 3
    assert [re.findall(r"\d+ of 300 graphemes</div>", part) for part in parts] == [
        ["21 of 300 graphemes</div>"],
        ["14 of 300 graphemes</div>"],
        ["41 of 300 graphemes</div>"],
    ]


def test_the_page_shows_a_preview_with_its_picture_title_description_and_host(app: App) -> None:
    a_post(app, a_story(app), *a_thread(app), channel="sky")

    page = proof(app).page
    assert page is not None
    preview = page.read_text().partition('<figure class="preview">')[2].partition("</figure>")[0]

    assert re.search(r'<img src="data:image/jpeg;base64,[A-Za-z0-9+/=]+" alt="A cell &lt;b&gt;on', preview)
    assert '<span class="quiet">example.org</span><b>Modules &amp; more</b>' in preview
    assert "<span>For &lt;all&gt;.</span>" in preview
    assert "<span>A cell &lt;b&gt;on&lt;/b&gt; a bench.</span></figcaption>" in preview


def test_a_preview_may_have_no_picture_and_no_description(app: App) -> None:
    bare = PreviewContent(title="Modules & more")
    a_post(app, a_story(app), a_part(f"Read: {LINK}", link=LINK, preview=bare), channel="sky")

    shown = proof(app)

    assert shown.page is not None
    preview = shown.page.read_text().partition('<figure class="preview">')[2].partition("</figure>")[0]
    assert "Modules &amp; more" in preview
    assert "<img" not in preview
    assert "[preview of example.org]\n  │   Modules & more\n  (" in in_text(shown)


def test_the_terminal_shows_the_same(app: App) -> None:
    a_post(app, a_story(app), *a_thread(app), channel="sky")

    told = in_text(proof(app, text_only=True))

    assert (
        """
  │ Modules for all.
  │
  │ 1/3
  │ [picture 1: 120 × 63] Trainees measure a battery cell.
  (part 1 of 3, 21 of 300 graphemes)

  │ More of it, 2.
  (part 2 of 3, 14 of 300 graphemes)

  │ Read more: https://example.org/modules?a=1&b=2
  │ [preview of example.org]
  │   Modules & more
  │   For <all>.
  │   [picture: 120 × 63] A cell <b>on</b> a bench.
  (part 3 of 3, 41 of 300 graphemes)
"""
        in told
    )


def test_a_thread_within_its_channels_number_of_parts_is_fine(app: App) -> None:
    findings = look(app, *a_thread(app))

    assert Finding(Level.FINE, "It is a thread of 3 parts.") in findings
    assert {finding.level for finding in findings} == {Level.FINE}


def test_a_first_comment_is_told_as_one_and_is_no_part_of_a_thread(app: App) -> None:
    comment = a_part(f"Read more: {LINK}", role="comment", link=LINK)
    findings = look(app, a_part("Modules for all."), comment, channel="herd")

    assert [finding.text for finding in findings if finding.level is Level.FINE][:3] == [
        "The text fits: 16 of 500 characters.",
        "The first comment fits: 34 of 500 characters.",
        "The link stands in a first comment, which follows the post at once.",
    ]
    assert {finding.level for finding in findings} == {Level.FINE}
    shown = proof(app, ["modules"])
    assert f"  │ Read more: {LINK}\n  (first comment, 34 of 500 characters)" in in_text(shown)
    assert shown.page is not None
    assert "<b>first comment</b>" in shown.page.read_text()


@pytest.mark.parametrize(("channel", "parts", "most"), [("sky", 4, 3), ("herd", 2, 1), ("news", 2, 1)])
def test_more_parts_than_the_channel_posts_are_wrong(app: App, channel: str, parts: int, most: int) -> None:
    findings = look(app, *a_thread(app, parts=parts), channel=channel)

    words = f"It has {parts} parts, and the channel posts {most} at most (`thread` in the config file)."
    assert findings[0] == Finding(Level.WRONG, words)


@pytest.mark.parametrize(
    ("text", "level", "told"),
    [
        ("é" * 300, Level.FINE, "Part 1 fits: 300 of 300 graphemes."),
        ("é" * 301, Level.WRONG, "Part 1 is too long: 301 of 300 graphemes."),
        ("👨‍👩‍👧‍👦" * 120, Level.FINE, "Part 1 fits: 3000 of 3000 bytes."),
        ("👨‍👩‍👧‍👦" * 121, Level.WRONG, "Part 1 is too long: 3025 of 3000 bytes."),
    ],
)
def test_each_part_is_measured_as_it_was_rendered(app: App, text: str, level: Level, told: str) -> None:
    findings = look(app, a_part(text), a_part("é" * 10, role="reply"))

    assert Finding(level, told) in findings
    assert Finding(Level.FINE, "Part 2 fits: 10 of 300 graphemes.") in findings


def test_a_preview_without_a_link_is_wrong(app: App) -> None:
    findings = look(app, a_part(preview=a_preview(app)))

    assert findings[0] == Finding(Level.WRONG, "There is a preview of a link, and no link for it.")
    assert "[preview of no link]" in in_text(proof(app, ["modules"], text_only=True))


def test_a_preview_that_the_platform_makes_is_told(app: App) -> None:
    part = a_part(f"Read: {LINK}", link=LINK)
    told = Finding(Level.FINE, "The link's own preview is made by the platform, from the page that it leads to.")

    assert told in look(app, part, channel="herd")
    a_post(app, a_story(app, "others"), part, channel="sky")
    assert told not in proof(app, ["others"], text_only=True).items[0].findings


def test_the_picture_of_a_preview_needs_alt_text_too(app: App) -> None:
    silent = a_preview(app, image=an_image(app, alt=" "))

    findings = look(app, a_part(f"Read: {LINK}", link=LINK, preview=silent))

    assert findings[0] == Finding(
        Level.WRONG, "The picture has no alt text. Say in the story what it shows (`shows:`)."
    )


def test_who_pays_may_be_named_on_the_picture_of_a_preview(app: App) -> None:
    named = a_preview(app, image=an_image(app, alt="A cell. Co-funded by the European Union."))

    findings = look(app, a_part(f"Read: {LINK}", link=LINK, preview=named), project="trireme")

    words = "the statement stands on the picture and in its alt text, not in the text."
    assert Finding(Level.LOOK, f"European Union: {words}") in findings


def test_consent_is_asked_for_the_picture_of_a_preview(app: App) -> None:
    photo = Photo(sha256="0" * 64, width=9, height=9, file="bench.jpg", consent="no")

    findings = look(app, a_part(f"Read: {LINK}", link=LINK, preview=a_preview(app)), photos=(photo,))

    assert [finding.level for finding in findings if "bench.jpg" in finding.text] == [Level.LOOK]


def test_a_damaged_picture_of_a_preview_takes_the_post_out_of_the_proof(app: App) -> None:
    preview = a_preview(app)
    assert preview.image is not None
    a_post(app, a_story(app), a_part(f"Read: {LINK}", link=LINK, preview=preview), channel="sky")
    app.media.path(preview.image.sha256, preview.image.media_type).write_bytes(b"not what it was")

    shown = proof(app)

    assert (shown.code, shown.items[0].whole) == ("", False)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": "Modules for all"}, "  │ Title of the preview: Modules [-&-]{+for+} [-more-]{+all+}"),
        ({"description": "For most."}, "  │ Description of the preview: For [-<all>.-]{+most.+}"),
        (
            {"image": None},
            "  │ Alt text of the preview: [-A cell <b>on</b> a bench.-]\n  │ The picture is another one.",
        ),
    ],
)
def test_what_has_changed_of_a_preview_is_told(app: App, changes: dict[str, object], told: str) -> None:
    part = a_part(f"Read: {LINK}", link=LINK, preview=a_preview(app))
    post = a_post(app, a_story(app), part, channel="sky", due_at=TUESDAY + timedelta(days=1))
    approve.approve(app, proof_code=proof(app).code)

    render_again(app, post, part.model_copy(update={"preview": a_preview(app, **changes)}))

    assert f"Changed since it was last approved:\n{told}\n" in in_text(proof(app, ["modules"], text_only=True))


def test_a_picture_that_moved_into_a_preview_is_another_one(app: App) -> None:
    preview = a_preview(app)
    assert preview.image is not None
    part = a_part(f"Read: {LINK}", link=LINK, images=(preview.image,))
    post = a_post(app, a_story(app), part, channel="sky")
    approve.approve(app, proof_code=proof(app).code)

    render_again(app, post, part.model_copy(update={"images": (), "preview": preview}))

    [item] = proof(app, ["modules"], text_only=True).items
    assert item.difference is not None
    assert item.difference.pictures
