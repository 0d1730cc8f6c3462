"""Row 10: films lost or doubled, and charges doubled, while processes die and callbacks are lost."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

from benchmarks import postgres
from benchmarks.harness import CHECKOUT, Figure, Row, Way
from tests.faults.fleet import network
from tests.faults.fleet.takeover import takeover

if TYPE_CHECKING:
    from benchmarks.harness import Scale

GENERATIONS: Final = 1_000
"""A round, on each database: five rounds make 5,000."""
FILMS_PER_TROUBLE: Final = 12
LEASE: Final = 3.0
PATIENCE: Final = 900
BAD: Final = ("lost", "doubled", "paid_twice", "wrong")
POST: Final = "after POST /channels/{channel_id}/messages"


def season(scale: Scale, *words: str, database: str | None, generations: int) -> dict[str, Any]:
    """Let one season pass in a process of its own; with PostgreSQL lines are cut, too, where they can be."""
    cut = database is not None and network.why_not() is None
    options = {"generations": 24 if scale.quick else generations, "seed": scale.round}
    command = [sys.executable, "-m", "tests.faults.fleet", str(scale.directory / "fleet"), *words]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command += ["--database", database] if database is not None else []
    ran = subprocess.run(
        [*(network.alone() if cut else ()), *command, *(["--cuts"] if cut else [])],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if not ran.stdout:
        raise RuntimeError(ran.stderr[-3000:])
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def told(found: dict[str, Any]) -> dict[str, float]:
    """Return a season as numbers."""
    bad = sum(len(found[kind]) for kind in BAD)
    missing = found["asked"] - found["delivered"] - found["unsent"]
    return {
        "faults": bad + missing,
        "deaths": found["deaths"],
        "troubles": sum(found["troubles"].values()),
        "generations": found["asked"],
        "held": found["unsent"],
        "per_s": found["asked"] / found["storm"],
    }


def on_sqlite(scale: Scale) -> dict[str, float]:
    """One process that is everything, killed again and again."""
    words = ("--trouble-every", str(FILMS_PER_TROUBLE))
    return told(season(scale, *words, database=None, generations=GENERATIONS))


def on_postgres(
    scale: Scale, *words: str, generations: int = GENERATIONS, every: float = 6
) -> dict[str, float]:
    """One gateway, three workers, two callbacks processes: killed, frozen and cut off."""
    address = postgres.database()
    try:
        return told(
            season(scale, "--trouble-every", str(every), *words, database=address, generations=generations)
        )
    finally:
        postgres.drop(address)


def held_up(scale: Scale) -> dict[str, float]:
    """Kill one of two workers in the middle of its downloads."""
    logging.getLogger("aiohttp.server").disabled = True  # requests that the dead leave unsaid are meant
    address = postgres.database()
    try:
        found = asyncio.run(takeover(scale.directory / "fleet", address, lease=LEASE))
    finally:
        postgres.drop(address)
        shutil.rmtree(scale.directory / "fleet", ignore_errors=True)
    return {"longest": max(found), "taken_over": len(found)}


SQLITE, POSTGRES = "ours on SQLite", "ours on PostgreSQL"
NO_NONCE, NO_KEY = "without nonce and look", "without the provider's key"


def _no_nonce(scale: Scale) -> dict[str, float]:
    return on_postgres(scale, "--without", "look nonce", "--moment", POST, generations=100, every=4)


def _no_key(scale: Scale) -> dict[str, float]:
    words = ("--without", "key", "--providers", "evolink", "--moment", "after submit")
    return on_postgres(scale, *words, generations=100, every=4)


ROW = Row(
    number="10",
    name="exactly once",
    question="While processes die and callbacks are lost, is any film lost or doubled, or paid for twice?",
    timed=False,
    ways=(
        Way(SQLITE, on_sqlite),
        Way(POSTGRES, on_postgres),
        Way("a dead worker", held_up),
        Way(NO_NONCE, _no_nonce, control=True),
        Way(NO_KEY, _no_key, control=True),
    ),
    figures=(
        Figure(
            "SQLite: lost, doubled, wrong", way=SQLITE, value="faults", target=0, worst=True, unit="faults"
        ),
        Figure(
            "SQLite: generations a round",
            way=SQLITE,
            value="generations",
            target=1_000,
            better="more",
            unit="films",
        ),
        Figure("SQLite: kills a round", way=SQLITE, value="deaths", target=40, better="more", unit="kills"),
        Figure(
            "PostgreSQL: lost, doubled, wrong",
            way=POSTGRES,
            value="faults",
            target=0,
            worst=True,
            unit="faults",
        ),
        Figure(
            "PostgreSQL: generations a round",
            way=POSTGRES,
            value="generations",
            target=1_000,
            better="more",
            unit="films",
        ),
        Figure(
            "PostgreSQL: kills a round", way=POSTGRES, value="deaths", target=40, better="more", unit="kills"
        ),
        Figure("PostgreSQL: kills, freezes and cuts", way=POSTGRES, value="troubles", unit="troubles"),
        Figure("take-over ÷ lease, longest", way="a dead worker", value="longest", target=1.2, worst=True),
        Figure("without nonce and look", way=NO_NONCE, value="faults", target=0, control=True, unit="faults"),
        Figure("without the key", way=NO_KEY, value="faults", target=0, control=True, unit="faults"),
    ),
)
