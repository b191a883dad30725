"""A proof shows what goes out, remembers exactly that under a code, and says what the program has found."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from campaign import approve, store
from campaign.app import App
from campaign.errors import CampaignError, UsageError
from campaign.models import Event, Post, PostStatus
from campaign.proof import CODE_LENGTH, CROCKFORD, Finding, Item, Level, Proof, in_text, proof
from campaign.story import Photo
from tests.making import fresh
from tests.rendered import TUESDAY, a_part, a_post, a_story, an_image, render_again

DAY = timedelta(days=1)


def proofs(app: App) -> list[Event]:
    with app.reading() as db:
        return store.events(db, what="proof")


def page_of(shown: Proof) -> str:
    assert shown.page is not None
    return shown.page.read_text()


def found(item: Item, level: Level) -> list[str]:
    return [finding.text for finding in item.findings if finding.level == level]


class TestTheChoice:
    """Which posts are shown."""

    def test_without_a_name_whatever_waits_for_a_yes_is_shown_soonest_first(self, app: App) -> None:
        story = a_story(app)
        for n, status in enumerate(PostStatus):
            a_post(app, a_story(app, f"other-{status}"), due_at=TUESDAY + n * DAY, status=status)
        a_post(app, story, channel="kraj", due_at=TUESDAY + 20 * DAY)
        a_post(app, story, due_at=TUESDAY - DAY)
        a_post(app, a_story(app, "slotless"), due_at=None)
        a_post(app, a_story(app, "next-year"), due_at=TUESDAY + 300 * DAY)

        assert [item.name for item in proof(app).items] == ["modules@news", "other-rendered@news", "modules@kraj"]

    @pytest.mark.parametrize(
        ("wanted", "names"),
        [
            (["modules"], ["modules@kraj", "modules@news"]),
            (["modules@kraj"], ["modules@kraj"]),
            (["modules@kraj", "modules", "visit"], ["modules@kraj", "modules@news", "visit@news"]),
        ],
    )
    def test_names_mean_posts_or_all_posts_of_a_story(self, app: App, wanted: list[str], names: list[str]) -> None:
        story = a_story(app)
        a_post(app, story)
        a_post(app, story, channel="kraj")
        a_post(app, a_story(app, "visit"), due_at=TUESDAY + DAY)

        assert [item.name for item in proof(app, wanted).items] == names

    def test_the_start_of_an_id_means_its_post(self, app: App) -> None:
        posts = [a_post(app, a_story(app, f"story-{n}"), due_at=TUESDAY + n * DAY) for n in range(3)]

        [item] = proof(app, [posts[1].uuid[:4].upper()]).items

        assert item.post == posts[1].uuid

    def test_a_story_is_shown_without_its_posts_that_have_nothing_to_approve(self, app: App) -> None:
        story = a_story(app)
        a_post(app, story, status=PostStatus.PUBLISHED)
        a_post(app, story, channel="kraj")

        assert [item.name for item in proof(app, ["modules"]).items] == ["modules@kraj"]

    def test_what_has_nothing_to_approve_is_said(self, app: App) -> None:
        a_post(app, a_story(app), status=PostStatus.PLANNED)

        with pytest.raises(UsageError, match=r"there is nothing to approve: modules@news is planned\n.*campaign why"):
            proof(app, ["modules"])

    @pytest.mark.parametrize(
        ("wanted", "message"),
        [
            (
                "modulse",
                'there is no post or story "modulse"\n'
                "  Did you mean modules or modules@news? All of them: campaign post list",
            ),
            ("zzzz", 'there is no post or story "zzzz"\n  All of them: campaign post list'),
            (
                "a",
                'there is no post or story "a" (an id has at least 4 letters)\n  All of them: campaign post list',
            ),
        ],
    )
    def test_an_unknown_name_is_answered_with_what_is_near(self, app: App, wanted: str, message: str) -> None:
        a_post(app, a_story(app))

        with pytest.raises(UsageError) as refused:
            proof(app, [wanted])

        assert str(refused.value) == message

    def test_a_name_of_two_stories_is_answered_with_both(self, app: App) -> None:
        here = a_post(app, a_story(app))
        there = a_post(app, a_story(app, regions=("asa",)), due_at=TUESDAY + DAY)

        with pytest.raises(UsageError) as refused:
            proof(app, ["modules"])

        assert str(refused.value) == (
            '"modules" may mean any of these:\n'
            f"  {here.uuid[:8]}  modules@news (portugal)\n"
            f"  {there.uuid[:8]}  modules@news (asa)\n"
            "  Give the start of the one you mean."
        )

    def test_a_start_shared_by_two_posts_of_a_story_is_answered_with_both(self, app: App) -> None:
        story = a_story(app)
        ids = iter(["abcd0000-1", "p1", "abcd0000-2", "p2"])
        app.new_id = lambda: next(ids)
        a_post(app, story)
        a_post(app, story, channel="kraj")

        with pytest.raises(UsageError, match='"abcd" may mean any of these'):
            proof(app, ["abcd"])

    def test_without_anything_to_show_nothing_is_remembered(self, app: App) -> None:
        shown = proof(app)

        assert (shown, in_text(shown), proofs(app)) == (Proof("", (), None), "Nothing waits for approval.", [])

    def test_a_channel_that_left_the_config_is_not_shown(
        self, app: App, make_app: Callable[..., App], config_file: Path
    ) -> None:
        a_post(app, a_story(app))
        written = config_file.read_text()
        start, end = written.index("[channels.news]"), written.index("[channels.kraj]")
        config_file.write_text(written[:start] + written[end:])

        assert proof(make_app(owns=False)).items == ()


class TestTheCode:
    """What is remembered."""

    def test_a_proof_is_remembered_with_the_pairs_it_has_shown(self, app: App) -> None:
        posts = [a_post(app, a_story(app, f"story-{n}"), a_part(f"{n}"), due_at=TUESDAY + n * DAY) for n in range(2)]

        shown = proof(app)

        [event] = proofs(app)
        assert (event.note, event.who) == (shown.code, "anna")
        assert event.after == {"posts": {post.uuid: post.content_hash for post in posts}}
        assert [fresh(app, post).proofed_hash for post in posts] == [post.content_hash for post in posts]

    def test_the_same_set_has_the_same_code_and_another_has_another(self, app: App) -> None:
        post = a_post(app, a_story(app))
        first = proof(app).code
        again = proof(app, ["modules"], text_only=True).code
        render_again(app, post, a_part("Other words."))
        changed = proof(app).code
        render_again(app, post, a_part())
        back = proof(app).code

        assert again == first == back != changed

    def test_a_code_is_six_letters_that_nobody_misreads(self, app: App) -> None:
        for n in range(8):
            a_post(app, a_story(app, f"story-{n}"), due_at=TUESDAY + n * DAY)
            assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{6}", proof(app).code)
        assert len({event.note for event in proofs(app)}) == 8
        assert len(set(CROCKFORD.values())) == 32

    def test_a_code_that_another_proof_bears_is_made_longer(self, app: App) -> None:
        a_post(app, a_story(app))
        short = proof(app).code
        with app.writing() as db:
            for event in store.events(db, what="proof"):
                event.after = {"posts": {"another": "hash"}}
                db.add(event)

        longer = proof(app).code

        assert (len(longer), longer[:CODE_LENGTH]) == (CODE_LENGTH + 1, short)

    def test_a_page_that_cannot_be_written_leaves_nothing_that_could_be_approved(self, app: App) -> None:
        post = a_post(app, a_story(app))
        app.config.folders.pages.write_text("a file where the folder should be")

        with pytest.raises(CampaignError, match="cannot be written"):
            proof(app)

        assert (proofs(app), fresh(app, post).proofed_hash) == ([], "")

    @pytest.mark.parametrize("damage", ["text", "picture", "no picture"])
    def test_damaged_posts_are_shown_as_such_left_out_of_the_code_and_rendered_anew(
        self, app: App, damage: str
    ) -> None:
        image = an_image(app)
        broken = a_post(app, a_story(app), a_part(images=(image,)))
        whole = a_post(app, a_story(app, "whole"), due_at=TUESDAY + DAY)
        file = app.media.path(image.sha256, image.media_type)
        if damage == "text":
            with app.writing() as db:
                store.replace_parts(db, broken, [a_part("Slipped in.", images=(image,))], app.new_id)
        elif damage == "picture":
            file.write_bytes(b"not what it was")
        else:
            file.unlink()

        shown = proof(app)

        assert found(shown.items[0], Level.WRONG) == [
            "The stored text or pictures are damaged, so this post is not part of the proof. It is rendered anew."
        ]
        assert proofs(app)[0].after == {"posts": {whole.uuid: whole.content_hash}}
        assert (fresh(app, broken).proofed_hash, fresh(app, broken).input_hash, fresh(app, broken).content_hash) == (
            "",
            "",
            "",
        )
        assert f"campaign approve {broken.uuid[:8]}" not in page_of(shown)
        assert ("This picture is missing." in page_of(shown)) == (damage == "no picture")

    def test_where_everything_is_damaged_there_is_no_code(self, app: App) -> None:
        a_post(app, a_story(app), content_hash="something else")

        shown = proof(app)

        assert (shown.code, proofs(app)) == ("", [])
        assert "campaign approve" not in page_of(shown) + in_text(shown)


class TestThePage:
    """What an officer gets."""

    @pytest.fixture
    def page(self, app: App) -> str:
        title = '<script>alert("x")</script> & more'
        text = "Modules for <b>all</b>.\n\nRead more: https://example.org/a?b=1&c=2\n\n#Portugal"
        part = a_part(text, title=title, images=(an_image(app, alt='A "cell" & a bench.'),))
        a_post(app, a_story(app, title=title), part, reason="Portugal's turn")
        return page_of(proof(app))

    def test_it_lies_in_the_pages_folder_under_its_code(self, app: App) -> None:
        a_post(app, a_story(app))
        shown = proof(app)

        assert shown.page == app.config.folders.pages / f"proof-{shown.code}.html"
        assert f"campaign approve --proof {shown.code}" in page_of(shown)

    def test_it_fetches_and_runs_nothing(self, page: str) -> None:
        assert re.findall(r'<[^>]* (?:src|srcset|data|action)="(?!data:image/jpeg;base64,)', page) == []
        assert len(re.findall(r'<img src="data:image/jpeg;base64,[A-Za-z0-9+/=]+"', page)) == 1
        assert not re.search(r"<(script|link|iframe|object|embed|form|base)\b|@import|url\(| on[a-z]+=", page)
        assert "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'" in page

    def test_what_regions_write_is_text_and_nothing_else(self, page: str) -> None:
        assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; more" in page
        assert "Modules for &lt;b&gt;all&lt;/b&gt;." in page
        assert 'alt="A &#34;cell&#34; &amp; a bench."' in page

    def test_text_goes_out_as_it_stands_with_its_length(self, page: str) -> None:
        link = "https://example.org/a?b=1&amp;c=2"
        assert (
            'dir="auto">Modules for &lt;b&gt;all&lt;/b&gt;.\n\nRead more: '
            f'<a href="{link}" rel="noopener noreferrer">{link}</a>\n\n<span class="tag">#Portugal</span></div>'
        ) in page
        assert "76 of 3000 characters" in page

    def test_alt_text_can_be_read_beneath_the_picture(self, page: str) -> None:
        assert "Alt text</span>\n<span>A &#34;cell&#34; &amp; a bench.</span></figcaption>" in page

    def test_facts_and_reason_stand_beside_the_post(self, page: str) -> None:
        assert "<dt>Slot</dt><dd>Tue 3 March 2026, 09:00</dd>" in page
        assert "<dt>Region</dt><dd>Portugal</dd>" in page
        assert "<dt>Why this slot</dt><dd>Portugal&#39;s turn</dd>" in page

    def test_an_approved_post_is_shown_without_a_command(self, app: App) -> None:
        post = a_post(app, a_story(app))
        approve.approve(app, proof_code=proof(app).code)

        page = page_of(proof(app, ["modules"]))

        assert "<dt>Approved</dt><dd>by anna</dd>" in page
        assert f"campaign approve {post.uuid[:8]}" not in page

    def test_in_the_terminal_no_page_is_written(self, app: App) -> None:
        a_post(app, a_story(app))

        assert proof(app, text_only=True).page is None
        assert not app.config.folders.pages.exists()


def test_the_terminal_shows_a_mention_as_readers_see_it(app: App) -> None:
    a_post(app, a_story(app), a_part("With @[Kraj](urn:li:organization:7) (MSK)."))
    assert "\n  │ With Kraj (MSK).\n  (16 of " in in_text(proof(app, text_only=True))


def test_the_terminal_shows_the_same(app: App) -> None:
    part = a_part(
        "Battery skills modules, open to every region.\n\nRead more: https://example.org/modules\n"
        "Co-funded by the European Union",
        images=(an_image(app), an_image(app, alt="", colour=(90, 0, 0))),
    )
    story = a_story(app, regions=("portugal", "moravia-silesia"), project="trireme")
    post = a_post(app, story, part, channel="kraj", reason="Portugal's turn", notes=["headline of the card cut"])
    shown = proof(app, text_only=True)

    assert (
        in_text(shown)
        == f"""\
