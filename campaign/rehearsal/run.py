"""Time passes: the daemon's jobs run on the virtual clock, people look in, and whatever dies is started again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from campaign import publish, store
from campaign.app import App, Summary
from campaign.models import OPEN, PostStatus
from campaign.rehearsal.house import House
from campaign.rehearsal.witness import Witness
from campaign.tick import OTHER_STAGES, Stage

STEP = timedelta(hours=3)  # the longest time in which nobody looks at anything
TICK = timedelta(seconds=5)  # of the daemon, while there is something to do
LEAST = timedelta(seconds=1)
ASLEEP = (0.2, 2, 10)  # minutes for which others work while a process stands still

Visit = Callable[[App], object]


class Run:
    """One rehearsal while it is played. `before` is how long before a slot the people want to look at it."""

    def __init__(
        self,
        house: House,
        witness: Witness,
        visit: Visit,
        *,
        stages: Sequence[Stage] = OTHER_STAGES,
        before: Sequence[timedelta] = (),
        tell: Callable[[Summary], None] = lambda summary: None,
    ) -> None:
        self.house, self.witness, self.visit = house, witness, visit
        self.stages, self.before, self.tell = stages, before, tell
        house.net.die, house.net.interlude = house.disk.die, self._interlude

    def until(self, ends: datetime) -> None:
        """Let time pass until `ends`."""
        clock = self.house.clock
        while clock.now() < ends:
            if self._publish():
                clock.advance(TICK)
                continue
            self._keep_house()
            clock.advance_to(self._next_moment(ends))

    def _publish(self) -> bool:
        """Let each channel's job run once; say whether there was anything to do."""
        busy = False
        for key in self.house.config.channels:
            busy = self.house.publish(key) or busy
            self.witness.look_around()
        return busy

    def _keep_house(self) -> None:
        """What the daemon does besides, then what people do."""
        for stage in self.stages:
            self.house.guarded(stage.__module__, partial(self._work, stage))
        self.house.guarded("people", lambda: self.visit(self.house.app))
        self.witness.look_around()

    def _work(self, stage: Stage) -> None:
        self.tell(stage(self.house.app))  # the house may have begun anew: its app is asked for each time

    def _next_moment(self, ends: datetime) -> datetime:
        """Return when something happens next: a slot, what is wanted before one, another try, or the next look."""
        app, now = self.house.app, self.house.clock.now()
        before = (timedelta(0), app.config.approval.cutoff, *self.before)
        with app.reading() as db:
            soon = store.posts_where(db, statuses=OPEN, due_from=now, due_to=now + STEP + max(before))
            stirs = store.next_stir(db, now)
        moments = [post.due_at - each for post in soon if post.due_at for each in before]
        moments += [stirs] if stirs else []
        return max(min([moment for moment in moments if moment > now] + [now + STEP, ends]), now + LEAST)

    def _interlude(self) -> None:
        """While our process stands still, another one takes over and works for some minutes."""
        self.house.stop_and_take_over(self._others_work)

    def _others_work(self) -> None:
        chance = self.house.net.faults.chance
        for key in self.house.config.channels:
            self.house.guarded("take", partial(self.house.seat.take, key))
        self.witness.look_around()
        for _ in range(chance.choice((0, 3))):
            self._publish()
            self.house.clock.advance(timedelta(minutes=chance.choice(ASLEEP)))


def publish_by_hand(app: App, witness: Witness, address: str) -> list[str]:
    """Do what a person does on by-hand channels; return the posts that were published. `address` is where they are."""
    done = []
    for channel in app.config.channels.values():
        if channel.mode == "by-hand":
            with app.reading() as db:
                waiting = store.posts_where(db, channel=channel.key, statuses=[PostStatus.UNCONFIRMED])
                deliveries = [publish.read_delivery(db, channel, post) for post in waiting]
            for delivery in deliveries:
                where = f"{address}/{channel.key}/{delivery.post.uuid[:8]}"
                publish.done(app, delivery, where)
                witness.see_published_by_hand(delivery, where)
                done.append(delivery.post.uuid)
    return done
