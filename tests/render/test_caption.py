"""Where a text has less room beside pictures, as on Telegram, a post is as long as what stands beside it lets it be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaign import fit, proof
from campaign.app import App
from campaign.platforms.base import Limits
from campaign.platforms.telegram import Telegram
from tests.render.test_attach import a_story, rendered

CHANNEL = """
[channels.gram]
platform = "telegram"
name = "Regions on Telegram"
chat = "@orgnews"
slots = ["tue 09:00", "wed 09:00"]
attach = "{attach}"
"""
BODY = "Trainers can download and adapt them. " * 60


@pytest.fixture
def start(config_file: Path, make_app: Callable[..., App]) -> Callable[..., App]:
    written = config_file.read_text()

    def started(attach: str, more: str = "") -> App:
        config_file.write_text(written + CHANNEL.format(attach=attach) + more)
        return make_app(owns=True)

    return started


@pytest.mark.parametrize(
    ("attach", "link", "more", "pictures", "room"),
    [
        ("card", "https://example.org/a", "", 2, 1024),
        ("none", "https://example.org/a", "", 0, 4096),
        ("link-card", "https://example.org/a", "", 0, 4096),
        ("link-card", "", "", 2, 1024),  # without a link the card is a picture
        ("card", "https://example.org/a", "max_text = 700\n", 2, 700),
        ("none", "https://example.org/a", "max_text = 2000\n", 0, 2000),
    ],
)
def test_the_room_for_a_text_depends_on_the_pictures_beside_it(
    start: Callable[..., App], attach: str, link: str, more: str, pictures: int, room: int
) -> None:
    app = start(attach, more)
    a_story(app, body=BODY.strip(), link=link)

    post, [part] = rendered(app, "gram")

    length = fit.count(part.text, "utf16")
    assert len(part.images) == pictures
    assert min(room, 2300) - 200 < length <= room
    [item] = proof.proof(app, [post.uuid], text_only=True).items
    assert item.lengths == (f"{length} of {room} UTF-16 units",)
    assert f"The text fits: {length} of {room} UTF-16 units." in [finding.text for finding in item.findings]


def test_other_platforms_have_one_limit() -> None:
    limits = Limits(text=500)

    assert limits.beside(pictures=True) == limits
    assert Telegram.limits.beside(pictures=False).text == 4096
