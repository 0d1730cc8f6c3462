"""How long a dead worker holds up what it had begun: until another one has it, in leases."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING, Final

from bot.demo.stand_ins.records import Fault, FaultKind
from tests.e2e.member import Member
from tests.faults.fleet.fleet import CALLBACKS, GATEWAY, WORKER, Fleet
from tests.faults.killing.books import Database

if TYPE_CHECKING:
    from pathlib import Path

CREW: Final = {GATEWAY: 1, WORKER: 2, CALLBACKS: 1}
FILMS: Final = 12
"""All of them are being downloaded when one of the two workers dies."""
HELD: Final = "SELECT id, version, lease_until FROM generations WHERE status = 'rendered'"
MICRO: Final = 1_000_000
PATIENCE: Final = 60.0


async def takeover(directory: Path, address: str, *, lease: float) -> list[float]:
    """Kill one of two workers in the middle of its downloads.

    Return, for each generation that it held, the time from its death until the other one had begun it, in
    leases. Raises `AssertionError` if one of them is nobody's after two leases.
    """
    async with Fleet(directory, address, None, crew=CREW, MORTAL_LEASE=str(lease)) as fleet:
        fleet.stand_ins.order(Fault(kind=FaultKind.SLOW, on="result", seconds=PATIENCE, times=None))
        database = Database(directory / "none", address)
        for machine in fleet.machines:
            await machine.begin()
        await fleet.gateway_is_there()
        for number in range(FILMS):
            member = Member(fleet.wire, f"Member {number}")
            member.slash("video", prompt=f"boat {number}", seconds=4, resolution="480p")
        dead, living = (directory / machine.name for machine in fleet.crew(WORKER))
        await _all_held(database, dead, living)
        fleet.crew(WORKER)[0].send(signal.SIGKILL)
        died = time.time()
        return await _taken_over(database, in_hand(dead), died, lease)


def in_hand(worker: Path) -> set[str]:
    """Return which generations a worker downloads, or did when it died: what has come of them lies there."""
    return {part.name.partition(".")[0] for part in worker.rglob("*.part")}


async def _all_held(database: Database, *workers: Path) -> None:
    """Wait until every film is being downloaded, and each worker downloads some."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rows = await database.rows(HELD)
        held = [in_hand(worker) for worker in workers]
        if all(held) and sum(map(len, held)) == FILMS == len([row for row in rows if row["lease_until"]]):
            return
        assert time.monotonic() < deadline, f"of {FILMS} films {len(rows)} are being downloaded"
        await asyncio.sleep(0.05)


async def _taken_over(database: Database, held: set[str], died: float, lease: float) -> list[float]:
    """Watch for two leases whether somebody takes what the dead one held, and keeps it then."""
    before = {row["id"]: row["version"] for row in await database.rows(HELD)}
    assert held <= set(before), "what it held is being downloaded still"
    found: dict[str, float] = {}
    while (now := time.time()) < died + 2 * lease:
        rows = await database.rows(HELD)
        for row in rows:
            if row["id"] in held - set(found) and row["version"] != before[row["id"]]:
                found[row["id"]] = (time.time() - died) / lease
        await asyncio.sleep(0.02)
    over = [row["id"] for row in rows if row["lease_until"] is None or row["lease_until"] < now * MICRO]
    assert not over, f"nobody holds {over}"
    assert held == set(found), f"nobody has taken {held - set(found)}"
    return sorted(found.values())
