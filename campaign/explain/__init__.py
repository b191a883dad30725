"""Answers in plain words, with evidence: why, status, log. Reads only; what it tells is what the other stages stored.

posts · stories · regions (why) · status · history (log) · words (times and names)
"""

from __future__ import annotations

from campaign.app import App
from campaign.explain.history import Happening, history
from campaign.explain.posts import read_case, tell_post
from campaign.explain.regions import tell_region
from campaign.explain.status import Status, status, status_lines
from campaign.explain.stories import tell_story
from campaign.models import Post
from campaign.store.lookup import resolve

__all__ = ["Happening", "Status", "history", "status", "status_lines", "why"]


def why(app: App, wanted: str) -> list[str]:
    """Say in plain words why a region, a story or a post is where it is.

    Raises:
        UsageError: `wanted` means none of them, or several.
    """
    with app.reading() as db:
        if wanted in app.config.regions:
            return tell_region(app, db, wanted)
        subject = resolve(db, wanted)
        if isinstance(subject, Post):
            return tell_post(read_case(app, db, subject))
        return tell_story(app, db, subject)
