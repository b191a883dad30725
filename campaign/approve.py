"""The stage that approves: a person's yes to bytes that a proof has shown, and warnings when a yes is missing.

A yes binds the content hash and nothing else. Giving a slot away at the cutoff is the planner's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary, content_of
from campaign.config import Config, Person
from campaign.errors import UsageError
from campaign.models import Event, Post, PostStatus, Story
from campaign.store.wanted import SHORT_ID, post_name, wanted_posts

CORRECT = "correct"  # the wish to change a live post
NOBODY = "(not required)"  # whose yes stands where the config asks for none
MISREAD = str.maketrans("OIL", "011")  # letters that a code has not: https://www.crockford.com/base32.html


@dataclass(frozen=True)
class Decision:
    """What became of one post."""

    post: str  # uuid
    name: str  # story@channel
    outcome: Literal["approved", "correcting", "revoked", "unchanged", "refused"]  # correcting: the daemon is asked to
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Shown:
    """What a proof has shown of a post."""

    code: str
    content_hash: str
    correction: dict[str, Any] | None = None  # of a live post: what it is to say, and the hash of what it said


def approve(
    app: App, wanted: Sequence[str] = (), proof_code: str | None = None, person: str | None = None
) -> list[Decision]:
    """Approve exactly what a proof has shown: all of it by its code, or the named posts.

    `person` is a key or login of `[people]`; without it, whoever is at the keyboard.

    Raises:
        UsageError: the person, the code or a post is unknown, or nothing was named.
    """
    if bool(wanted) == bool(proof_code):
        raise UsageError("say what you approve", remedy="Either --proof CODE, or posts by id or story@channel.")
    officer = person_of(app.config, person or app.who)
    with app.writing() as db:
        shown = _shown_by(db, proof_code) if proof_code else _shown_of(db, wanted_posts(db, wanted))
        posts = _locked(db, shown)
        stories = store.stories_of(db, posts)
        return [_decide(app, db, post, stories[post.story], shown[post.uuid], officer) for post in posts]


def person_of(config: Config, who: str) -> Person:
    """Return the person with this login or key.

    Raises:
        UsageError: nobody of that name is listed.
    """
    by_login = {person.login: person for person in config.people.values() if person.login}
    found = by_login.get(who) or config.people.get(who)
    if found is None:
        raise UsageError(
            f"{who} is not among the people who may approve",
            remedy=f'Add [people.KEY] with login = "{who}" and what they approve to {config.path}.',
        )
    return found


def _shown_by(db: Session, code: str) -> dict[str, Shown | None]:
    """Return the pairs of a proof, in its order."""
    code = code.strip().upper().translate(MISREAD)
    proofs = store.events(db, what="proof", note=code, last=1)
    if not proofs:
        raise UsageError(f"there is no proof {code}", remedy="See what waits, and get a code: campaign proof")
    after = proofs[0].after
    corrections = after.get("corrections", {})
    return {uuid: Shown(code, content_hash, corrections.get(uuid)) for uuid, content_hash in after["posts"].items()}


def _shown_of(db: Session, posts: Sequence[Post]) -> dict[str, Shown | None]:
    """Return for each post the newest proof of its present content, else the newest of any, None without one."""
    proofs = store.events(db, what="proof")
    return {post.uuid: _newest(proofs, post) for post in posts}


def _newest(proofs: Sequence[Event], post: Post) -> Shown | None:
    shown = [Shown(proof.note, proof.after["posts"].get(post.uuid)) for proof in reversed(proofs)]
    shown = [each for each in shown if each.content_hash]
    return next((each for each in shown if each.content_hash == post.content_hash), shown[0] if shown else None)


def _locked(db: Session, uuids: Iterable[str]) -> list[Post]:
    """Return posts as they are now, which nobody changes before this transaction ends, in the order asked for."""
    uuids = list(uuids)
    found = {uuid: db.get(Post, uuid, with_for_update=True, populate_existing=True) for uuid in sorted(uuids)}
    return [post for uuid in uuids if (post := found[uuid]) is not None]


def _decide(app: App, db: Session, post: Post, story: Story, shown: Shown | None, officer: Person) -> Decision:
    name = post_name(post, story)
    if shown and shown.correction is not None:
        return _decide_correction(app, db, post, story, shown, officer)
    if post.status == PostStatus.APPROVED and shown and shown.content_hash == post.approved_hash == post.content_hash:
        return Decision(post.uuid, name, "unchanged", f"{post.approved_by} has approved it before")
    if refused := refusal(app.config, post, story, shown, officer):
        return Decision(post.uuid, name, "refused", *refused)
    _say_yes(app, db, post, by=officer.key, code=shown.code if shown else "")
    return Decision(post.uuid, name, "approved")


def _decide_correction(app: App, db: Session, post: Post, story: Story, shown: Shown, officer: Person) -> Decision:
    """Ask the daemon to change a live post to what was shown, if this person's yes counts."""
    name, short, correction = post_name(post, story), post.uuid[:SHORT_ID], shown.correction or {}
    if post.content_hash == shown.content_hash:
        return Decision(post.uuid, name, "unchanged", "it says so already")
    if post.status != PostStatus.PUBLISHED or post.wish not in ("", CORRECT):
        why = f"{post.wish_by} asked for {post.wish}" if post.wish else f"it is {post.status}"
        return Decision(post.uuid, name, "refused", why, f"campaign why {short}")
    if post.content_hash != correction["hash"]:
        return Decision(
            post.uuid, name, "refused", f"changed since the proof {shown.code}", f"campaign post correct {short}"
        )
    if barred := _barred(app.config, post, story, officer):
        return Decision(post.uuid, name, "refused", *barred)
    before = {"hash": post.content_hash, "parts": [part.content for part in store.parts_of(db, post.uuid)]}
    after = {"hash": shown.content_hash, "parts": correction["parts"], "proof": shown.code, "by": officer.key}
    store.change_post(db, post, wish=CORRECT, wish_by=officer.key)
    about = {"post": post.uuid, "story": post.story, "channel": post.channel}
    app.event(db, "post.correction", who=officer.key, **about, before=before, after=after)
    return Decision(post.uuid, name, "correcting")


