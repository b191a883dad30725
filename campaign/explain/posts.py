"""Why a post is where it is: its slot, what it waits for, what was tried, and what an officer can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel, Config
from campaign.explain.words import one_of, title_of, when
from campaign.models import (
    OPEN,
    Attempt,
    ChannelState,
    Event,
    Part,
    Pause,
    PauseScope,
    Post,
    PostStatus,
    Story,
    what_rests,
)
from campaign.store.evidence import attempts_at
from campaign.store.wanted import SHORT_ID, post_name

STATES = {
    PostStatus.PLANNED: "planned; its text and pictures are not made yet",
    PostStatus.RENDERED: "made, and not approved yet",
    PostStatus.APPROVED: "approved",
    PostStatus.SENDING: "being sent now",
    PostStatus.PUBLISHED: "published",
    PostStatus.UNCONFIRMED: "perhaps live; only the platform or a person may say",
    PostStatus.PARTIAL: "live in part; the rest is not",
    PostStatus.FAILED: "given up",
    PostStatus.EXPIRED: "over: it expired before it could go out",
    PostStatus.CANCELLED: "cancelled",
    PostStatus.REMOVED: "taken down",
}
SLOT_LOST = ("post.unslotted", "post.returned")
LAST = 5  # attempts and lost slots told; the whole list is in `campaign log`


@dataclass(frozen=True)
class Case:
    """A post with all the evidence there is."""

    config: Config
    now: datetime
    post: Post
    story: Story
    channel: Channel | None  # None: no longer in the config
    state: ChannelState | None
    pauses: tuple[Pause, ...]  # those that cover it
    parts: tuple[Part, ...]
    attempts: tuple[Attempt, ...]
    events: tuple[Event, ...]
    stopped: bool  # the stop file is there
    logs_in: bool  # its channel gets its credentials by `campaign channel login`

    @property
    def short(self) -> str:
        """The start of the post's id, as commands take it."""
        return self.post.uuid[:SHORT_ID]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions it is about."""
        return tuple(self.story.content.get("regions") or (self.story.region,))

    @property
    def by_hand(self) -> bool:
        """Whether a person publishes on its channel."""
        return self.channel is not None and self.channel.mode == "by-hand"

    def when(self, moment: datetime) -> str:
        """A moment in the campaign's zone."""
        return when(moment, self.config.campaign.zone)


def read_case(app: App, db: Session, post: Post) -> Case:
    """Gather the evidence on a post."""
    story = store.stories_of(db, [post])[post.story]
    now, stop = app.clock.now(), app.config.daemon.stop_file
    regions = story.content.get("regions") or [story.region]
    return Case(
        config=app.config,
        now=now,
        post=post,
        story=story,
        channel=app.config.channels.get(post.channel),
        state=store.channel_state(db, post.channel),
        pauses=tuple(pause for pause in store.pauses(db, now) if pause.covers(post.channel, regions)),
        parts=tuple(store.parts_of(db, post.uuid)),
        attempts=tuple(attempts_at(db, post.uuid)),
        events=tuple(store.events(db, post=post.uuid)),
        stopped=stop is not None and stop.exists(),
        logs_in=app.logs_in(post.channel),
    )


def tell_post(case: Case) -> list[str]:
    """Say in plain words why a post is where it is, and what can be done."""
    lines = [f"{post_name(case.post, case.story)} (post {case.short}): {title_of(case.story)}"]
    lines.append(f"Story: {case.story.kind} about {_regions(case)}{_handed_in(case)}.")
    lines += _slot(case)
    lines.append(f"Now: {_state(case)}.{_because(case)}")
    lines += [f"Waits for: {wait}." for wait in waits_for(case)]
    lines += _approval(case)
    lines += _attempts(case)
    lines += [f"Live: {part.permalink or part.remote_id}" for part in case.parts if part.remote_id]
    lines += [f"You can: {command}" for command in commands(case)]
    return lines


def _state(case: Case) -> str:
    if case.post.status == PostStatus.RENDERED and not _needs_yes(case):
        return "made; its channel asks for no approval"
    return STATES[PostStatus(case.post.status)]


def _regions(case: Case) -> str:
    known, language = case.config.regions, case.config.campaign.language
    return ", ".join(known[key].named(language) if key in known else key for key in case.regions)


def _handed_in(case: Case) -> str:
    by = f" by {case.story.handed_by}" if case.story.handed_by else ""
    return f", handed in{by} on {case.when(case.story.created_at)}"


def _slot(case: Case) -> list[str]:
    post, lines = case.post, []
    if post.slot_date is not None and post.due_at is not None:
        lines.append(f"Slot: {case.when(post.due_at)} on channel {post.channel}.")
    elif post.due_at is not None:
        lines.append(f"Due: {case.when(post.due_at)} on channel {post.channel}, outside its weekly slots.")
    else:
        lines.append(f"Slot: none on channel {post.channel}.")
    planned = [event for event in case.events if event.what == "post.planned" and event.note]
    if planned and post.slot_date is not None:
        lines.append(f"Why this slot: {planned[-1].note}.")
    lost = [event for event in case.events if event.what in SLOT_LOST]
    for event in lost[-LAST:]:
        lines.append(f"Lost the slot {event.before.get('slot', '')} on {case.when(event.at)}: {event.note}.")
    return lines


