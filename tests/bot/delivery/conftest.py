"""A modelled Discord with one server, and the real delivery in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest_asyncio
import simcord

from bot.client import Matinee
from bot.delivery import Delivery, Rung
from bot.errors import MediaError
from bot.hosting import Hosting
from bot.messages import CardFacts
from bot.models import Place, Requester, Status
from bot.signatures import Signer
from tests.bot.test_quotas import GENERATION
from tests.fakes import NOON, a_film

FACTS = CardFacts(now=NOON)
SIGNER = Signer(b"secret")


class Scene:
    """A server with a channel, a member who asked, and the delivery under test."""

    def __init__(self, env, client, data_dir):
        self.env = env
        self.client = client
        self.guild = env.create_guild()
        self.channel = self.guild.create_text_channel("cinema")
        self.anna = self.guild.add_member(env.create_user("anna"))
        self.hosting = Hosting(data_dir, "https://bot.example", SIGNER, timedelta(days=30))
        self.hosting.prepare()
        self.fitted = []
        self.delivery = Delivery(client, hosting=self.hosting, fit=self.fit)
        self.generation = replace(
            GENERATION,
            requester=Requester(self.anna.id, "Anna"),
            place=Place(self.channel.id, self.guild.id),
            status=Status.FETCHED,
            film=a_film(),
            interaction_id=1,
        )
        self.hosting.film_path(self.generation.film).write_bytes(b"film" * 1000)

    async def fit(self, source, target, budget):
        """Write down the budget; under a thousand bytes nothing fits."""
        self.fitted.append(budget)
        if budget < 1000:
            raise MediaError("cannot_fit")
        target.write_bytes(b"small")

    async def post(self, rung=Rung.CHANNEL, generation=None):
        """Pack and post."""
        generation = generation or self.generation
        parcel = await self.delivery.pack(generation, rung, NOON)
        return await self.delivery.post_film(generation, rung, parcel, FACTS)


@pytest_asyncio.fixture
async def scene(tmp_path):
    """Yield a scene with the bot logged in."""
    client = Matinee(house=None, signer=SIGNER, reference=lambda: "r", extensions=())
    env = simcord.run(client)._env  # its context manager can't be shared by a fixture's two tasks
    await env.start()
    yield Scene(env, client, tmp_path)
    await env.shutdown()
