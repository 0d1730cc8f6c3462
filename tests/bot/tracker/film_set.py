"""A film set: the tracker with storyboards, films that tell what they are made from, a hand on the plug."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from types import SimpleNamespace

from bot import quotas
from bot.admission import Admission
from bot.errors import StoreUnavailable
from bot.generations import Generations
from bot.models import Cost, Hold, MediaKind, Mode, ProviderTask, TaskStatus, VideoRequest
from bot.providers.router import Router
from bot.quotas import Limits
from bot.store.audit import Deeds
from bot.store.blocks import Blocks
from bot.store.servers import Servers
from bot.store.storyboards import Storyboards
from bot.storyboards.direction import Direction
from bot.tracker import Tracker
from bot.tracker.context import LEASE
from tests.bot.tracker.conftest import World
from tests.databases import here
from tests.fakes import (
    ANNA,
    CINEMA,
    Clock,
    FakeDelivery,
    FakeDownloader,
    FakeProber,
    FakeProvider,
)

PROMPTS = ("a boat", "a storm", "an island")
PATIENCE = 60.0
"""Seconds of real time that one rest may take: each takes far less, and none may hang."""


@dataclass
class Plug:
    """Counts everything that is written down or done outside, and is pulled after the one that is told."""

    dies_after: int | None = None
    moments: int = 0
    names: list[str] = field(default_factory=list)
    pulled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def dead(self):
        """Whether the process is gone."""
        return self.dies_after is not None and self.moments >= self.dies_after

    def check(self):
        """Nothing more happens in a process that is gone."""
        if self.dead:
            raise StoreUnavailable("dead")

    def happened(self, name):
        """Count a moment; its outcome is known to nobody if it was the last."""
        self.moments += 1
        self.names.append(name)
        if self.dead:
            self.pulled.set()
        self.check()


class PluggedEngine:
    """The real engine, whose process may die after a commit."""

    alone = True

    def __init__(self, engine, plug):
        self.engine, self.plug = engine, plug

    async def write(self, steps):
        """Commit, and perhaps never know."""
        self.plug.check()
        outcomes = await self.engine.write(steps)
        self.plug.happened(steps[0].statement.name)
        return outcomes

    async def read(self, statement, parameters):
        """Read."""
        self.plug.check()
        return await self.engine.read(statement, parameters)

    def listen(self, heard):
        """Do nothing: there is no other process."""

    async def ping(self):
        """Say yes."""

    async def scrub(self):
        """Leave the files as they are."""

    async def close(self):
        """Let go."""
        await self.engine.close()


class KeyedProvider(FakeProvider):
    """Takes an idempotency key, like EvoLink: the same key never makes two tasks."""

    def __init__(self):
        super().__init__("evolink")
        self.plug = None
        self.made = {}
        self.bodies = []
        self.ends = {}
        """What becomes of the tasks of a prompt; else it is filmed."""

    async def submit(self, submission, *, key):
        """Accept, once per key."""
        self.plug.check()
        if key not in self.made:
            self.made[key] = f"t{len(self.made)}"
            self.bodies.append(submission.body)
        self.plug.happened("submit")
        return ProviderTask(self.made[key], TaskStatus.QUEUED)

    async def upload(self, name, data):
        """Take a file, and name it by what is in it."""
        return f"https://files.example/{data.decode()}"

    async def fetch(self, task_id):
        """Tell what became of it."""
        self.plug.check()
        body = self.bodies[[*self.made.values()].index(task_id)]
        end = next((end for prompt, end in self.ends.items() if f'"{prompt}"' in body), None)
        if end is not None:
            return replace(end, id=task_id)
        return ProviderTask(task_id, TaskStatus.SUCCEEDED, urls=(f"https://films.example/{task_id}.mp4",))


class PluggedDelivery(FakeDelivery):
    """A channel, seen by a process that may die after a post."""

    plug: Plug

    async def put_card(self, generation, draft):
        """Post or edit."""
        self.plug.check()
        posted = await super().put_card(generation, draft)
        self.plug.happened("card")
        return posted

    async def post_film(self, generation, rung, parcel, facts):
        """Post."""
        self.plug.check()
        posted = await super().post_film(generation, rung, parcel, facts)
        self.plug.happened("film")
        return posted

    async def post_notice(self, generation, rung, facts):
        """Post."""
        self.plug.check()
        posted = await super().post_notice(generation, rung, facts)
        self.plug.happened("notice")
        return posted


class TellingDownloader(FakeDownloader):
    """Writes films that tell which task they are."""

    async def download(self, url, target, *, most):
        """Fetch."""
        await super().download(url, target, most=most)
        target.write_text(url.rpartition("/")[2].removesuffix(".mp4"))
        return SimpleNamespace(size=self.size, sha256="0" * 64)


class TellingProber(FakeProber):
    """Knows a frame from a film."""

    async def probe(self, path):
        """Describe it."""
        told = await super().probe(path)
        if path.read_text().startswith("end-of-"):
            told.kind, told.extension = MediaKind.IMAGE, ".png"
        return told


class FilmSet:
    """Everything around the tracker, with storyboards in it."""

    def __init__(self, folder, clock=None, provider=None, delivery=None, plug=None):
        self.folder = folder
        self.clock = clock or Clock()
        self.provider = provider or KeyedProvider()
        self.delivery = delivery or PluggedDelivery(self.clock)
        self.plug = self.provider.plug = self.delivery.plug = plug or Plug()
        self.joins = 0
        self.broken_join = None
        self.broken_frame = None
        self.limits = Limits(at_once=2)
        self.interaction = 5000
        self.month = quotas.month_of(self.clock())

    async def open(self):
        """Start, or start anew."""
        if here().keeps_leases(self.folder):
            self.clock.now += LEASE
        store = await here().open(self.folder)
        self.store = replace(store, engine=PluggedEngine(store.engine, self.plug))
        world = World(self.folder, self.store, self.clock, [self.provider], self.delivery)
        self.hosting = replace(world.hosting, public_url=None)
        self.world = world
        context = replace(
            world.context,
            hosting=self.hosting,
            prober=TellingProber(),
            downloader=TellingDownloader(),
            join=self._join,
            last_frame=self._last_frame,
            random=Random(self.plug.moments),
        )
        self.context = context
        self.tracker = Tracker(context)
        self.boards = Storyboards(self.store.engine)
        engine = self.store.engine
        router = Router([self.provider], world.health.healthy, public=False)
        generations = Generations(
            store=self.store,
            admission=Admission(
                Servers(engine),
                Blocks(engine),
                Deeds(engine),
                world.hosting.signer.pseudonym,
                self.clock,
                world.switches,
            ),
            router=router,
            price=lambda _: None,
            capabilities=[*self.provider.capabilities.values()],
            prober=world.prober,
            hosting=world.hosting,
            limits=self.limits,
            clock=self.clock,
            random=Random(7),
            nudge=lambda: None,
        )
        self.direction = Direction(generations, self.boards, self.clock, Random(9), lambda: None)
        return self

    async def close(self):
        """Die, or end."""
        await self.tracker.stop(timedelta(0))
        await self.store.engine.engine.close()

    async def _join(self, sources, target):
        self.plug.check()
        if self.broken_join:
            raise self.broken_join
        self.joins += 1
        target.write_text("+".join(source.read_text() for source in sources))
        self.plug.happened("join")
        return False

    async def _last_frame(self, source, target):
        self.plug.check()
        if self.broken_frame:
            raise self.broken_frame
        target.write_text(f"end-of-{source.read_text()}")
        self.plug.happened("frame")

    async def ask(self, *prompts, continuous=True, requester=ANNA, place=CINEMA, **said):
        """Give the command."""
        self.interaction += 1
        asked = VideoRequest("", Mode.TEXT, **said)
        drafted = await self.direction.draft(
            prompts or PROMPTS,
            asked,
            requester,
            place,
            continuous=continuous,
            interaction_id=self.interaction,
        )
        board, _ = await self.direction.start(*drafted)
        return board

    async def now(self, board):
        """Return the storyboard and its shots as they stand."""
        return await self.direction.find(board.id)

    async def rest(self, *, days=0.5):
        """Let time pass from one due moment to the next, until nothing moves or the plug is pulled."""
        working = asyncio.create_task(self._until(self.clock() + timedelta(days=days)))
        pulled = asyncio.create_task(self.plug.pulled.wait())
        done, _ = await asyncio.wait({working, pulled}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, pulled):
            task.cancel()
        assert done, "it never came to rest"
        with contextlib.suppress(StoreUnavailable, asyncio.CancelledError):
            await working

    async def rest_until(self, is_so, *, step, most=200):
        """Let time pass in steps until something is so."""
        for _ in range(most):
            if await is_so():
                return
            await self.rest(days=step / timedelta(days=1))
        raise AssertionError("it never came to be")

    async def _until(self, end):
        while True:
            await self.tracker.settle()
            dues = [await self.store.next_due(self.clock()), await self.boards.next_due(self.clock())]
            due = min((due for due in dues if due is not None), default=None)
            if due is None or due > end:
                self.clock.now = max(self.clock(), end)
                return
            self.clock.now = max(due, self.clock() + timedelta(seconds=1))

    async def used(self, requester=ANNA):
        """Return videos and seconds that a member has used this month."""
        (cost,) = await self.store.used([Hold("user", self._member(requester), self.month, Cost())])
        return cost.videos, cost.seconds

    async def at_once(self, requester=ANNA):
        """Return how many places a member takes."""
        return (await self.store.used([Hold("user", self._member(requester), "now", Cost())]))[0].videos

    def _member(self, requester):
        return self.hosting.signer.pseudonym(requester.user_id)

    def film_of(self, board):
        """Return what the joined film is made from, or None."""
        path = self.folder / "films" / f"{board.id}.mp4"
        return path.read_text() if path.exists() else None

    def submitted(self):
        """Return how often each prompt was accepted by the provider."""
        return Counter(body.split('"')[1] for body in self.provider.bodies)


@asynccontextmanager
async def a_film_set(folder, **parts):
    """Open one; a second on the same folder is the bot after a restart."""
    opened = await FilmSet(folder, **parts).open()
    try:
        yield opened
    finally:
        await opened.close()
