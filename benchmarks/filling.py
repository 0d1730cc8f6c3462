"""A database as full as years make it: rows of one template each, made by the database itself.

A million rows take a minute that way. Tables and indexes are the product's own; ids, members, moments and
names differ from row to row, and the words of a request are as long as members' are.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from benchmarks import postgres
from bot.models import Cost, Film, Generation, Mode, Place, Requester, Status, TaskStatus, VideoRequest
from bot.store import migrate
from bot.store.rows import micros
from tests.bot.store.examples import whole

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.statements import Primitive

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The moment at which the database is as it is made."""
PROVIDER: Final = "maxapi"
EACH: Final = 50
"""Generations of one member."""
SERVERS: Final = 500
USER: Final = 7 * 10**15
"""The first member's id, which stands nowhere else in a row."""
BEGUN: Final = NOW - timedelta(days=60)
"""When the first row was made; then comes one a second."""
CREATED: Final = f"{micros(BEGUN)} + i * 1000000"
REQUEST: Final = VideoRequest(
    "a cat in the rain on a tin roof at night, close up, slow dolly in, neon lights reflected in the puddles",
    Mode.TEXT,
    provider=PROVIDER,
    model="seedance-2.0",
    ratio="16:9",
    resolution="720p",
    seconds=5,
    sound=True,
)
WAITING: Final = Generation(
    id="",
    status=Status.RUNNING,
    asked=replace(REQUEST, provider=None, model=None),
    request=REQUEST,
    requester=Requester(USER, "Anna"),
    member="",
    place=Place(channel_id=10**17, guild_id=10**17),
    cost=Cost(1, 5, 250_000),
    interaction_id=0,
    created_at=NOW,
    updated_at=NOW,
    due_at=NOW,
    version=3,
    attempts=1,
    body='{"model":"seedance-2.0","prompt":"' + REQUEST.prompt + '","ratio":"16:9","resolution":"720p"}',
    submitted_at=NOW,
    task_id="",
    ask_at=NOW,
    asked_at=NOW,
    asks=2,
    expected_at=NOW,
    worst_at=NOW,
    task_status=TaskStatus.RUNNING,
    card_id=10**17,
    card_shown="0123456789abcdef",
)
"""At its provider, and asked about again in hours."""
DELIVERED: Final = replace(
    WAITING,
    status=Status.DELIVERED,
    due_at=None,
    body=None,
    task_status=TaskStatus.SUCCEEDED,
    urls=("https://films.example/0123456789abcdef0123456789abcdef.mp4",),
    rendered_at=NOW,
    finished_at=NOW,
    charged=250_000,
    film=Film("films/0123456789abcdef.mp4", 9_000_000, "0" * 64, 1280, 720, timedelta(seconds=5), sound=True),
    message_id=10**17,
    message_channel_id=10**17,
)
"""In its channel for long."""
LEDGER: Final = (
    "INSERT INTO ledger (generation_id, kind, member, guild_id, provider, day, videos, seconds, credits, at) "
    "SELECT id, '{kind}', member, guild_id, provider, '2026-11-21', 1, 5, 250000, created_at "
    "FROM generations WHERE created_at >= {since} AND status IN ({statuses})"
)
COUNTERS: Final = (
    "INSERT INTO counters (scope, subject, period, videos, seconds, credits) "
    "SELECT 'user', member, '{period}', count(*), 5 * count(*), 250000 * count(*) "
    "FROM generations GROUP BY member ON CONFLICT (scope, subject, period) DO NOTHING"
)
PLACES: Final = (
    "INSERT INTO counters (scope, subject, period, videos, seconds, credits) "
    "SELECT 'provider', provider, 'now', count(*), 0, 0 FROM generations WHERE status = 'running' "
    "GROUP BY provider ON CONFLICT (scope, subject, period) DO UPDATE SET videos = excluded.videos"
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many rows there are of each kind. They come in this order, oldest first."""

    delivered: int = 0
    waiting: int = 0
    """Due in four hours and later, one a second."""
    due: int = 0
    """Due for a minute."""
    at: datetime = NOW
    """The moment that `waiting` and `due` are about."""

    @property
    def size(self) -> int:
        """Return all of them."""
        return self.delivered + self.waiting + self.due


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a database counts and writes numbers; `{first}` and `{last}` belong to the range."""

    series: str
    hexadecimal: str
    text: str


SQLITE: Final = _Dialect(
    "(WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
    " SELECT i FROM n)",
    "printf('%0{digits}x', {number})",
    "CAST({number} AS TEXT)",
)
POSTGRES: Final = _Dialect(
    "(SELECT i FROM generate_series(CAST({first} AS bigint), {last}) AS n(i)) AS numbers",
    "lpad(to_hex(CAST({number} AS bigint)), {digits}, '0')",
    "CAST(CAST({number} AS bigint) AS text)",
)


def statements(crowd: Crowd, dialect: _Dialect, *, first: int = 0) -> list[str]:
    """Return what fills a database; `first` is the number of rows that are there already."""
    due_later, due_now = (
        f"{micros(crowd.at + timedelta(hours=4))} + i * 1000000",
        str(micros(crowd.at) - 60_000_000),
    )
    kinds = [
        (DELIVERED, crowd.delivered, "NULL"),
        (WAITING, crowd.waiting, due_later),
        (WAITING, crowd.due, due_now),
    ]
    written, number = [], first
    for template, count, due in kinds:
        if count:
            written.append(_insert(template, due, dialect, number, number + count - 1))
            number += count
    since = micros(BEGUN) + first * 1_000_000
    every = "'delivered', 'running'"
    written.append(LEDGER.format(kind="reserve", since=since, statuses=every))
    written.append(LEDGER.format(kind="settle", since=since, statuses="'delivered'"))
    written += [COUNTERS.format(period=period) for period in ("2026-11-21", "2026-11")]
    return [*written, PLACES]


def _insert(template: Generation, due: str, dialect: _Dialect, first: int, last: int) -> str:
    columns = {name: _literal(value, dialect) for name, value in whole(template).items()}
    member = f"(i / {EACH})"
    columns |= {
        "id": dialect.hexadecimal.format(number="i", digits=16),
        "member": dialect.hexadecimal.format(number=member, digits=32),
        "user_id": f"{USER} + {member}",
        "guild_id": f"{10**17} + i % {SERVERS}",
        "interaction_id": f"{10**6} + i",
        "task_id": "'task_' || " + dialect.hexadecimal.format(number="i", digits=24),
        "created_at": CREATED,
        "updated_at": CREATED,
        "submitted_at": CREATED,
        "due_at": due,
    }
    if template.finished_at is not None:
        columns |= dict.fromkeys(("rendered_at", "finished_at"), f"{CREATED} + 300000000")
    series = dialect.series.format(first=first, last=last)
    return (
        f"INSERT INTO generations ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {series}"
    )


def _literal(value: Primitive, dialect: _Dialect) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    before, marked, after = value.partition(str(USER))
    quoted = [f"'{part.replace(chr(39), chr(39) * 2)}'" for part in (before, after)]
    if not marked:
        return quoted[0]
    return f"{quoted[0]} || {dialect.text.format(number=f'({USER} + i / {EACH})')} || {quoted[1]}"


async def fill_sqlite(directory: Path, crowd: Crowd, *, first: int = 0) -> None:
    """Put a crowd into `matinee.db`, which is made if need be. Nobody else may use it."""
    await migrate(None, directory)
    with contextlib.closing(sqlite3.connect(directory / "matinee.db", isolation_level=None)) as connection:
        for line in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -200000", "BEGIN"):
            connection.execute(line)
        for line in statements(crowd, SQLITE, first=first):
            connection.execute(line)
        for line in ("COMMIT", "PRAGMA synchronous = FULL", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.execute(line)


async def fill_postgres(url: str, crowd: Crowd, directory: Path, *, first: int = 0) -> None:
    """Put a crowd into a database of the run's server, and let it be cleaned as it is by itself in time."""
    await migrate(url, directory)
    name = postgres.name_of(url)
    postgres.psql(name, "; ".join(["BEGIN", *statements(crowd, POSTGRES, first=first), "COMMIT"]))
    postgres.psql(name, "VACUUM ANALYZE")
