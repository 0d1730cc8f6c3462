"""What the bot's database says, beside what Discord shows and what the providers have charged."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from bot.hosting import HALF_DONE

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.stand_ins import StandIns
    from bot.demo.stand_ins.records import Ledger
    from tests.e2e.wire import WireDiscord

MICRO = 1_000_000
UNCLEAR = {"uncertain", "parked"}
LEASED = ("generations", "storyboards")
Row = dict[str, Any]


class Database:
    """The bot's database, looked at from outside: SQLite's file, or a PostgreSQL by its address."""

    def __init__(self, file: Path, address: str | None) -> None:
        self._file = file
        self._address = address and address.replace("postgresql+asyncpg://", "postgresql://", 1)

    async def rows(self, query: str) -> list[Row]:
        """Return what is committed; nothing before the tables are there."""
        if self._address is not None:
            connection = await asyncpg.connect(self._address)
            try:
                return [dict(row) for row in await connection.fetch(query)]
            except asyncpg.UndefinedTableError:
                return []
            finally:
                await connection.close()
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=5)) as file:
            file.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in file.execute(query)]
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    async def change(self, *statements: str) -> None:
        """Write while no bot is there."""
        if self._address is not None:
            connection = await asyncpg.connect(self._address)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()
            return
        with closing(sqlite3.connect(self._file, timeout=5)) as file, file:
            for statement in statements:
                file.execute(statement)

    async def outlive_leases(self) -> None:
        """Let the minute pass in which nobody touches what a dead process held (PostgreSQL; else no time)."""
        if self._address is not None and await self.rows("SELECT 1 FROM generations LIMIT 1"):
            await self.change(
                *(f"UPDATE {table} SET lease_until = 1 WHERE lease_until > 1" for table in LEASED)
            )

    async def grow_older(self, seconds: float) -> None:
        """Let time pass for what the bot has written down of messages that may stand."""
        columns = ("posting_since", "card_intended_at", "notice_since", "copy_since")
        if await self.rows("SELECT 1 FROM generations LIMIT 1"):
            past = ", ".join(f"{column} = {column} - {round(seconds * MICRO)}" for column in columns)
            await self.change(f"UPDATE generations SET {past}")

    async def damage(self) -> list[str]:
        """Return what SQLite finds wrong with its file."""
        if self._address is not None:
            return []
        found = [str(next(iter(row.values()))) for row in await self.rows("PRAGMA integrity_check")]
        return [line for line in found if line != "ok"]


@dataclass(slots=True)
class Verdict:
    """What went wrong, by what it would be called."""

    lost: list[str] = field(default_factory=list)
    """Films that were paid and came nowhere."""
    doubled: list[str] = field(default_factory=list)
    """Films that were posted more than once."""
    paid_twice: list[str] = field(default_factory=list)
    """Requests that a provider charged more than once."""
    wrong: list[str] = field(default_factory=list)
    """Anything else: books that differ, cards doubled, files left, a damaged database."""
    delivered: int = 0
    unsent: int = 0
    """Requests of which nobody can know that they were never sent: held, and shown to a person."""

    @property
    def faults(self) -> list[str]:
        """Return all of it."""
        return [*self.lost, *self.doubled, *self.paid_twice, *self.wrong]


async def judge(database: Database, wire: WireDiscord, stand_ins: StandIns, data_dir: Path) -> Verdict:
    """Compare the three, once everything is at rest."""
    theirs = stand_ins.ledger
    tasks = [task for studio in stand_ins.studios.values() for task in studio.tasks.values()]
    made = {task.order.prompt for task in tasks if task.succeeded}
    verdict = Verdict()
    rows = await database.rows("SELECT * FROM generations")
    entries = await database.rows("SELECT * FROM ledger")
    films, cards = shown(wire)
    paid = Counter(task.order.prompt for task in tasks if theirs.charged(task.id) > 0)
    for row in rows:
        _judge(verdict, row, films[row["id"]], cards[row["id"]], paid[row["prompt"]])
        if row["prompt"] in made and row["status"] != "delivered":
            verdict.lost.append(
                f"made, but {row['status']} ({row['reason']}): {row['id']}, {row['prompt']!r}"
            )
        _audit(verdict, row, {entry["kind"] for entry in entries if entry["generation_id"] == row["id"]})
        _compare(verdict, row, theirs)
    known = {row["prompt"] for row in rows}
    verdict.lost += [
        f"nobody here knows of {prompt!r}, which was charged" for prompt in paid if prompt not in known
    ]
    verdict.wrong += await database.damage()
    verdict.wrong += await _counted(database, rows)
    verdict.wrong += [f"left over: {name}" for name in left_over(data_dir, {row["id"] for row in rows})]
    return verdict


def shown(wire: WireDiscord) -> tuple[Counter[str], Counter[str]]:
    """Return how many films and how many cards there are at Discord of each generation."""
    films: Counter[str] = Counter()
    cards: Counter[str] = Counter()
    for message in wire.messages(None):
        if message.author_id != wire.backend.bot_user.id or message.ephemeral:
            continue
        names = [name.removesuffix(".mp4").removeprefix("matinee-") for name, _ in message.films]
        links = [part.partition("/")[0] for part in message.content.split("/films/")[1:]]
        films.update({*names, *links})
        if not names and not links:
            cards.update({(embed.get("footer") or {}).get("text", "") for embed in message.embeds} - {""})
    return films, cards


def _judge(verdict: Verdict, row: Row, films: int, cards: int, paid: int) -> None:
    who = f"{row['id']} ({row['status']}, {row['provider']}, {row['prompt']!r})"
    if films > 1:
        verdict.doubled.append(f"{films} films of {who}")
    if paid > 1:
        verdict.paid_twice.append(f"{paid} charges for {who}")
    if cards > 1:
        verdict.wrong.append(f"{cards} cards of {who}")
    if row["status"] == "delivered":
        verdict.delivered += 1
        if not films and row["posting_place"] != "kept":
            verdict.lost.append(f"no film of {who}")
    elif row["status"] in UNCLEAR:
        verdict.unsent += 1


def _audit(verdict: Verdict, row: Row, kinds: set[str]) -> None:
    """Hold a generation's ledger against its state."""
    end = {"delivered": {"settle"}}.get(row["status"], set() if row["status"] in UNCLEAR else {"release"})
    if kinds != {"reserve"} | end:
        verdict.wrong.append(f"the ledger has {sorted(kinds)} for {row['id']}, {row['status']}")


