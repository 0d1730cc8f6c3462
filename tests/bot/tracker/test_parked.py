"""Laws of `bot.tracker.parked`: what a person may decide, and a callback that comes late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import Conflict, OutcomeUnknown, RequestRefused, TaskNotFound
from bot.models import Cost, Notice, ProviderTask, Status, TaskStatus
from bot.providers.capabilities import CAPABILITIES
from bot.quotas import Limits
from bot.tracker.parked import Act, decide, possible
from tests.bot.store.examples import entries
from tests.bot.tracker.conftest import a_world
from tests.fakes import RUNNING, SUCCESS, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")
LONG = {"hours": 48}
DEAR = ProviderTask("t1", TaskStatus.SUCCEEDED, urls=SUCCESS.urls, credits=9_000.0)


async def uncertain(world, **said):
    """Park one whose submit never got an answer."""
    world.providers["maxapi"].submits.append(OutcomeUnknown("maxapi"))
    generation = await world.ask(**said)
    return await world.until(generation, Status.PARKED, **LONG)


async def timed_out(world):
    """Park one that its provider works on for ever."""
    world.providers["maxapi"].last_fetch = RUNNING
    return await world.until(await world.ask(), Status.PARKED, **LONG)


async def overcharged(world, task=DEAR, **said):
    """Park one whose provider reports a price that can't be right."""
    world.providers["maxapi"].last_fetch = task
    generation = await world.ask(cost=Cost(1, 5, 40_000_000), **said)
    return await world.until(generation, Status.PARKED, **LONG)


async def broken(world):
    """Park a film that is made and paid, for a bug of ours."""
    world.downloader.faults.extend([ZeroDivisionError("bug")] * 8)
    return await world.until(await world.ask(), Status.PARKED)


async def unsent(world, monkeypatch):
    """Park one that was never sent, for a bug of ours."""

    def bug(*_, **__):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.providers["maxapi"], "prepare", bug)
        return await world.until(await world.ask(), Status.PARKED)


async def chosen(world, generation, act, **said):
    """Decide."""
    return await decide(world.store, generation, act, world.clock(), **said)


async def kinds(world, generation):
    """Return what the ledger has."""
    return [kind for kind, *_ in await entries(world.store, generation.id)]


async def test_what_is_possible_follows_from_what_is_known(world, monkeypatch):
    """Nothing is offered that could harm, and giving up always."""
    assert (Act.SEND, Act.GIVE_UP) == possible(await uncertain(world))
    assert (Act.ASK, Act.GIVE_UP) == possible(await timed_out(world))
    assert (Act.TAKE, Act.ASK, Act.GIVE_UP) == possible(await overcharged(world))
    world.providers["maxapi"].last_fetch = SUCCESS
    assert (Act.GO_ON, Act.GIVE_UP) == possible(await broken(world))
    assert (Act.GO_ON, Act.GIVE_UP) == possible(await unsent(world, monkeypatch))


async def test_nothing_is_possible_with_what_goes_on(world):
    """Each is told so, and nothing changes."""
    generation = await world.ask()

    for act in Act:
        with pytest.raises(RequestRefused, match="act_gone"):
            await chosen(world, generation, act)
    assert generation == await world.now(generation)


async def test_two_decisions_at_once_are_one(world):
    """The later one finds that it was moved."""
    parked = await timed_out(world)
    await chosen(world, parked, Act.GIVE_UP)

    with pytest.raises(Conflict):
        await chosen(world, parked, Act.ASK)
    assert ["release", "reserve"] == sorted(await kinds(world, parked))


async def test_asked_again_the_film_comes(world):
    """It takes its places again while its provider is asked, and is paid once."""
    parked = await timed_out(world)
    assert (0, 0) == (await world.at_once(), await world.slots())
    moved = await chosen(world, parked, Act.ASK)
    assert (1, 1) == (await world.at_once(), await world.slots())
    world.providers["maxapi"].last_fetch = SUCCESS
    ended = await world.until(moved, Status.DELIVERED)

    assert (Status.DELIVERED, None) == (ended.status, ended.reason)
    assert ["reserve", "settle"] == sorted(await kinds(world, parked))
    assert (0, 0) == (await world.at_once(), await world.slots())
    assert 1 == len(world.providers["maxapi"].sent)


