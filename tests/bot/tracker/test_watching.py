"""Laws of `bot.tracker.watching`: asking until there is an end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import OutcomeUnknown, ProviderUnavailable, TaskNotFound
from bot.models import Cost, ProviderTask, Status, TaskStatus
from tests.bot.tracker.conftest import a_world
from tests.fakes import RUNNING, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


async def test_an_unclear_submit_is_adopted_through_its_callback(world):
    """The callback names the task; the provider confirms it; the film comes."""
    provider = world.providers["maxapi"]
    provider.submits.append(OutcomeUnknown("maxapi", "reset"))
    provider.last_fetch = ProviderTask(
        "t9", TaskStatus.SUCCEEDED, urls=("https://films.example/9.mp4",), prompt="a cat on a piano"
    )
    generation = await world.ask()
    await world.rest()

    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    ended = await world.until(generation, Status.DELIVERED)

    assert (ended.status, ended.task_id) == (Status.DELIVERED, "t9")
    assert len(provider.sent) == 1


async def test_a_callback_that_names_somebody_elses_task_adopts_nothing(world):
    """Another prompt: not ours. It goes on waiting."""
    provider = world.providers["maxapi"]
    provider.submits.append(OutcomeUnknown("maxapi", "reset"))
    provider.last_fetch = ProviderTask("t9", TaskStatus.SUCCEEDED, urls=("https://x",), prompt="a dog")
    generation = await world.ask()
    await world.rest()

    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    await world.rest()
    now = await world.now(generation)

    assert (now.status, now.task_id, now.named_task_id) == (Status.UNCERTAIN, None, None)


async def test_callbacks_lost_for_good_are_made_up_by_asking(world):
    """No callback ever comes: asking finds the end, within the bounds."""
    provider = world.providers["maxapi"]
    provider.fetches.extend([RUNNING] * 6)
    generation = await world.ask()

    ended = await world.until(generation, Status.DELIVERED)

    assert len(provider.asked) == 7
    assert ended.rendered_at - ended.submitted_at <= timedelta(seconds=60 + 90 + 135 + 203 + 3 * 300) * 1.1


async def test_a_callback_brings_the_ask_forward(world):
    """Woken: asked at once, long before the schedule."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=3)

    await world.store.wake(generation.id, world.clock())
    await world.rest()

    assert (await world.now(generation)).status is Status.DELIVERED


async def test_a_thousand_callbacks_ask_once_a_second(world):
    """A flood of callbacks makes one ask a second."""
    provider = world.providers["maxapi"]
    provider.last_fetch = RUNNING
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=3)
    before = len(provider.asked)

    for _ in range(100):
        await world.store.wake(generation.id, world.clock())
        await world.rest()

    assert len(provider.asked) - before == 1


async def test_an_unknown_status_breaks_nothing(world):
    """A word that we don't know is asked about again."""
    provider = world.providers["maxapi"]
    provider.fetches.extend([ProviderTask("t1", TaskStatus.UNKNOWN, detail="DREAMING")] * 3)
    generation = await world.ask()

    assert (await world.until(generation, Status.DELIVERED)).status is Status.DELIVERED


async def test_a_task_that_never_ends_is_parked_with_its_quota_held(world):
    """After the provider's longest time a person must look; nothing is given back, nothing asked any more."""
    world.providers["maxapi"].last_fetch = RUNNING
    generation = await world.ask()

    ended = await world.until(generation, Status.PARKED, hours=6)

    assert (ended.status, ended.reason) == (Status.PARKED, "timeout")
    assert await world.used() == Cost(videos=1, seconds=5)
    assert await world.slots() == 0


async def test_a_task_unknown_to_its_provider_is_parked_in_the_end(world):
    """404 on a query is waited out, then a person must look: it may still be charged."""
    world.providers["maxapi"].last_fetch = TaskNotFound("maxapi")
    generation = await world.ask()

    ended = await world.until(generation, Status.PARKED)

    assert (ended.status, ended.reason) == (Status.PARKED, "task_unknown")
    assert len(world.providers["maxapi"].asked) >= 5


