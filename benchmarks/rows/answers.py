"""Row 9: how soon a command is written down and answered, while the bot's own process is on fire."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from benchmarks.filling import PROVIDER, Crowd, fill_sqlite
from benchmarks.harness import Figure, NotMeasured, Row, Way, in_process

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.harness import Scale

OPEN: Final = 100_000
DUE: Final = 10_000
"""Rows that the recovery run finds due: it isn't through with them when the last command is answered."""
COMMANDS: Final = 300
CALM: Final = 900
"""As many where nothing burns: the third slowest of 300 strays, and a base may not."""
EACH_S: Final = 30
GIGABIT: Final = 125_000_000
"""Bytes a second that four films share: what a good line brings, and takes away again."""
HERE: Final = (
    f"UPDATE generations SET provider = replace(provider, '{PROVIDER}', 'seedance2ink'),"
    f" request = replace(request, '{PROVIDER}', 'seedance2ink'), card_shown = 'nowhere',"
    " created_at = {now}, submitted_at = {now}, asked_at = {now}"
)
"""At the provider that stands in, for no long time, and without a card, which would be the model's work."""


def _filled(scale: Scale, *, due: int) -> Path:
    """Return a folder with a full database; each kind is filled once for all rounds."""
    template = scale.directory.parent / f"answers-{due}"
    if not template.exists():
        template.mkdir()
        now = datetime.now(UTC)
        waiting = (1_000 if scale.quick else OPEN) - due
        asyncio.run(fill_sqlite(template, Crowd(waiting=7_000 + waiting, due=due, at=now)))
        with contextlib.closing(sqlite3.connect(template / "matinee.db")) as file, file:
            file.execute(HERE.format(now=int(now.timestamp() * 1e6)))
            file.execute("DELETE FROM counters WHERE scope = 'provider'")  # so that there are places left
    folder = scale.directory / "data"
    folder.mkdir()
    shutil.copy(template / "matinee.db", folder)
    os.sync()
    return folder


def answered(scale: Scale, *, commands: int = COMMANDS, due: int = 0, **fire: Any) -> Mapping[str, float]:
    """Give commands while this burns. Raises `NotMeasured` without the model of Discord."""
    try:
        import simcord  # noqa: F401, PLC0415  the model is a dependency of tests alone
    except ImportError as missing:
        raise NotMeasured(f"{missing.name} isn't installed") from None
    if "films" in fire:
        fire["size"] = 2_000_000 if scale.quick else 100_000_000
    asked = {
        "directory": str(_filled(scale, due=min(due, 500) if scale.quick else due)),
        "known": str(scale.directory.parent / "commands.json"),
        "commands": 20 if scale.quick else commands,
        "each_s": EACH_S,
        "fire": fire,
    }
    return in_process("benchmarks.ways.answering", asked, patience=120)


def _one_by_one(scale: Scale, *, transactions: int) -> Mapping[str, float]:
    asked = {
        "directory": str(_filled(scale, due=0)),
        "transactions": transactions,
        "commands": 20 if scale.quick else 120,
        "each_s": EACH_S,
    }
    return in_process("benchmarks.ways.one_by_one", asked, patience=300)


IDLE, FIRE, FLOOD, ALONE = "idle", "on fire", "on fire, films without a line", "one by one"
BURNING: Final = {"due": DUE, "transactions": 2_000, "films": 4, "inspect": True}
ROW = Row(
    number="9",
    name="command under fire",
    question="How much later is a command answered while everything else happens at once?",
    ways=(
        Way(IDLE, partial(answered, commands=CALM)),
        Way(FIRE, partial(answered, **BURNING, rate=GIGABIT // 4)),
        Way(FLOOD, partial(answered, **BURNING)),
        Way(ALONE, partial(_one_by_one, transactions=2_000)),
    ),
    figures=(
        Figure("p99 on fire ÷ idle", way=FIRE, value="p99", base=IDLE, target=3),
        Figure("p99 on fire", way=FIRE, value="p99", target=30, unit="ms"),
        Figure("median on fire ÷ idle", way=FIRE, value="p50", base=IDLE),
        Figure("p99 idle", way=IDLE, value="p99", unit="ms"),
        Figure("first word, p99", way=FIRE, value="deferred_p99", unit="ms", note="Discord waits 3 s for it"),
        Figure("p99 of the loop's lag", way=FIRE, value="lag_p99", unit="ms"),
        Figure("store transactions", way=FIRE, value="tx_per_s", unit="/s"),
        Figure("the recovery run's asks", way=FIRE, value="asked_per_s", unit="/s"),
        Figure("films", way=FIRE, value="mb_per_s", unit="MB/s", note="each to the disk and from it"),
        Figure("p99, films as fast as loopback", way=FLOOD, value="p99", unit="ms"),
        Figure("those films", way=FLOOD, value="mb_per_s", unit="MB/s"),
        Figure("a commit alone by aiosqlite, p99", way=ALONE, value="p99", unit="ms", peer=True),
    ),
)
