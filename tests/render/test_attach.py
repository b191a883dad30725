"""What stands beside a post's words: the card, the preview of its link, or nothing; and with which part of a thread."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from campaign import plan, proof, render, store
from campaign.app import App
from campaign.files import shipped
from campaign.models import PartContent, Post, Story
from campaign.story import Content, Kind, Photo, Telling
from tests.making import make_story, picture
from tests.skies import Sky

SUMMARY = (
    "Training modules, developed with regional partners, are being made available across Europe. They follow the "
    "battery from the cell to the vehicle and from there to its second life, and they can be taken over whole."
)
BODY = "Trainers can download and adapt them. " * 12
STATEMENT = "Co-funded by the European Union"


def a_story(app: App, *, channels: tuple[str, ...] = (), **changes: Any) -> Story:
    """Store a story with two photos and a link; `changes` are to its words."""
    files = changes.pop("photos", [picture((20, shade, 120), (1600, 1000)) for shade in (60, 150)])
    photos = [
        Photo(sha256=app.media.keep(data, "image/jpeg"), width=1600, height=1000, file="a.jpg", consent="yes")
        for data in files
    ]
    shows = ("A battery on a bench.", "Trainees in a row.")[: len(photos)]
    words = {"title": "Modules for all", "summary": SUMMARY, "body": BODY.strip(), "link": "https://example.org/a"}
    telling = Telling(**({**words, "shows": shows} | changes))
    content = Content(
        kind=Kind.UPDATE,
        regions=("portugal",),
        language="en",
        project="trireme",
        channels=channels,
        photos=tuple(photos),
        tellings={"en": telling},
    )
    return make_story(app, "modules", region="portugal", content=content, project="trireme")


def rendered(app: App, channel: str = "sky") -> tuple[Post, list[PartContent]]:
    """Plan and render, and return what a channel's post became."""
    plan.run(app)
    render.run(app)
    with app.reading() as db:
        [post] = store.posts_where(db, channel=channel)
        assert not post.reason.startswith("it cannot"), post.reason
        return post, [PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)]