def _because(case: Case) -> str:
    """The stored reason, where it is not the one for the slot or told anyway as what it waits for."""
    post = case.post
    told = {event.note for event in case.events if event.what == "post.planned"}
    if not post.reason or post.reason in told or post.reason in STATES[PostStatus(post.status)]:
        return ""
    return f" {post.reason[0].upper()}{post.reason[1:]}."


def _approval(case: Case) -> list[str]:
    post = case.post
    if not _needs_yes(case) or post.approved_at is None or post.approved_hash != post.content_hash:
        return []
    return [f"Approved by {post.approved_by} on {case.when(post.approved_at)}."]


def _attempts(case: Case) -> list[str]:
    return [
        f"Attempt on {case.when(attempt.started_at)}: {attempt.outcome or 'not ended'}"
        + (f", {attempt.detail}" if attempt.detail else "")
        for attempt in case.attempts[-LAST:]
    ]


def waits_for(case: Case) -> list[str]:
    """Name everything that stands between an unsent post and the public, all at once."""
    post = case.post
    if post.status not in OPEN:
        return []
    waits = []
    if post.due_at is None:
        waits.append("a slot; the planner gives it one at its next run")
    if post.status == PostStatus.PLANNED:
        waits.append("its text and pictures, made at the next tick of the daemon")
    elif not post.input_hash:
        waits.append("its text and pictures, made anew at the next tick of the daemon")
    if post.status != PostStatus.APPROVED and _needs_yes(case):
        waits.append(f"a yes of {one_of(approvers(case)) or 'somebody: nobody in [people] may approve it'}")
    waits += _rests(case)
    if case.story.embargo_at is not None and case.story.embargo_at > case.now:
        waits.append(f"the end of its embargo, {case.when(case.story.embargo_at)}")
    if post.due_at is not None and post.due_at > case.now:
        waits.append(f"its slot, {case.when(post.due_at)}")
    elif post.next_try_at is not None and post.next_try_at > case.now:
        waits.append(f"its next try, {case.when(post.next_try_at)}")
    return waits


def _rests(case: Case) -> list[str]:
    key, state = case.post.channel, case.state
    waits = [] if case.channel else [f"channel {key}, which is no longer in the config"]
    if state is None or not state.enabled:
        waits.append(f"channel {key} to be enabled")
    elif state.blocked:
        waits.append(f"a person for channel {key}: {state.blocked}")
    elif state.held_until is not None and state.held_until > case.now:
        waits.append(f"channel {key}, which rests until {case.when(state.held_until)}: {state.hold_reason}")
    for pause in case.pauses:
        what = what_rests(pause.scope, pause.key)
        until = f" until {case.when(pause.until)}" if pause.until else ""
        waits.append(f"the end of a pause: {what} is paused{until} by {pause.who}, {pause.reason}")
    if case.stopped:
        waits.append(f"the stop file {case.config.daemon.stop_file} to be removed")
    return waits


def _needs_yes(case: Case) -> bool:
    return case.config.needs_approval(case.post.channel)


def approvers(case: Case) -> list[str]:
    """Return the names of those whose yes counts for the post."""
    barred = {case.story.handed_by} if case.config.approval.not_own and case.story.handed_by else set()
    return [
        person.name
        for person in case.config.people.values()
        if person.may_approve(case.regions, case.post.channel) and not barred & {person.key, person.login}
    ]


def commands(case: Case) -> list[str]:
    """Return what an officer may type next."""
    post, short = case.post, case.short
    by_status = {
        PostStatus.RENDERED: [f"campaign proof {short}", "campaign approve --proof CODE"],
        PostStatus.APPROVED: [f"campaign post show {short}", f"campaign post now {short}"],
        PostStatus.PUBLISHED: [
            f"campaign post record {short} reactions=12",
            f"campaign post correct {short}",
            f"campaign post takedown {short}",
        ],
        PostStatus.UNCONFIRMED: [
            f"campaign post done {short} URL"
            if case.by_hand
            else f"campaign post resolve {short} --published URL | --send-again | --not-published"
        ],
        PostStatus.PARTIAL: [
            f"campaign post retry {short}",
            f"campaign post resolve {short} --published URL",
            f"campaign post takedown {short}",
        ],
        PostStatus.FAILED: [f"campaign post retry {short}", f"campaign post cancel {short}"],
        PostStatus.CANCELLED: [f"campaign post restore {short}"],
    }
    found = by_status.get(PostStatus(post.status), [])
    if post.status not in OPEN:
        return found
    if post.status == PostStatus.RENDERED and not _needs_yes(case):
        found = [f"campaign post show {short}"]
    if case.channel and case.state and not case.state.enabled:
        found = [*found, f"campaign channel enable {post.channel}"]
    elif case.state and case.state.blocked:
        found = [*found, f"campaign channel {'login' if case.logs_in else 'enable'} {post.channel}"]
    return [*found, *(_ending(pause) for pause in case.pauses)]


def _ending(pause: Pause) -> str:
    if pause.is_hold:
        return "campaign adopt"
    return f"campaign resume {'--all' if pause.scope == PauseScope.ALL else f'--{pause.scope} {pause.key}'}"
