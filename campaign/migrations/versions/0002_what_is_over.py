"""What is over is told from what is to come, so that a tick costs the same after ten years"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN_STORY = "status = 'queued' AND coalesce(done, 0) <> revision"
TURN = (
    "CASE WHEN status IN ('planned', 'rendered', 'approved', 'sending', 'published', 'unconfirmed', 'partial', 'removed')"
    " THEN due_at END"
)
STILL_OPEN = "ended_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "ledger_state",
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rules", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("balance", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_ledger_state")),
    )
    op.add_column("story", sa.Column("done", sa.Integer(), nullable=True))
    op.add_column("post", sa.Column("turn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.drop_index(op.f("ix_story_status"), "story")  # nearly all stories have the same
    op.create_index(
        "ix_story_open",
        "story",
        ["created_at"],
        sqlite_where=sa.text(OPEN_STORY),
        postgresql_where=sa.text(OPEN_STORY),
    )
    op.create_index("ix_post_status_due_at", "post", ["status", "due_at"])
    op.create_index(op.f("ix_post_published_at"), "post", ["published_at"])
    op.create_index(
        "ix_post_uncounted",
        "post",
        ["channel"],
        sqlite_where=sa.text(f"turn_at IS NOT {TURN}"),
        postgresql_where=sa.text(f"turn_at IS DISTINCT FROM {TURN}"),
    )
    op.drop_index("ix_attempt_open", "attempt")
    op.create_index(
        "ix_attempt_open",
        "attempt",
        ["ended_at"],
        sqlite_where=sa.text(STILL_OPEN),
        postgresql_where=sa.text(STILL_OPEN),
    )