async def test_success_without_a_link_is_asked_for_again_then_given_back(world):
    """Asked for three times more, then the member doesn't pay for it (P-18)."""
    world.providers["maxapi"].last_fetch = ProviderTask("t1", TaskStatus.SUCCEEDED)
    generation = await world.ask()

    ended = await world.until(generation, Status.FAILED)

    assert ended.reason == "result_lost"
    assert 4 == len(world.providers["maxapi"].asked)
    assert await world.used() == Cost()


async def test_cancelled_where_the_provider_cannot_counts_in_full_and_keeps_its_place(world):
    """Maxapi has no cancel: it ends for the member at once and counts; its place is free when it is done."""
    provider = world.providers["maxapi"]
    provider.fetches.extend([RUNNING] * 3)
    generation = await world.ask()
    await world.rest()
    await world.store.wish_cancel(generation.id, world.clock())
    await world.rest()

    now = await world.now(generation)
    assert (now.status, now.watch) == (Status.CANCELLED, True)
    assert await world.used() == Cost(videos=1, seconds=5)
    assert (await world.slots(), await world.at_once()) == (1, 1)

    ended = await world.until(generation, Status.CANCELLED)

    assert not ended.watch
    assert (await world.slots(), await world.at_once()) == (0, 0)
    assert await world.used() == Cost(videos=1, seconds=5)
    assert world.delivery.films(generation.id) == []


async def test_cancelled_where_the_provider_confirms_it_costs_nothing(tmp_path):
    """seedance2.ink stops it and says so."""
    provider = FakeProvider("seedance2ink")
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        await world.rest()
        provider.last_fetch = ProviderTask("t1", TaskStatus.CANCELLED)
        await world.store.wish_cancel(generation.id, world.clock())
        world.clock.forward(seconds=2)

        ended = await world.until(generation, Status.CANCELLED)

        assert ended.status is Status.CANCELLED
        assert provider.cancelled == ["t1"]
        assert await world.used() == Cost()


async def test_a_film_that_was_faster_than_its_cancel_comes(tmp_path):
    """The provider had finished: the film is paid, so it comes."""
    provider = FakeProvider("seedance2ink")
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        await world.rest()
        await world.store.wish_cancel(generation.id, world.clock())
        world.clock.forward(seconds=2)

        assert (await world.until(generation, Status.DELIVERED)).status is Status.DELIVERED


async def test_an_absurd_charge_is_a_persons_business(world):
    """Not a number: parked, with the film's link kept."""
    world.providers["maxapi"].last_fetch = ProviderTask(
        "t1", TaskStatus.SUCCEEDED, urls=("https://x",), credits=float("nan")
    )
    generation = await world.ask()

    ended = await world.until(generation, Status.PARKED)

    assert (ended.status, ended.reason) == (Status.PARKED, "absurd_charge")


async def test_a_named_task_that_is_not_known_yet_is_asked_for_again(world):
    """The only callback came before the provider's own query knew its task: it is adopted all the same."""
    provider = world.providers["maxapi"]
    provider.submits.append(OutcomeUnknown("maxapi", "reset"))
    provider.fetches.extend([TaskNotFound("maxapi"), ProviderUnavailable("maxapi")])
    generation = await world.ask()
    await world.rest()

    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    ended = await world.until(generation, Status.DELIVERED)

    assert (ended.status, ended.task_id) == (Status.DELIVERED, "t9")


async def test_a_named_task_that_is_never_known_is_not_believed(world):
    """A name that the provider doesn't know is dropped; in the end a person must look."""
    provider = world.providers["maxapi"]
    provider.submits.append(OutcomeUnknown("maxapi", "reset"))
    provider.last_fetch = TaskNotFound("maxapi")
    generation = await world.ask()
    await world.rest()

    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    ended = await world.until(generation, Status.PARKED)

    assert (ended.status, ended.reason, ended.task_id) == (Status.PARKED, "uncertain", None)


