"""Errors speak for themselves: what is wrong, where, what to do, and how the program ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign import credentials, owner  # noqa: F401 - so that every error class is known here
from campaign.errors import (
    CampaignError,
    ChannelBlocked,
    ConfigError,
    Exit,
    NotOwner,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Problem,
    ProblemsError,
    RateLimited,
    Rejected,
    RenderError,
    StoreError,
    StoryError,
    Unsupported,
    UsageError,
)

TWO = [
    Problem("story.md, line 6", "photos[1].consent is missing.", "Write consent: yes, no, or nobody-recognisable."),
    Problem("story.md, line 9", "the title is empty."),
]


def kinds_of(kind: type[CampaignError]) -> list[type[CampaignError]]:
    """Return a class of errors and all below it, each once."""
    found = {kind.__qualname__: kind}
    for below in kind.__subclasses__():
        found |= {each.__qualname__: each for each in kinds_of(below)}
    return list(found.values())


ALL = [kind for kind in kinds_of(CampaignError) if kind.__module__ == "campaign.errors"]
EVERY = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)


def test_a_problem_says_where_and_what_and_on_a_line_of_its_own_what_to_do() -> None:
    told, without_remedy = map(str, TWO)

    assert told == (
        "story.md, line 6: photos[1].consent is missing.\n  Write consent: yes, no, or nobody-recognisable."
    )
    assert without_remedy == "story.md, line 9: the title is empty."


@pytest.mark.parametrize("kind", [ProblemsError, ConfigError, StoryError])
def test_several_problems_are_told_together_and_in_their_order(kind: type[ProblemsError]) -> None:
    error = kind(TWO)

    assert error.problems == tuple(TWO)
    assert str(error) == f"{TWO[0]}\n{TWO[1]}"


def test_a_message_may_carry_a_remedy() -> None:
    assert str(UsageError("there is no post abcd", remedy="campaign post list")) == (
        "there is no post abcd\n  campaign post list"
    )
    assert str(StoreError("the database is locked")) == "the database is locked"


@EVERY
def test_every_class_of_errors_has_a_sentence_that_can_stand_as_its_message(kind: type[CampaignError]) -> None:
    sentence = (kind.__doc__ or "").splitlines()[0]

    assert sentence == sentence.strip()
    assert len(sentence) > 20
    assert sentence[0].isupper()
    assert sentence.endswith((".", ":"))
    if not issubclass(kind, ProblemsError):
        assert str(kind()) == sentence
        assert str(kind(remedy="Wait.")) == f"{sentence}\n  Wait."


@EVERY
def test_every_class_ends_the_program_in_its_way(kind: type[CampaignError]) -> None:
    assert kind.exit_code == (Exit.USAGE if issubclass(kind, ConfigError | UsageError) else Exit.ERROR)


def test_the_codes_with_which_the_program_ends() -> None:
    assert {code.name: code.value for code in Exit} == {"DONE": 0, "ERROR": 1, "USAGE": 2, "NEEDS_PERSON": 3}


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (StoryError, ProblemsError),
        (ConfigError, ProblemsError),
        (RenderError, CampaignError),
        (NotOwner, StoreError),
        (NotSent, PlatformError),
        (RateLimited, NotSent),
        (OutcomeUnknown, PlatformError),
        (Rejected, PlatformError),
        (ChannelBlocked, PlatformError),
        (Unsupported, PlatformError),
    ],
)
def test_what_is_a_kind_of_what(kind: type[CampaignError], parent: type[CampaignError]) -> None:
    assert kind.__bases__ == (parent,)


def test_what_is_unknown_is_never_taken_for_not_sent() -> None:
    assert not issubclass(OutcomeUnknown, NotSent)
    assert not issubclass(Rejected, NotSent)
    assert not issubclass(ChannelBlocked, NotSent)


@pytest.mark.parametrize("kind", [NotSent, RateLimited])
def test_what_was_not_sent_carries_what_the_next_try_needs(kind: type[NotSent]) -> None:
    plain = kind("later")
    told = kind("later", forget=("upload",), token_dead=True, retry_after=timedelta(minutes=5))

    assert (plain.forget, plain.token_dead, plain.retry_after) == ((), False, None)
    assert (told.forget, told.token_dead, told.retry_after) == (("upload",), True, timedelta(minutes=5))