def test_a_card_and_photos_belong_to_the_first_part_of_a_thread(start: Callable[..., App]) -> None:
    app = start(thread=5)
    a_story(app)

    _, parts = rendered(app)

    assert len(parts) > 2
    assert [part.role for part in parts] == ["post"] + ["reply"] * (len(parts) - 1)
    assert [len(part.images) for part in parts] == [2] + [0] * (len(parts) - 1)
    assert (parts[0].images[0].width, parts[0].images[0].height) == (1080, 1080)
    assert {part.preview for part in parts} == {None}
    assert {(part.title, part.language) for part in parts} == {("Modules for all", "en")}
    assert [bool(part.link) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_where_all_pictures_are_shown_in_one_shape_photos_are_cut_to_that_of_the_card(
    start: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start()
    a_story(app)
    _, [part] = rendered(app)
    assert [(image.width, image.height) for image in part.images] == [(1080, 1080), (1600, 1000)]

    monkeypatch.setattr(Sky, "limits", replace(Sky.limits, one_shape=True))
    _, [part] = rendered(app)
    assert [(image.width, image.height) for image in part.images] == [(1080, 1080), (1000, 1000)]


def test_the_alt_text_of_a_card_says_what_its_own_part_does_not(start: Callable[..., App]) -> None:
    app = start(thread=5)
    a_story(app, summary="S" * 5 + " in one sentence that goes on for very long, " * 5 + "and on")

    _, parts = rendered(app)

    assert STATEMENT in parts[-1].text
    assert STATEMENT not in parts[0].text
    assert parts[0].images[0].alt.endswith(f"A battery on a bench. {STATEMENT}.")
    assert "Modules for all" not in parts[0].images[0].alt


def test_none_attaches_nothing_and_draws_nothing(start: Callable[..., App]) -> None:
    app = start(attach="none")
    a_story(app, channels=("sky",))
    kept = set(app.media.folder.rglob("*.*"))

    post, [part] = rendered(app)

    assert (part.files, part.preview) == ((), None)
    assert set(app.media.folder.rglob("*.*")) == kept
    assert "There is no picture." in findings(app, post)


def test_a_link_card_stands_as_the_preview_of_the_link(start: Callable[..., App]) -> None:
    app = start(attach="link-card", thread=5)
    a_story(app)

    post, parts = rendered(app)

    assert [part.images for part in parts] == [()] * len(parts)
    assert [part.preview is not None for part in parts] == [False] * (len(parts) - 1) + [True]
    preview, link = parts[-1].preview, parts[-1].link
    assert preview is not None
    assert link.startswith("https://example.org/a?utm_")
    assert preview.title == "Modules for all"
    assert preview.description == (
        "Training modules, developed with regional partners, are being made available across Europe. They follow the "
        "battery from the cell to the vehicle and from there to its second life, and they can be…"
    )
    assert len(preview.description) <= 200
    assert preview.image is not None
    assert preview.image.size <= 1_000_000
    assert preview.image.alt == f"Portugal · Update. A battery on a bench. {STATEMENT}."
    with Image.open(app.media.path(preview.image.sha256, "image/jpeg")) as card:
        assert card.size == (preview.image.width, preview.image.height) == (1200, 627)  # whatever the channel's formats
    assert "The link's preview shows the card; apps may not read out its alt text." in findings(app, post)


@pytest.mark.parametrize(("grain", "platform", "most"), [(120, 2_000_000, 1_000_000), (40, 600_000, 600_000)])
def test_a_previews_card_keeps_to_the_bytes_of_previews_and_of_the_platform(
    start: Callable[..., App], config_file: Path, monkeypatch: pytest.MonkeyPatch, grain: int, platform: int, most: int
) -> None:
    large = (
        shipped("templates", "cards", "formats.toml").read_text().replace("size = [1200, 627]", "size = [2400, 1254]")
    )
    own = config_file.parent / "own" / "cards" / "formats.toml"
    own.parent.mkdir(parents=True)
    own.write_text(large.replace("unit = 10.2", "unit = 20.4"))
    monkeypatch.setattr(Sky, "limits", replace(Sky.limits, image_bytes=platform))
    app = start(attach="link-card", more='\n[folders]\ntemplates = "own"\n')
    noise = io.BytesIO()
    Image.effect_noise((2400, 1500), grain).convert("RGB").save(noise, "JPEG", quality=95)
    a_story(app, channels=("sky",), photos=(noise.getvalue(),))

    _, [part] = rendered(app)

    assert part.preview is not None
    assert part.preview.image is not None
    assert most / 2 < part.preview.image.size <= most


def test_a_platform_that_makes_previews_itself_gets_nothing_and_the_proof_says_so(start: Callable[..., App]) -> None:
    app = start(attach="link-card", thread=5)
    a_story(app)

    post, parts = rendered(app, "herd")

    assert [(part.files, part.preview) for part in parts] == [((), None)] * len(parts)
    assert "The link's own preview is made by the platform, from the page that it leads to." in findings(app, post)


@pytest.mark.parametrize("channel", ["sky", "herd"])
def test_without_a_link_the_card_is_a_picture_and_the_officer_is_told(start: Callable[..., App], channel: str) -> None:
    app = start(attach="link-card")
    a_story(app, link="")

    post, parts = rendered(app, channel)

    assert len(parts[0].images) == 2
    assert {part.preview for part in parts} == {None}
    assert "The story has no link to make a link card of, so the card is attached as a picture." in findings(app, post)


def findings(app: App, post: Post) -> list[str]:
    """Return what the proof says of a post."""
    [item] = proof.proof(app, [post.uuid], text_only=True).items
    return [finding.text for finding in item.findings]


def inputs(app: App) -> dict[str, str]:
    with app.reading() as db:
        return {post.channel: post.input_hash for post in store.posts_where(db)}


@pytest.mark.parametrize("key", [{"thread": 4}, {"attach": "link-card"}])
def test_threads_and_attachments_of_a_channel_shape_its_posts_and_no_others(
    start: Callable[..., App], key: dict[str, Any]
) -> None:
    app = start()
    a_story(app)
    rendered(app)
    before = inputs(app)
    app.reconfigure(start(owns=False, **key).config)

    rendered(app)

    changed = {channel for channel, hash_ in inputs(app).items() if hash_ != before[channel]}
    assert changed == {"sky", "herd"}


def test_the_thread_of_a_channel_without_threads_shapes_nothing(
    start: Callable[..., App], config_file: Path, make_app: Callable[..., App]
) -> None:
    app = start()
    a_story(app)
    rendered(app)
    before = inputs(app)
    config_file.write_text(config_file.read_text().replace('title = "Regions"', 'title = "Regions"\nthread = 4'))
    app.reconfigure(make_app(owns=False).config)

    rendered(app)

    assert inputs(app) == before
