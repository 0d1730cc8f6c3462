"""A machine stands still in the middle of its work, loses its lease, and comes back when all is done."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import NONCE_WINDOW
from bot.models import TERMINAL, ProviderTask, Status, TaskStatus
from bot.store import Store, open_store
from bot.tracker.context import LEASE
from tests.bot.tracker.conftest import World
from tests.databases import SQLITE
from tests.fakes import ANNA, Clock, FakeDelivery, FakeDownloader, FakeProvider

REFUSED = ProviderTask("t1", TaskStatus.REFUSED, reason="moderation")
OFTEN_CHANGED = ("version", "updated_at", "woken", "begun", "card_shown", "card_edited_at", "due_at")


class Gate:
    """Lets its machine pass so many moments and holds it at the next, until it is let go."""

    def __init__(self, at=-1):
        self.at, self.passed = at, 0
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def __call__(self):
        """Pass, or stand still."""
        self.passed += 1
        if self.passed - 1 == self.at:
            self.reached.set()
            await self.opened.wait()


class Gated:
    """Something that a machine uses: before and after each call it may stand still."""

    def __init__(self, inner, gate, **besides):
        self._inner, self._gate = inner, gate
        self.__dict__ |= besides

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def gated(*args, **kwargs):
            await self._gate()
            answer = await found(*args, **kwargs)
            await self._gate()
            return answer

        return gated


class Channel(FakeDelivery):
    """Knows what the card says."""

    says = None

    async def put_card(self, generation, draft):
        """Post or edit; a card that was never intended is posted without a look, as the real one is."""
        blind = generation.card_id is None and generation.card_intended_at is None
        stood = self.cards(generation.id)
        if blind and stood and self.clock() - stood[0].at > self.remembers:
            self.messages.append(replace(stood[0], id=7000 + len(self.messages)))
        self.says = generation.status
        return await super().put_card(generation, draft)


class Machines:
    """Two of them on one database, in one world."""

    def __init__(self, folder, engines, gate, *, everywhere, ends):
        clock = Clock()
        self.clock, self.delivery, self.gate = clock, Channel(clock), gate
        self.member = replace(ANNA, user_id=ANNA.user_id + gate.at)
        self.provider = FakeProvider()
        self.provider.last_fetch = ends or self.provider.last_fetch
        outside = gate if everywhere else Gate()
        store = Store(Gated(engines[0], gate, alone=False))
        provider, delivery = Gated(self.provider, outside), Gated(self.delivery, outside)
        self.late = World(folder, store, clock, (provider,), delivery)
        self.late.downloader = Gated(FakeDownloader(), outside)
        self.late.new_tracker()
        store = Store(Gated(engines[1], Gate(), alone=False))
        self.other = World(folder, store, clock, (self.provider,), self.delivery)

    async def alone(self, generation):
        """Let the first machine do everything, if it comes to that."""
        while True:
            await self.late.rest()
            now = await self.other.now(generation)
            if now.status in TERMINAL and now.due_at is None:
                return
            due = await self.other.store.next_due(self.clock())
            if due is None:
                return
            self.clock.now = max(due, self.clock() + timedelta(seconds=1))

    async def state(self, generation):
        """Return what is told and counted of it, and the row without what changes at every look."""
        row = replace(await self.other.now(generation), **dict.fromkeys(OFTEN_CHANGED))
        counted = (
            await self.other.used(self.member),
            await self.other.slots(),
            await self.other.at_once(self.member),
        )
        posted = Counter(message.kind for message in self.delivery.messages)
        return row, counted, posted, len(self.provider.sent), self.delivery.says


async def come_late(machines, away):
    """Hold the first machine up, let the other go on, let the first go on. Return False if it never stopped.

    What it finds then is done, and stays as it is. Only a submit that may have left is never done again: if
    it leaves late, the task that comes of it is adopted.
    """
    machines.other.number = machines.provider.tasks = machines.gate.at
    generation = await machines.other.ask(machines.member)
    life = asyncio.create_task(machines.alone(generation))
    standing = asyncio.create_task(machines.gate.reached.wait())
    await asyncio.wait({life, standing}, return_when=asyncio.FIRST_COMPLETED)
    standing.cancel()
    if life.done():
        return False
    machines.clock.forward(seconds=away.total_seconds())
    found = await machines.other.until(generation, *TERMINAL, hours=2)
    before = await machines.state(generation)
    if away > NONCE_WINDOW:  # nor does Discord know any nonce then
        machines.clock.forward(seconds=away.total_seconds())
    machines.gate.opened.set()
    await life
    ended = await machines.other.until(generation, *TERMINAL)
    row, counted, posted, sent, says = after = await machines.state(generation)

    assert before == after or found.status is Status.UNCERTAIN, machines.gate.at
    film = machines.provider.last_fetch is not REFUSED
    assert (Status.DELIVERED if film else Status.REFUSED) is ended.status is says, machines.gate.at
    assert {"card": 1, "film" if film else "notice": 1} == posted, machines.gate.at
    assert (int(film), 0, 0) == (counted[0].videos, *counted[1:]), (machines.gate.at, row)
    assert 1 == sent, machines.gate.at
    return True


async def sweep(folder, engines, *, away, first=0, step=1, **how):
    """Stop it at one moment after another, until it isn't stopped any more; return at how many."""
    at = first
    while await come_late(Machines(folder, engines, Gate(at), **how), away):
        at += step
    return at


@pytest.mark.parametrize(
    ("away", "everywhere", "ends"),
    [
        (LEASE + timedelta(seconds=1), True, None),
        (timedelta(hours=1), False, None),
        (timedelta(hours=1), False, REFUSED),
    ],
    ids=["a minute, anywhere", "an hour, at the database", "an hour, refused"],
)
async def test_who_comes_late_changes_nothing(tmp_path, away, everywhere, ends):
    """At whatever moment it stood still: one submit, one film, one card that says how it is (S-17)."""
    store = await SQLITE.open(tmp_path)
    moments = await sweep(tmp_path, [store.engine] * 2, away=away, everywhere=everywhere, ends=ends)
    await store.close()
    assert 40 < moments


async def test_who_comes_late_on_postgres_changes_nothing(postgres_url, tmp_path):
    """The same with two pools on a real server, at some of the moments (S-17)."""
    stores = [await open_store(postgres_url, tmp_path) for _ in range(2)]
    how = {"away": timedelta(hours=1), "everywhere": False, "ends": None}
    moments = await sweep(tmp_path, [store.engine for store in stores], first=2, step=7, **how)
    for store in stores:
        await store.close()
    assert 40 < moments
