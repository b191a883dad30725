"""Posts as folders, judged by what a reader of the folder and of its feed finds."""

from __future__ import annotations

import hashlib
import html
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from campaign.errors import NotSent, OutcomeUnknown, Unsupported
from campaign.platforms.base import Absent, CannotTell, Checkpoint, Found, Image, Outgoing, Published
from campaign.platforms.folder import ATOM, FEED_ENTRIES, Folder, FolderSettings
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock
from tests.making import picture

DUE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ODD = 'Zoë & <b>"Ostrava\'s"</b> 🔋 \u202eabc\u202c \x07\x1b[1m\ufffe %20 ]]>'
KEPT = 'Zoë & <b>"Ostrava\'s"</b> 🔋 \u202eabc\u202c [1m %20 ]]>'  # what XML 1.0 can hold of it


class NoTokens:
    def load(self) -> dict[str, str]:
        return {}

    def save(self, tokens: object) -> None:
        raise AssertionError("a folder needs no tokens")


@pytest.fixture
def make(tmp_path: Path, clock: VirtualClock) -> Callable[..., Folder]:
    def build(**settings: object) -> Folder:
        given = FolderSettings.model_validate({"folder": tmp_path / "out", "title": "Regions", **settings})
        return Folder(given, Http("", clock), clock, NoTokens())

    return build


@pytest.fixture
def folder(make: Callable[..., Folder]) -> Folder:
    return make()


@pytest.fixture
def image(tmp_path: Path) -> Image:
    data = picture()
    path = tmp_path / "kept.jpg"
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    return Image(path, sha256, "image/jpeg", 640, 360, len(data), alt="A blue workshop wall.")


def item(n: int = 1, **values: object) -> Outgoing:
    given = {
        "post": f"{n:08x}-post",
        "part": f"{n:08x}-aaaa-4aaa-8aaa-{n:012x}",
        "n": 1,
        "role": "post",
        "text": "Battery skills modules.\n\nOpen to every region,\nfree of charge.",
        "language": "en",
        "title": "Battery skills modules",
        "slug": "battery-modules",
        "tags": ("MoraviaSilesia",),
        "due_at": DUE,
    }
    return Outgoing(**(given | values))  # type: ignore[arg-type]


def send(folder: Folder, sent: Outgoing) -> Published:
    checkpoint = Checkpoint({}, save=lambda values: None)
    folder.prepare(sent, checkpoint)
    return folder.publish(sent, checkpoint, idempotency_key=sent.part)


def look(folder: Folder, sent: Outgoing) -> Found | Absent | CannotTell:
    return folder.find(sent, Checkpoint({}, save=lambda values: None), DUE)


def feed_of(folder: Folder) -> ElementTree.Element:
    return ElementTree.fromstring((folder.settings.folder / "feed.xml").read_bytes())


def entries(folder: Folder) -> list[ElementTree.Element]:
    return feed_of(folder).findall(f"{{{ATOM}}}entry")


def visible(folder: Folder) -> list[str]:
    return sorted(place.name for place in folder.settings.folder.iterdir() if not place.name.startswith("."))


# --- files


def test_a_post_is_a_directory_with_text_pictures_and_their_alt_texts(folder: Folder, image: Image) -> None:
    second = replace(image, media_type="image/png", alt=ODD)
    yes = send(folder, item(images=(image, second), link="https://example.org", region="portugal", kind="course"))

    place = folder.settings.folder / "2026-03-02-battery-modules-00000001"
    assert yes == Published(place.name, permalink=place.as_uri())
    assert sorted(file.name for file in place.iterdir()) == [
        "image-1.alt.txt",
        "image-1.jpg",
        "image-2.alt.txt",
        "image-2.png",
        "post.json",
        "post.txt",
    ]
    assert (place / "post.txt").read_text() == "Battery skills modules.\n\nOpen to every region,\nfree of charge.\n"
    assert (place / "image-1.jpg").read_bytes() == image.path.read_bytes()
    assert (place / "image-2.alt.txt").read_text() == f"{ODD}\n"
    details = json.loads((place / "post.json").read_text())
    assert details["id"] == item().part
    assert [(found["file"], found["alt"]) for found in details["images"]] == [
        ("image-1.jpg", "A blue workshop wall."),
        ("image-2.png", ODD),
    ]
    assert (details["link"], details["region"], details["kind"]) == ("https://example.org", "portugal", "course")


def test_nothing_is_visible_before_it_is_published(folder: Folder) -> None:
    folder.prepare(item(), Checkpoint({}, save=lambda values: None))
    assert visible(folder) == []
    assert look(folder, item()) == Absent()


