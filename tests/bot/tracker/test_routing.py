"""Laws of `bot.tracker.routing`: another provider."""

from __future__ import annotations

import pytest

from bot.errors import NotSent
from bot.models import Cost, Limit, ProviderTask, Status, TaskStatus
from bot.providers.router import Router
from bot.quotas import Limits
from bot.servers import LimitRule, Scope, ServerRules
from tests.bot.tracker.conftest import a_world
from tests.fakes import FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


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


async def test_another_provider_makes_the_same_model_or_nothing(tmp_path):
    """The member was told which model it is; one that only has others is none (T-21)."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.extend([NotSent("maxapi", "refused")] * 3)
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation = await world.ask()
        kept = evolink.capabilities.items()
        evolink.capabilities = {name: model for name, model in kept if name != generation.request.model}
        world.router = Router([maxapi, evolink], world.health.healthy)
        world.new_tracker()
        ended = await world.until(generation, Status.FAILED)

    assert evolink.capabilities
    assert ([], "maxapi") == (evolink.sent, ended.request.provider)


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


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ({"maxapi": 40, "evolink": 40}, Status.DELIVERED),
        ({"maxapi": 40, "evolink": 41}, Status.FAILED),
        ({"maxapi": 40}, Status.FAILED),
    ],
)
@pytest.mark.parametrize("by", ["operator", "server"])
async def test_where_credits_are_limited_only_what_is_reserved_is_spent(tmp_path, prices, expected, by):
    """Another provider may cost no more than the first, and an unknown price isn't free."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.extend([NotSent("maxapi", "refused")] * 3)
    async with a_world(tmp_path, maxapi, evolink) as world:
        limit = Limit(credits=1000)
        if by == "operator":
            world.limits = Limits(user_day=limit)
        else:
            world.server_rules = ServerRules(limits=(LimitRule(Scope.ROLE, 7, month=limit),))
        world.price = lambda request: prices.get(request.provider)
        world.new_tracker()
        generation = await world.ask(cost=Cost(videos=1, seconds=5, credits=40))

        ended = await world.until(generation, expected)

        assert ended.status is expected
        assert len(evolink.sent) == (expected is Status.DELIVERED)


async def test_where_credits_are_not_limited_prices_stand_in_nobodys_way(tmp_path):
    """No limit counts credits: a provider whose price is known takes over from one whose price isn't."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.append(NotSent("maxapi", "refused"))
    async with a_world(tmp_path, maxapi, evolink) as world:
        world.price = lambda request: {"evolink": 67}.get(request.provider)
        world.new_tracker()
        generation = await world.ask()

        assert (await world.until(generation, Status.DELIVERED)).request.provider == "evolink"


async def test_another_provider_is_one_that_the_server_allows_now(tmp_path):
    """Its admins may have changed their minds since the film began."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    maxapi.submits.extend([NotSent("maxapi", "refused")] * 3)
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation = await world.ask()
        world.server_rules = ServerRules(providers=("maxapi", "seedance2ink"))

        ended = await world.until(generation, Status.FAILED)

        assert ended.status is Status.FAILED
        assert evolink.sent == []
