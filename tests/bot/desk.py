"""`Generations` on a real store, with played providers: what tests give commands to."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from bot.admission import Admission
from bot.generations import Generations
from bot.hosting import Hosting
from bot.providers.health import Health
from bot.providers.router import Router
from bot.quotas import Limits
from bot.signatures import Signer
from bot.store.audit import Deeds
from bot.store.blocks import Blocks
from bot.store.servers import Servers
from bot.store.switches import Switches
from tests.fakes import ANNA, CINEMA, Clock, FakeProber, FakeProvider, a_request


class Desk:
    """`Generations` and what stands around it."""

    def __init__(self, store, data_dir, limits=None, price=None, random=None):
        self.store = store
        self.clock = Clock()
        self.nudges = 0
        self.prober = FakeProber()
        self.hosting = Hosting(data_dir, "https://bot.example", Signer(b"secret"), timedelta(days=30))
        self.hosting.prepare()
        self.servers, self.blocks, self.deeds = (kind(store.engine) for kind in (Servers, Blocks, Deeds))
        pseudonym = self.hosting.signer.pseudonym
        self.switches = Switches(store.engine, self.clock)
        self.admission = Admission(
            self.servers, self.blocks, self.deeds, pseudonym, self.clock, self.switches
        )
        providers = [FakeProvider("maxapi"), FakeProvider("seedance2ink"), FakeProvider("evolink")]
        self.generations = Generations(
            store=store,
            admission=self.admission,
            router=Router(providers, Health(self.clock).healthy),
            price=price or (lambda _: None),
            capabilities=[model for each in providers for model in each.capabilities.values()],
            prober=self.prober,
            hosting=self.hosting,
            limits=limits or Limits(),
            clock=self.clock,
            random=random or Random(0),
            nudge=self.nudge,
        )
        self.number = 0

    def nudge(self):
        """Count."""
        self.nudges += 1

    async def start(self, requester=ANNA, place=CINEMA, **said):
        """Give a command."""
        self.number += 1
        asked = a_request(**said)
        return await self.generations.start(asked, requester, place, interaction_id=self.number)

    async def again(self, first, requester=ANNA, **changes):
        """Ask for the same once more."""
        self.number += 1
        asked = await self.generations.asked_again(first.id, **changes)
        return await self.generations.start(
            asked,
            requester,
            CINEMA,
            interaction_id=self.number,
            parent_id=first.id,
            press=f"again:{first.id}",
        )

    async def finish(self, generation, **changes):
        """End one without a film or with one, as the tracker would."""
        now = await self.store.get(generation.id)
        return await self.store.move(now, self.clock(), due_at=None, **changes)
