"""Every error of the program, named by what it stops.

A message says what is wrong, where (file, line, key), and what to do about it. Library errors are
turned into one of these at the edge where they arise; bugs are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    NEEDS_PERSON = 3


@dataclass(frozen=True)
class Problem:
    """One mistake in what somebody wrote: where it is, what is wrong, and the remedy."""

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        first = f"{self.where}: {self.what}"
        return f"{first}\n  {self.remedy}" if self.remedy else first


class CampaignError(Exception):
    """Something went wrong that the program foresaw."""

    exit_code = Exit.ERROR

    def __init__(self, message: str = "", *, remedy: str = "") -> None:
        text = message or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(f"{text}\n  {remedy}" if remedy else text)


class ProblemsError(CampaignError):
    """Several mistakes in one file, told together."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class ConfigError(ProblemsError):
    """The configuration cannot be used: the process stops."""

    exit_code = Exit.USAGE


class UsageError(CampaignError):
    """A command was asked for something that does not exist or cannot be done now."""

    exit_code = Exit.USAGE


class StoryError(ProblemsError):
    """A story cannot be taken in; nothing of it was stored."""


class RenderError(CampaignError):
    """A post cannot be rendered."""


class StoreError(CampaignError):
    """The database cannot be used now: this tick stops."""


class NotOwner(StoreError):
    """Somebody else publishes on this channel now, so what was about to be written was not."""


class PlatformError(CampaignError):
    """A platform did not do what was asked."""


class NotSent(PlatformError):
    """Certainly not published by this attempt: it may be tried again.

    `forget` names checkpoint entries (an expired upload, a stale container) to be made anew.
    `token_dead` says that the platform refused the credentials, or that nobody listens where it should be: twice
    running blocks the channel.
    """

    def __init__(
        self,
        message: str = "",
        *,
        remedy: str = "",
        forget: tuple[str, ...] = (),
        token_dead: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.forget = forget
        self.token_dead = token_dead
        self.retry_after = retry_after


class RateLimited(NotSent):
    """The platform asks this channel to wait."""


class OutcomeUnknown(PlatformError):
    """It may be live: only the platform or a person may say."""


class Rejected(PlatformError):
    """The platform refuses this post for good."""


class ChannelBlocked(PlatformError):
    """The channel needs a person before anything can be published on it."""


class Unsupported(PlatformError):
    """The platform has no such ability."""
