"""Two machines that share a database and the storage of films, each with a disk and a tracker of its own."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

from bot.tracker.loop import Tracker
from tests.bot.tracker.conftest import World
from tests.fakes import FakeDownloader, FakeProber
from tests.s3 import opened


class TrueDownloader(FakeDownloader):
    """Fetches a film of some bytes, and says what they are."""

    data = b"film" * 300

    async def download(self, url, target, *, most):
        """Write it."""
        await super().download(url, target, most=most)
        target.write_bytes(self.data)
        return SimpleNamespace(size=len(self.data), sha256=hashlib.sha256(self.data).hexdigest())


class TrueProber(FakeProber):
    """Says of a file what its bytes are."""

    async def probe(self, path):
        """Describe it."""
        probed, data = await super().probe(path), path.read_bytes()
        probed.size, probed.sha256 = len(data), hashlib.sha256(data).hexdigest()
        return probed


class Machine(World):
    """A tracker with a disk of its own."""

    def __init__(self, folder, store, clock, provider, delivery, address):
        self.address = address
        self.dead = False
        super().__init__(folder, store, clock, [provider], delivery)

    def new_tracker(self):
        """Share films with others; in memory nothing is left."""
        storage = opened(self.address, self.data_dir / "scratch")
        self.hosting = replace(self.hosting, storage=storage)
        self.downloader, self.prober = TrueDownloader(), TrueProber()
        return super().new_tracker()

    async def step_to(self, generation, status):
        """Take one step after the other until a status is reached."""
        for number in range(60):
            self.tracker._step = self._alone
            await self.tracker.tick()
            await asyncio.gather(*self.tracker._steps.values())
            del self.tracker._step
            if (await self.now(generation)).status is status:
                return await self.now(generation)
            self.clock.forward(seconds=30 * (number % 3 == 2))
        raise AssertionError(await self.now(generation))

    async def _alone(self, generation, step):
        """Take one step, and leave what follows at once to the next round."""
        self.tracker._context.stopping.set()
        await Tracker._step(self.tracker, generation, step)
        self.tracker._context.stopping.clear()

    @asynccontextmanager
    async def held(self, generation, *, kept):
        """Run it until a film is being kept, and hold it there: before, or after it was `kept`."""
        files, reached, go_on = self.hosting.files, asyncio.Event(), asyncio.Event()
        keep = files.keep

        async def slow(name):
            if kept:
                await keep(name)
            reached.set()
            await go_on.wait()
            if not kept:
                await keep(name)

        files.keep = slow
        running = asyncio.create_task(self._go_on(generation))
        await reached.wait()
        yield
        go_on.set()
        await running

    async def _go_on(self, generation):
        number = 0
        while not self.dead and not self.delivery.films(generation.id):
            await self.tracker.tick()
            await asyncio.gather(*self.tracker._steps.values(), return_exceptions=True)
            number += 1
            self.clock.forward(seconds=30 * (number % 3 == 2))

    def die(self):
        """Be gone, as after a kill."""
        self.dead = True
        for step in self.tracker._steps.values():
            step.cancel()
