"""A yes counts when it is a listed person's, for bytes that a proof has shown, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import Session

from campaign import approve, store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import Post, PostStatus, Story
from campaign.proof import proof
from campaign.rehearsal.clock import VirtualClock
from tests.making import fresh
from tests.rendered import TUESDAY, a_part, a_post, a_story, render_again

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def post(app: App) -> Post:
    return a_post(app, a_story(app))


def outcomes(decisions: list[approve.Decision]) -> list[tuple[str, str, str]]:
    return [(decision.name, decision.outcome, decision.reason) for decision in decisions]


def alerts(app: App) -> list[tuple[str, str, str]]:
    with app.reading() as db:
        return [(alert.key, alert.message, alert.remedy) for alert in store.open_alerts(db)]


def test_a_code_approves_exactly_what_its_proof_has_shown(app: App) -> None:
    shown = a_post(app, a_story(app))
    code = proof(app).code
    later = a_post(app, a_story(app, "later"), due_at=TUESDAY + 24 * HOUR)

    decisions = approve.approve(app, proof_code=code)

    assert outcomes(decisions) == [("modules@news", "approved", "")]
    stored = fresh(app, shown)
    assert (stored.status, stored.approved_hash, stored.approved_by) == ("approved", shown.content_hash, "anna")
    assert stored.approved_at == app.clock.now()
    assert fresh(app, later).status == "rendered"


def test_an_approval_is_history_with_its_proof_and_what_was_approved(app: App, post: Post) -> None:
    code = proof(app).code
    approve.approve(app, proof_code=code)

    with app.reading() as db:
        [event] = store.events(db, what="post.approved", post=post.uuid)
    assert (event.who, event.channel, event.story) == ("anna", "news", post.story)
    assert event.after == {
        "hash": post.content_hash,
        "proof": code,
        "by": "anna",
        "parts": [a_part().model_dump(mode="json")],
    }


def test_a_code_may_be_typed_as_it_was_heard(app: App, post: Post) -> None:
    with app.writing() as db:
        app.event(db, "proof", note="01ABCD", after={"posts": {post.uuid: post.content_hash}})

    assert [decision.outcome for decision in approve.approve(app, proof_code=" oiabcd ")] == ["approved"]


@pytest.mark.parametrize("wanted", ["modules", "modules@news", "ID"])
def test_posts_can_be_approved_by_name_once_a_proof_has_shown_them(app: App, post: Post, wanted: str) -> None:
    code = proof(app, text_only=True).code

    approve.approve(app, [wanted if wanted != "ID" else post.uuid[:4]])

    with app.reading() as db:
        assert [event.after["proof"] for event in store.events(db, what="post.approved")] == [code]


def test_what_no_proof_has_shown_is_refused(app: App, post: Post) -> None:
    [decision] = approve.approve(app, ["modules"])

    assert (decision.outcome, decision.reason) == ("refused", "no proof has shown it")
    assert decision.remedy == "campaign proof modules@news"
    assert fresh(app, post).status == "rendered"


@pytest.mark.parametrize("by_code", [True, False])
def test_what_changed_after_the_proof_is_refused(app: App, post: Post, by_code: bool) -> None:
    code = proof(app).code
    render_again(app, post, a_part("Other words."))

    [decision] = approve.approve(app, proof_code=code) if by_code else approve.approve(app, ["modules"])

    assert (decision.outcome, decision.reason) == ("refused", f"changed since the proof {code}")
    assert decision.remedy == "campaign proof modules@news"
    assert fresh(app, post).status == "rendered"


def test_the_old_version_of_a_story_is_not_approved(app: App, post: Post) -> None:
    code = proof(app).code
    with app.writing() as db:
        store.supersede(db, db.get_one(Story, post.story))

    [decision] = approve.approve(app, proof_code=code)

    told = ("refused", "it is made anew at the next tick of the daemon")
    assert (decision.outcome, decision.reason) == told
    assert fresh(app, post).status == PostStatus.RENDERED


def test_content_that_came_back_to_what_was_shown_can_be_approved(app: App, post: Post) -> None:
    first = proof(app).code
    render_again(app, post, a_part("Other words."))
    proof(app)
    render_again(app, post, a_part())

    assert outcomes(approve.approve(app, ["modules"])) == [("modules@news", "approved", "")]
    with app.reading() as db:
        [event] = store.events(db, what="post.approved")
    assert event.after["proof"] == first


def test_a_second_yes_changes_nothing(app: App, post: Post, clock: VirtualClock, make_app: Callable[..., App]) -> None:
    code = proof(app).code
    approve.approve(app, proof_code=code)
    clock.advance(HOUR)
    (other := make_app(owns=False, who="joao", seed=9)).sync_channels()

    decisions = approve.approve(other, proof_code=code)

    assert outcomes(decisions) == [("modules@news", "unchanged", "anna has approved it before")]
    assert fresh(app, post).approved_by == "anna"
    with app.reading() as db:
        assert len(store.events(db, what="post.approved")) == 1


@pytest.mark.parametrize("status", [PostStatus.PLANNED, PostStatus.PUBLISHED, PostStatus.EXPIRED])
def test_only_rendered_posts_can_be_approved(app: App, post: Post, status: PostStatus) -> None:
    code = proof(app).code
    with app.writing() as db:
        store.change_post(db, post, status=str(status))

    [decision] = approve.approve(app, proof_code=code)

    assert (decision.outcome, decision.reason) == ("refused", f"it is {status}")
    assert decision.remedy == f"campaign why {post.uuid[:8]}"


def test_one_refusal_does_not_hold_up_the_others(app: App, post: Post) -> None:
    other = a_post(app, a_story(app, "other"), due_at=TUESDAY + 24 * HOUR)
    code = proof(app).code
    render_again(app, post, a_part("Other words."))

    decisions = approve.approve(app, proof_code=code)

    assert [decision.outcome for decision in decisions] == ["refused", "approved"]
    assert fresh(app, other).status == "approved"


@pytest.mark.parametrize(
    ("who", "regions", "channel", "outcome"),
    [
        ("anna", ("moravia-silesia",), "news", "approved"),
        ("joao", ("portugal",), "news", "approved"),
        ("joao", ("moravia-silesia", "portugal"), "news", "approved"),
        ("joao", ("moravia-silesia",), "news", "refused"),
        ("ema", ("moravia-silesia",), "kraj", "approved"),
        ("ema", ("moravia-silesia",), "news", "refused"),
    ],
)
def test_a_yes_counts_for_the_regions_and_channels_of_its_person(
    make_app: Callable[..., App], config_file: Path, who: str, regions: tuple[str, ...], channel: str, outcome: str
) -> None:
    with config_file.open("a") as config:
        config.write('[people.ema]\nname = "Ema Nová"\napproves = ["kraj"]\n')
    app = make_app(who=who)
    a_post(app, a_story(app, regions=regions), channel=channel)

    [decision] = approve.approve(app, proof_code=proof(app).code)

    assert decision.outcome == outcome


def test_who_may_not_approve_is_told_whom_to_ask(make_app: Callable[..., App]) -> None:
    app = make_app(who="joao")
    a_post(app, a_story(app, regions=("moravia-silesia",)))

    [decision] = approve.approve(app, proof_code=proof(app).code)

    assert decision.reason == "João Conceição does not approve for this region or channel"
    assert decision.remedy == "Ask Anna Dvořáková."


@pytest.mark.parametrize(
    ("handed_by", "regions", "outcome", "remedy"),
    [
        ("joao", ("portugal",), "refused", "Ask Anna Dvořáková."),
        ("anna", ("portugal",), "approved", ""),
        ("", ("portugal",), "approved", ""),
    ],
)
def test_where_the_config_says_so_nobody_approves_their_own_story(
    make_app: Callable[..., App], config_file: Path, handed_by: str, regions: tuple[str, ...], outcome: str, remedy: str
) -> None:
    with config_file.open("a") as config:
        config.write("[approval]\nnot_own = true\n")
    app = make_app(who="joao")
    a_post(app, a_story(app, regions=regions, handed_by=handed_by))

    [decision] = approve.approve(app, proof_code=proof(app).code)

    assert (decision.outcome, decision.remedy) == (outcome, remedy)


def test_where_nobody_is_left_to_approve_the_config_is_named(make_app: Callable[..., App], config_file: Path) -> None:
    with config_file.open("a") as config:
        config.write("[approval]\nnot_own = true\n")
    app = make_app(who="anna")
    a_post(app, a_story(app, regions=("moravia-silesia",), handed_by="anna"))

    [decision] = approve.approve(app, proof_code=proof(app).code)

    assert decision.reason == "Anna Dvořáková handed this story in"
    assert decision.remedy == "Nobody in [people] may: add them to the config."


def test_a_login_stands_for_a_person_before_a_key_does(make_app: Callable[..., App], config_file: Path) -> None:
    with config_file.open("a") as config:
        config.write('[people.ema]\nname = "Ema"\nlogin = "enova"\n[people.enova]\nname = "Eva"\nlogin = "eva"\n')
    config = make_app().config

    assert approve.person_of(config, "enova").name == "Ema"
    assert approve.person_of(config, "ema").name == "Ema"


def test_who_is_not_listed_is_told_what_to_add(app: App, post: Post) -> None:
    code = proof(app).code

    with pytest.raises(UsageError) as refused:
        approve.approve(app, proof_code=code, person="root")

    assert str(refused.value) == (
        "root is not among the people who may approve\n"
        f'  Add [people.KEY] with login = "root" and what they approve to {app.config.path}.'
    )
    assert fresh(app, post).status == "rendered"


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        ([], None, "say what you approve"),
        (["modules"], "ABC123", "say what you approve"),
        ([], "NONE00", "there is no proof N0NE00"),
        (["modulse"], None, 'there is no post or story "modulse"'),
    ],
)
def test_what_cannot_be_approved_is_said(
    app: App, post: Post, wanted: list[str], code: str | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        approve.approve(app, wanted, proof_code=code)


def test_a_revoked_post_waits_for_a_yes_again(app: App, post: Post) -> None:
    code = proof(app).code
    approve.approve(app, proof_code=code)

    assert outcomes(approve.revoke(app, ["modules@news"])) == [("modules@news", "revoked", "")]

    stored = fresh(app, post)
    assert (stored.status, stored.approved_hash, stored.approved_by, stored.approved_at) == ("rendered", "", "", None)
    with app.reading() as db:
        [event] = store.events(db, what="post.unapproved", post=post.uuid)
    assert (event.who, event.note) == ("anna", "anna took the approval back")
    assert event.before == {"hash": post.content_hash, "by": "anna"}
    assert [decision.outcome for decision in approve.approve(app, proof_code=code)] == ["approved"]


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (PostStatus.SENDING, "refused", "it is being sent now"),
        (PostStatus.PUBLISHED, "unchanged", "it is published"),
        (PostStatus.RENDERED, "unchanged", "it is rendered"),
    ],
)
def test_only_an_approval_can_be_revoked(app: App, status: PostStatus, outcome: str, reason: str) -> None:
    post = a_post(app, a_story(app), status=status, approved_hash="kept")

    assert outcomes(approve.revoke(app, ["modules"])) == [("modules@news", outcome, reason)]
    assert fresh(app, post).status == status


class TestWithoutAPerson:
    """`run` approves where nobody is asked."""

    @pytest.fixture
    def lenient(self, make_app: Callable[..., App], config_file: Path) -> App:
        written = config_file.read_text()
        config_file.write_text(
            written.replace('slots = ["mon-fri 09:00"]', 'slots = ["mon-fri 09:00"]\napproval = false')
        )
        return make_app(who="daemon")

    def test_a_channel_that_asks_nobody_has_its_posts_approved(self, lenient: App) -> None:
        free = a_post(lenient, a_story(lenient))
        asked = a_post(lenient, a_story(lenient, "other"), channel="kraj")

        assert str(approve.run(lenient)) == "approve: 1 warned about, 1 approved without a person"

        stored = fresh(lenient, free)
        assert (stored.status, stored.approved_by) == ("approved", "(not required)")
        assert stored.approved_hash == stored.content_hash
        assert fresh(lenient, asked).status == "rendered"

    def test_required_false_switches_approval_off_everywhere(
        self, make_app: Callable[..., App], config_file: Path
    ) -> None:
        with config_file.open("a") as config:
            config.write("[approval]\nrequired = false\n")
        app = make_app()
        posts = [a_post(app, a_story(app, channel), channel=channel) for channel in ("news", "kraj")]

        approve.run(app)

        assert [fresh(app, post).status for post in posts] == ["approved", "approved"]

    def test_its_approval_cannot_be_revoked_but_the_post_cancelled(self, lenient: App) -> None:
        post = a_post(lenient, a_story(lenient))
        approve.run(lenient)

        [decision] = approve.revoke(lenient, ["modules"])

        assert decision.reason == "news asks for no approval, so it would be approved again"
        assert decision.remedy == f"campaign post cancel {post.uuid[:8]}"

    def test_its_approval_ends_when_the_config_asks_for_a_person_again(
        self, lenient: App, make_app: Callable[..., App], config_file: Path
    ) -> None:
        post = a_post(lenient, a_story(lenient))
        approve.run(lenient)
        config_file.write_text(config_file.read_text().replace("\napproval = false", ""))
        strict = make_app(owns=False)

        assert str(approve.run(strict)) == "approve: 1 back to be approved"

        assert (fresh(strict, post).status, fresh(strict, post).approved_by) == ("rendered", "")


class TestWarnings:
    """`run` warns before a slot."""

    DUE = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)  # a week after the clock starts

    @pytest.fixture
    def waiting(self, app: App) -> Post:
        return a_post(app, a_story(app), due_at=self.DUE)

    def test_the_team_is_warned_three_days_and_one_day_before(
        self, app: App, clock: VirtualClock, waiting: Post
    ) -> None:
        told = []
        for before in (73, 72, 48, 24, 12):
            clock.advance_to(self.DUE - before * HOUR)
            told.append((str(approve.run(app)), fresh(app, waiting).warned))

        assert told == [
            ("approve: nothing to do", 0),
            ("approve: 1 warned about", 1),
            ("approve: nothing to do", 1),
            ("approve: 1 warned about", 2),
            ("approve: nothing to do", 2),
        ]
        message = "modules@news is to go out on Mon 9 March, 09:00, and nobody has approved it"
        assert alerts(app) == [(f"unapproved:{waiting.uuid}", message, "campaign proof modules@news")]

    def test_the_second_warning_is_news_again(self, app: App, clock: VirtualClock, waiting: Post) -> None:
        clock.advance_to(self.DUE - 72 * HOUR)
        approve.run(app)
        clock.advance_to(self.DUE - 24 * HOUR)
        approve.run(app)

        with app.reading() as db:
            [alert] = store.open_alerts(db)
            assert len(store.events(db, what="alert.raised")) == 2
        assert alert.raised_at == clock.now()

    def test_a_post_that_comes_late_is_warned_about_once(self, app: App, clock: VirtualClock, waiting: Post) -> None:
        clock.advance_to(self.DUE - 3 * HOUR)

        assert str(approve.run(app)) == "approve: 1 warned about"
        assert str(approve.run(app)) == "approve: nothing to do"

    def test_nobody_is_warned_once_the_slot_is_over(self, app: App, clock: VirtualClock, waiting: Post) -> None:
        clock.advance_to(self.DUE)

        assert str(approve.run(app)) == "approve: nothing to do"

    def test_an_approval_ends_the_alert(self, app: App, clock: VirtualClock, waiting: Post) -> None:
        clock.advance_to(self.DUE - 72 * HOUR)
        approve.run(app)

        approve.approve(app, proof_code=proof(app).code)

        assert alerts(app) == []
        assert str(approve.run(app)) == "approve: nothing to do"

    def test_what_lost_its_approval_close_to_the_slot_is_warned_about_again(
        self, app: App, clock: VirtualClock, waiting: Post
    ) -> None:
        clock.advance_to(self.DUE - 24 * HOUR)
        approve.run(app)
        approve.approve(app, proof_code=proof(app).code)
        render_again(app, waiting, a_part("Other words."))

        assert str(approve.run(app)) == "approve: 1 warned about"

    @pytest.mark.parametrize("later", [None, DUE + timedelta(days=14)])
    def test_a_post_that_moved_away_is_not_urgent_any_more(
        self, app: App, clock: VirtualClock, waiting: Post, later: datetime | None
    ) -> None:
        clock.advance_to(self.DUE - 24 * HOUR)
        approve.run(app)
        with app.writing() as db:
            store.change_post(db, fresh(app, waiting), due_at=later)

        approve.run(app)

        assert (alerts(app), fresh(app, waiting).warned) == ([], 0)

    def test_a_post_that_is_over_leaves_no_alert(self, app: App, clock: VirtualClock, waiting: Post) -> None:
        clock.advance_to(self.DUE - 24 * HOUR)
        approve.run(app)
        with app.writing() as db:
            store.change_post(db, fresh(app, waiting), status=str(PostStatus.CANCELLED))

        approve.run(app)

        assert alerts(app) == []

    def test_a_channel_that_left_the_config_stops_nobody(
        self, app: App, clock: VirtualClock, waiting: Post, make_app: Callable[..., App], config_file: Path
    ) -> None:
        kept = a_post(app, a_story(app, "kept"), channel="kraj", due_at=self.DUE)
        written = config_file.read_text()
        start, end = written.index("[channels.news]"), written.index("[channels.kraj]")
        config_file.write_text(written[:start] + written[end:])
        clock.advance_to(self.DUE - 24 * HOUR)

        assert str(approve.run(make_app(owns=False))) == "approve: 1 warned about"
        assert [key for key, _, _ in alerts(app)] == [f"unapproved:{kept.uuid}"]


def test_of_two_officers_at_once_one_approves_and_the_other_is_told(app: App, make_app: Callable[..., App]) -> None:
    posts = [a_post(app, a_story(app, f"story-{n}"), due_at=TUESDAY + n * DAY) for n in range(3)]
    code = proof(app).code
    officers = [make_app(owns=False, who=who) for who in ("anna", "joao")]
    together = Barrier(2)

    def say_yes(officer: App) -> set[str]:
        together.wait()
        return {decision.outcome for decision in approve.approve(officer, proof_code=code)}

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(say_yes, officers))

    assert sorted(map(sorted, outcomes)) == [["approved"], ["unchanged"]]
    assert len({fresh(app, post).approved_by for post in posts}) == 1
    with app.reading() as db:
        assert len(store.events(db, what="post.approved")) == 3


@pytest.mark.parametrize("meanwhile", [PostStatus.APPROVED, PostStatus.CANCELLED])
def test_what_changed_after_the_stage_has_read_it_is_left_alone(
    app: App, make_app: Callable[..., App], clock: VirtualClock, meanwhile: PostStatus
) -> None:
    clock.advance_to(TUESDAY - HOUR)
    post = a_post(app, a_story(app))
    other = make_app(owns=False)
    writing = app.db.writing

    def after_somebody_else() -> AbstractContextManager[Session]:
        with other.writing() as db:
            store.change_post(db, fresh(other, post), status=str(meanwhile), approved_by="joao")
        return writing()

    app.db.writing = after_somebody_else  # type: ignore[method-assign]

    assert str(approve.run(app)) == "approve: nothing to do"
    assert (fresh(app, post).status, fresh(app, post).approved_by) == (meanwhile, "joao")
    assert alerts(app) == []
