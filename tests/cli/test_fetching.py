"""`campaign check` fetches one picture through its public address, and says what is wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.app import App
from campaign.cli.checkup import Finding, checkup
from campaign.config import Public
from tests.club import CHANNEL, Club, open_club
from tests.wire import Act, Talk, answer, head, refusing, serving

REMEDY = "What the public place must do: docs/admin.md, Public pictures."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def found(make_app: Callable[..., App], folder: Path) -> Callable[[str], list[Finding]]:
    """Return what a check finds of the public place when it is seen under an address."""

    def look(url: str) -> list[Finding]:
        app = make_app()
        app.reconfigure(replace(app.config, public=Public(url, folder)))
        return [finding for finding in checkup(app) if "ublic p" in finding.text]

    return look


def files(folder: Path, kind: str) -> Act:
    """Answer as a web server before a folder does."""

    def act(talk: Talk) -> None:
        path = talk.read_request().split()[1].decode()
        data = (folder / path.rpartition("/")[2]).read_bytes()
        talk.say(head(200, len(data), Content_Type=kind) + data)
        talk.wait()

    return act


def test_a_place_that_works_is_fine_and_left_as_it_was(found: Callable[[str], list[Finding]], folder: Path) -> None:
    with serving(files(folder, "image/jpeg")) as server:
        assert found(f"{server.url}/social") == [Finding("fine", "Public pictures can be fetched.")]

    assert list(folder.iterdir()) == []
    (request,) = server.requests
    assert request.startswith(b"GET /social/")
    assert b"cookie" not in request.lower()


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            answer(302, b"", Location="https://login.example.org/"),
            "its server sends everybody on to https://login.example.org/",
        ),
        (answer(301), "its server sends everybody on to another address"),
        (answer(403, b"Forbidden"), "its server lets nobody in without a login (status 403)"),
        (answer(401, b"Who are you?"), "its server lets nobody in without a login (status 401)"),
        (
            answer(404, b"Not Found"),
            "its server has no such file (status 404): address and place do not belong together",
        ),
        (answer(503, b"Later"), "its server answers with status 503"),
        (
            answer(200, b"<html>Who are you?</html>", Content_Type="text/html; charset=utf-8"),
            "a web page comes in place of the picture, such as a login page",
        ),
        (
            answer(200, b"\xff\xd8", Content_Type="application/octet-stream"),
            'the picture comes as "application/octet-stream", and should come as "image/jpeg"',
        ),
        (answer(200, b"\xff\xd8"), 'the picture comes as "", and should come as "image/jpeg"'),
        (answer(200, b"\xff\xd8", Content_Type="image/jpeg"), "another picture comes than was put there"),
    ],
)
def test_what_is_wrong_is_told(found: Callable[[str], list[Finding]], folder: Path, act: Act, told: str) -> None:
    with serving(act) as server:
        assert found(server.url) == [Finding("wrong", f"Public pictures cannot be fetched: {told}.", REMEDY)]
    assert list(folder.iterdir()) == []


def test_an_address_at_which_nobody_answers_is_told(found: Callable[[str], list[Finding]]) -> None:
    (finding,) = found(refusing())

    assert finding.level == "wrong"
    assert finding.text.startswith("Public pictures cannot be fetched: its server could not be reached (")


def test_a_folder_that_cannot_be_written_is_told(found: Callable[[str], list[Finding]], folder: Path) -> None:
    folder.write_text("a file stands in the way")

    (finding,) = found("https://pictures.example.org")

    assert finding.level == "wrong"
    assert "the picture could not be made public: [Errno 20] Not a directory" in finding.text


def test_a_platform_that_fetches_needs_a_public_place(
    make_app: Callable[..., App], config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_club(monkeypatch)
    monkeypatch.setattr(Club, "fetches", True)
    config_file.write_text(config_file.read_text() + CHANNEL)
    app = make_app()

    wrong = [finding for finding in checkup(app) if finding.level == "wrong"]

    assert wrong == [
        Finding(
            "wrong",
            "Channel club: club fetches pictures, and there is no public place.",
            "Add the table [public] to the config (docs/admin.md).",
        )
    ]


def test_a_channel_without_pictures_needs_none(
    make_app: Callable[..., App], config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_club(monkeypatch)
    monkeypatch.setattr(Club, "fetches", True)
    config_file.write_text(config_file.read_text() + CHANNEL + 'attach = "none"\n')

    assert [finding for finding in checkup(make_app()) if finding.level == "wrong"] == []
