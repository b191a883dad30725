"""A channel knows when its credentials end, so that nobody is surprised by it"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_state", sa.Column("token_ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
