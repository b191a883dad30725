"""One channel as the planner sees it: read from the rows, decided, nothing written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from campaign import costs, store
from campaign.app import App, content_of
from campaign.config import Channel, Config
from campaign.costs import SpentOut
from campaign.fairness import MARGIN, Decision, Plan, Wish, assign
from campaign.models import OPEN, Pause, PauseScope, Post, PostStatus, Story, StoryStatus
from campaign.plan.turns import Turns, read_turns, regions_of, slot_of, taken_of
from campaign.slots import Slot, blackout_of, upcoming
from campaign.story import Content

Contents = dict[tuple[str, int], Content]  # by story and revision: read once for all channels
STORY_AWAY = {
    StoryStatus.WITHDRAWN: "its story was withdrawn",
    StoryStatus.RETURNED: "its story went back to its region",
}


@dataclass(frozen=True)
class Sheet:
    """What planning one channel comes to."""

    channel: Channel
    expired: tuple[Post, ...]  # never sent, and over
    never: tuple[Story, ...]  # over before they had a post here
    revived: tuple[Post, ...]  # expired once, and their story has a later expiry now
    lost: tuple[tuple[Post, str], ...]  # slots that a rule has broken, and which
    corrected: tuple[tuple[Post, dict[str, Any]], ...]  # posts that follow their story's expiry or the zone's rules
    plan: Plan[Slot]
    waiting: dict[str, Post]  # story → its post that waits for a slot
    stories: dict[str, Story]
    unfit: tuple[tuple[Story, str], ...]  # stories that cannot be on this channel, and why
    too_soon: tuple[Slot, ...]  # empty slots that leave no time to render and to approve
    turns: Turns
    ended: frozenset[str]  # stories whose post here is over

    @property
    def given(self) -> list[Decision[Slot]]:
        """The slots that were given away now."""
        return [decision for decision in self.plan.decisions if decision.story is not None]

    @property
    def has_changes(self) -> bool:
        """Whether anything is to be written."""
        return any((self.expired, self.never, self.revived, self.lost, self.corrected, self.given))

    @property
    def over(self) -> frozenset[str]:
        """The stories for which nothing is left to plan here, unless they or the rules change."""
        return self.ended | {story.uuid for story, _ in self.unfit if story.uuid not in self.waiting}

    def counts(self) -> dict[str, int]:
        """What happened, for the summary of the stage."""
        return {
            "planned": len(self.given),
            "without a slot any more": len(self.lost),
            "expired": len(self.expired) + len(self.never),
        }


def read_sheet(
    app: App, db: Session, channel: Channel, weeks: int, stories: dict[str, Story], contents: Contents
) -> Sheet:
    """Decide about one channel from now to `weeks` ahead. `stories` are those that something is left to plan for."""
    now = app.clock.now()
    posts, turns = store.posts_to_plan(db, channel.key, now, stories), read_turns(app, db, channel)
    stories = _by_age({**stories, **store.stories_of(db, [post for post in posts if post.story not in stories])})
    rules = rules_of(app, db, channel, contents)

    open_posts = [post for post in posts if post.status in OPEN]
    expired = [post for post in open_posts if is_over(stories[post.story], now)]
    gone = {post.uuid for post in expired}
    judged = [(post, rules.broken(post, stories[post.story])) for post in open_posts if post.uuid not in gone]
    lost = [(post, why) for post, why in judged if why and post.due_at is not None]
    revived = [post for post in posts if post.status == PostStatus.EXPIRED and rules.lives_again(stories[post.story])]

    without = gone | {post.uuid for post, _ in lost}
    kept = [post for post in posts if post.due_at is not None and post.uuid not in without]
    waits = {post.story: post for post, _ in judged if post.due_at is None or post.uuid in without}
    waits |= {post.story: post for post in revived}

    had = {post.story for post in posts}
    wanting = [story for story in stories.values() if story.uuid in waits or story.uuid not in had]
    queued = [story for story in wanting if story.status == StoryStatus.QUEUED]
    unfit = [(story, why) for story in queued if (why := rules.unfit(story))]
    fit = [story for story in queued if not rules.unfit(story)]
    alive = {post.story for post in posts if _may_go_on(post, stories[post.story], now)}
    moved = {post.uuid: rules.drifted(post, stories[post.story]) for post, why in judged if not why}
    plan = assign(
        rules.free_slots(weeks),
        taken_of((turn for turn in turns.later if turn.uuid not in without), channel),
        [rules.wish(story) for story in fit if not is_over(story, now)],
        regions_of(app.config),
        spacing=channel.spacing,
        daily_cap=channel.daily_cap,
        urgent=app.config.plan.urgent,
        since=turns.since,
    )
    return Sheet(
        channel,
        tuple(expired),
        tuple(story for story in fit if is_over(story, now) and story.uuid not in had),
        tuple(revived),
        tuple(lost),
        tuple((post, moved[post.uuid]) for post, _ in judged if moved.get(post.uuid)),
        plan,
        waits,
        stories,
        tuple(unfit),
        rules.too_soon({slot_of(post, channel) for post in kept}),
        turns,
        frozenset(had - alive),
    )


def _by_age(stories: dict[str, Story]) -> dict[str, Story]:
    """Put the oldest first."""
    return dict(sorted(stories.items(), key=lambda item: (item[1].created_at, item[0])))


def _may_go_on(post: Post, story: Story, now: datetime) -> bool:
    """Whether planning has not ended for a post: it may have another slot, or live again."""
    return post.status in OPEN or (post.status == PostStatus.EXPIRED and not is_over(story, now))


@dataclass(frozen=True)
class Rules:
    """What may break an assignment or keep a story off a channel."""

    config: Config
    channel: Channel
    now: datetime
    pauses: Sequence[Pause]
    contents: Contents
    spent_out: SpentOut | None = None  # there is no money for more posts this month

    def free_slots(self, weeks: int) -> list[Slot]:
        """The slots that may be given away, from the first that leaves time to render and to approve."""
        return self._slots(self.now + self.lead, self.now + timedelta(weeks=weeks))

    def too_soon(self, taken: Collection[Slot]) -> tuple[Slot, ...]:
        """The slots before those, as far as nothing stands in them."""
        return tuple(slot for slot in self._slots(self.now, self.now + self.lead) if slot not in taken)

    def _slots(self, start: datetime, end: datetime) -> list[Slot]:
        channel = self.channel
        slots = upcoming(channel.key, channel.slots, channel.zone, self.config.blackouts, start, end)
        return [slot for slot in slots if not self._resting(slot.due_at, ()) and not self._unpaid(slot.due_at)]

    @property
    def lead(self) -> timedelta:
        """How long before its slot a post is planned at the latest: the cutoff, and as long again to approve it."""
        return max(2 * self.config.approval.cutoff, MARGIN) if self.channel.approval else MARGIN

    def wish(self, story: Story) -> Wish:
        """What a story asks of the calendar. A pause of one of its regions holds it like an embargo."""
        regions = self.content(story).regions
        of_regions = [pause for pause in self.pauses if pause.scope == PauseScope.REGION and pause.key in regions]
        holds = [self._ends(pause) for pause in of_regions]
        holds += [story.embargo_at] if story.embargo_at else []
        release = max(holds, default=None)
        return Wish(story.uuid, regions, story.created_at, story.priority, release, story.expires_at)

    def unfit(self, story: Story) -> str:
        """Why a story cannot be on this channel, empty when it can."""
        content, channel = self.content(story), self.channel
        if content.channels and channel.key not in content.channels:
            return "the story names other channels"
        if content.telling(channel.language, channel.languages) is None:
            told, taken = ", ".join(sorted(content.tellings)), ", ".join(channel.languages)
            return f"it is told in {told}, and the channel takes {taken}"
        if unknown := [region for region in content.regions if region not in self.config.regions]:
            return f"region {unknown[0]} is not in the config"
        return ""

    def broken(self, post: Post, story: Story) -> str:
        """Which rule has broken a post's assignment, empty when it holds.

        A post without a weekly slot was placed by a person: neither the slots of the config, nor blackouts and pauses
        move it (the gate still minds them).
        """
        if story.status != StoryStatus.QUEUED:
            return (
                "its story was withdrawn"
                if story.status == StoryStatus.WITHDRAWN
                else "its story went back to its region"
            )
        if (why := self.unfit(story)) or post.due_at is None or post.due_at <= self.now:
            return why
        if story.embargo_at is not None and story.embargo_at > post.due_at:
            return "its embargo ends after its slot"
        if story.expires_at is not None and post.due_at + MARGIN >= story.expires_at:
            return "it would expire before its slot"
        return self.closed(slot_of(post, self.channel), self.content(story).regions) if post.slot_date else ""

    def closed(self, slot: Slot, regions: Collection[str]) -> str:
        """Why a weekly slot is none for a story about `regions`, empty when it is one."""
        if not any((weekly.weekday, weekly.at) == (slot.day.weekday(), slot.at) for weekly in self.channel.slots):
            return "its slot is no longer in the config"
        if blackout := blackout_of(slot, self.config.blackouts):
            return f"nothing is posted on that day: {blackout.reason}"
        if pause := self._resting(slot.due_at, regions):
            return f"paused: {pause.reason}"
        return self._unpaid(slot.due_at)

    def drifted(self, post: Post, story: Story) -> dict[str, Any]:
        """What must follow the story or the zone's rules: the expiry, and the moment of a slot still to come."""
        values: dict[str, Any] = {}
        if post.expires_at != story.expires_at:
            values["expires_at"] = story.expires_at
        if post.slot_date is not None and post.due_at is not None and post.due_at > self.now:
            due_at = slot_of(post, self.channel).due_at
            if due_at != post.due_at:
                first = due_at if post.first_due_at == post.due_at else post.first_due_at
                values |= {"due_at": due_at, "first_due_at": first}
        return values

    def lives_again(self, story: Story) -> bool:
        """Whether an expired post may come back: its story has a later expiry, or none, by now."""
        return story.status == StoryStatus.QUEUED and not is_over(story, self.now + MARGIN) and not self.unfit(story)

    def content(self, story: Story) -> Content:
        """A story's content, typed once for all channels."""
        key = (story.uuid, story.revision)
        if key not in self.contents:
            self.contents[key] = content_of(story)
        return self.contents[key]

    def _resting(self, moment: datetime, regions: Collection[str]) -> Pause | None:
        """The pause that covers the channel or one of `regions` at a moment. A hold moves no slot."""
        covering = [pause for pause in self.pauses if not pause.is_hold and pause.covers(self.channel.key, regions)]
        return next((pause for pause in covering if moment < self._ends(pause)), None)

    def _unpaid(self, moment: datetime) -> str:
        """Why there is no money for a post at a moment, empty when there is."""
        return self.spent_out.reason if self.spent_out and moment < self.spent_out.until else ""

    def _ends(self, pause: Pause) -> datetime:
        """Until when a pause empties the calendar; one without an end takes the firm days ahead, day by day."""
        return pause.until or self.now + self.config.plan.firm


def rules_of(app: App, db: Session, channel: Channel, contents: Contents) -> Rules:
    """Gather what holds on a channel now."""
    now = app.clock.now()
    return Rules(app.config, channel, now, store.pauses(db, now), contents, costs.told_spent_out(db, channel, now))


def is_over(story: Story, now: datetime) -> bool:
    """Whether a story has expired."""
    return story.expires_at is not None and story.expires_at <= now