async def test_asked_again_in_vain_it_is_parked_again(world):
    """At once: its provider's longest time is over."""
    parked = await timed_out(world)
    asked = len(world.providers["maxapi"].asked)
    await chosen(world, parked, Act.ASK)
    await world.rest()

    assert (Status.PARKED, "timeout") == ((await world.now(parked)).status, (await world.now(parked)).reason)
    assert asked + 1 == len(world.providers["maxapi"].asked)


async def test_a_full_provider_is_asked_all_the_same(tmp_path):
    """What it has, it has: only nothing new is sent to it."""
    async with a_world(tmp_path, FakeProvider("maxapi", concurrency=1)) as world:
        parked = await timed_out(world)
        await world.ask()
        await world.rest()
        await chosen(world, parked, Act.ASK)
        assert 2 == await world.slots()
        await world.rest()

        assert 1 == await world.slots()


async def test_a_film_of_a_doubtful_price_is_taken_as_reported(world):
    """What its provider says counts, where credits are reserved."""
    parked = await overcharged(world)
    assert 9_000_000_000 == parked.charged
    ended = await world.until(await chosen(world, parked, Act.TAKE), Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert Cost(1, 5, 9_000_000_000) == ended.cost == await world.used()
    assert ["reserve", "settle"] == sorted(await kinds(world, parked))


@pytest.mark.parametrize("nonsense", [-1.0, float("nan"), 1e30])
async def test_a_price_that_is_no_amount_leaves_the_reserved_one(world, nonsense):
    """Nothing negative or endless is ever written down."""
    parked = await overcharged(
        world, ProviderTask("t1", TaskStatus.SUCCEEDED, urls=SUCCESS.urls, credits=nonsense)
    )
    assert parked.charged is None
    ended = await world.until(await chosen(world, parked, Act.TAKE), Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert Cost(1, 5, 40_000_000) == ended.cost == await world.used()


async def test_sent_again_it_begins_anew(world):
    """Its place in the queue is its last one, however long ago it was asked for; its limits hold it once."""
    parked = await uncertain(world)
    world.clock.forward(days=3)
    moved = await chosen(world, parked, Act.SEND)
    assert (Status.QUEUED, 1) == (moved.status, await world.at_once())
    ended = await world.until(moved, Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert 2 == len(world.providers["maxapi"].sent)
    assert ["reserve", "settle"] == sorted(await kinds(world, parked))


async def test_sent_again_with_a_key_it_is_the_same_to_the_byte(tmp_path):
    """So that its provider makes no second task of it."""
    provider = FakeProvider("evolink")
    async with a_world(tmp_path, provider) as world:
        provider.submits.extend([OutcomeUnknown("evolink")] * 2)
        parked = await world.until(await world.ask(), Status.PARKED, **LONG)
        assert CAPABILITIES["evolink"]["seedance-2.0"].idempotent
        ended = await world.until(await chosen(world, parked, Act.SEND, keyed=True), Status.DELIVERED)

        assert Status.DELIVERED is ended.status
        assert [(ended.id, provider.sent[0][1])] * 3 == provider.sent


async def test_a_late_callback_for_the_first_is_not_believed_twice(world):
    """Once it is sent again and known, a name that comes late changes nothing."""
    parked = await uncertain(world)
    world.providers["maxapi"].last_fetch = RUNNING
    await chosen(world, parked, Act.SEND)
    await world.rest()
    await world.store.name_task(parked.id, "first", provider="maxapi")
    await world.store.wake(parked.id, world.clock())
    world.providers["maxapi"].last_fetch = SUCCESS
    ended = await world.until(parked, Status.DELIVERED)

    assert ("t2", None) == (ended.task_id, ended.named_task_id)


async def test_a_film_that_is_paid_goes_on_where_it_stood(world):
    """It is not settled a second time."""
    parked = await broken(world)
    ended = await world.until(await chosen(world, parked, Act.GO_ON), Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert ["reserve", "settle"] == sorted(await kinds(world, parked))
    assert 1 == len(world.delivery.films(parked.id))


async def test_a_film_that_may_stand_is_looked_for_first(world, monkeypatch):
    """Parked while it was being posted, it isn't posted twice."""
    world.delivery.lose_answers = 2  # the card's, and the film's
    world.delivery.remembers = timedelta(0)

    async def bug(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.delivery, "find_film", bug)
        parked = await world.until(await world.ask(), Status.PARKED)
    assert (Status.PARKED, 1) == (parked.status, len(world.delivery.films(parked.id)))
    ended = await world.until(await chosen(world, parked, Act.GO_ON), Status.DELIVERED)

    assert (Status.DELIVERED, 1) == (ended.status, len(world.delivery.films(parked.id)))


async def test_what_was_never_sent_goes_back_to_the_queue(world, monkeypatch):
    """There it is sent, once."""
    parked = await unsent(world, monkeypatch)
    ended = await world.until(await chosen(world, parked, Act.GO_ON), Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert 1 == len(world.providers["maxapi"].sent)


@pytest.mark.parametrize(
    ("park", "ledger"),
    [
        (uncertain, ["release", "reserve"]),
        (timed_out, ["release", "reserve"]),
        (overcharged, ["release", "reserve"]),
        (broken, ["refund", "reserve", "settle"]),
    ],
)
async def test_given_up_it_counts_nothing_and_is_told(world, park, ledger):
    """What was settled is refunded, all else released; its member reads why there is no film."""
    parked = await park(world)
    ended = await world.until(await chosen(world, parked, Act.GIVE_UP), Status.FAILED)

    assert (Status.FAILED, "given_up", Notice.TOLD) == (ended.status, ended.reason, ended.notice)
    assert ended.finished_at is not None
    assert ledger == sorted(await kinds(world, parked))
    assert Cost() == await world.used()
    assert (0, 0) == (await world.at_once(), await world.slots())
    assert 1 == len(world.delivery.notices(parked.id))


async def test_a_callback_after_all_names_the_task(world):
    """Nobody needs to press anything: it is checked, adopted and brought home."""
    parked = await uncertain(world)
    await world.store.name_task(parked.id, "late", provider="maxapi")
    await world.store.wake(parked.id, world.clock())
    ended = await world.until(parked, Status.DELIVERED)

    assert (Status.DELIVERED, "late") == (ended.status, ended.task_id)
    assert ["reserve", "settle"] == sorted(await kinds(world, parked))
    assert 1 == len(world.providers["maxapi"].sent)


async def test_a_callback_for_a_known_task_is_looked_into(world):
    """Its provider was given up too early."""
    parked = await timed_out(world)
    world.providers["maxapi"].last_fetch = SUCCESS
    await world.store.wake(parked.id, world.clock())

    assert Status.DELIVERED is (await world.until(parked, Status.DELIVERED)).status


async def test_a_callback_that_names_a_stranger_s_task_leads_nowhere(world):
    """It is parked again, with everything held as before."""
    parked = await uncertain(world)
    world.providers["maxapi"].last_fetch = TaskNotFound("maxapi")
    await world.store.name_task(parked.id, "nonsense", provider="maxapi")
    await world.store.wake(parked.id, world.clock())
    ended = await world.until(parked, Status.PARKED)

    assert (Status.PARKED, "uncertain") == (ended.status, ended.reason)
    assert ["reserve"] == await kinds(world, parked)
    assert (Act.ASK, Act.SEND, Act.GIVE_UP) == possible(ended)


@pytest.mark.parametrize("park", [overcharged, broken])
async def test_a_callback_decides_nothing_that_a_person_must(world, park):
    """Neither a doubtful price nor a bug of ours gets better by it."""
    parked = await park(world)
    await world.store.wake(parked.id, world.clock())
    await world.rest()

    assert Status.PARKED is (await world.now(parked)).status


async def test_a_callback_of_a_provider_that_is_off_waits(world):
    """There is nobody to ask."""
    parked = await timed_out(world)
    del world.providers["maxapi"]
    await world.store.wake(parked.id, world.clock())
    await world.rest()

    assert Status.PARKED is (await world.now(parked)).status


async def test_a_price_in_doubt_is_shown_to_nobody(world):
    """The card tells what is reserved; the report is for whoever decides."""
    world.limits = Limits()
    parked = await overcharged(world)
    shown = world.delivery.drafts[-1].embed

    assert "9000 credits" not in str(shown.to_dict())
    assert 9_000_000_000 == parked.charged
