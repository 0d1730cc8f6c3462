"""What servers, their admins and members decide; storyboards, refunds and copies of films."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ADDED = (
    "storyboard_id", "shot", "worst_at", "refunded", "copy", "copy_since", "forget", "removed", "guild_id",
    "prompt",
)  # fmt: skip
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
        sa.Column("worst_at", sa.BigInteger()),
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
    _partial("ix_generations_refused", ["member", "finished_at"], "status = 'refused'")


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


COUNTERS = sa.table(
    "counters",
    *(sa.column(name) for name in ("scope", "subject", "period", "videos", "seconds", "credits")),
)


def _counted_by_server() -> None:
    """Fill in what each member made on each server, and what is under way there: `bot.quotas.held`.

    Else what began before would give back what it never took.
    """
    generations = sa.table(
        "generations",
        *(
            sa.column(name)
            for name in ("guild_id", "member", "created_at", "cost", "status", "counts_in_full", "watch")
        ),
    )
    found = op.get_bind().execute(sa.select(generations).where(generations.c.guild_id.is_not(None)))
    counters: dict[tuple[str, str, str], Counter[str]] = {}
    for guild_id, member, created_at, cost, status, in_full, watch in found:
        if status not in {"failed", "refused", "cancelled", "expired"} or in_full:
            day = datetime.fromtimestamp(created_at // 1_000_000, UTC).strftime("%Y-%m-%d")
            for period in (day, day[:7]):
                key = ("member", f"{guild_id}:{member}", period)
                counters.setdefault(key, Counter()).update(json.loads(cost))
        if status in {"queued", "submitting", "uncertain", "running"} or watch:
            counters.setdefault(("server", str(guild_id), "now"), Counter()).update(videos=1)
    for (scope, subject, period), amounts in sorted(counters.items()):
        amount = {unit: amounts[unit] for unit in ("videos", "seconds", "credits")}
        row = {"scope": scope, "subject": subject, "period": period, **amount}
        op.get_bind().execute(sa.insert(COUNTERS).values(row))


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
    _counted_by_server()
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
    scope, period = COUNTERS.c.scope, COUNTERS.c.period
    by_server = sa.or_(scope == "member", sa.and_(scope == "server", period == "now"))
    op.execute(sa.delete(COUNTERS).where(by_server))
    op.drop_index("ix_ledger_guild_id_day", "ledger")
    for index in ("ix_generations_server", "ix_generations_storyboard", "ix_generations_refused"):
        op.drop_index(index, "generations")
    for name in GRANTED:
        op.drop_column("counters", name)
    for name in ADDED:
        op.drop_column("generations", name)
