"""A page with status 200 is no receiver's yes: a network in between shows it to whoever comes along."""

from __future__ import annotations

import pytest

from campaign.platforms.webhook.adapter import is_page


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b"", False),
        (b"ok", False),
        (b'{"id": "7"}', False),
        (b" <!DOCTYPE html><p>Welcome", True),
        (b"\xef\xbb\xbf<!DOCTYPE html>", True),
        (b"\xff\xfe<html>Welcome to our hotel's network</html>", True),
    ],
)
def test_a_page_is_told_from_an_answer(body: bytes, page: bool) -> None:
    assert is_page(body) is page