def test_a_post_without_a_slot_is_named_by_today(folder: Folder, clock: VirtualClock) -> None:
    clock.advance(timedelta(days=3))
    assert send(folder, item(due_at=None)).remote_id == "2026-03-05-battery-modules-00000001"


def test_preparing_twice_leaves_no_rest_of_the_first_time(folder: Folder, image: Image) -> None:
    folder.prepare(item(images=(image,)), Checkpoint({}, save=lambda values: None))
    send(folder, item())
    (name,) = visible(folder)
    assert sorted(file.name for file in (folder.settings.folder / name).iterdir()) == ["post.json", "post.txt"]


def test_with_an_address_links_lead_to_the_web_server(make: Callable[..., Folder], image: Image) -> None:
    folder = make(address="https://regions.example/posts/")
    yes = send(folder, item(images=(image,)))
    assert yes.permalink == "https://regions.example/posts/2026-03-02-battery-modules-00000001/"
    folder.confirm(yes.remote_id)
    assert feed_of(folder).findtext(f"{{{ATOM}}}id") == "https://regions.example/posts/"
    (enclosure,) = [link for link in entries(folder)[0].iter(f"{{{ATOM}}}link") if link.get("rel") == "enclosure"]
    assert enclosure.get("href") == f"{yes.permalink}image-1.jpg"


# --- finding


def test_a_live_post_is_found_under_whatever_date_it_was_written(folder: Folder) -> None:
    yes = send(folder, item())
    assert look(folder, item(due_at=DUE + timedelta(days=9), slug="other-slug")) == Found(yes.remote_id, yes.permalink)
    assert look(folder, item(2, text="Another.")) == Absent()


def test_a_directory_without_its_details_or_out_of_sight_is_no_post(folder: Folder) -> None:
    yes = send(folder, item())
    (folder.settings.folder / "by-hand-00000002").mkdir()
    assert look(folder, item(2, text="Another.")) == Absent()
    folder.delete(yes.remote_id)
    assert look(folder, item()) == Absent()


def test_where_the_folder_is_gone_it_cannot_tell(folder: Folder) -> None:
    assert look(folder, item()) == CannotTell(f"{folder.settings.folder} is not there")


def test_a_post_that_is_known_under_another_id_is_found_by_its_text_written_since(folder: Folder) -> None:
    yes = send(folder, item(text="See https://e.org/?utm_term=a&utm_content=00000001 now."))
    sought = item(2, text="See https://e.org/?utm_term=a&utm_content=00000002 now.")
    assert folder.find(sought, Checkpoint({}, save=lambda values: None), DUE) == Found(yes.remote_id, yes.permalink)
    assert folder.find(sought, Checkpoint({}, save=lambda values: None), DUE + timedelta(days=9)) == Absent()


# --- the disk


def test_a_picture_that_was_changed_is_not_sent(folder: Folder, image: Image) -> None:
    image.path.write_bytes(b"something else")
    with pytest.raises(NotSent, match=r"the picture kept\.jpg is not the one that was approved"):
        send(folder, item(images=(image,)))
    assert visible(folder) == []


def test_a_folder_that_cannot_be_written_was_not_sent_to(folder: Folder) -> None:
    folder.settings.folder.write_text("a file stands in the way")
    with pytest.raises(NotSent, match="cannot be written"):
        folder.prepare(item(), Checkpoint({}, save=lambda values: None))
    with pytest.raises(NotSent, match="cannot be written"):
        folder.check()


def test_a_picture_that_is_gone_was_not_sent(folder: Folder, image: Image) -> None:
    image.path.unlink()
    with pytest.raises(NotSent, match="cannot be read: No such file or directory"):
        send(folder, item(images=(image,)))


def test_a_preparation_that_is_gone_was_not_sent(folder: Folder) -> None:
    with pytest.raises(NotSent, match="the prepared directory is gone"):
        folder.publish(item(), Checkpoint({}, save=lambda values: None), idempotency_key="k")


def test_a_place_that_is_taken_is_unknown_and_then_found(folder: Folder) -> None:
    yes = send(folder, item())
    with pytest.raises(OutcomeUnknown, match="could not be put in place: Directory not empty"):
        send(folder, item())
    assert look(folder, item()) == Found(yes.remote_id, yes.permalink)


def test_check_makes_the_folder_and_names_it(folder: Folder) -> None:
    account = folder.check()
    assert (account.id, account.name) == (str(folder.settings.folder), "Regions")
    assert list(folder.settings.folder.iterdir()) == []


