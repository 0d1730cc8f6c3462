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
    leases.
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
        await _all_held(database)
        dead, _ = fleet.crew(WORKER)
        dead.send(signal.SIGKILL)
        return await _taken_over(database, time.time(), lease)


async def _all_held(database: Database) -> None:
    """Wait until every film is being downloaded."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rows = await database.rows(HELD)
        if len(rows) == FILMS and all(row["lease_until"] for row in rows):
            return
        assert time.monotonic() < deadline, f"of {FILMS} films {len(rows)} are being downloaded"
        await asyncio.sleep(0.05)


async def _taken_over(database: Database, died: float, lease: float) -> list[float]:
    """Watch until every lease of the dead one has run out and somebody else has taken the film.

    Whoever lives extends its leases without taking anew: a film that is taken once more was the dead one's.
    """
    before = {row["id"]: row["version"] for row in await database.rows(HELD)}
    found: dict[str, float] = {}
    while time.time() < died + 2 * lease:
        for row in await database.rows(HELD):
            if row["version"] != before[row["id"]] and row["id"] not in found:
                found[row["id"]] = (time.time() - died) / lease
        await asyncio.sleep(0.02)
    return sorted(found.values())
