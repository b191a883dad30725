"""A rehearsal needs no account: it plays channels of every platform, in whatever way their real ones are set up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.app import App
from campaign.platforms import PLATFORMS, load
from campaign.rehearsal.rehearse import Ask, rehearse
from tests.conftest import CONFIG
from tests.making import make_story

PUBLIC = """
[public]
url = "https://pictures.example.net/campaign"
folder = "/var/www/nobody-may-write-here"
"""
ACCOUNTS = {  # by platform: the keys of channels as their admins wrote them
    "bluesky": ['identifier = "org.example.net"', 'identifier = "org.example.net"\npassword = "abcd-efgh-ijkl-mnop"'],
    "facebook": [
        'page = "104000000000001"\ntoken = "EAAB-of-a-system-user"',
        'client_id = "11"\nclient_secret = "of-the-app"\nredirect_uri = "https://example.net/back"',
    ],
    "folder": ['folder = "published/own"\naddress = "https://news.example.net"'],
    "instagram": [
        'token = "IGAA-of-the-account"\naccount = "178414000"',
        'login = "facebook"\nclient_id = "11"\nclient_secret = "of-the-app"\npage = "104000000000001"',
    ],
    "linkedin": [
        'organization = "2414183"\nclient_id = "86"\nclient_secret = "of-the-app"',
        'organization = "urn:li:organization:2414183"\ntoken = "AQX-of-a-member"',
    ],
    "mastodon": ['base_url = "https://social.example.net"\ntoken = "of-the-account"'],
    "telegram": [
        'chat = "@our_channel"\ntoken = "123:of-the-bot"',
        'chat = "-1001"\narchive = "-1002"\ntoken = "123:of-the-bot"',
    ],
    "threads": ['token = "THAA-of-the-profile"', 'client_id = "11"\nclient_secret = "of-the-app"'],
    "webhook": ['base_url = "https://press.example.net/hook"\nsecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"'],
    "x": [
        'client_id = "of-the-app"\nclient_secret = "of-the-app-too"\nfields = "post"\ntext_length = 25000',
        'consumer_key = "1"\nconsumer_secret = "2"\naccess_token = "3"\naccess_token_secret = "4"',
    ],
}
CHANNEL = """
[channels.{platform}-{n}]
platform = "{platform}"
slots = ["mon-sun 15:00"]
attach = "{attach}"
{keys}
"""


@pytest.mark.parametrize("percent", [0, 12], ids=["calm", "storm"])
def test_channels_of_every_platform_are_rehearsed_whatever_accounts_they_have(
    config_file: Path, make_app: Callable[..., App], percent: int
) -> None:
    tables = [
        CHANNEL.format(platform=name, n=n, keys=keys, attach="card" if load(name).limits.needs_image else "none")
        for name in ACCOUNTS
        for n, keys in enumerate(ACCOUNTS[name])
    ]
    config_file.write_text(CONFIG.replace("slots =", 'attach = "none"\nslots =') + PUBLIC + "".join(tables))
    app = make_app(owns=False)
    make_story(app)

    outcome = rehearse(app, Ask(days=2, percent=percent, seed=3), lambda share, what: None)

    assert ACCOUNTS.keys() == PLATFORMS.keys()
    assert [promise.rule for promise in outcome.promises if not promise.kept] == []
    silent = app.config.channels.keys() - {each.channel for each in outcome.appearances}
    asked = {channel for need in outcome.needs for channel in silent if f"channel {channel}:" in need.what}
    assert silent == asked, outcome.needs  # as where the answer to a renewal was lost
    assert (len(outcome.survived) > 10) == bool(percent)
    assert outcome.needs == () or percent
