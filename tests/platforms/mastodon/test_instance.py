"""What a server is and allows, from what it says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from campaign.platforms.base import Limits
from campaign.platforms.mastodon.adapter import Mastodon
from campaign.platforms.mastodon.instance import Server, honours_key, key_warnings, read, software_of
from tests.platforms.mastodon.scripted import GOTOSOCIAL, MASTODON, PIXELFED, PLEROMA, TAKAHE

SOFTWARE = [
    ("4.5.0", "https://github.com/mastodon/mastodon", "mastodon"),
    ("4.5.0-alpha.1+glitch", "https://github.com/glitch-soc/mastodon/tree/0123abc", "mastodon"),
    ("4.6.0", "https://github.com/matthewdeanmartin/mastodon_mock", "mastodon_mock"),
    ("0.20.2+git-8a7e3c5", "https://codeberg.org/superseriousbusiness/gotosocial", "gotosocial"),
    ("0.11.0", "https://github.com/jointakahe/takahe.git", "takahe"),
    ("2.7.2 (compatible; Pleroma 2.9.1)", "", "pleroma"),
    ("2.7.2 (compatible; Pleroma 2.5.51-436-ge8928e22.develop+soapbox)", "https://x.example/mastodon", "pleroma"),
    ("2.7.2  (compatible; Akkoma 3.13.1-0-gc02e343)", "https://akkoma.dev/AkkomaGang/akkoma", "akkoma"),
    ("3.5.3 (compatible; Pixelfed 0.12.7)", "https://github.com/pixelfed/pixelfed", "pixelfed"),
    ("2.7.2 (compatible; Akkoma 3.9.3; Bonfire 1.0)", "https://github.com/bonfire-networks/bonfire-app", ""),
    ("4.2.1 (compatible; Sharkey 2024.5; like Akkoma)", "", ""),
    ("4.2.1 (compatible; Iceshrimp 2023.11)", "https://github.com/mastodon/mastodon", ""),
    ("4.4.0", "https://github.com/hometown-fork/hometown", ""),
    ("4.5.0", "", ""),  # a bare number proves nothing: Takahē says no more
    ("", "", ""),
]


@pytest.mark.parametrize(("version", "source_url", "software"), SOFTWARE)
def test_the_software_is_known_by_its_name_only(version: str, source_url: str, software: str) -> None:
    assert software_of(version, source_url) == software


DEFAULT = Mastodon.limits
LIMITS: list[tuple[str, Any, dict[str, Any]]] = [
    ("Mastodon", MASTODON, {"text": 1000, "unit": "graphemes", "link_length": 23, "alt_text": 1500, "images": 4}),
    (
        "GoToSocial",
        GOTOSOCIAL,
        {"text": 5000, "unit": "characters", "link_length": None, "images": 6, "image_types": ("image/jpeg",)},
    ),
    ("Takahe", TAKAHE, {"text": 500, "unit": "characters", "link_length": None, "alt_text": 1500}),
    ("Pleroma", PLEROMA, {"text": 5000, "alt_text": 5000, "image_bytes": 2_000_000, "link_length": None}),
    ("Pixelfed", PIXELFED, {"text": 500, "images": 4, "image_types": ("image/jpeg", "image/png")}),
    ("a small server", {"upload_limit": 500_000, "max_toot_chars": 200}, {"image_bytes": 500_000, "text": 200}),
    ("nonsense", {"configuration": [], "max_toot_chars": "many", "upload_limit": True, "version": 4}, {"text": 500}),
    ("negative", {"max_toot_chars": -1, "configuration": {"statuses": {"max_characters": 0}}}, {"text": 500}),
    ("Mastodon, without its numbers", {**MASTODON, "configuration": None}, {"text": 500, "link_length": 23}),
    ("nothing", {}, {"text": 500, "unit": "characters", "link_length": None, "image_bytes": 2_000_000}),
]


@pytest.mark.parametrize(("said", "limits"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_the_limits_are_the_servers(said: Any, limits: dict[str, Any]) -> None:
    found = read(said, DEFAULT).limits
    assert {name: getattr(found, name) for name in limits} == limits
    assert (found.threads, found.formats) == (DEFAULT.threads, DEFAULT.formats)


KEYS = [
    ("auto", "mastodon", True, ""),
    ("auto", "pleroma", True, ""),
    ("auto", "akkoma", True, ""),
    ("auto", "mastodon_mock", True, ""),
    ("auto", "gotosocial", False, "GoToSocial is not known to honour"),
    ("auto", "takahe", False, "Takahē is not known to honour"),
    ("auto", "pixelfed", False, "Pixelfed is not known to honour"),
    ("auto", "", False, "this server is not known to honour"),
    ("yes", "mastodon", True, ""),
    ("yes", "", True, ""),
    ("yes", "gotosocial", True, "a post may appear twice"),
    ("no", "mastodon", False, "a person may be asked"),
]


@pytest.mark.parametrize(("setting", "software", "honours", "warning"), KEYS)
def test_a_call_is_repeated_only_where_the_key_is_known_to_be_honoured(
    setting: str, software: str, honours: bool, warning: str
) -> None:
    assert honours_key(software, setting) is honours
    told = key_warnings(Server(software, Limits(text=500)), setting)
    assert len(told) == bool(warning)
    assert warning in " ".join(told)
