"""What becomes of a right story: it is taken in with every word typed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image

from campaign import intake, store
from campaign.app import App
from campaign.config import load
from campaign.files import PACKAGE
from campaign.story import Course, Figure, Milestone, Occasion, Practice, Profile, Quote
from tests.handing import COURSE, Files, changed, hand_in, of_kind, refusal, taken


def test_a_story_is_stored_with_its_photo_and_its_event(app: App, tmp_path: Path) -> None:
    photo_keys = "    credit: MSIC\n    focus: 0.6 0.4\n    consent: yes\n    consent_until: 2027-01-31"
    keys = """\
project: trireme
topics: ['#batteries', up skilling]
mentions: [portugal]
channels: [news]
priority: -3
embargo: 2026-12-01 09:00
expires: 2027-03-01
kind: course"""
    text = changed("    consent: yes", photo_keys, "kind: course", keys)

    story, content = taken(app, hand_in(tmp_path / "ostrava-modules", text=text))

    assert (story.region, story.slug, story.revision, story.kind) == ("moravia-silesia", "ostrava-modules", 1, "course")
    assert (story.language, story.priority, story.project, story.status) == ("en", -3, "trireme", "queued")
    assert story.embargo_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert story.expires_at == datetime(2027, 3, 1, 22, 59, tzinfo=UTC)
    assert (story.handed_by, story.created_at, story.updated_at) == ("anna", app.clock.now(), app.clock.now())
    assert content.topics == ("batteries", "up skilling")
    assert (content.mentions, content.channels) == (("portugal",), ("news",))
    telling = content.tellings["en"]
    assert telling.title == "Battery skills modules, open to every region"
    assert telling.body == "The longer text."
    assert telling.shows == ("Trainees measure a battery cell",)
    [photo] = content.photos
    assert (photo.file, photo.credit, photo.focus) == ("workshop.jpg", "MSIC", (0.6, 0.4))
    assert (photo.consent, photo.consent_until, photo.width, photo.height) == ("yes", date(2027, 1, 31), 1200, 900)
    assert app.media.is_whole(photo.sha256, "image/jpeg")
    with app.reading() as db:
        [event] = store.events(db, story=story.uuid)
    assert (event.what, event.who) == ("story.accepted", "anna")


FIGURES = "\n".join(["  figures:", "    - {label: Učni, value: 1_250, unit: lidí, year: 2025, source: ČSÚ}"])
FIGURE = Figure(label="Učni", value="1_250", unit="lidí", year=2025, source="ČSÚ")


@pytest.mark.parametrize(
    ("kind", "block", "typed"),
    [
        (
            "practice",
            "practice: {challenge: no, approach: 12:30, results: 2026-12-01, partners: a, transferability: b,"
            " contact: c}",
            Practice(
                challenge="no", approach="12:30", results="2026-12-01", partners="a", transferability="b", contact="c"
            ),
        ),
        ("update", "", None),
        (
            "profile",
            f"profile:\n{FIGURES}\n  industries: [Steel, Cars]\n  suppliers: [Brose]\n  training: [MSIC]",
            Profile(figures=(FIGURE,), industries=("Steel", "Cars"), suppliers=("Brose",), training=("MSIC",)),
        ),
        (
            "quote",
            'quote: {text: "Kdo  umí, umí.\u00a0— ‚ano‘", by: Jana, role: Master, organisation: MSIC}',
            Quote(text="Kdo  umí, umí.\u00a0— ‚ano‘", by="Jana", role="Master", organisation="MSIC"),
        ),
        (
            "event",
            "event: {starts: 2026-10-25 02:30, ends: 2026-10-25 12:00, place: Ostrava, online: https://a.eu/live,"
            " host: MSIC, register: https://a.eu/r, deadline: 2026-10-20}",
            Occasion(
                starts=datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the first of two half past twos
                ends=datetime(2026, 10, 25, 11, tzinfo=UTC),
                place="Ostrava",
                online="https://a.eu/live",
                host="MSIC",
                registration="https://a.eu/r",
                deadline=datetime(2026, 10, 20, 21, 59, tzinfo=UTC),
            ),
        ),
        (
            "visit",
            "visit: {starts: 2026-05-04, ends: 2026-05-06, register: by e-mail to the host}",
            Occasion(
                starts=datetime(2026, 5, 3, 22, tzinfo=UTC),
                ends=datetime(2026, 5, 6, 21, 59, tzinfo=UTC),
                all_day=True,
                registration="by e-mail to the host",
            ),
        ),
        (
            "course",
            "course: {provider: MSIC, languages: [cs, pt-PT], duration: 12 h, price: free}",
            Course(provider="MSIC", languages=("cs", "pt-PT"), duration="12 h", price="free"),
        ),
        ("milestone", f"milestone:\n{FIGURES}", Milestone(figures=(FIGURE,))),
    ],
)
def test_every_kind_is_typed(app: App, tmp_path: Path, kind: str, block: str, typed: object) -> None:
    _, content = taken(app, hand_in(tmp_path / "s1", text=of_kind(kind, block)))
    blocks = {"event": "occasion", "visit": "occasion"}
    found = {
        name: getattr(content.tellings["en"], name)
        for name in ("practice", "profile", "quote", "occasion", "course", "milestone")
    }
    assert content.kind == kind
    assert found == dict.fromkeys(found) | ({blocks.get(kind, kind): typed} if typed else {})


@pytest.mark.parametrize(
    ("extra", "block", "expires"),
    [
        ("", "starts: 2026-05-04 10:00", datetime(2026, 5, 4, 8, tzinfo=UTC)),
        ("", "starts: 2026-05-04", datetime(2026, 5, 3, 22, tzinfo=UTC)),
        ("", "starts: 2026-05-04, deadline: 2026-05-01 12:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("deadline: 2026-05-01\n", "starts: 2026-05-04", datetime(2026, 5, 1, 21, 59, tzinfo=UTC)),
        ("expires: 2026-06-01\n", "starts: 2026-05-04", datetime(2026, 6, 1, 21, 59, tzinfo=UTC)),
        ("expires: 2026-06-01\n", "starts: 2026-02-04", datetime(2026, 6, 1, 21, 59, tzinfo=UTC)),
    ],
)
def test_an_event_expires_when_it_starts_and_a_registration_at_its_deadline(
    app: App, tmp_path: Path, extra: str, block: str, expires: datetime
) -> None:
    text = of_kind("event", f"event: {{{block}}}").replace("event:", f"{extra}event:")
    story, _ = taken(app, hand_in(tmp_path / "fair", text=text))
    assert story.expires_at == expires


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # is skipped that night: moved forward
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
        ("2026-03-29T10:00", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ],
)
def test_times_hold_over_the_change_of_the_clocks(app: App, tmp_path: Path, written: str, meant: datetime) -> None:
    story, _ = taken(app, hand_in(tmp_path / "s1", text=changed("kind: course", f"kind: course\nembargo: {written}")))
    assert story.embargo_at == meant


def test_times_are_in_the_lead_regions_zone_else_the_campaigns(app: App, tmp_path: Path) -> None:
    text = changed("kind: course", "kind: course\nembargo: 2026-07-01 12:00")
    portugal, _ = taken(app, hand_in(tmp_path / "p1", text=text.replace("[moravia-silesia]", "[portugal, asa]")))
    network, _ = taken(app, hand_in(tmp_path / "n1", text=text.replace("[moravia-silesia]", "[asa, portugal]")))
    assert portugal.embargo_at == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert network.embargo_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_a_deadline_of_any_kind_is_kept_and_ends_the_story(app: App, tmp_path: Path) -> None:
    text = changed("kind: course", "kind: course\ndeadline: 2026-07-01")
    story, content = taken(app, hand_in(tmp_path / "s1", text=text))
    assert content.deadline == story.expires_at == datetime(2026, 7, 1, 21, 59, tzinfo=UTC)


def test_a_translation_says_what_it_says_and_leaves_the_rest_as_it_was(app: App, tmp_path: Path) -> None:
    milestone = of_kind("milestone", f"milestone:\n{FIGURES}")
    czech = (
        "---\ntitle: Moduly pro všechny\nphotos:\n  - {file: workshop.jpg, shows: Učni měří článek}\n"
        "milestone: {figures: [{label: Učňové}]}\n---\nDelší text.\n"
    )
    files: Files = {"story.cs.md": czech, "story.pt-PT.md": "---\ntitle: T\n---\n"}
    _, content = taken(app, hand_in(tmp_path / "s1", files, text=milestone))

    assert list(content.tellings) == ["en", "cs", "pt-PT"]
    cs, en = content.tellings["cs"], content.tellings["en"]
    assert (cs.title, cs.summary, cs.link, cs.body) == ("Moduly pro všechny", en.summary, en.link, "Delší text.")
    assert cs.shows == ("Učni měří článek",)
    assert cs.milestone == Milestone(figures=(FIGURE.model_copy(update={"label": "Učňové"}),))
    assert content.tellings["pt-PT"] == en.model_copy(update={"title": "T"})


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + COURSE.encode(),
        COURSE.replace("\n", "\r\n").encode(),
        COURSE.replace("\n", "\r").encode(),
        ("\n\n" + COURSE).encode(),
        COURSE.replace("Battery", "Bat\u200btery\u202e").encode(),
    ],
)
def test_how_the_text_is_saved_makes_no_difference(app: App, tmp_path: Path, data: bytes) -> None:
    _, content = taken(app, hand_in(tmp_path / "s1", {"story.md": data}))
    assert content.tellings["en"].title == "Battery skills modules, open to every region"
    assert content.tellings["en"].body == "The longer text."


def test_letters_come_composed_and_words_with_single_blanks(app: App, tmp_path: Path) -> None:
    text = changed("Battery skills modules, open to every region", '"Tr\u030cinec  \u00a0a  Sa\u0303o Łódź"')
    _, content = taken(app, hand_in(tmp_path / "s1", text=text))
    assert content.tellings["en"].title == "T\u0159inec \u00a0a S\u00e3o Łódź"


@pytest.mark.parametrize(
    ("folder", "slug"),
    [
        ("Třinecké ůčně", "trinecke-ucne"),
        ("São João – ação", "sao-joao-acao"),
        ("Łódź & Espanã", "lodz-espana"),
        ("Straße_Ørsted", "strasse-orsted"),
        ("a" * 90, "a" * 60),
    ],
)
def test_the_folders_name_becomes_the_slug(app: App, tmp_path: Path, folder: str, slug: str) -> None:
    assert taken(app, hand_in(tmp_path / folder))[0].slug == slug


def test_a_name_without_letters_needs_a_slug(app: App, tmp_path: Path) -> None:
    assert refusal(app, hand_in(tmp_path / "日本")) == (
        '日本/story.md, slug: "日本" makes no slug.\n'
        "  Give the folder or file a name with letters, or write: slug: battery-modules."
    )
    story, _ = taken(app, hand_in(tmp_path / "日本", text=changed("kind: course", "kind: course\nslug: battery-2")))
    assert story.slug == "battery-2"


def test_what_nobody_named_and_what_is_soft_is_told(app: App, tmp_path: Path) -> None:
    small = io.BytesIO()
    Image.new("RGB", (640, 480)).save(small, "PNG")
    folder = hand_in(tmp_path / "modules", {"workshop.jpg": small.getvalue(), "clip.mp4": b"x", "Thumbs.db": b"x"})
    [result] = intake.take(app, [folder])
    assert result.notes == (
        "workshop.jpg: it is small (640 × 480 pixels) and will look soft on a card",
        "clip.mp4 was not used: the story does not name it",
    )


def test_each_story_stands_for_itself(app: App, tmp_path: Path) -> None:
    wrong = hand_in(tmp_path / "two", text=changed("kind: course\n", ""))
    paths = [hand_in(tmp_path / "one"), wrong, hand_in(tmp_path / "three")]
    assert [result.outcome for result in intake.take(app, paths)] == ["accepted", "refused", "accepted"]


def test_a_photo_file_beyond_all_measure_is_not_even_read(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    with (folder / "workshop.jpg").open("r+b") as file:
        file.truncate(61 * 1024 * 1024)
    assert refusal(app, folder) == (
        "modules/workshop.jpg: the file is larger than 60 MB.\n"
        "  Save it smaller: 4000 pixels on the longer side are plenty."
    )


def test_every_example_is_taken_in_without_a_word(app: App) -> None:
    examples = PACKAGE.parent / "examples"
    app.config = load(examples / "demo.toml", {})
    results = intake.take(app, [examples / "stories"])
    assert [(result.shown, result.problems, result.notes) for result in results if result.outcome != "accepted"] == []
    assert [result.notes for result in results if result.notes] == []
    assert len(results) >= 12
