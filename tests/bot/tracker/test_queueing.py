"""Laws of `bot.tracker.queueing`: what waits to be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import OutcomeUnknown
from bot.models import Cost, Limit, Notice, Status
from bot.providers.router import Router
from bot.quotas import Limits
from bot.store import Store
from bot.tracker.context import LEASE
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


def doubts(world):
    """Return a list that tells of each card from now on whether it may stand already when it is put."""
    put_card, unsure = world.delivery.put_card, []

    async def put(one, draft):
        unsure.append(one.card_id is None and one.card_intended_at is not None)
        return await put_card(one, draft)

    world.delivery.put_card = put
    return unsure


async def test_the_card_comes_before_the_submit(world):
    """Nothing is sent before the card stands."""
    generation = await world.ask()
    cards = []

    async def look():
        cards.extend(world.delivery.cards(generation.id))

    world.providers["maxapi"].on_submit = look
    await world.rest()

    assert len(cards) == 1


async def test_what_was_in_the_queue_from_the_start_waits_for_its_card(world):
    """Its first claim shows the card: before that nobody takes it to be sent."""
    generation, now = await world.ask(), world.clock()
    await world.store.note(generation.id, ready_at=now)
    before = await world.store.claim_ready("maxapi", now, lease=LEASE, most=1)
    await world.store.claim(now, lease=timedelta(), most=1)
    after = await world.store.claim_ready("maxapi", now, lease=LEASE, most=1)

    assert ((), [generation.id]) == (before, [one.id for one in after])


@pytest.mark.parametrize("earlier", [False, True])
async def test_only_whoever_has_it_first_posts_its_card_without_a_look(world, earlier):
    """The command has intended it: after the first claim it may stand there (D-18)."""
    generation, now = await world.ask(), world.clock()
    await world.store.note(generation.id, ready_at=now, card_intended_at=now)
    if earlier:
        await world.store.claim(now, lease=timedelta(), most=1)
    unsure = doubts(world)
    await world.rest()

    assert earlier == unsure[0]
    assert 1 == len(world.delivery.cards(generation.id))


@pytest.mark.parametrize("turned_off", [False, True])
async def test_one_that_goes_elsewhere_before_its_card_gets_it_there(tmp_path, turned_off):
    """Nobody has posted it: the step that does needn't fear that it stands in a history it can't read."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation, now = await world.ask(), world.clock()
        await world.store.note(generation.id, ready_at=now, card_intended_at=now)
        if turned_off:
            maxapi.capabilities = {}
            world.router = Router([maxapi, evolink], world.health.healthy)
            world.new_tracker()
        else:
            world.health.pause("maxapi", now + timedelta(minutes=10))
        unsure = doubts(world)
        await world.rest()

        assert "evolink" == (await world.now(generation)).request.provider
        assert [False] == unsure[:1]


async def test_cancelled_before_it_was_sent_costs_nothing(world):
    """Queued and cancelled: nothing is sent, everything is given back."""
    generation = await world.ask()
    await world.store.wish_cancel(generation.id, world.clock())

    ended = await world.until(generation, Status.CANCELLED)

    assert world.providers["maxapi"].sent == []
    assert await world.used() == Cost()
    assert Notice.NONE is ended.notice


async def test_waiting_too_long_unsent_expires_and_costs_nothing(tmp_path):
    """A provider that never has a place: after `QUEUE_MAX` it is given back and told."""
    provider = FakeProvider("maxapi", concurrency=0)
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()

        ended = await world.until(generation, Status.EXPIRED, hours=48)

        assert (ended.status, ended.notice) == (Status.EXPIRED, Notice.TOLD)
        assert await world.used() == Cost()


async def test_places_at_a_provider_go_round_the_members(tmp_path):
    """One place: Anna's second waits behind Ben's first, although she asked earlier."""
    provider = FakeProvider("maxapi", concurrency=1)
    async with a_world(tmp_path, provider) as world:
        first = await world.ask(ANNA, prompt="one")
        await world.rest()
        world.clock.forward(seconds=1)
        second = await world.ask(ANNA, prompt="two")
        world.clock.forward(seconds=1)
        bens = await world.ask(BEN, prompt="three")
        await world.rest()
        assert (
            await world.store.place(await world.now(second)),
            await world.store.place(await world.now(bens)),
        ) == (2, 1)

        for generation in (first, bens, second):
            await world.until(generation, Status.DELIVERED)

        assert [body.split('"')[1] for _, body in provider.sent] == ["one", "three", "two"]


async def test_a_provider_that_was_turned_off_fails_what_named_it(world):
    """Queued for a provider that the operator then took away: given back at once, not after a day."""
    generation = await world.ask(provider="maxapi")
    del world.providers["maxapi"]

    ended = await world.until(generation, Status.FAILED)

    assert ended.reason == "unavailable"


async def test_a_card_tells_its_place_from_the_first(tmp_path):
    """Who waits behind others reads so on the very first card."""
    provider = FakeProvider("maxapi", concurrency=1)
    async with a_world(tmp_path, provider) as world:
        await world.ask(ANNA)
        await world.rest()
        await world.ask(BEN)
        await world.rest()
        world.delivery.drafts.clear()
        await world.ask(ANNA)
        await world.rest()

        assert "place 2" in world.delivery.drafts[0].embed.fields[0].value


async def test_a_provider_out_of_order_is_tried_with_one_film(world, monkeypatch):
    """What leaves after a pause only shows whether it works again; the others wait for that (P-24)."""
    provider, most, claim_ready = world.providers["maxapi"], [], Store.claim_ready

    async def noted(*what, **how):
        most.append(how["most"])
        return await claim_ready(*what, **how)

    monkeypatch.setattr(Store, "claim_ready", noted)
    for _ in range(5):
        world.health.failed("maxapi")
    for _ in range(3):
        await world.ask(limits=Limits(user_day=Limit(), at_once=None))
    await world.rest()
    waited = len(provider.sent)
    provider.submits.append(OutcomeUnknown("maxapi"))
    world.clock.forward(seconds=31)
    await world.rest()

    assert (0, 1) == (waited, len(provider.sent))
    assert {1} == set(most)


async def test_what_named_no_provider_goes_elsewhere_when_its_own_is_turned_off(tmp_path):
    """The operator took a key away while it waited: another makes the same."""
    maxapi, evolink = FakeProvider("maxapi"), FakeProvider("evolink")
    async with a_world(tmp_path, maxapi, evolink) as world:
        generation = await world.ask()
        del world.providers["maxapi"]
        world.router = Router([evolink], world.health.healthy)
        world.new_tracker()
        ended = await world.until(generation, Status.DELIVERED)

    assert ("evolink", []) == (ended.request.provider, maxapi.sent)
