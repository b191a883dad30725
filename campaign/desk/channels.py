"""Channels logged in, enabled, disabled and renamed. An enabled channel is bound to the account it was enabled with."""

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
    state.checked_at = app.clock.now()
    if account is not None:
        _refuse_others(db, state, account, "enable", new_account)
        state.account_id = account.id
        app.note_account(db, state, account)
    state.enabled = True
    _unblock(app, db, state)
    after = {"enabled": True, "account": state.account_id or ""}
    app.event(db, "channel.enabled", channel=key, note=state.account_name, before=before, after=after)


def log_in(
    app: App, db: Session, key: str, account: Account, sealed: str, *, new_account: bool = False
) -> ChannelState:
    """Store a channel's new credentials, sealed, which its platform has just accepted; it need not be blocked any more.

    It is bound to the account when it is enabled; one that was bound before stays so.

    Raises:
        UsageError: as for `enable`.
    """
    state = _state(db, key)
    before = {"account": state.account_id or "", "blocked": state.blocked}
    _refuse_others(db, state, account, "login", new_account)
    if state.account_id is not None:
        state.account_id = account.id
    state.tokens = sealed
    app.note_account(db, state, account)
    _unblock(app, db, state)
    app.event(db, "channel.logged-in", channel=key, note=account.name, before=before, after={"account": account.id})
    return state


def note_account(app: App, db: Session, key: str, account: Account) -> None:
    """Store what a platform has told of a channel's account.

    Raises:
        UsageError: the channel was bound to another one.
    """
    state = _state(db, key)
    _refuse_another(state, account, "enable")
    app.note_account(db, state, account)


def _refuse_others(db: Session, state: ChannelState, account: Account, command: str, new_account: bool) -> None:
    """Refuse an account that is another channel's, and one that is new here unless that is meant."""
    if not new_account:
        _refuse_another(state, account, command)
    for other in store.channel_states(db).values():
        same = (other.platform, other.account_id) == (state.platform, account.id)
        if same and other.channel != state.channel:
            raise UsageError(
                f"the account {account.name or account.id} is that of channel {other.channel}",
                remedy=f"If the channel has a new name: campaign channel rename {other.channel} {state.channel}",
            )


def _refuse_another(state: ChannelState, account: Account, command: str) -> None:
    if state.account_id not in (None, account.id):
        raise UsageError(
            f"channel {state.channel} belonged to {state.account_name or state.account_id}, "
            f"and its credentials are now those of {account.name or account.id}",
            remedy=f"If that is meant: campaign channel {command} {state.channel} --new-account",
        )


def _unblock(app: App, db: Session, state: ChannelState) -> None:
    """What a person was asked to do about a channel is done."""
    state.blocked, state.token_deaths = "", 0
    db.add(state)
    db.flush()
    store.clear_alert(db, [f"blocked:{state.channel}", f"login:{state.channel}"], app.clock.now())


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
    known = store.channel_state(db, new)
    epoch = max(state.epoch, known.epoch if known else 0) + 1
    forget_channel(db, new)
    rename_channel(db, old, new, epoch)
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
