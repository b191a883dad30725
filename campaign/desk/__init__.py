"""What officers change by hand: posts, stories, channels, pauses.

Every function works in its caller's transaction, changes a row only if it is still what the officer saw, and records
an event. What only the daemon may do (send, retry, take down) is a wish, see `publish`.
"""

from campaign.desk.channels import disable, enable, log_in, note_account, rename
from campaign.desk.pauses import pause, resume
from campaign.desk.posts import cancel, move, place, refuse_moment, restore
from campaign.desk.stories import hand_back, requeue, withdraw
from campaign.desk.wording import (
    Wording,
    edit,
    forget_edit,
    refuse_correction,
    refuse_edit,
    reworded,
    wording_of,
)

__all__ = [
    "Wording",
    "cancel",
    "disable",
    "edit",
    "enable",
    "forget_edit",
    "hand_back",
    "log_in",
    "move",
    "note_account",
    "pause",
    "place",
    "refuse_correction",
    "refuse_edit",
    "refuse_moment",
    "rename",
    "requeue",
    "restore",
    "resume",
    "reworded",
    "withdraw",
    "wording_of",
]
