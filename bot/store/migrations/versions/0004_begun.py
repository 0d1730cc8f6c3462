"""Steps are counted before they begin, so that one which takes the process down is known afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the count."""
    op.add_column("generations", sa.Column("begun", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the count."""
    op.drop_column("generations", "begun")
