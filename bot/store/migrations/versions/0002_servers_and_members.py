"""What servers, their admins and members decide; storyboards, refunds and copies of films."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ADDED = ("storyboard_id", "shot", "refunded", "copy", "copy_since", "forget", "removed", "guild_id", "prompt")
"""To `generations`."""
GRANTED = tuple(f"granted_{unit}" for unit in ("videos", "seconds", "credits"))


def _number(name: str, **options: object) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, **options)  # type: ignore[arg-type]


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "generations", columns, sqlite_where=condition, postgresql_where=condition)


def _generations() -> None:
    columns = (
        sa.Column("storyboard_id", sa.Text()),
        sa.Column("shot", sa.BigInteger()),
        _number("refunded", server_default="0"),
        sa.Column("copy", sa.Text(), nullable=False, server_default="none"),
        sa.Column("copy_since", sa.BigInteger()),
        _number("forget", server_default="0"),
        _number("removed", server_default="0"),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("prompt", sa.Text(), nullable=False, server_default=""),
    )
    for column in columns:
        op.add_column("generations", column)
    _partial("ix_generations_server", ["guild_id", "created_at"], "guild_id IS NOT NULL")
    _partial("ix_generations_storyboard", ["storyboard_id", "shot"], "storyboard_id IS NOT NULL")


def _searchable() -> None:
    """Fill in what is searched for, from what stands in the rows as JSON."""
    generations = sa.table(
        "generations", sa.column("id"), sa.column("place"), sa.column("asked"), sa.column("guild_id"),
        sa.column("prompt"),
    )  # fmt: skip
    connection = op.get_bind()
    found = connection.execute(sa.select(generations.c.id, generations.c.place, generations.c.asked)).all()
    for id_, place, asked in found:
        values = {
            "guild_id": json.loads(place).get("guild_id"),
            "prompt": json.loads(asked)["prompt"].casefold(),
        }
        connection.execute(sa.update(generations).where(generations.c.id == id_).values(values))


def _money() -> None:
    for name in GRANTED:
        op.add_column("counters", _number(name, server_default="0"))
    op.create_table(
        "grants",
        _text("id"),
        sa.Column("guild_id", sa.BigInteger()),
        _text("member"),
        _text("scope"),
        _text("subject"),
        _text("period"),
        _number("videos"),
        _number("seconds"),
        _number("credits"),
        _number("actor_id"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.CheckConstraint(
            "videos >= 0 AND seconds >= 0 AND credits >= 0", name=op.f("ck_grants_never_negative")
        ),
    )
    op.create_index("ix_ledger_guild_id_day", "ledger", ["guild_id", "day"])


def _servers() -> None:
    op.create_table(
        "servers",
        _number("guild_id"),
        _text("rules"),
        _number("version", server_default="0"),
        _number("updated_at"),
        sa.PrimaryKeyConstraint("guild_id", name="pk_servers"),
    )
    op.create_table(
        "blocks",
        _number("guild_id"),
        _number("user_id"),
        sa.Column("until", sa.BigInteger()),
        _text("reason"),
        _number("actor_id"),
        _number("at"),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name="pk_blocks"),
    )
    op.create_table(
        "audit",
        _text("id"),
        sa.Column("guild_id", sa.BigInteger()),
        _number("at"),
        _number("actor_id"),
        _text("actor"),
        _text("action"),
        _text("detail"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_guild_id_at", "audit", ["guild_id", "at"])
    op.create_table(
        "switches",
        _text("name"),
        _number("actor_id"),
        _number("at"),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )


def _members() -> None:
    op.create_table(
        "members",
        _number("user_id"),
        _text("preferences"),
        _number("updated_at"),
        sa.PrimaryKeyConstraint("user_id", name="pk_members"),
    )
    op.create_table(
        "presets",
        _number("user_id"),
        _text("name"),
        _text("preset"),
        _number("updated_at"),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_presets"),
    )
    op.create_table(
        "orders",
        _text("id"),
        _number("user_id"),
        _text("content"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
    )
    op.create_index("ix_orders_created_at", "orders", ["created_at"])
    op.create_table(
        "presses",
        _text("id"),
        _text("generation_id"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="pk_presses"),
    )


def upgrade() -> None:
    """Add what is new; what stands in the database stays, and can be searched."""
    _generations()
    _searchable()
    _money()
    _servers()
    _members()


def downgrade() -> None:
    """Drop what is new, with all that is in it."""
    for table in (
        "presses",
        "orders",
        "presets",
        "members",
        "switches",
        "audit",
        "blocks",
        "servers",
        "grants",
    ):
        op.drop_table(table)
    op.drop_index("ix_ledger_guild_id_day", "ledger")
    for index in ("ix_generations_server", "ix_generations_storyboard"):
        op.drop_index(index, "generations")
    for name in GRANTED:
        op.drop_column("counters", name)
    for name in ADDED:
        op.drop_column("generations", name)
