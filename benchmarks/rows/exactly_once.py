"""Row 10: films lost or doubled, and charges doubled, while processes die and callbacks are lost."""

from __future__ import annotations

import asyncio
import logging
import shutil
from typing import TYPE_CHECKING, Any, Final

from benchmarks import postgres
from benchmarks.harness import Figure, Row, Way
from tests.faults.fleet import network
from tests.faults.fleet.takeover import takeover
from tests.faults.fleet.tour import BAD, season

if TYPE_CHECKING:
    from benchmarks.harness import Scale

GENERATIONS: Final = 1_000
"""A round, on each database: five rounds make 5,000."""
LEASE: Final = 3.0
PATIENCE: Final = 1_800
POST: Final = "after POST /channels/{channel_id}/messages"


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


def films(scale: Scale, many: int) -> int:
    """Return how many films are asked for."""
    return 24 if scale.quick else many


def on_sqlite(scale: Scale) -> dict[str, float]:
    """One process that is everything, killed again and again."""
    asked = films(scale, GENERATIONS)
    return told(
        season(
            scale.directory / "fleet",
            None,
            patience=PATIENCE,
            generations=asked,
            seed=scale.round,
            trouble_every=15,
            mortality=0.5,
        )
    )


def on_postgres(
    scale: Scale, *, generations: int = GENERATIONS, every: float = 7, **options: str | float
) -> dict[str, float]:
    """One gateway, three workers, two callbacks processes: killed, frozen, and cut off where that can be."""
    address = postgres.database()
    try:
        found = season(
            scale.directory / "fleet",
            address,
            cut=network.why_not() is None,
            patience=PATIENCE,
            generations=films(scale, generations),
            seed=scale.round,
            trouble_every=every,
            **options,
        )
    finally:
        postgres.drop(address)
    return told(found)


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
NO_NONCE, KEY, NO_KEY = "without nonce and look", "around submits", "without the provider's key"
ROUGH: Final[dict[str, Any]] = {"generations": 60, "at_once": 12, "every": 4, "mortality": 1}
"""A storm in which every worker soon dies, again and again, at the moment that is told."""
AROUND_SUBMITS: Final = ROUGH | {"providers": "evolink", "moment": "after submit", "lossy": 0.8}
"""The answer is lost with its process, and mostly nobody calls back: without the key it is paid again."""


def _no_nonce(scale: Scale) -> dict[str, float]:
    return on_postgres(scale, without="look nonce", moment=POST, **ROUGH)


def _key(scale: Scale) -> dict[str, float]:
    return on_postgres(scale, **AROUND_SUBMITS)


def _no_key(scale: Scale) -> dict[str, float]:
    return on_postgres(scale, without="key", **AROUND_SUBMITS)


ROW = Row(
    number="10",
    name="exactly once",
    question="While processes die and callbacks are lost, is any film lost or doubled, or paid for twice?",
    timed=False,
    ways=(
        Way(SQLITE, on_sqlite, beside=True),
        Way(POSTGRES, on_postgres, beside=True),
        Way("a dead worker", held_up),
        Way(NO_NONCE, _no_nonce, control=True, beside=True),
        Way(KEY, _key, beside=True),
        Way(NO_KEY, _no_key, control=True, beside=True),
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
        Figure(
            "take-over, longest", way="a dead worker", value="longest", target=1.2, worst=True, unit="leases"
        ),
        Figure(
            "kills around submits, few callbacks",
            way=KEY,
            value="faults",
            target=0,
            worst=True,
            unit="faults",
        ),
        Figure("without nonce and look", way=NO_NONCE, value="faults", target=0, control=True, unit="faults"),
        Figure("that without the key", way=NO_KEY, value="faults", target=0, control=True, unit="faults"),
    ),
)
