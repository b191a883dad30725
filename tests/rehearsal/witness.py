"""Stands beside an office and judges it: what readers saw, against what people said and what the tables say."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import select

from campaign import store
from campaign.models import Attempt, Part, Post, Story
from campaign.rehearsal.judge import (
    RULES,
    Belief,
    Broken,
    Evidence,
    Sight,
    Stop,
    in_time_and_approved,
    nothing_lost,
)
from tests.rehearsal.laying import SECRETS
from tests.rehearsal.office import Office
from tests.rehearsal.server import home_in


class Witness:
    """Judges again and again. What a part's dates allowed is judged once, by the dates that it had then."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._judged = 0  # sights that were judged by their dates
        self._heard = 0  # outputs that were searched

    def broken(self, *, at_rest: bool = False) -> list[Broken]:
        """Return every promise that is broken now; `at_rest` also those that are kept in the end only."""
        evidence = self.evidence()
        later = evidence.sights[self._judged :]
        self._judged = len(evidence.sights)
        found = list(in_time_and_approved(replace(evidence, sights=later)))
        for rule in RULES:
            if rule is not in_time_and_approved and (at_rest or rule is not nothing_lost):
                found += rule(evidence)
        return found + [Broken("bug", bug) for bug in (*self.office.bugs, *self.office.house.bugs)]

    def evidence(self) -> Evidence:
        """Return what is left behind until now. Channels go by the names that they have in the tables now."""
        office = self.office
        with office.memory.db.reading() as db:
            stories = {story.uuid: story for story in db.exec(select(Story)).all()}
            posts = db.exec(select(Post)).all()
            beliefs = [Belief(post, stories[post.story], store.parts_of(db, post.uuid)) for post in posts]
            tried = db.exec(TRIED).all()
            alerts = store.open_alerts(db)
            names = {home_in(key): key for key, state in store.channel_states(db).items() if state.account_id}
        sights = [
            Sight(names[home], item.id, item.text, item.at, item.gone_at, item.reply_to)
            for home, service in office.services.items()
            for item in service.items
        ]
        sights.sort(key=lambda sight: sight.at)
        return Evidence(
            now=office.clock.now(),
            channels={names[home]: office.config.channels[key] for home, key in office.keys.items()},
            sights=sights,
            beliefs=beliefs,
            attempts=list(tried),
            alerts=alerts,
            approved={(names[home], text): yes for (home, text), yes in office.approved.items()},
            stops=[named for stop in office.stops if (named := self._named(stop, names, stories))],
            orphans=office.orphans,
            taken={names[home]: taken for home, taken in office.taken.items()},
            jumped=office.jumped,
            secrets=SECRETS,
            outputs=self._outputs(),
        )

    def _named(self, stop: Stop, names: dict[str, str], stories: dict[str, Story]) -> Stop | None:
        """Return a stop whose key is one of the tables'; None for one of a story that a restore has lost."""
        match stop.scope:
            case "channel":
                return replace(stop, key=names[stop.key])
            case "story":
                known = [uuid for uuid, story in stories.items() if story.slug == stop.key]
                return replace(stop, key=known[0]) if known else None
        return stop

    def _outputs(self) -> list[str]:
        """Return what was printed and logged since the last time."""
        told = [*self.office.outputs[self._heard :], self.office.log.getvalue()]
        self._heard = len(self.office.outputs)
        self.office.log.truncate(0)
        self.office.log.seek(0)
        return told


# Without the doubts of a restore, which look like attempts and are none.
TRIED = select(Part.channel, Attempt).join(Part, Attempt.part == Part.uuid).where(Attempt.sender != store.LOST)
