"""Asks the platforms once a day who we are there and what they allow: limits, names, credentials that end.

A channel whose account is another one than it was enabled with is blocked: its posts would appear in a wrong place.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary
from campaign.errors import CampaignError, ChannelBlocked, ConfigError, NotSent
from campaign.log import tell
from campaign.models import REMINDERS, ChannelState
from campaign.platforms.base import Account

EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after a look that failed
AT_ONCE = 4  # channels in one pass: platforms that hang keep the other stages waiting
TOLD_LATELY = timedelta(days=30)  # a warning that lasts is no news before


def run(app: App) -> Summary:
    """Look at the accounts that nobody has looked at for a day, a few at a time, and remind of credentials that end."""
    summary, now = Summary("accounts"), app.clock.now()
    wanted = [key for key, channel in app.config.channels.items() if channel.mode == "api"]
    with app.reading() as db:
        due = store.unchecked_channels(db, wanted, now - EVERY)[:AT_ONCE]
        ending = store.tokens_ending(db, wanted, now + timedelta(days=max(REMINDERS)))
        if (due or ending) and store.held(db):  # asking may renew tokens, which would lock out the original of a copy
            return summary
        asked = {alert.key for alert in store.open_alerts(db)} if ending else set()
    for state in due:
        summary.count(_keep(app, state, ask(app, state.channel)))
    for state in ending:
        if f"token-{state.reminder(now)}:{state.channel}" not in asked:
            summary.count(_remind(app, state))
    return summary


def _remind(app: App, seen: ChannelState) -> str:
    """Ask for new credentials while the old ones are still good, unless somebody has just seen to it."""
    key, now, zone = seen.channel, app.clock.now(), ZoneInfo(app.zone())
    with app.writing() as db:
        state = db.get_one(ChannelState, key, with_for_update=True)
        days, ends = state.reminder(now), state.token_ends_at
        if days is None or ends is None:
            return "renewed meanwhile"
        local = ends.astimezone(zone)
        moment = f"{local:%a} {local.day} {local:%B %Y}, {local:%H:%M}"
        message = f"channel {key}: its credentials {'end' if ends > now else 'ended'} on {moment}"
        app.alert(db, f"token-{days}:{key}", message, channel=key, remedy=app.prolonging(key))
    return "reminded"


def ask(app: App, key: str) -> Account | Exception:
    """Return whose a channel's credentials are, or why that cannot be said now; no transaction is open."""
    try:
        return app.platform(key).check()
    except CampaignError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one adapter's bug must not stop the looks at the other channels
        tell("check.failed", level=logging.ERROR, channel=key, exc_info=True)
        return error


def _keep(app: App, seen: ChannelState, answer: Account | Exception) -> str:
    """Store an answer; return what became of the look."""
    key = seen.channel
    with app.writing() as db:
        state = db.get_one(ChannelState, key, with_for_update=True)
        if state.checked_at != seen.checked_at:
            return "seen by others"  # a person has logged in meanwhile, and the answer is about the time before
        if isinstance(answer, Exception):
            return _failed(app, db, state, answer)
        if state.account_id not in (None, answer.id):
            was, now = state.account_name or state.account_id, answer.name or answer.id
            return _block(app, db, state, f"it belongs to {was}, and its credentials are now those of {now}")
        app.note_account(db, state, answer)
        for warning in answer.warnings:
            _warn(app, db, key, app.scrub(warning))
    return "checked"


def _failed(app: App, db: Session, state: ChannelState, error: Exception) -> str:
    """Ask for a person where only one can help; whatever else stood in the way may be gone in an hour."""
    if isinstance(error, ChannelBlocked):
        return _block(app, db, state, str(error))
    key = state.channel
    state.checked_at = app.clock.now() - EVERY + AGAIN
    db.add(state)
    if need := _need(app, key, error):
        message, remedy = need
        app.alert(db, f"login:{key}", message, channel=key, remedy=remedy)
        return "refused"
    tell("check.later", level=logging.WARNING, channel=key, reason=str(error))
    return "to try again"


def _need(app: App, key: str, error: Exception) -> tuple[str, str] | None:
    """Return what an error asks of a person, and the remedy; None for one that may end by itself."""
    if isinstance(error, ConfigError):  # the key of the stored tokens
        found = error.problems[0]
        return f"{found.where}: {found.what}", found.remedy
    if isinstance(error, NotSent) and error.token_dead:
        return f"channel {key}: its credentials were refused: {error}", app.renewal(key)
    return None


def _block(app: App, db: Session, state: ChannelState, why: str) -> str:
    key = state.channel
    state.blocked, state.checked_at = app.scrub(why), app.clock.now()
    db.add(state)
    app.alert(db, f"blocked:{key}", f"channel {key}: {why}", channel=key, remedy=app.renewal(key))
    return "blocked"


def _warn(app: App, db: Session, key: str, warning: str) -> None:
    """Tell a warning that is new."""
    since = app.clock.now() - TOLD_LATELY
    told = store.events(db, what="channel.warning", note=warning, since=since)
    if not any(event.channel == key for event in told):
        app.event(db, "channel.warning", channel=key, note=warning)
