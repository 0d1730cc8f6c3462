"""Laws of `bot.tracker.routing`: another provider."""

from __future__ import annotations

from bot.errors import (
    NotSent,
)
from bot.models import Cost, ProviderTask, Status, TaskStatus
from tests.bot.tracker.conftest import a_world
from tests.fakes import FakeProvider


async def test_another_provider_takes_what_the_first_surely_did_not(tmp_path):
    """The same model elsewhere, without a word from the member about the provider."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.append(NotSent("maxapi", "refused"))
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation = await world.ask()

        ended = await world.until(generation, Status.DELIVERED)

        assert (
            ended.request.provider,
            ended.request.model,
            ended.tried,
        ) == ("evolink", "seedance-2.0", ("maxapi",))
        assert await world.slots("maxapi") == await world.slots("evolink") == 0


async def test_a_provider_that_was_named_is_never_exchanged(tmp_path):
    """The member said maxapi: then maxapi or nothing."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.extend([NotSent("maxapi", "refused")] * 3)
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation = await world.ask(provider="maxapi")

        ended = await world.until(generation, Status.FAILED)

        assert ended.status is Status.FAILED
        assert evolink.sent == []


async def test_a_failure_that_was_not_charged_may_go_elsewhere(tmp_path):
    """EvoLink confirms a failure of its own and doesn't charge: another provider makes the film."""
    evolink, maxapi = FakeProvider("evolink"), FakeProvider("maxapi")
    evolink.last_fetch = ProviderTask("t1", TaskStatus.FAILED, reason="provider", retryable=True)
    async with a_world(tmp_path, evolink, maxapi) as world:
        generation = await world.ask()

        ended = await world.until(generation, Status.DELIVERED)

        assert ended.request.provider == "maxapi"
        assert await world.used() == Cost(videos=1, seconds=5)


async def test_an_unknown_price_is_not_taken_for_free(tmp_path):
    """Credits were reserved for the first; what the second costs is not known: it stays with the first."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.extend([NotSent("maxapi", "refused")] * 3)
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation = await world.ask(cost=Cost(videos=1, seconds=5, credits=40))

        assert Status.FAILED is (await world.until(generation, Status.FAILED)).status
        assert [] == evolink.sent
