"""What the tracker's laws stand on: a folder, a database, providers and a Discord that misbehave, a clock."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from bot.errors import StoreUnavailable
from bot.store.rows import COLUMNS, generation_of
from bot.tracker import submitting
from tests.bot.tracker.conftest import World
from tests.bot.tracker.unruly import FullDisk, HangingDelivery, Hangs, TruthfulProvider
from tests.databases import here
from tests.fakes import Clock

if TYPE_CHECKING:
    from bot.models import (
        Generation,
        Place,
        Status,
    )
    from bot.tracker import Tracker

NAMES = ("evolink", "maxapi", "seedance2ink")


class Ground(RuleBasedStateMachine):
    """The bot, the world, and how to act on them."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.jumped = timedelta()
        """How far the clock is from the true time: Discord's own goes on as it should."""
        self.disk = FullDisk()
        self.patched = contextlib.ExitStack()
        self.patched.enter_context(self.disk.inserted())
        # a real wait, for a task's id to be written down
        self.patched.enter_context(patch.object(submitting, "backoff", lambda *_, **__: timedelta()))
        self.world: World | None = None
        self.ended: dict[str, Status] = {}
        self.places: dict[str, Place] = {}
        """Where each was asked for: who is forgotten isn't asked again."""
        self.others: list[Tracker] = []
        """Other processes on the same database."""
        self.resent: set[str] = set()
        """What a person sent again, knowing that it may be paid twice."""
        self.given_up: set[str] = set()

    @initialize(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
    def begin(self, names):
        """Start with one provider or two."""

        async def opened():
            self.hangs = Hangs()
            self.providers = [TruthfulProvider(name, self.hangs) for name in names]
            self.delivery = HangingDelivery(lambda: self.clock() - self.jumped)
            self.delivery.hangs = self.hangs
            await self._open()

        self.runner.run(opened())

    async def _open(self, number=0):
        store = await here().open(self.folder)
        self.world = World(self.folder, store, self.clock, self.providers, self.delivery)
        self.world.number = number

    def rows(self) -> list[Generation]:
        """Return every row as committed."""
        names = ", ".join(column.name for column in COLUMNS)
        return [generation_of(row) for row in self._sql(f"SELECT {names} FROM generations ORDER BY id")]

    def _sql(self, query):
        return here().look(self.folder, query)

    def some(self, data, *statuses) -> Generation | None:
        """Pick a row."""
        rows = [row for row in self.rows() if not statuses or row.status in statuses]
        return data.draw(st.sampled_from(rows)) if rows else None

    def do(self, work):
        """Do something; return None if the database doesn't take it."""
        with contextlib.suppress(StoreUnavailable):
            return self.runner.run(work)

    async def _ticked(self, tracker):
        with contextlib.suppress(StoreUnavailable):
            return await tracker.tick()
        return 0

    async def _round(self, tracker=None):
        tracker = tracker or self.world.tracker
        while await self._ticked(tracker) or self._busy(tracker):
            while busy := self._busy(tracker):
                self.hangs.some.clear()
                waiting = asyncio.create_task(self.hangs.some.wait())
                await asyncio.wait({*busy, waiting}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()

    def _busy(self, tracker):
        return {task for task in tracker._steps.values() if task not in self.hangs.tasks}

    async def _die(self):
        """End every process."""
        for tracker in (self.world.tracker, *self.others):
            await tracker.stop(timedelta(0))
        self.others.clear()
