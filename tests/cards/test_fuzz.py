"""Random cards: nothing outside its place, nothing touching, everything readable, every cut told."""

from __future__ import annotations

import pytest

from tests.cards.fuzzing import Ground, a_ground, a_request, complaints

pytestmark = pytest.mark.cards

BATCH = 25


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return a_ground(tmp_path_factory.mktemp("ground"))


def judge(first: int, ground: Ground) -> list[str]:
    """Draw a batch of cards and return what is wrong with them."""
    return [f"{seed}: {why}" for seed in range(first, first + BATCH) for why in complaints(a_request(seed, ground))]


@pytest.mark.parametrize("first", range(0, 300, BATCH))
def test_random_cards_hold_what_cards_promise(first: int, ground: Ground) -> None:
    assert judge(first, ground) == []


@pytest.mark.soak
@pytest.mark.parametrize("first", range(300, 2800, BATCH))
def test_many_more_random_cards_hold_it_too(first: int, ground: Ground) -> None:
    assert judge(first, ground) == []
