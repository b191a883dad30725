"""What makes a rendering new, and what leaves an approval alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import PIL
import pytest

from campaign import approve, plan, proof, render, store
from campaign.app import App
from campaign.files import shipped
from campaign.models import Post, PostStatus, Story
from campaign.rehearsal.clock import VirtualClock
from campaign.story import Content, Kind, Quote, Telling
from tests.making import fresh, make_story

QUOTE = "Skills travel faster than cars."


@pytest.fixture
def own_templates(config_file: Path) -> Path:
    """A team's own copy of the templates, named in the config."""
    folder = config_file.parent / "own"
    shutil.copytree(shipped("templates"), folder)
    config_file.write_text(config_file.read_text() + '\n[folders]\ntemplates = "own"\n')
    return folder


def quote_story(app: App) -> Story:
    telling = Telling(title="A voice", summary="From a workshop.", quote=Quote(text=QUOTE, by="Begoña Ibáñez"))
    content = Content(kind=Kind.QUOTE, regions=("portugal",), language="en", tellings={"en": telling})
    return make_story(app, "a-voice", region="portugal", content=content)


def approved(app: App) -> dict[str, Post]:
    """Plan, render, proof and approve a course and a quote; return the posts by story and channel."""
    course, quote = make_story(app), quote_story(app)
    plan.run(app)
    render.run(app)
    decisions = approve.approve(app, proof_code=proof.proof(app).code)
    assert {decision.outcome for decision in decisions} == {"approved"}
    names = {course.uuid: "course", quote.uuid: "quote"}
    with app.reading() as db:
        return {f"{names[post.story]}@{post.channel}": post for post in store.posts_where(db)}


def statuses(app: App, posts: dict[str, Post]) -> dict[str, str]:
    return {name: fresh(app, post).status for name, post in posts.items()}


def test_a_changed_letter_of_a_template_unapproves_exactly_the_posts_it_touches(
    own_templates: Path, make_app: Callable[..., App]
) -> None:
    app = make_app()
    posts = approved(app)
    template = own_templates / "posts/_default/quote.txt.j2"
    template.write_text(
        template.read_text().replace("{% include", '{% call part("greeting") %}x{% endcall %}{% include', 1)
    )

    render.run(app)

    assert statuses(app, posts) == {
        "course@news": PostStatus.APPROVED,
        "course@kraj": PostStatus.APPROVED,
        "quote@news": PostStatus.RENDERED,
        "quote@kraj": PostStatus.RENDERED,
    }
    with app.reading() as db:
        (event,) = [e for e in store.events(db, what="post.unapproved") if e.post == posts["quote@news"].uuid]
    assert event.before["text"] != event.after["text"]


def test_a_letter_put_back_brings_the_approval_back(own_templates: Path, make_app: Callable[..., App]) -> None:
    app = make_app()
    posts = approved(app)
    template = own_templates / "posts/_default/quote.txt.j2"
    was = template.read_text()
    template.write_text(was.replace("{% include", '{% call part("greeting") %}x{% endcall %}{% include', 1))
    render.run(app)
    template.write_text(was)

    render.run(app)

    assert set(statuses(app, posts).values()) == {PostStatus.APPROVED}


def test_a_comment_in_a_template_renders_anew_and_keeps_every_approval(
    own_templates: Path, make_app: Callable[..., App]
) -> None:
    app = make_app()
    posts = approved(app)
    template = own_templates / "posts/_default/quote.txt.j2"
    template.write_text("{# a note to ourselves #}" + template.read_text())

    render.run(app)

    assert set(statuses(app, posts).values()) == {PostStatus.APPROVED}
    assert fresh(app, posts["quote@news"]).input_hash != posts["quote@news"].input_hash
    assert fresh(app, posts["course@news"]).input_hash == posts["course@news"].input_hash


def test_another_design_unapproves_only_the_posts_that_use_it(
    own_templates: Path, make_app: Callable[..., App]
) -> None:
    app = make_app()
    posts = approved(app)
    design = own_templates / "cards/quote.toml"
    design.write_text(design.read_text().replace('fill = "mist"', 'fill = "paper"', 1))

    render.run(app)

    assert statuses(app, posts) == {
        "course@news": PostStatus.APPROVED,
        "course@kraj": PostStatus.APPROVED,
        "quote@news": PostStatus.RENDERED,
        "quote@kraj": PostStatus.RENDERED,
    }


def test_a_changed_pillow_a_moved_slot_and_a_restart_unapprove_nothing(
    make_app: Callable[..., App], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    posts = approved(app)
    with app.writing() as db:
        post = store.post_by_id(db, posts["course@news"].uuid)
        assert post is not None
        assert post.due_at is not None
        store.change_post(db, post, slot_date=None, slot_time=None, due_at=post.due_at + timedelta(days=30))
    monkeypatch.setattr(PIL, "__version__", "99.0")
    monkeypatch.setattr("PIL.features.version", lambda *_: "99.0")
    assert app.owner is not None
    app.owner.release()
    app.owner = None
    clock.advance(timedelta(hours=1))
    again = make_app(seed=50)

    render.run(again)

    assert set(statuses(again, posts).values()) == {PostStatus.APPROVED}
    assert {name: fresh(again, post).input_hash for name, post in posts.items()} == {
        name: post.input_hash for name, post in posts.items()
    }


def test_what_stood_in_the_way_of_a_rendering_ends_its_alert_and_leaves_the_approval(
    own_templates: Path, make_app: Callable[..., App]
) -> None:
    app = make_app()
    posts = approved(app)
    template = own_templates / "posts/_default/quote.txt.j2"
    was = template.read_text()
    template.write_text("{% oops %}")
    assert render.run(app).counts == {"failed": 2}
    template.write_text(was)

    assert render.run(app).counts == {"mended": 2}

    assert set(statuses(app, posts).values()) == {PostStatus.APPROVED}
    assert fresh(app, posts["quote@news"]).reason == "it can be rendered again"
    with app.reading() as db:
        assert [alert for alert in store.open_alerts(db) if alert.key.startswith("render:")] == []


def test_a_rendering_that_failed_and_then_differs_ends_its_alert_too(
    own_templates: Path, make_app: Callable[..., App]
) -> None:
    app = make_app()
    approved(app)
    template = own_templates / "posts/_default/quote.txt.j2"
    was = template.read_text()
    template.write_text("{% oops %}")
    render.run(app)
    template.write_text(was.replace("{% include", '{% call part("greeting") %}x{% endcall %}{% include', 1))

    assert render.run(app).counts == {"back to be approved": 2}

    with app.reading() as db:
        assert [alert for alert in store.open_alerts(db) if alert.key.startswith("render:")] == []


def test_a_story_that_cannot_be_rendered_says_so_and_stops_no_other(app: App) -> None:
    broken = Telling(title="無", summary="A letter that no font of ours has.")
    content = Content(kind=Kind.UPDATE, regions=("portugal",), language="en", tellings={"en": broken})
    make_story(app, "no-glyph", region="portugal", content=content)
    make_story(app)
    plan.run(app)

    summary = render.run(app)

    assert summary.counts["failed"] == 2
    assert summary.counts["rendered"] == 2
    with app.reading() as db:
        messages = [alert.message for alert in store.open_alerts(db)]
    assert len(messages) == 2
    assert all("cannot be rendered" in message and "U+7121" in message for message in messages)
