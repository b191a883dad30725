"""What a channel's own keys mean to its platform, and what its server has told of its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, field_validator

from campaign.config import Config, Secret
from campaign.errors import ConfigError, Exit
from campaign.platforms import PLATFORMS
from campaign.platforms.base import PlatformSettings
from campaign.platforms.folder import Folder, FolderSettings
from campaign.settings import as_told, check_channels, settings_of
from tests.conftest import CONFIG
from tests.fakes import Fake

FIRST = len(CONFIG.splitlines()) + 1  # the line of whatever a test appends


def line(n: int) -> str:
    """Return how a message names the n-th appended line."""
    return f"config.toml, line {FIRST + n - 1}, channels.x"


CHANNEL = '[channels.x]\nplatform = "folder"\nslots = []\n'
WRONG = [
    pytest.param(
        '[channels.x]\nplatform = "foldr"\nslots = []\n',
        f'{line(2)}.platform: there is no platform "foldr".\n  Did you mean "folder"?',
        id="nearly a platform",
    ),
    pytest.param(
        '[channels.x]\nplatform = "fax"\nslots = []\n',
        f'{line(2)}.platform: there is no platform "fax".\n  Known here: {", ".join(sorted(PLATFORMS))}.',
        id="no platform",
    ),
    pytest.param(
        f'{CHANNEL}folder = "out"\ntitel = "Regions"\n',
        f'{line(5)}: there is no key "titel" here.\n  Did you mean "title"?',
        id="nearly a key of the platform",
    ),
    pytest.param(
        f'{CHANNEL}folder = "out"\ndaily_capp = 3\n',
        f'{line(5)}: there is no key "daily_capp" here.\n  Did you mean "daily_cap"?',
        id="nearly a key of every channel",
    ),
    pytest.param(
        f'{CHANNEL}folder = "out"\nzzz = 3\n',
        f'{line(5)}: there is no key "zzz" here.\n  Known here: address, approval, attach, base_url, budget, '
        "call_deadline, daily_cap, first_comment, folder, formats, hashtags, language, languages, late_window, "
        "max_text, mode, name, platform, repeat_guard, settle, slots, spacing, thread, title, zone.",
        id="no key",
    ),
    pytest.param(CHANNEL, f'{line(2)}: the platform folder needs the key "folder".', id="a missing key"),
    pytest.param(f"{CHANNEL}folder = 3\n", f"{line(4)}.folder: this must be a path in quotation marks.", id="no path"),
    pytest.param(
        f'{CHANNEL}folder = "out"\nbase_url = "ftp://x"\n',
        f"{line(5)}.base_url: this must be an address that begins with https://.",
        id="no address",
    ),
    pytest.param(
        f'{CHANNEL}folder = "out"\ntitle = 3\n',
        f"{line(5)}.title: this must be a text in quotation marks.",
        id="a wrong type",
    ),
]


class PickySettings(PlatformSettings):
    """Keys of every kind."""

    mood: Literal["glad", "wild"] = "glad"
    many: int = Field(default=1, ge=1)
    share: float = 0.5
    loud: bool = False
    tags: list[str] = Field(default_factory=list)
    pair: tuple[str, ...] = ()
    token: Secret | None = None
    odd: str = ""
    odd_name: str = ""
    place: Path = Path()

    @field_validator("odd")
    @classmethod
    def _odd(cls, value: str) -> str:
        raise ValueError("nothing but oddities here.")


class Picky(Fake):
    """A platform with keys of every kind."""

    name = "picky"
    Settings = PickySettings


class TestSettings:
    """What only a platform can judge is told like every other mistake in the config."""

    @pytest.mark.parametrize(("more", "message"), WRONG)
    def test_a_mistake_is_told_with_its_line_and_a_remedy(
        self, config_with: Callable[[str], Config], more: str, message: str
    ) -> None:
        config = config_with(more)

        with pytest.raises(ConfigError) as raised:
            settings_of(config, config.channels["x"])

        assert str(raised.value) == message
        assert raised.value.exit_code == Exit.USAGE

    @pytest.mark.parametrize(
        ("setting", "message"),
        [
            ('mood = "sad"', 'mood: this must be one of "glad" or "wild".'),
            ('many = "x"', "many: this must be a whole number, without quotation marks."),
            ("many = 0", "many: this must be greater than or equal to 1."),
            ('share = "x"', "share: this must be a number, without quotation marks."),
            ('loud = "perhaps"', "loud: this must be true or false, without quotation marks."),
            ('tags = "x"', 'tags: this must be a list in brackets: ["one", "two"].'),
            ('pair = "x"', 'pair: this must be a list in brackets: ["one", "two"].'),
            ("token = 3", "token: this must be a text in quotation marks."),
            ('odd = "x"', "odd: nothing but oddities here."),
        ],
    )
    def test_what_a_platform_expects_is_told_in_plain_words(
        self, config_with: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch, setting: str, message: str
    ) -> None:
        monkeypatch.setitem(PLATFORMS, "picky", "tests.test_settings:Picky")
        config = config_with(f'[channels.x]\nplatform = "picky"\nslots = []\n{setting}\n')

        with pytest.raises(ConfigError) as raised:
            check_channels(config)

        assert str(raised.value) == f"{line(4)}.{message}"

    def test_a_value_from_a_file_is_taken_as_it_is_and_a_credential_stays_a_secret(
        self, config_with: Callable[[str], Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(PLATFORMS, "picky", "tests.test_settings:Picky")
        (tmp_path / "value").write_text("from-a-file")
        (tmp_path / "value").chmod(0o600)
        config = config_with(
            '[channels.x]\nplatform = "picky"\nslots = []\n'
            + "".join(f'{name} = {{ file = "value" }}\n' for name in ("odd_name", "place", "token"))
        )

        settings = settings_of(config, config.channels["x"])

        assert isinstance(settings, PickySettings)
        assert (settings.odd_name, settings.place) == ("from-a-file", tmp_path / "from-a-file")
        assert settings.token is not None
        assert (str(settings.token), settings.token.reveal()) == ("***", "from-a-file")

    def test_a_platform_without_threads_says_so(
        self, config_with: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = config_with(f'{CHANNEL}folder = "out"\nthread = 3\n')

        with pytest.raises(ConfigError) as raised:
            check_channels(config)

        remedy = "Take this line out: what does not fit is shortened."
        assert str(raised.value) == f"{line(5)}.thread: the platform folder has no threads.\n  {remedy}"
        check_channels(config_with(f'{CHANNEL}folder = "out"\nthread = 1\n'))
        monkeypatch.setattr(Folder, "limits", replace(Folder.limits, threads=True))
        check_channels(config)

    @pytest.mark.parametrize("attach", ["none", "link-card"])
    def test_where_every_post_needs_a_picture_a_channel_cannot_do_without(
        self, config_with: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch, attach: str
    ) -> None:
        config = config_with(f'{CHANNEL}folder = "out"\nattach = "{attach}"\n')
        check_channels(config)
        monkeypatch.setattr(Folder, "limits", replace(Folder.limits, needs_image=True))

        with pytest.raises(ConfigError) as raised:
            check_channels(config)

        remedy = 'Take this line out: the card is attached then, as with attach = "card".'
        what = f"{line(5)}.attach: the platform folder has no posts without a picture.\n  {remedy}"
        assert str(raised.value) == what
        check_channels(config_with(f'{CHANNEL}folder = "out"\nattach = "card"\n'))

    def test_a_platform_without_comments_says_so(
        self, config_with: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = config_with(f'{CHANNEL}folder = "out"\nfirst_comment = "link"\n')

        with pytest.raises(ConfigError) as raised:
            check_channels(config)

        what = "the platform folder has no comments below a post."
        remedy = "Take this line out: the link stands in the text."
        assert str(raised.value) == f"{line(5)}.first_comment: {what}\n  {remedy}"
        check_channels(config_with(f'{CHANNEL}folder = "out"\nfirst_comment = "none"\n'))
        monkeypatch.setattr(Folder, "limits", replace(Folder.limits, comments=True))
        check_channels(config)

    def test_prices_of_what_is_neither_a_channel_nor_a_platform_are_told(
        self, config_with: Callable[[str], Config]
    ) -> None:
        prices = 'currency = "EUR"\npost = 1\n'
        check_channels(config_with(f"[prices.news]\n{prices}[prices.folder]\n{prices}"))

        with pytest.raises(ConfigError) as raised:
            check_channels(config_with(f"[prices.foldr]\n{prices}"))

        what = 'there is no channel or platform "foldr".'
        assert str(raised.value) == f'config.toml, line {FIRST}, prices.foldr: {what}\n  Did you mean "folder"?'

    def test_all_mistakes_of_all_channels_are_told_at_once(self, config_with: Callable[[str], Config]) -> None:
        more = f'{CHANNEL}title = 3\nadress = "x"\n[channels.y]\nplatform = "fax"\nslots = []\n'

        with pytest.raises(ConfigError) as raised:
            check_channels(config_with(more))

        assert [problem.where for problem in raised.value.problems] == [
            line(2),
            f"{line(4)}.title",
            line(5),
            f"config.toml, line {FIRST + 6}, channels.y.platform",
        ]

    def test_paths_are_seen_from_the_config_file(self, config_with: Callable[[str], Config], tmp_path: Path) -> None:
        config = config_with(
            f'{CHANNEL}folder = "out/web"\n[channels.y]\nplatform = "folder"\nfolder = "/srv/web"\nslots = []\n'
        )

        x, y = (settings_of(config, config.channels[key]) for key in "xy")

        assert x == FolderSettings(folder=tmp_path / "out" / "web")
        assert y == FolderSettings(folder=Path("/srv/web"))

    def test_a_config_without_a_mistake_passes(self, config_with: Callable[[str], Config]) -> None:
        check_channels(config_with(""))


def test_limits_that_another_version_has_stored_do_no_harm() -> None:
    assert as_told(Folder.limits, {"text": 500, "smell": "roses"}) == replace(Folder.limits, text=500)
