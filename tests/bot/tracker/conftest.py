"""The tracker on a real store, with a scripted provider and a channel to look into."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import pytest

from bot import quotas
from bot.hosting import Hosting
from bot.metrics import Metrics
from bot.models import Cost, Generation, Status
from bot.providers.health import Health
from bot.providers.router import Router
from bot.schedule import Bounds
from bot.servers import ServerRules
from bot.signatures import Signer
from bot.store.switches import Switches
from bot.tracker import Context, Tracker
from bot.tracker.context import LEASE
from tests.databases import here
from tests.fakes import (
    ANNA,
    CINEMA,
    Clock,
    FakeDelivery,
    FakeDownloader,
    FakeProber,
    FakeProvider,
    a_request,
)


class World:
    """Everything around one tracker."""

    def __init__(self, data_dir, store, clock, providers, delivery=None):
        self.data_dir = data_dir
        self.clock = clock
        self.store = store
        self.providers = {provider.name: provider for provider in providers}
        self.health = Health(clock)
        self.router = Router(providers, self.health.healthy)
        self.delivery = delivery or FakeDelivery(clock)
        self.downloader = FakeDownloader()
        self.prober = FakeProber()
        self.hosting = Hosting(data_dir, "https://bot.example", Signer(b"secret"), timedelta(days=30))
        self.hosting.prepare()
        self.limits = quotas.Limits()
        self.price = lambda _: None
        self.number = 0
        self.server_rules = ServerRules()
        self.tracker = self.new_tracker()

    def new_tracker(self):
        """Start over with nothing in memory, as after a restart."""
        self.switches = Switches(self.store.engine, self.clock)
        self.context = Context(
            store=self.store,
            switches=self.switches,
            providers=self.providers,
            router=self.router,
            rules=self.rules,
            health=self.health,
            price=self.price,
            credits_limited=self.limits.on_credits,
            delivery=self.delivery,
            downloader=self.downloader,
            prober=self.prober,
            hosting=self.hosting,
            bounds=Bounds(),
            queue_max=timedelta(hours=24),
            clock=self.clock,
            random=Random(0),
            metrics=Metrics(),
        )
        self.tracker = Tracker(self.context)
        return self.tracker

    async def rules(self, guild_id):
        """Return what the admins of the one server decided."""
        return self.server_rules

    async def ask(
        self, requester=ANNA, *, limits=None, cost=None, place=CINEMA, press=None, **said
    ) -> Generation:
        """Start a generation as `Generations.start` would."""
        self.number += 1
        asked = a_request(**said)
        request = self.router.route(asked)
        now = self.clock()
        generation = Generation(
            id=f"{self.number:016x}",
            status=Status.QUEUED,
            asked=asked,
            request=request,
            requester=requester,
            member=f"member-{requester.user_id}",
            place=place,
            cost=cost or Cost(videos=1, seconds=request.seconds or 0),
            interaction_id=6000 + self.number,
            created_at=now,
            updated_at=now,
            due_at=now,
            version=0,
            ready_at=now,
            card_intended_at=None if place.member_only else now,
        )
        holds = [quotas.limited(hold, limits or self.limits) for hold in quotas.held(generation)]
        return await self.store.start(generation, holds, press=press)

    async def rest(self):
        """Run rounds until nothing is due at this moment."""
        await self.tracker.settle()

    async def until(self, generation, *statuses, hours=12):
        """Let time pass from one due moment to the next until a status is reached."""
        end = self.clock() + timedelta(hours=hours)
        while True:
            await self.rest()
            current = await self.store.get(generation.id)
            if current.status in statuses and current.due_at is None:
                return current
            due = await self.store.next_due(self.clock())
            if due is None or due > end:
                return current
            self.clock.now = max(due, self.clock() + timedelta(seconds=1))

    async def now(self, generation) -> Generation:
        """Return the row as it stands."""
        return await self.store.get(generation.id)

    async def used(self, requester=ANNA) -> Cost:
        """Return what a member has used today."""
        day = quotas.day_of(self.clock())
        hold = quotas.Hold("user", f"member-{requester.user_id}", day, Cost())
        return (await self.store.used([hold]))[0]

    async def at_once(self, requester=ANNA) -> int:
        """Return how many places a member takes."""
        hold = quotas.Hold("user", f"member-{requester.user_id}", "now", Cost())
        return (await self.store.used([hold]))[0].videos

    async def slots(self, provider="maxapi") -> int:
        """Return how many places are taken at a provider."""
        return (await self.store.used([quotas.Hold("provider", provider, "now", Cost())]))[0].videos


@asynccontextmanager
async def a_world(data_dir, *providers, clock=None, delivery=None):
    """Open a world; a second one on the same folder is the bot after a restart."""
    clock = clock or Clock()
    if here().keeps_leases(data_dir):
        clock.now += LEASE
    store = await here().open(data_dir)
    try:
        yield World(data_dir, store, clock, providers or (FakeProvider(),), delivery)
    finally:
        await store.close()


@pytest.fixture
async def world(on_both, tmp_path):
    """Yield a world with one provider that has no idempotency key, no cancel and no price."""
    async with a_world(tmp_path) as opened:
        yield opened