async def test_one_task_is_adopted_by_one_generation(world):
    """Two unclear submits, both told of the same task: one film, and the other goes on waiting."""
    provider = world.providers["maxapi"]
    provider.submits.extend([OutcomeUnknown("maxapi"), OutcomeUnknown("maxapi")])
    first, second = await world.ask(), await world.ask()
    await world.rest()

    for generation in (first, second):
        await world.store.name_task(generation.id, "t9", provider="maxapi")
        await world.store.wake(generation.id, world.clock())
        await world.rest()

    assert (
        (await world.now(first)).status,
        (await world.now(second)).status,
    ) == (Status.DELIVERED, Status.UNCERTAIN)


async def an_uncertain_one(world):
    """Return a generation whose submit had no clear answer."""
    world.providers["maxapi"].submits.append(OutcomeUnknown("maxapi", "reset"))
    generation = await world.ask()
    await world.rest()
    return generation


async def test_a_flood_of_callbacks_wears_no_name_out(world):
    """A task that the query doesn't know yet is asked for once a second at most, and still adopted later."""
    provider = world.providers["maxapi"]
    generation = await an_uncertain_one(world)
    provider.fetches.extend([TaskNotFound("maxapi")] * 8)
    for _ in range(20):
        await world.store.name_task(generation.id, "t9", provider="maxapi")
        await world.store.wake(generation.id, world.clock())
        await world.rest()
    assert 1 == len(provider.asked)
    for _ in range(7):
        world.clock.forward(seconds=1)
        await world.store.wake(generation.id, world.clock())
        await world.rest()

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_wrong_name_keeps_no_right_one_out(world):
    """Another task was named first: the right one is adopted within seconds of its callback."""
    provider = world.providers["maxapi"]
    generation = await an_uncertain_one(world)
    provider.fetches.append(TaskNotFound("maxapi"))
    await world.store.name_task(generation.id, "wrong", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    await world.rest()

    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    world.clock.forward(seconds=1)
    await world.rest()

    assert "t9" == (await world.now(generation)).task_id


async def test_an_adopted_task_is_asked_for_once(world):
    """What confirmed it is its first answer too."""
    provider = world.providers["maxapi"]
    generation = await an_uncertain_one(world)
    provider.last_fetch = RUNNING
    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    await world.rest()

    assert (["t9"], 1) == (provider.asked, (await world.now(generation)).asks)


@pytest.mark.parametrize("then", [TaskNotFound("maxapi"), ProviderTask("t1", TaskStatus.SUCCEEDED)])
async def test_a_provider_that_was_out_of_order_gets_all_its_chances(world, then):
    """Many asks without an answer, then one that doesn't know the task or has no link: asked again."""
    generation = await world.ask()
    provider = world.providers["maxapi"]
    provider.fetches.extend([*[ProviderUnavailable("maxapi")] * 8, then])

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_provider_that_is_turned_off_while_it_works_may_come_back(world):
    """The key was away for an hour: the film comes all the same."""
    generation = await world.ask()
    await world.rest()
    provider = world.providers.pop("maxapi")
    world.clock.forward(seconds=70)
    for _ in range(20):
        await world.rest()
        world.clock.forward(minutes=5)
    assert Status.RUNNING is (await world.now(generation)).status

    world.providers["maxapi"] = provider

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_provider_that_stays_away_is_a_persons_business(world):
    """After a day its generation is parked, and its quota stays held."""
    generation = await world.ask()
    await world.rest()
    del world.providers["maxapi"]

    ended = await world.until(generation, Status.PARKED, hours=48)

    assert (Status.PARKED, "unavailable") == (ended.status, ended.reason)
    world.clock.now = generation.created_at
    assert Cost(videos=1, seconds=5) == await world.used()


async def test_a_place_at_a_provider_that_is_gone_is_given_back(world):
    """Cancelled and watched there, then turned off: its member may ask for another."""
    generation = await world.ask()
    await world.rest()
    world.providers["maxapi"].last_fetch = RUNNING
    await world.store.wish_cancel(generation.id, world.clock())
    await world.rest()
    del world.providers["maxapi"]
    world.clock.forward(hours=1)
    await world.rest()

    ended = await world.now(generation)
    assert (Status.CANCELLED, False, None) == (ended.status, ended.watch, ended.due_at)
    assert 0 == await world.at_once()
