"""Storyboards: several shots that become one film."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _number(name: str, **options: object) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, **options)  # type: ignore[arg-type]


def _count(name: str) -> sa.Column[int]:
    return _number(name, server_default="0")


def _maybe_number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger())


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Add the table, and when a shot was released to its provider's queue."""
    op.add_column("generations", _maybe_number("released_at"))
    op.create_table(
        "storyboards",
        _text("id"),
        _text("status"),
        _text("requester"),
        _text("member"),
        _text("place"),
        _number("interaction_id"),
        _number("created_at"),
        _number("updated_at"),
        _maybe_number("due_at"),
        _text("shots"),
        _count("continuous"),
        _count("version"),
        _count("woken"),
        _maybe_number("lease_until"),
        _text("joined"),
        _count("enough"),
        _maybe_number("stuck_since"),
        _count("misses"),
        _maybe_number("card_id"),
        _maybe_number("card_intended_at"),
        sa.Column("card_shown", sa.Text()),
        _maybe_number("card_edited_at"),
        _maybe_number("finished_at"),
        _number("user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_storyboards"),
        sa.UniqueConstraint("interaction_id", name="uq_storyboards_interaction_id"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_storyboards_due", "storyboards", ["due_at", "id"], sqlite_where=due, postgresql_where=due
    )
    op.create_index("ix_storyboards_user", "storyboards", ["user_id", "created_at"])


def downgrade() -> None:
    """Drop what is new, with all that is in it."""
    op.drop_table("storyboards")
    op.drop_column("generations", "released_at")
