"""Providers and a Discord that misbehave in every way, and know what they really did."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from datetime import timedelta
from unittest.mock import patch

import asyncpg

from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    MatineeError,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    StoreUnavailable,
    TaskNotFound,
)
from bot.models import ProviderTask, TaskStatus
from bot.store import postgres, sqlite
from tests.fakes import FakeDelivery, FakeProvider

REFUSALS = {
    "moderation": ModerationRejected,
    "input": InputRejected,
    "key": KeyRejected,
    "credit": CreditExhausted,
}
SUBMITS = ("ok", "lost", "vanished", "hang", "not sent", "busy", "bug", *REFUSALS)
ENDS = {
    "film": ProviderTask("", TaskStatus.SUCCEEDED, urls=("https://films.example/1.mp4",)),
    "charged": ProviderTask("", TaskStatus.SUCCEEDED, urls=("https://films.example/1.mp4",), credits=7.0),
    "absurd": ProviderTask("", TaskStatus.SUCCEEDED, urls=("https://films.example/1.mp4",), credits=-1.0),
    "no link": ProviderTask("", TaskStatus.SUCCEEDED),
    "failed": ProviderTask("", TaskStatus.FAILED, reason="provider"),
    "retryable": ProviderTask("", TaskStatus.FAILED, reason="provider", retryable=True),
    "refused": ProviderTask("", TaskStatus.REFUSED, reason="moderation"),
    "strange": ProviderTask("", TaskStatus.UNKNOWN),
    "running": ProviderTask("", TaskStatus.RUNNING, progress=50),
}


class Hangs:
    """Calls that never answer, until the process dies."""

    def __init__(self):
        self.some = asyncio.Event()
        self.tasks = set()
        self.over = asyncio.Event()

    async def for_ever(self):
        """Never return."""
        self.tasks.add(asyncio.current_task())
        self.some.set()
        await asyncio.Event().wait()

    async def for_a_while(self):
        """Return when `end` is called."""
        task = asyncio.current_task()
        self.tasks.add(task)
        self.some.set()
        await self.over.wait()
        self.tasks.discard(task)

    def end(self):
        """Let everything go on that only hangs for a while."""
        self.over.set()
        self.over = asyncio.Event()


class TruthfulProvider(FakeProvider):
    """Knows what it really accepted, whatever it answered."""

    def __init__(self, name, hangs):
        super().__init__(name, concurrency=2)
        self.hangs = hangs
        self.plan = deque()
        self.asks = deque()
        self.truth: dict[str, ProviderTask] = {}
        self.made_for: dict[str, str] = {}
        self.unclear: Counter[str] = Counter()
        """Calls that were accepted or may have been, by key."""
        self.bodies: dict[str, set[str]] = {}

    def _accept(self, key, body):
        known = next((task for task, owner in self.made_for.items() if owner == key), None)
        if known is not None and self.capabilities["seedance-2.0"].idempotent:
            return known
        task_id = f"{self.name}-{len(self.truth)}"
        prompt = body.split('"')[1] if self.name != "evolink" else None
        self.truth[task_id] = ProviderTask(task_id, TaskStatus.QUEUED, prompt=prompt)
        self.made_for[task_id] = key
        return task_id

    async def submit(self, submission, *, key):
        """Answer as planned."""
        outcome = self.plan.popleft() if self.plan else "ok"
        if outcome in REFUSALS:
            raise REFUSALS[outcome](self.name)
        if outcome == "not sent":
            raise NotSent(self.name)
        if outcome == "busy":
            raise ProviderUnavailable(self.name, retry_after=timedelta(seconds=7))
        self.unclear[key] += 1
        self.bodies.setdefault(key, set()).add(submission.body)
        if outcome == "vanished":
            raise OutcomeUnknown(self.name)
        task_id = self._accept(key, submission.body)
        if outcome == "hang":
            await self.hangs.for_ever()
        if outcome == "lost":
            raise OutcomeUnknown(self.name)
        if outcome == "bug":
            raise ZeroDivisionError
        return self.truth[task_id]

    async def fetch(self, task_id):
        """Tell the truth, or fail as planned."""
        fault = self.asks.popleft() if self.asks else None
        if fault is not None:
            raise fault
        if task_id not in self.truth:
            raise TaskNotFound(self.name)
        return self.truth[task_id]

    async def cancel(self, task_id):
        """Cancel what hasn't ended."""
        if self.truth[task_id].status in {TaskStatus.QUEUED, TaskStatus.RUNNING}:
            self.truth[task_id] = ProviderTask(task_id, TaskStatus.CANCELLED)
        return self.truth[task_id]


class FullDisk:
    """What databases commit with, on a disk that is full for some commits, `left` of them `after` others."""

    def __init__(self, after=0, left=0):
        self.after, self.left, self.commits = after, left, 0

    def strikes(self):
        """Say whether this commit finds no room."""
        self.commits += 1
        if self.after > 0:
            self.after -= 1
            return False
        self.left -= 1
        return self.left >= 0

    @contextlib.contextmanager
    def inserted(self):
        """Let every commit of this process be written to it; what finds no room is run and undone."""
        on_file, on_server = sqlite.commit, postgres.Postgres._once

        def commit(connection, transitions, **more):
            if not self.strikes():
                return on_file(connection, transitions, **more)
            connection.execute("BEGIN IMMEDIATE")
            for steps in transitions:
                with contextlib.suppress(MatineeError):
                    sqlite.run(connection, steps)
            connection.execute("ROLLBACK")
            return [StoreUnavailable("database or disk is full") for _ in transitions]

        async def once(engine, steps):
            if not self.strikes():
                return await on_server(engine, steps)
            async with engine._pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                with contextlib.suppress(MatineeError):
                    await postgres.run(connection, steps)
                await transaction.rollback()
            raise asyncpg.DiskFullError("could not extend the file: no space left on device")

        with patch.object(sqlite, "commit", commit), patch.object(postgres.Postgres, "_once", once):
            yield self


class HangingDelivery(FakeDelivery):
    """A Discord that may take a film and never answer."""

    hangs: Hangs
    hang = False
    stall = False
    """Whether the next film takes long to be made ready for its place."""

    async def pack(self, generation, rung, now):
        """Return a parcel, perhaps much later."""
        if self.stall:
            self.stall = False
            await self.hangs.for_a_while()
        return await super().pack(generation, rung, now)

    async def post_film(self, generation, rung, parcel, facts):
        """Post, and perhaps never say so."""
        return await self._perhaps_silent(await super().post_film(generation, rung, parcel, facts))

    async def post_copy(self, generation, parcel, facts):
        """Post, and perhaps never say so."""
        return await self._perhaps_silent(await super().post_copy(generation, parcel, facts))

    async def _perhaps_silent(self, posted):
        if self.hang:
            self.hang = False
            await self.hangs.for_ever()
        return posted
