"""The first tables: generations, counters, ledger."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("videos", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", "period", name="pk_counters"),
        sa.CheckConstraint(
            "videos >= 0 AND seconds >= 0 AND credits >= 0", name=op.f("ck_counters_never_negative")
        ),
    )


def _asked() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=False),
        sa.Column("interaction_id", sa.BigInteger(), nullable=False),
    ]


def _under_way() -> list[sa.Column[Any]]:
    return [
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("version", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("woken", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("ready_at", sa.BigInteger()),
        sa.Column("cancel_wished", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("body", sa.Text()),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("task_id", sa.Text()),
        sa.Column("named_task_id", sa.Text()),
        sa.Column("ask_at", sa.BigInteger()),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("asks", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("misses", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("progress", sa.BigInteger()),
        sa.Column("expected_at", sa.BigInteger()),
        sa.Column("task_status", sa.Text()),
        sa.Column("urls", sa.Text(), nullable=False),
        sa.Column("rendered_at", sa.BigInteger()),
        sa.Column("charged", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.Column("used_model", sa.Text()),
    ]


def _delivery() -> list[sa.Column[Any]]:
    return [
        sa.Column("film", sa.Text()),
        sa.Column("upload_limit", sa.BigInteger()),
        sa.Column("card_id", sa.BigInteger()),
        sa.Column("card_intended_at", sa.BigInteger()),
        sa.Column("card_shown", sa.Text()),
        sa.Column("card_edited_at", sa.BigInteger()),
        sa.Column("posting_since", sa.BigInteger()),
        sa.Column("posting_place", sa.Text()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("message_channel_id", sa.BigInteger()),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("notice_since", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("watch", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("counts_in_full", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("parent_id", sa.Text()),
        sa.Column("tried", sa.Text(), nullable=False),
    ]


def _searched() -> list[sa.Column[Any]]:
    return [
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("resolution", sa.Text()),
        sa.Column("seconds", sa.BigInteger()),
    ]


def _generations() -> None:
    op.create_table(
        "generations",
        *_asked(),
        *_under_way(),
        *_delivery(),
        *_searched(),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.CheckConstraint("woken >= 0", name=op.f("ck_generations_woken")),
        sa.UniqueConstraint("interaction_id", name="uq_generations_interaction_id"),
    )
    _partial(
        "ix_generations_at_provider",
        "generations",
        ["provider", "member"],
        "(status IN ('running', 'submitting', 'uncertain') OR watch = 1)",
    )
    _partial("ix_generations_due", "generations", ["due_at", "id"], "due_at IS NOT NULL")
    _partial("ix_generations_leased", "generations", ["lease_until"], "lease_until IS NOT NULL")
    _partial(
        "ix_generations_open",
        "generations",
        ["user_id", "created_at"],
        "status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')",
    )
    _partial(
        "ix_generations_ready",
        "generations",
        ["provider", "ready_at"],
        "status = 'queued' AND ready_at IS NOT NULL",
    )
    _partial(
        "ix_generations_rendered",
        "generations",
        ["provider", "model", "resolution", "seconds", "rendered_at"],
        "rendered_at IS NOT NULL",
    )
    _partial(
        "uq_generations_task", "generations", ["provider", "task_id"], "task_id IS NOT NULL", unique=True
    )
    op.create_index("ix_generations_member", "generations", ["member", "submitted_at"])
    op.create_index("ix_generations_status", "generations", ["status"])
    op.create_index("ix_generations_user", "generations", ["user_id", "created_at", "id"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("generation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("provider", sa.Text()),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("videos", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "kind", name="pk_ledger"),
        sa.CheckConstraint("kind IN ('reserve', 'settle', 'release', 'refund')", name=op.f("ck_ledger_kind")),
        sa.CheckConstraint(
            "videos >= 0 AND seconds >= 0 AND credits >= 0", name=op.f("ck_ledger_never_negative")
        ),
        sa.ForeignKeyConstraint(["generation_id"], ["generations.id"], name="fk_ledger_generation_id"),
    )
    op.create_index("ix_ledger_day", "ledger", ["day"])
    _partial("uq_ledger_end", "ledger", ["generation_id"], "kind IN ('release', 'settle')", unique=True)


def upgrade() -> None:
    """Make every table."""
    _generations()
    _counters()
    _ledger()


def downgrade() -> None:
    """Drop every table, with all that is in them."""
    for table in ("ledger", "counters", "generations"):
        op.drop_table(table)
