"""A post of which a person has told only the address: it is counted and taken down, or said to be for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from campaign.errors import Unsupported
from campaign.platforms.base import COUNTS, Checkpoint
from campaign.rehearsal.services import SERVICES
from tests.everywhere import Everywhere, everywhere
from tests.rehearsal.rig import error_of, image, part

BY_NUMBER = ("instagram", "threads")  # their addresses do not hold the number


@pytest.fixture(scope="module")
def campaign() -> Iterator[Everywhere]:
    with everywhere() as made:
        yield made


@pytest.mark.parametrize("pictures", [1, 2])
@pytest.mark.parametrize("name", SERVICES)
def test_what_is_bound_by_its_address_is_taken_down_or_left_to_a_person(
    campaign: Everywhere, tmp_path: Path, name: str, pictures: int
) -> None:
    images = tuple(image(tmp_path, n) for n in range(1, pictures + 1))
    text = f"A post with {pictures} of them."
    item = part(pictures, role="post", text=text, images=images, language="en", slug="tried")
    with campaign.opened() as app:
        adapter, memory = app.platform(name), Checkpoint({}, lambda values: None)
        before = campaign.seen(name)
        adapter.prepare(item, memory)
        live = adapter.publish(item, memory, idempotency_key=item.part)
        campaign.clock.advance(timedelta(hours=1))
        shown = campaign.seen(name)
        bound = adapter.id_at(live.permalink or adapter.confirm(live.remote_id).permalink, item)
        told = adapter.metrics([bound])[bound]

        if name in BY_NUMBER:
            assert isinstance(error_of(adapter.delete, bound), Unsupported)
            assert (campaign.seen(name), set(told.missing)) == (shown, set(COUNTS))
        else:
            assert told == adapter.metrics([live.remote_id])[live.remote_id]
            adapter.delete(bound)
            assert len(shown) > len(before)
            assert campaign.seen(name) == before
