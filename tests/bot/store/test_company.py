"""Laws of `bot.store.company`: what is patient is committed with others, soon and in any case."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.store import company, sqlite
from tests.bot.store.examples import generation, second

if TYPE_CHECKING:
    import pytest

    from bot.models import Generation
    from bot.store import Store


def patient(store: Store, one: Generation) -> asyncio.Task[Generation]:
    """Begin a move that waits for company."""
    return asyncio.create_task(store.move(one, second(1), due_at=None, patient=True))


async def test_those_that_are_enough_leave_together(monkeypatch: pytest.MonkeyPatch):
    """Nobody leaves before; then all do, in the order in which they came, and the next wait anew."""
    monkeypatch.setattr(company, "LONGEST", 60)
    monkeypatch.setattr(company, "ENOUGH", 3)
    left: list[int] = []
    waiting, seen = company.Company(left.append), []
    for number in range(5):
        waiting.take(number, patient=True)
        seen.append(list(left))
    waiting.leave()

    assert [[], [], [0, 1, 2], [0, 1, 2], [0, 1, 2]] == seen
    assert [0, 1, 2, 3, 4] == left


async def test_what_is_patient_is_not_committed_alone(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch):
    """Nothing is committed while it waits for others, and everything once they have come."""
    committed, commit = [], sqlite.commit

    def seen(connection, transitions, **how):
        committed.append(len(transitions))
        return commit(connection, transitions, **how)

    begun = [await sqlite_store.start(generation(n), []) for n in range(3)]
    monkeypatch.setattr(company, "LONGEST", 60)
    monkeypatch.setattr(company, "ENOUGH", 3)
    monkeypatch.setattr(sqlite, "commit", seen)
    first, other = patient(sqlite_store, begun[0]), patient(sqlite_store, begun[1])
    await asyncio.wait({first}, timeout=0.02)
    waiting = (first.done(), list(committed))
    moved = await asyncio.gather(first, other, patient(sqlite_store, begun[2]))

    assert (False, []) == waiting
    assert ([1, 1, 1], 3) == ([one.version for one in moved], sum(committed))


async def test_who_is_in_a_hurry_takes_the_patient_along(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
):
    """A command, a callback or a claim waits for nobody, and nobody is left behind by it."""
    monkeypatch.setattr(company, "LONGEST", 60)
    waiting = patient(sqlite_store, await sqlite_store.start(generation(1), []))
    await asyncio.sleep(0)
    await sqlite_store.start(generation(2), [])

    assert 1 == (await waiting).version


async def test_nobody_waits_for_company_for_long(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch):
    """Where no other comes, a moment later it is committed alone, and so is the next."""
    monkeypatch.setattr(company, "LONGEST", 0.001)
    for number in range(2):
        assert 1 == (await patient(sqlite_store, await sqlite_store.start(generation(number), []))).version


async def test_an_end_leaves_nobody_waiting(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch):
    """What waits for company when the store is closed is written down first."""
    monkeypatch.setattr(company, "LONGEST", 60)
    waiting = patient(sqlite_store, await sqlite_store.start(generation(1), []))
    await asyncio.sleep(0)
    await sqlite_store.close()

    assert 1 == (await waiting).version