def test_nothing_is_put_in_place_past_the_moment_to_send(folder: Folder, clock: VirtualClock) -> None:
    checkpoint = Checkpoint({}, save=lambda values: None)
    folder.prepare(item(), checkpoint)
    folder.http.send_by = clock.now() + timedelta(seconds=30)
    clock.advance(timedelta(seconds=31))
    with pytest.raises(NotSent, match="the moment to send had passed; nothing was put in place"):
        folder.publish(item(), checkpoint, idempotency_key="k")
    assert visible(folder) == []
    assert look(folder, item()) == Absent()


def test_the_last_moment_to_send_is_still_in_time(folder: Folder, clock: VirtualClock) -> None:
    folder.http.send_by = clock.now() + timedelta(seconds=30)
    clock.advance(timedelta(seconds=30))
    assert send(folder, item()).remote_id in visible(folder)


def test_rests_of_a_crash_are_neither_found_nor_fed(folder: Folder) -> None:
    yes = send(folder, item())
    folder.prepare(item(2), Checkpoint({}, save=lambda values: None))
    (folder.settings.folder / ".feed.xml.123.part").write_text("half a feed")
    assert look(folder, item(2, text="Another.")) == Absent()
    folder.confirm(yes.remote_id)
    assert visible(folder) == [yes.remote_id, "feed.xml"]
    assert [entry.findtext(f"{{{ATOM}}}id") for entry in entries(folder)] == [f"urn:uuid:{item().part}"]


# --- the feed


def test_a_feed_rebuilt_from_the_directories_is_the_same_to_the_byte(folder: Folder, image: Image) -> None:
    for n in (1, 2, 3):
        yes = send(folder, item(n, images=(image,), language=("en", "cs", "pt-PT")[n - 1]))
    folder.confirm(yes.remote_id)
    first = (folder.settings.folder / "feed.xml").read_bytes()
    (folder.settings.folder / "feed.xml").unlink()
    folder.confirm(yes.remote_id)
    assert (folder.settings.folder / "feed.xml").read_bytes() == first
    languages = [entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in entries(folder)]
    assert languages == ["pt-PT", "cs", "en"]


def test_the_entry_of_a_directory_that_a_person_took_away_disappears(folder: Folder) -> None:
    kept, taken = send(folder, item(1)), send(folder, item(2))
    folder.confirm(taken.remote_id)
    shutil.rmtree(folder.settings.folder / taken.remote_id)
    folder.confirm(kept.remote_id)
    assert [entry.findtext(f"{{{ATOM}}}id") for entry in entries(folder)] == [f"urn:uuid:{item(1).part}"]


def test_a_directory_that_somebody_broke_is_named_and_the_feed_stays_as_it_was(folder: Folder) -> None:
    yes, other = send(folder, item(1)), send(folder, item(2))
    folder.confirm(yes.remote_id)
    before = (folder.settings.folder / "feed.xml").read_bytes()
    details = folder.settings.folder / other.remote_id / "post.json"
    details.write_text("edited by hand")
    message = f"{details} cannot be read any more, so there is no new feed"
    remedy = "Put the file back as it was, or move its directory away."
    for act in (folder.confirm, folder.delete):
        with pytest.raises(NotSent) as raised:
            act(yes.remote_id)
        assert str(raised.value) == f"{message}\n  {remedy}"
    assert (folder.settings.folder / "feed.xml").read_bytes() == before


