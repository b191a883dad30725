"""Channels enabled, disabled and renamed. An enabled channel is bound to the account that it was enabled with."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import ChannelState, Post, PostStatus
from campaign.platforms.base import Account
from campaign.store.renaming import forget_channel, rename_channel


def enable(app: App, db: Session, key: str, account: Account | None, *, new_account: bool = False) -> None:
    """Let a channel publish, as the account that its platform has just named; None for a by-hand channel.

    Raises:
        UsageError: the channel was bound to another account, or the account is bound to another channel.
    """
    state = _state(db, key)
    before = {"enabled": state.enabled, "account": state.account_id or ""}
    if account is not None:
        _bind(db, state, account, new_account)
    state.enabled, state.blocked, state.token_deaths = True, "", 0
    state.checked_at = app.clock.now()
    db.add(state)
    db.flush()
    after = {"enabled": True, "account": state.account_id or ""}
    app.event(db, "channel.enabled", channel=key, note=state.account_name, before=before, after=after)


def _bind(db: Session, state: ChannelState, account: Account, new_account: bool) -> None:
    if state.account_id and state.account_id != account.id and not new_account:
        raise UsageError(
            f"channel {state.channel} belonged to {state.account_name or state.account_id}, "
            f"and its credentials are now those of {account.name or account.id}",
            remedy=f"If that is meant: campaign channel enable {state.channel} --new-account",
        )
    for other in store.channel_states(db).values():
        same = (other.platform, other.account_id) == (state.platform, account.id)
        if same and other.channel != state.channel:
            raise UsageError(
                f"the account {account.name or account.id} is that of channel {other.channel}",
                remedy=f"If the channel has a new name: campaign channel rename {other.channel} {state.channel}",
            )
    state.account_id, state.account_name = account.id, account.name


def disable(app: App, db: Session, key: str) -> None:
    """Let nothing more go out on a channel. It is planned, rendered and approved as before."""
    state = _state(db, key)
    before = {"enabled": state.enabled}
    state.enabled = False
    db.add(state)
    db.flush()
    app.event(db, "channel.disabled", channel=key, before=before, after={"enabled": False})


def rename(app: App, db: Session, old: str, new: str) -> int:
    """Give a channel's posts and state to its new name in the config; return how many posts moved.

    Its owner loses it with that: a daemon that still works under the old name sends nothing more there.

    Raises:
        UsageError: the names do not fit the config, or the new one has posts of its own.
    """
    if old in app.config.channels:
        raise UsageError(f"channel {old} is still in the config", remedy=f"First rename [channels.{old}] there.")
    app.channel(new)
    state, posts = _state(db, old), store.posts_on(db, old)
    _refuse_sending(posts)
    if store.posts_on(db, new):
        raise UsageError(
            f"channel {new} has posts of its own already",
            remedy="A channel is renamed before the daemon reads the changed config.",
        )
    forget_channel(db, new)
    rename_channel(db, old, new, state.epoch + 1)
    app.event(db, "channel.renamed", channel=new, note=f"{old} is {new} now", before={"channel": old})
    return len(posts)


def _refuse_sending(posts: list[Post]) -> None:
    sending = [post for post in posts if post.status == PostStatus.SENDING]
    if sending:
        raise UsageError(f"post {sending[0].uuid[:8]} is being sent now", remedy="Run this again in a minute.")


def _state(db: Session, key: str) -> ChannelState:
    state = store.channel_state(db, key)
    if state is None:
        known = ", ".join(store.channel_states(db))
        raise UsageError(f"channel {key} is not in the database", remedy=f"Known there: {known or 'none'}")
    return state
