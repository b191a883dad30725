"""Takes pictures out of the public place when the last post that needs them is over."""

from __future__ import annotations

import logging
from datetime import timedelta

from campaign import store
from campaign.app import App, Summary
from campaign.log import tell

EVERY = timedelta(hours=1)  # storage is paid for by the look
GRACE = timedelta(days=1)  # so long a picture stays after each post in any case: whoever fetches it may be slow


def run(app: App) -> Summary:
    """Remove what no post needs any more. What is needed is asked of the posts each time, so nothing is ever left over.

    A copy of a campaign that is held removes nothing: the pictures are those of the original.
    """
    summary = Summary("tidy")
    if app.public is None or not app.public.is_due(app.clock.boottime(), EVERY):
        return summary
    try:
        old = [file for file in app.public.shown() if app.clock.now() - file.since > GRACE]
        needed = _needed(app) if old else None
        if needed is None:
            return summary
        for file in old:
            if file.sha256 not in needed:
                app.public.remove(file.name)
                summary.count("removed")
    except OSError as error:
        tell("public.unreachable", level=logging.WARNING, reason=app.scrub(str(error)))
    return summary


def _needed(app: App) -> set[str] | None:
    """Return the hashes of all pictures that may be sent or fetched yet, None when that cannot be said."""
    with app.reading() as db:
        return None if store.held(db) else store.pictures_needed(db, app.clock.now() - GRACE)