def refusal(config: Config, post: Post, story: Story, shown: Shown | None, officer: Person) -> tuple[str, str] | None:
    """Return why this person's yes does not count for this post, and what to do; None when it counts."""
    again = f"campaign proof {post_name(post, story)}"
    if shown is None:
        return "no proof has shown it", again
    if shown.content_hash != post.content_hash:
        return f"changed since the proof {shown.code}", again
    if not post.input_hash:
        return "it is made anew at the next tick of the daemon", again
    if post.status != PostStatus.RENDERED:
        return f"it is {post.status}", f"campaign why {post.uuid[:SHORT_ID]}"
    return _barred(config, post, story, officer)


def _barred(config: Config, post: Post, story: Story, officer: Person) -> tuple[str, str] | None:
    """Return why this person may not say yes, and who may; None when they may."""
    if not _counts(officer, post, story):
        return f"{officer.name} does not approve for this region or channel", _ask(config, post, story)
    if config.approval.not_own and _is_own(officer, story):
        return f"{officer.name} handed this story in", _ask(config, post, story)
    return None


def _counts(officer: Person, post: Post, story: Story) -> bool:
    return officer.may_approve(content_of(story).regions, post.channel)


def _is_own(officer: Person, story: Story) -> bool:
    return bool(story.handed_by) and story.handed_by in (officer.login, officer.key)


def _ask(config: Config, post: Post, story: Story) -> str:
    others = [
        person.name
        for person in config.people.values()
        if _counts(person, post, story) and not (config.approval.not_own and _is_own(person, story))
    ]
    return f"Ask {' or '.join(others)}." if others else "Nobody in [people] may: add them to the config."


def _say_yes(app: App, db: Session, post: Post, *, by: str, code: str) -> None:
    """Store a yes. Its event keeps what was approved, so that the next proof can show what has changed since."""
    now = app.clock.now()
    parts = [part.content for part in store.parts_of(db, post.uuid)]
    store.change_post(
        db,
        post,
        status=str(PostStatus.APPROVED),
        approved_hash=post.content_hash,
        approved_by=by,
        approved_at=now,
        warned=0,
    )
    store.clear_alert(db, alert_key(post), now)
    after = {"hash": post.content_hash, "proof": code, "by": by, "parts": parts}
    app.event(
        db,
        "post.approved",
        who=by if code else None,
        post=post.uuid,
        story=post.story,
        channel=post.channel,
        after=after,
    )


def revoke(app: App, wanted: Sequence[str]) -> list[Decision]:
    """Take approvals back: the posts wait for a yes again.

    Raises:
        UsageError: a name means nothing or several things.
    """
    with app.writing() as db:
        posts = _locked(db, [post.uuid for post in wanted_posts(db, wanted)])
        stories = store.stories_of(db, posts)
        return [_revoke(app, db, post, post_name(post, stories[post.story])) for post in posts]


