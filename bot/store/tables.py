"""The tables. Every column is a whole number or text, so that both databases hold the very same values.

Times are microseconds since 1970 in UTC, yes and no are 1 and 0, our own values are JSON. Each field of
`bot.models.Generation` is one column of its own name; what is searched for inside one of them
(`user_id`, `guild_id`, `provider`, `model`, `resolution`, `seconds`, `prompt` in small letters) has a
column besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.models import AT_PROVIDER, OPEN, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

REVISION = "0005"
"""The newest migration. A database that has it already is opened without Alembic, which loads slowly."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def words(statuses: Iterable[Status]) -> str:
    """Return statuses as an SQL list, in an order that never changes."""
    return ", ".join(f"'{status}'" for status in sorted(statuses))


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _maybe_number(name: str) -> Column[int]:
    return Column(name, BigInteger)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _maybe_text(name: str) -> Column[str]:
    return Column(name, Text)


generations = Table(
    "generations",
    metadata,
    _text("id"),
    _text("status"),
    _text("asked"),
    _text("request"),
    _text("requester"),
    _text("member"),
    _text("place"),
    _text("cost"),
    _number("interaction_id"),
    _number("created_at"),
    _number("updated_at"),
    _maybe_number("due_at"),
    _count("version"),
    _count("woken"),
    _maybe_number("lease_until"),
    _maybe_number("ready_at"),
    _count("cancel_wished"),
    _count("attempts"),
    _maybe_text("body"),
    _maybe_number("submitted_at"),
    _maybe_text("task_id"),
    _maybe_text("named_task_id"),
    _maybe_number("ask_at"),
    _maybe_number("asked_at"),
    _count("asks"),
    _count("misses"),
    _maybe_number("progress"),
    _maybe_number("expected_at"),
    _maybe_number("worst_at"),
    _maybe_text("task_status"),
    _text("urls"),
    _maybe_number("rendered_at"),
    _maybe_number("charged"),
    _maybe_text("reason"),
    _maybe_text("used_model"),
    _maybe_text("film"),
    _maybe_number("upload_limit"),
    _maybe_number("card_id"),
    _maybe_number("card_intended_at"),
    _maybe_text("card_shown"),
    _maybe_number("card_edited_at"),
    _maybe_number("posting_since"),
    _maybe_text("posting_place"),
    _maybe_number("message_id"),
    _maybe_number("message_channel_id"),
    _count("removed"),
    _text("notice"),
    _maybe_number("notice_since"),
    _maybe_number("finished_at"),
    _count("watch"),
    _count("counts_in_full"),
    _maybe_text("parent_id"),
    _text("tried"),
    _maybe_text("storyboard_id"),
    _maybe_number("shot"),
    _maybe_number("released_at"),
    _count("refunded"),
    Column("copy", Text, nullable=False, server_default="none"),
    _maybe_number("copy_since"),
    _count("forget"),
    _count("begun"),
    _number("user_id"),
    _maybe_text("provider"),
    _maybe_text("model"),
    _maybe_text("resolution"),
    _maybe_number("seconds"),
    _maybe_number("guild_id"),
    Column("prompt", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("interaction_id"),
    CheckConstraint("woken >= 0", name="woken"),
)
"""Requests and their fates. A row that waits costs nothing but its `due_at`."""


def _where(name: str, condition: str, *columns: str, unique: bool = False) -> Index:
    where = text(condition)
    return Index(
        f"{'uq' if unique else 'ix'}_generations_{name}",
        *(generations.c[column] for column in columns),
        unique=unique,
        sqlite_where=where,
        postgresql_where=where,
    )


IS_READY = f"status = '{Status.QUEUED}' AND ready_at IS NOT NULL"
IS_AT_PROVIDER = f"(status IN ({words(AT_PROVIDER)}) OR watch = 1)"
IS_OPEN = f"status IN ({words(OPEN)})"

_where("due", "due_at IS NOT NULL", "due_at", "id")
_where("leased", "lease_until IS NOT NULL", "lease_until")
_where("ready", IS_READY, "provider", "ready_at")
_where("at_provider", IS_AT_PROVIDER, "provider", "member")
_where("open", IS_OPEN, "user_id", "created_at")
_where("rendered", "rendered_at IS NOT NULL", "provider", "model", "resolution", "seconds", "rendered_at")
_where("refused", f"status = '{Status.REFUSED}'", "member", "finished_at")
_where("task", "task_id IS NOT NULL", "provider", "task_id", unique=True)
Index("ix_generations_member", generations.c.member, generations.c.submitted_at)
Index("ix_generations_user", generations.c.user_id, generations.c.created_at, generations.c.id)
Index("ix_generations_status", generations.c.status)
_where("server", "guild_id IS NOT NULL", "guild_id", "created_at")
_where("storyboard", "storyboard_id IS NOT NULL", "storyboard_id", "shot")
_where("finished", "finished_at IS NOT NULL", "finished_at")

storyboards = Table(
    "storyboards",
    metadata,
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
    _maybe_text("card_shown"),
    _maybe_number("card_edited_at"),
    _maybe_number("finished_at"),
    _number("user_id"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("interaction_id"),
)
"""Several shots that become one film: `bot.shots.Storyboard`. The shots, and the film, are generations."""
_BOARD_DUE = text("due_at IS NOT NULL")
Index(
    "ix_storyboards_due", storyboards.c.due_at, storyboards.c.id,
    sqlite_where=_BOARD_DUE, postgresql_where=_BOARD_DUE,
)  # fmt: skip
Index("ix_storyboards_user", storyboards.c.user_id, storyboards.c.created_at)
_BOARD_FINISHED = text("finished_at IS NOT NULL")
Index(
    "ix_storyboards_finished", storyboards.c.finished_at,
    sqlite_where=_BOARD_FINISHED, postgresql_where=_BOARD_FINISHED,
)  # fmt: skip

counters = Table(
    "counters",
    metadata,
    _text("scope"),
    _text("subject"),
    _text("period"),
    _number("videos"),
    _number("seconds"),
    _number("credits"),
    _count("granted_videos"),
    _count("granted_seconds"),
    _count("granted_credits"),
    PrimaryKeyConstraint("scope", "subject", "period"),
    CheckConstraint("videos >= 0 AND seconds >= 0 AND credits >= 0", name="never_negative"),
)
"""What every limit stands at, and what was granted on top of the limit: see `bot.models.Hold`."""
Index("ix_counters_period", counters.c.period)

ledger = Table(
    "ledger",
    metadata,
    _text("generation_id"),
    _text("kind"),
    _text("member"),
    _maybe_number("guild_id"),
    _maybe_text("provider"),
    _text("day"),
    _number("videos"),
    _number("seconds"),
    _number("credits"),
    _number("at"),
    PrimaryKeyConstraint("generation_id", "kind"),
    ForeignKeyConstraint(["generation_id"], ["generations.id"]),
    CheckConstraint("kind IN ('reserve', 'settle', 'release', 'refund')", name="kind"),
    CheckConstraint("videos >= 0 AND seconds >= 0 AND credits >= 0", name="never_negative"),
)
"""What was reserved, settled, released and refunded. Rows are only ever added.

`day` is the UTC day of the reservation, `at` when the entry was made.
"""

_ENDS = text("kind IN ('release', 'settle')")
Index("uq_ledger_end", ledger.c.generation_id, unique=True, sqlite_where=_ENDS, postgresql_where=_ENDS)
Index("ix_ledger_day", ledger.c.day)
Index("ix_ledger_guild_id_day", ledger.c.guild_id, ledger.c.day)

grants = Table(
    "grants",
    metadata,
    _text("id"),
    _maybe_number("guild_id"),
    _text("member"),
    _text("scope"),
    _text("subject"),
    _text("period"),
    _number("videos"),
    _number("seconds"),
    _number("credits"),
    _number("actor_id"),
    _number("at"),
    PrimaryKeyConstraint("id"),
    CheckConstraint("videos >= 0 AND seconds >= 0 AND credits >= 0", name="never_negative"),
)
"""What admins granted on top of a limit. Rows are only ever added; the id is made from the interaction's."""

servers = Table(
    "servers",
    metadata,
    _number("guild_id"),
    _text("rules"),
    _count("version"),
    _number("updated_at"),
    PrimaryKeyConstraint("guild_id"),
)
"""What each server's admins decided: `bot.servers.ServerRules`."""

blocks = Table(
    "blocks",
    metadata,
    _number("guild_id"),
    _number("user_id"),
    _maybe_number("until"),
    _text("reason"),
    _number("actor_id"),
    _number("at"),
    PrimaryKeyConstraint("guild_id", "user_id"),
)
"""Who may not make films; guild 0: nowhere.

`until` in the past is a pardon: refusals before `at` are forgiven.
"""

audit = Table(
    "audit",
    metadata,
    _text("id"),
    _maybe_number("guild_id"),
    _number("at"),
    _number("actor_id"),
    _text("actor"),
    _text("action"),
    _text("detail"),
    PrimaryKeyConstraint("id"),
)
"""Every admin action. Rows are only ever added."""
Index("ix_audit_guild_id_at", audit.c.guild_id, audit.c.at)

switches = Table(
    "switches",
    metadata,
    _text("name"),
    _number("actor_id"),
    _number("at"),
    PrimaryKeyConstraint("name"),
)
"""What operators have turned off for the whole bot: `all`, `drain`, or a provider's name."""

members = Table(
    "members",
    metadata,
    _number("user_id"),
    _text("preferences"),
    _number("updated_at"),
    PrimaryKeyConstraint("user_id"),
)
"""What each member set for themselves: `bot.members.Preferences`."""

presets = Table(
    "presets",
    metadata,
    _number("user_id"),
    _text("name"),
    _text("preset"),
    _number("updated_at"),
    PrimaryKeyConstraint("user_id", "name"),
)
"""Members' named sets of options."""

orders = Table(
    "orders",
    metadata,
    _text("id"),
    _number("user_id"),
    _text("content"),
    _number("created_at"),
    PrimaryKeyConstraint("id"),
)
"""What somebody is about to ask for, kept between a question and its answer: `bot.orders.Order`."""
Index("ix_orders_created_at", orders.c.created_at)

presses = Table(
    "presses",
    metadata,
    _text("id"),
    _text("generation_id"),
    _number("at"),
    PrimaryKeyConstraint("id"),
)
"""The last generation that each member made with each button, so that a double press makes one."""
