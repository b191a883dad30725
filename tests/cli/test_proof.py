"""`campaign proof` and `campaign approve`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Keyboard, ids


def code_of(keyboard: Keyboard) -> str:
    return str(keyboard.json("proof")["code"])


def test_a_proof_is_a_page_with_a_code(planned: Keyboard) -> None:
    told = planned("proof")

    page = Path(next(line for line in told.splitlines() if line.startswith("The page:")).removeprefix("The page: "))
    assert page.is_file()
    assert "battery-modules@news" in told
    assert told.rstrip().endswith(f"campaign approve --proof {code_of(planned)}")


def test_a_proof_for_programs_holds_what_is_to_be_approved(planned: Keyboard) -> None:
    (first, _) = planned.json("proof")["items"]

    (part,) = first["parts"]
    assert "Battery skills modules, open to every region" in part["text"]
    assert part["images"][0]["alt"].startswith("Moravia-Silesia")


def test_a_proof_in_the_terminal_shows_the_text_itself(planned: Keyboard) -> None:
    told = planned("proof", "battery-modules@news", "--text")

    assert "Battery skills modules, open to every region" in told
    assert "campaign approve --proof" in told
    assert "battery-modules@kraj" not in told


def test_without_anything_to_show_that_is_said(campaign: Keyboard) -> None:
    assert campaign("proof") == "Nothing waits for approval.\n"


def test_a_damaged_post_is_shown_and_needs_a_person(planned: Keyboard) -> None:
    planned("proof")
    for picture in (planned.folder / "media").rglob("*.jpg"):
        picture.write_bytes(b"damaged")

    assert "damaged" in planned("proof", "--text", code=3)


def test_what_a_proof_has_shown_is_approved_by_its_code(planned: Keyboard) -> None:
    told = planned("approve", "--proof", code_of(planned))

    assert "✓ approved   battery-modules@news" in told
    approved = ids(planned, status="approved")
    assert len(approved) == 2
    assert "Undo: campaign approve --revoke " in told
    assert all(each[:8] in told for each in approved)


def test_an_approval_can_be_revoked(planned: Keyboard) -> None:
    planned("approve", "--proof", code_of(planned))

    told = planned("approve", "--revoke", "battery-modules@news")

    assert "✓ revoked    battery-modules@news" in told
    assert "To approve again: campaign proof battery-modules@news" in told
    assert len(ids(planned, status="approved")) == 1


def test_what_no_proof_has_shown_is_refused_with_exit_code_3(planned: Keyboard) -> None:
    told = planned("approve", "battery-modules@news", code=3)

    assert "✗ refused    battery-modules@news: no proof has shown it" in told
    assert "campaign proof battery-modules@news" in told


def test_a_person_who_may_not_approve_is_refused(planned: Keyboard) -> None:
    code = code_of(planned)

    (first, _) = planned.json("--as", "joao", "approve", "--proof", code, code=3)

    assert first["outcome"] == "refused"
    assert "João Conceição does not approve for this region or channel" in first["reason"]
    assert ids(planned, status="approved") == []


def test_an_unknown_code_is_told(planned: Keyboard) -> None:
    assert "there is no proof ZZZZZZ" in planned("approve", "--proof", "zzzzzz", code=2)


def test_approving_needs_to_be_told_what(planned: Keyboard) -> None:
    assert "say what you approve" in planned("approve", code=2)
    assert "--revoke takes the names of posts" in planned("approve", "--revoke", code=2)