def test_the_feed_is_what_atom_asks_for(folder: Folder, image: Image) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must hold."""
    for n in (1, 2):
        folder.confirm(send(folder, item(n, images=(image,))).remote_id)
    feed = feed_of(folder)
    assert feed.tag == f"{{{ATOM}}}feed"
    assert [element.tag.partition("}")[2] for element in feed][:4] == ["id", "title", "updated", "author"]
    assert feed.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name") == "Regions"
    ids = [entry.findtext(f"{{{ATOM}}}id") for entry in entries(folder)]
    assert ids == [f"urn:uuid:{item(2).part}", f"urn:uuid:{item(1).part}"]
    for entry in entries(folder):
        assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        assert datetime.fromisoformat(entry.findtext(f"{{{ATOM}}}updated") or "").tzinfo is not None
        links = {link.get("rel"): link for link in entry.iter(f"{{{ATOM}}}link")}
        assert set(links) == {"alternate", "enclosure"}
        assert links["enclosure"].get("length") == str(image.size)
        assert [tag.get("term") for tag in entry.iter(f"{{{ATOM}}}category")] == ["MoraviaSilesia"]
        content = entry.find(f"{{{ATOM}}}content")
        assert content is not None
        assert content.get("type") == "html"
        body = ElementTree.fromstring(content.text or "")
        assert [paragraph.text for paragraph in body.iter("p")][:2] == [
            "Battery skills modules.",
            "Open to every region,",
        ]
        assert [line.tail for line in body.iter("br")] == ["free of charge."]
        (shown,) = body.iter("img")
        assert shown.get("alt") == "A blue workshop wall."


def test_odd_characters_neither_break_the_feed_nor_get_lost(folder: Folder, image: Image) -> None:
    sent = item(
        title=ODD, text=ODD, tags=(ODD,), link=f"https://example.org/?q={ODD}", images=(replace(image, alt=ODD),)
    )
    folder.confirm(send(folder, sent).remote_id)
    (entry,) = entries(folder)
    assert entry.findtext(f"{{{ATOM}}}title") == KEPT
    assert [tag.get("term") for tag in entry.iter(f"{{{ATOM}}}category")] == [KEPT]
    content = html.unescape(entry.findtext(f"{{{ATOM}}}content") or "")
    assert KEPT in content
    assert "<b>" not in (entry.findtext(f"{{{ATOM}}}content") or "")  # words are words, not markup


def test_the_feed_holds_the_newest_posts(folder: Folder, clock: VirtualClock) -> None:
    for n in range(FEED_ENTRIES + 3):
        clock.advance(timedelta(minutes=1))
        yes = send(folder, item(n))
    folder.confirm(yes.remote_id)
    found = [entry.findtext(f"{{{ATOM}}}id") for entry in entries(folder)]
    assert found == [f"urn:uuid:{item(n).part}" for n in reversed(range(3, FEED_ENTRIES + 3))]


def test_an_empty_folder_has_a_feed_too(make: Callable[..., Folder]) -> None:
    folder = make(title="")
    folder.delete(send(folder, item()).remote_id)
    assert entries(folder) == []
    assert feed_of(folder).findtext(f"{{{ATOM}}}title") == "out"


def test_confirming_tells_what_is_not_there_any_more(folder: Folder) -> None:
    yes = send(folder, item())
    assert folder.confirm(yes.remote_id).warnings == ()
    folder.delete(yes.remote_id)
    assert folder.confirm(yes.remote_id).warnings == (
        f"{folder.settings.folder / yes.remote_id} is not there any more",
    )


def test_a_feed_that_cannot_be_written_is_tried_again(folder: Folder) -> None:
    yes = send(folder, item())
    (folder.settings.folder / "feed.xml").mkdir()
    with pytest.raises(NotSent, match="the feed cannot be written"):
        folder.confirm(yes.remote_id)


# --- taking down


def test_a_takedown_moves_the_post_out_of_sight_and_out_of_the_feed(folder: Folder) -> None:
    yes, other = send(folder, item()), send(folder, item(2))
    folder.delete(yes.remote_id)
    assert visible(folder) == [other.remote_id, "feed.xml"]
    assert [entry.findtext(f"{{{ATOM}}}id") for entry in entries(folder)] == [f"urn:uuid:{item(2).part}"]
    assert (folder.settings.folder / ".removed" / yes.remote_id / "post.txt").exists()


def test_a_takedown_that_was_cut_short_can_be_repeated(folder: Folder) -> None:
    yes = send(folder, item())
    folder.delete(yes.remote_id)
    folder.delete(yes.remote_id)
    assert visible(folder) == ["feed.xml"]


def test_what_is_not_there_cannot_be_taken_down(folder: Folder) -> None:
    folder.check()
    with pytest.raises(Unsupported, match="is not there"):
        folder.delete("2026-03-02-nothing-00000009")


def test_a_takedown_that_the_disk_refuses_says_so(folder: Folder) -> None:
    yes = send(folder, item())
    (folder.settings.folder / ".removed").write_text("a file stands in the way")
    with pytest.raises(NotSent, match="cannot be moved"):
        folder.delete(yes.remote_id)
    assert visible(folder) == [yes.remote_id]


# --- numbers


def test_a_folder_says_why_it_counts_nothing(folder: Folder) -> None:
    counted = folder.metrics(["a", "b"])
    assert set(counted) == {"a", "b"}
    assert counted["a"].counts == {}
    assert set(counted["a"].missing.values()) == {"a folder counts no readers"}
    assert folder.followers() is None


def test_a_folder_cannot_change_what_it_published(folder: Folder) -> None:
    with pytest.raises(Unsupported, match="folder cannot change a published post"):
        folder.edit("x", item())
