"""The tables of wrong stories and wrong configs once more, typed: the message, the exit code, nothing changed."""

from __future__ import annotations

import pytest

from campaign.errors import Exit
from tests import (
    test_intake_wrong_file,
    test_intake_wrong_photos,
    test_intake_wrong_rules,
    test_intake_wrong_words,
)
from tests.cli.conftest import Keyboard
from tests.handing import hand_in
from tests.test_config_wrong import MISTAKES, SOUND

TABLES = (test_intake_wrong_file, test_intake_wrong_photos, test_intake_wrong_rules, test_intake_wrong_words)
STORIES = {name: wrong for table in TABLES for name, wrong in table.WRONG.items()}


def stored(campaign: Keyboard) -> bytes:
    """Return the database to the byte, and the names of what lies beside it."""
    names = sorted(path.name for path in campaign.folder.iterdir() if not path.name.startswith("campaign.db-"))
    return (campaign.folder / "campaign.db").read_bytes() + "\n".join(names).encode()


def plain(text: str) -> str:
    """Return a message without its line breaks and indents, which differ between one story and a list of them."""
    return " ".join(text.split())


def test_there_are_enough_mistakes_and_each_is_another() -> None:
    assert len({message for _, message in STORIES.values()}) >= 40
    assert len({message for *_, message in MISTAKES.values()}) >= 25


@pytest.mark.parametrize("name", STORIES)
def test_a_wrong_story_is_refused_with_its_message_and_changes_nothing(campaign: Keyboard, name: str) -> None:
    files, message = STORIES[name]
    story = hand_in(campaign.folder / "ostrava", files)
    before = stored(campaign)

    told = campaign("add", str(story), code=Exit.NEEDS_PERSON)

    assert plain(message) in plain(told)
    assert stored(campaign) == before


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_config_is_refused_with_its_message_and_changes_nothing(campaign: Keyboard, mistake: str) -> None:
    sound, wrong, message = MISTAKES[mistake]
    (campaign.folder / "config.toml").write_text(SOUND.replace(sound, wrong, 1), encoding="utf-8")
    before = stored(campaign)

    told = campaign("plan", code=Exit.USAGE)

    assert plain(message.replace("{root}", str(campaign.folder))) in plain(told)
    assert stored(campaign) == before
