"""What LinkedIn's errors tell beside what they mean, which stands in `tests/platforms/rows/linkedin.py`."""

from __future__ import annotations

from typing import Any

import pytest

from campaign.errors import ChannelBlocked, NotSent, PlatformError
from campaign.platforms.linkedin.refusals import Duplicate
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.linkedin.page import adapter, item, send, uploading
from tests.platforms.mastodon.scripted import Kept, MakeImage, Scripted, error_of
from tests.platforms.rows.linkedin import DUPLICATE, one


@pytest.mark.parametrize(
    ("body", "urn"),
    [
        (DUPLICATE, "urn:li:share:7141138937766391808"),
        (one("UNPROCESSABLE_ENTITY", 422, "Content is a duplicate of urn:li:ugcPost:71"), "urn:li:ugcPost:71"),
        (one("DUPLICATE_POST", 422, "by urn:li:person:7"), ""),
    ],
)
def test_a_duplicate_names_its_twin_but_never_a_person(
    server: Scripted, clock: VirtualClock, body: dict[str, Any], urn: str
) -> None:
    server.says("POST /posts", body, status=422)

    error = error_of(lambda: send(adapter(server, clock), item()))

    assert isinstance(error, Duplicate)
    assert error.urn == urn


@pytest.mark.parametrize(
    ("call", "status", "body", "kind"),
    [
        ("POST /images", 403, one("ACCESS_DENIED", 403), ChannelBlocked),
        ("PUT /dms-uploads/A", 400, one("EXPIRED_UPLOAD_URL"), NotSent),
    ],
)
def test_a_refused_upload_sends_nothing_and_is_forgotten(
    server: Scripted,
    clock: VirtualClock,
    image: MakeImage,
    call: str,
    status: int,
    body: Any,
    kind: type[PlatformError],
) -> None:
    uploading(server, "A")
    server.says(call, body, status=status)
    kept = Kept()

    assert type(error_of(lambda: send(adapter(server, clock), item(images=(image(),)), kept))) is kind
    assert "POST /posts" not in server.calls
    assert kept.values == {}


def test_an_upload_that_is_not_let_in_says_nothing_of_the_token(
    server: Scripted, clock: VirtualClock, image: MakeImage
) -> None:
    """The call before has just been let in with it; the address of an upload ends too."""
    uploading(server, "A")
    server.says("PUT /dms-uploads/A", b"", status=401)

    error = error_of(lambda: send(adapter(server, clock), item(images=(image(),))))

    assert isinstance(error, NotSent)
    assert not error.token_dead


def test_no_message_shows_a_secret(server: Scripted, clock: VirtualClock) -> None:
    server.says("POST /posts", one("MISSING_FIELD", 400, "Bearer canary-AQV-token is not enough"), status=400)
    assert "canary" not in str(error_of(lambda: send(adapter(server, clock), item())))