modules@kraj  {post.uuid[:8]}
Battery skills modules

Slot           Tue 3 March 2026, 09:00
Channel        kraj (folder, kraj)
Regions        Portugal, Moravia-Silesia
Kind           course
Project        TRIREME
Why this slot  Portugal's turn

  │ Battery skills modules, open to every region.
  │
  │ Read more: https://example.org/modules
  │ Co-funded by the European Union
  │ [picture 1: 120 × 63] Trainees measure a battery cell.
  │ [picture 2: 120 × 63] no alt text
  (117 of 3000 characters)

✗ Picture 2 has no alt text. Say in the story what it shows (`shows:`).
! Headline of the card cut.
! It is in en, and the channel speaks cs: there is no translation.
✓ The text fits: 117 of 3000 characters.
✓ European Union: the statement stands in the text.
✓ The link leads to example.org.

To approve exactly this: campaign approve --proof {shown.code}"""
    )


class TestTheSlot:
    """Times are those of the channel, and of the campaign where they differ."""

    @pytest.mark.parametrize(
        ("zone", "due_at", "words"),
        [
            ("Europe/Prague", TUESDAY, "Tue 3 March 2026, 09:00"),
            ("Europe/Lisbon", TUESDAY, "Tue 3 March 2026, 08:00 in Lisbon (09:00 in Brussels)"),
            (
                "America/New_York",
                datetime(2026, 3, 5, 1, 0, tzinfo=UTC),
                "Wed 4 March 2026, 20:00 in New York (Thu 02:00 in Brussels)",
            ),
            ("Europe/Prague", None, "waits for a slot"),
        ],
    )
    def test_a_slot_is_told(
        self, make_app: Callable[..., App], config_file: Path, zone: str, due_at: datetime | None, words: str
    ) -> None:
        config_file.write_text(config_file.read_text().replace("Europe/Prague", zone))
        app = make_app()
        a_post(app, a_story(app), channel="kraj", due_at=due_at)

        assert proof(app, ["modules"], text_only=True).items[0].slot == words


class TestTheDifference:
    """What has changed since the last approval."""

    def changed(self, app: App, post: Post, *parts: object) -> str:
        approve.approve(app, proof_code=proof(app).code)
        render_again(app, post, *parts)  # type: ignore[arg-type]
        return in_text(proof(app, ["modules"], text_only=True)).partition("last approved:\n")[2].partition("\n\nTo")[0]

    def test_words_that_went_and_came_are_marked(self, app: App) -> None:
        post = a_post(app, a_story(app), a_part("Ten modules\nare open to every region."))

        told = self.changed(app, post, a_part("Twelve modules\nare open to every region in Europe."))

        assert told == "  │ [-Ten-]{+Twelve+} modules\n  │ are open to every [-region.-]{+region in Europe.+}"
        html = page_of(proof(app))
        assert "<del>Ten</del>" in html
        assert "<ins>Twelve</ins>" in html

    def test_a_new_alt_text_is_a_change(self, app: App) -> None:
        post = a_post(app, a_story(app), a_part(images=(an_image(app, alt="A cell."),)))

        assert self.changed(app, post, a_part(images=(an_image(app, alt="A bench."),))) == (
            "  │ Alt text 1: A [-cell.-]{+bench.+}"
        )

    def test_another_picture_is_a_change_that_words_do_not_show(self, app: App) -> None:
        post = a_post(app, a_story(app), a_part(images=(an_image(app),)))

        assert self.changed(app, post, a_part(images=(an_image(app, colour=(9, 9, 9)),))) == (
            "  │ The picture is another one."
        )
        assert "<p>The picture is another one.</p>" in page_of(proof(app))

    def test_a_reply_that_came_is_shown_as_new(self, app: App) -> None:
        post = a_post(app, a_story(app))

        told = self.changed(app, post, a_part(), a_part("And more.", role="reply", title=""))

        assert told.startswith("  │ {+Part 2. And more.")

    def test_without_a_change_nothing_is_shown(self, app: App) -> None:
        a_post(app, a_story(app))
        approve.approve(app, proof_code=proof(app).code)

        [item] = proof(app, ["modules"]).items

        assert (item.approved, item.difference) == (True, None)


class TestTheChecks:
    """What the program has looked at."""

    def look(self, app: App, *parts: object, **fields: object) -> tuple[Finding, ...]:
        story = {name: fields.pop(name) for name in ("photos", "project", "embargo_at") if name in fields}
        a_post(app, a_story(app, **story), *parts, **fields)  # type: ignore[arg-type]
        return proof(app, ["modules"], text_only=True).items[0].findings

    def test_a_plain_good_post_is_fine(self, app: App) -> None:
        assert self.look(app) == (
            Finding(Level.FINE, "The text fits: 45 of 3000 characters."),
            Finding(Level.FINE, "There is no picture."),
        )

    def test_a_text_over_the_limit_is_wrong(self, make_app: Callable[..., App], config_file: Path) -> None:
        written = config_file.read_text()
        config_file.write_text(written.replace('title = "Regions"', 'title = "Regions"\nmax_text = 20'))

        findings = self.look(make_app(), a_part("A text of twenty-four.."), a_part("And a short one.", role="reply"))

        assert findings[0] == Finding(Level.WRONG, "Part 1 is too long: 23 of 20 characters.")
        assert Finding(Level.FINE, "Part 2 fits: 16 of 20 characters.") in findings

    def test_alt_text_over_the_limit_is_wrong(self, app: App) -> None:
        findings = self.look(app, a_part(images=(an_image(app, alt="a" * 1501),)))

        assert findings[0] == Finding(
            Level.WRONG, "The picture has 1501 characters of alt text; the platform takes 1500."
        )

    def test_described_pictures_are_fine(self, app: App) -> None:
        findings = self.look(app, a_part(images=(an_image(app),)))

        assert Finding(Level.FINE, "Every picture has alt text.") in findings

    @pytest.mark.parametrize(
        ("fields", "level", "text"),
        [
            ({"embargo_at": TUESDAY - DAY}, Level.FINE, "Embargo until Mon 2 March 2026, 09:00."),
            ({"embargo_at": TUESDAY + DAY}, Level.WRONG, "Embargo until Wed 4 March 2026, 09:00, after its slot."),
            ({"expires_at": TUESDAY + DAY}, Level.FINE, "Expires Wed 4 March 2026, 09:00."),
            ({"expires_at": TUESDAY}, Level.WRONG, "Expires Tue 3 March 2026, 09:00, before its slot."),
            (
                {"due_at": None, "expires_at": TUESDAY - 3 * DAY},
                Level.WRONG,
                "Expires Sat 28 February 2026, 09:00, before its slot.",
            ),
            ({"due_at": None, "embargo_at": TUESDAY}, Level.FINE, "Embargo until Tue 3 March 2026, 09:00."),
            ({"due_at": TUESDAY - DAY}, Level.LOOK, "Its slot is over: it waits for a new one."),
        ],
    )
    def test_dates_are_held_against_the_slot(
        self, app: App, fields: dict[str, object], level: Level, text: str
    ) -> None:
        assert Finding(level, text) in self.look(app, **fields)

    @pytest.mark.parametrize(
        ("text", "alt", "level", "words"),
        [
            ("Co-funded by the\nEuropean Union", "A wall.", Level.FINE, "the statement stands in the text."),
            (
                "Modules.",
                "A wall. Co-funded by the European Union.",
                Level.LOOK,
                "the statement stands on the picture and in its alt text, not in the text.",
            ),
            ("Funded by the EU", "A wall.", Level.WRONG, "the statement “Co-funded by the European Union” is missing."),
        ],
    )
    def test_whoever_pays_is_named(self, app: App, text: str, alt: str, level: Level, words: str) -> None:
        findings = self.look(app, a_part(text, images=(an_image(app, alt=alt),)), project="trireme")

        assert Finding(level, f"European Union: {words}") in findings

    @pytest.mark.parametrize(
        ("text", "level", "words"),
        [
            ("Modules. The views are the authors' own.", Level.FINE, "the disclaimer is there."),
            ("Modules.", Level.WRONG, "the disclaimer is missing; the config asks for it in the post."),
        ],
    )
    def test_a_disclaimer_stands_where_the_funder_wants_it(
        self, make_app: Callable[..., App], config_file: Path, text: str, level: Level, words: str
    ) -> None:
        asked = 'emblem = "eu"\ndisclaimer_in = "post"\ndisclaimer = { en = "The views are the authors\' own." }'
        config_file.write_text(config_file.read_text().replace('emblem = "eu"', asked))

        findings = self.look(make_app(), a_part(text), project="trireme")

        assert Finding(level, f"European Union: {words}") in findings

    @pytest.mark.parametrize(
        ("consent", "until", "words"),
        [
            ("yes", date(2026, 3, 2), "consent ends on 2 March 2026, before the slot. Make sure that it is not shown."),
            (
                "yes",
                date(2026, 3, 3),
                "consent ends on 3 March 2026. If the photo is in this post, take the post down by then.",
            ),
            ("no", None, "the people in it have not agreed. Make sure that it is not shown."),
            ("yes", None, ""),
        ],
    )
    def test_consent_is_told_with_its_end(self, app: App, consent: str, until: date | None, words: str) -> None:
        photo = Photo(
            sha256="0" * 64,
            width=9,
            height=9,
            file="bench.jpg",
            consent=consent,
            consent_until=until,  # type: ignore[arg-type]
        )

        findings = self.look(app, a_part(images=(an_image(app),)), photos=(photo,))

        about = [finding for finding in findings if "bench.jpg" in finding.text]
        assert about == ([Finding(Level.LOOK, f"bench.jpg: {words}")] if words else [])

    def test_without_a_picture_nobody_is_asked_about_consent(self, app: App) -> None:
        photo = Photo(sha256="0" * 64, width=9, height=9, file="bench.jpg", consent="no")

        assert not [finding for finding in self.look(app, photos=(photo,)) if "bench.jpg" in finding.text]

    def test_notes_of_the_renderer_are_told_as_sentences(self, app: App) -> None:
        findings = self.look(app, notes=["longer text left out", "The headline was cut."])

        assert [finding.text for finding in findings if finding.level == Level.LOOK] == [
            "Longer text left out.",
            "The headline was cut.",
        ]

    def test_links_are_told(self, app: App) -> None:
        text = "See http://example.org/a and https://example.com/b."

        findings = self.look(app, a_part(text, link="https://example.net/c"))

        assert [finding.text for finding in findings if "link" in finding.text] == [
            "The link is not encrypted (http): http://example.org/a",
            "The link goes beside the text: https://example.net/c",
            "There are 2 links; one, near the end, reads best.",
            "The link leads to example.com.",
        ]