def _revoke(app: App, db: Session, post: Post, name: str) -> Decision:
    if post.status == PostStatus.SENDING:
        return Decision(post.uuid, name, "refused", "it is being sent now", "Run this again in a minute.")
    if post.status != PostStatus.APPROVED:
        return Decision(post.uuid, name, "unchanged", f"it is {post.status}")
    if not app.config.needs_approval(post.channel):
        why = f"{post.channel} asks for no approval, so it would be approved again"
        return Decision(post.uuid, name, "refused", why, f"campaign post cancel {post.uuid[:SHORT_ID]}")
    _take_back(app, db, post, f"{app.who} took the approval back")
    return Decision(post.uuid, name, "revoked")


def _take_back(app: App, db: Session, post: Post, why: str) -> None:
    before = {"hash": post.approved_hash, "by": post.approved_by}
    store.change_post(db, post, status=str(PostStatus.RENDERED), approved_hash="", approved_by="", approved_at=None)
    app.event(db, "post.unapproved", post=post.uuid, story=post.story, channel=post.channel, note=why, before=before)


def alert_key(post: Post) -> str:
    """Return the key under which a missing approval is told."""
    return f"unapproved:{post.uuid}"


class Step(StrEnum):
    """What the stage does about a post without a person."""

    APPROVE = "approved without a person"
    TAKE_BACK = "back to be approved"
    WARN = "warned about"
    CALM = "not urgent any more"


def next_step(config: Config, post: Post, now: datetime) -> Step | None:
    """Decide what a rendered or approved post needs. A yes that the config gave ends with the config's word."""
    waits = post.status == PostStatus.RENDERED
    if not config.needs_approval(post.channel):
        return Step.APPROVE if waits else None
    if not waits:
        return Step.TAKE_BACK if post.approved_by == NOBODY else None
    due = warnings_due(post.due_at, now, config.approval.warn)
    if due is None or due == post.warned:
        return None
    return Step.WARN if due > post.warned else Step.CALM


def warnings_due(due_at: datetime | None, now: datetime, warn: Sequence[timedelta]) -> int | None:
    """Return how many warnings ought to have been given before a slot; None once it is over."""
    if due_at is None:
        return 0
    return sum(now >= due_at - before for before in warn) if now < due_at else None


def run(app: App) -> Summary:
    """Approve what needs no person, and warn of what still needs one shortly before its slot."""
    summary, now = Summary("approve"), app.clock.now()
    with app.reading() as db:
        posts = store.posts_where(db, statuses=[PostStatus.RENDERED, PostStatus.APPROVED])
        waiting = {alert_key(post) for post in posts if post.status == PostStatus.RENDERED}
        alerts = [alert.key for alert in store.open_alerts(db) if alert.key.startswith("unapproved:")]
    known = [post for post in posts if post.channel in app.config.channels]
    due = [post.uuid for post in known if next_step(app.config, post, now)]
    over = [key for key in alerts if key not in waiting]
    if not due and not over:
        return summary
    with app.writing() as db:
        store.clear_alert(db, over, now)
        for post in _locked(db, due):
            if step := _take(app, db, post, now):
                summary.count(step)
    return summary


def _take(app: App, db: Session, post: Post, now: datetime) -> Step | None:
    """Take the step that the post needs as it is now; it may have changed since it was read."""
    step = next_step(app.config, post, now) if post.status in (PostStatus.RENDERED, PostStatus.APPROVED) else None
    match step:
        case Step.APPROVE:
            _say_yes(app, db, post, by=NOBODY, code="")
        case Step.TAKE_BACK:
            _take_back(app, db, post, "the config asks for a person's yes now")
        case Step.WARN | Step.CALM:
            store.clear_alert(db, alert_key(post), now)
            store.change_post(db, post, warned=warnings_due(post.due_at, now, app.config.approval.warn))
    if step is Step.WARN and post.due_at is not None:
        _warn(app, db, post, post.due_at)
    return step


def _warn(app: App, db: Session, post: Post, due_at: datetime) -> None:
    name = post_name(post, store.stories_of(db, [post])[post.story])
    local = due_at.astimezone(ZoneInfo(app.channel(post.channel).zone))
    message = f"{name} is to go out on {local:%a} {local.day} {local:%B}, {local:%H:%M}, and nobody has approved it"
    app.alert(db, alert_key(post), message, post=post.uuid, channel=post.channel, remedy=f"campaign proof {name}")
