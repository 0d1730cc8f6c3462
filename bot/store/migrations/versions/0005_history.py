"""What ended long ago is found without looking through everything, so that it can be deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the indexes."""
    ended = sa.text("finished_at IS NOT NULL")
    for table in ("generations", "storyboards"):
        op.create_index(
            f"ix_{table}_finished", table, ["finished_at"], sqlite_where=ended, postgresql_where=ended
        )
    op.create_index("ix_counters_period", "counters", ["period"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_counters_period", "counters")
    for table in ("storyboards", "generations"):
        op.drop_index(f"ix_{table}_finished", table)