def _compare(verdict: Verdict, row: Row, theirs: Ledger) -> None:
    """Hold what was charged against what the provider says."""
    if row["charged"] is None or row["task_id"] is None:
        return
    charged = round(theirs.charged(row["task_id"]) * MICRO)
    if charged != row["charged"]:
        verdict.wrong.append(f"{row['id']} cost {row['charged']} here, {charged} there")


async def _counted(database: Database, rows: list[Row]) -> list[str]:
    """Return members whose counter isn't the number of their videos that count."""
    counters = await database.rows("SELECT * FROM counters WHERE scope = 'user'")
    ended = await database.rows("SELECT generation_id FROM ledger WHERE kind IN ('release', 'refund')")
    free = {entry["generation_id"] for entry in ended}
    count = Counter(row["member"] for row in rows if row["id"] not in free)
    days = Counter({c["subject"]: 0 for c in counters})
    for counter in counters:
        if len(counter["period"]) == len("2026-11-21"):
            days[counter["subject"]] += counter["videos"]
    return [
        f"{days[m]} videos of {m} are counted, {n} count"
        for m, n in count.items()
        if m in days and days[m] != n
    ]


def left_over(data_dir: Path, ids: set[str]) -> list[str]:
    """Return files among the films that belong to no generation and that no sweep will find."""
    folder = data_dir / "films"
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return [
        name
        for name in names
        if name.partition(".")[0] not in ids and not any(mark in name for mark in HALF_DONE)
    ]
