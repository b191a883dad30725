"""A platform in tests that lets in only whom it knows: the fake one, with a door before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from campaign.config import Secret
from campaign.errors import NotSent
from campaign.models import ChannelState
from campaign.platforms import PLATFORMS
from campaign.platforms.base import Account, Limits, PlatformSettings, Prompt
from tests.fakes import Fake, World

CHANNEL = """
[channels.club]
platform = "club"
name = "The club"
slots = ["mon-fri 09:00"]
"""
PASSWORD = "xxxx-yyyy-zzzz-0001"
TOKEN = "t0ken-of-the-club-0001"


class ClubSettings(PlatformSettings):
    """`token`: instead of a login."""

    token: Secret | None = None


@dataclass
class Door(World):
    """Whom the platform knows by which token, and what it tells of them."""

    accounts: dict[str, Account] = field(default_factory=dict)  # by token
    followers: int | None = None


class Club(Fake):
    """The adapter to it."""

    name = "club"
    starts_enabled = False
    limits = Limits(text=500, images=4, threads=True)
    Settings = ClubSettings
    settings: ClubSettings
    world: ClassVar[Door]

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        prompt.tell("Make a password at https://club.example/passwords.")
        answers = {"identifier": prompt.ask("Name"), "password": prompt.ask("Password:", hidden=True)}
        return self.world.meet("login", lambda: {**answers, "token": TOKEN})

    def check(self) -> Account:
        given = self.settings.token
        token = given.reveal() if given else self.tokens.load().get("token", "")
        if token not in self.world.accounts:
            raise NotSent("nobody is logged in", token_dead=True)
        return self.world.meet("check", lambda: self.world.accounts[token])

    def followers(self) -> int | None:
        return self.world.meet("followers", lambda: self.world.followers)


def account(**values: Any) -> Account:
    """Return Asa's account, or one that differs from it."""
    return replace(Account(id="1", name="@asa@club.example", limits=Club.limits), **values)


def open_club(patch: pytest.MonkeyPatch, *, world: Callable[[], Door] = Door) -> Door:
    """Put the platform into the registry, and return its side, which knows the token that a login gives."""
    patch.setitem(PLATFORMS, "club", "tests.club:Club")
    patch.setattr(Club, "world", world(), raising=False)
    Club.world.accounts[TOKEN] = account()
    return Club.world


def state_of(app: Any, channel: str = "club") -> ChannelState:
    """Return what is stored about a channel."""
    with app.reading() as db:
        found: ChannelState = db.get_one(ChannelState, channel)
        return found
