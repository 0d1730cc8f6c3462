"""Laws of `bot.tracker.context`: a change of state, its money and its places are one transaction."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.models import Cost, Limit, ProviderTask, Status, TaskStatus
from bot.providers.refusals import BEARABLE
from bot.quotas import Limits
from bot.store.books import Books
from bot.tracker import places, submitting
from bot.tracker.context import LEASE, MANY, transition
from bot.tracker.submitting import FULL
from tests.fakes import BEN, RUNNING, SUCCESS

FREE = Limits(user_day=Limit(), at_once=None)


async def account(world):
    """Return what the books say of the member who asks here."""
    (found,) = await Books(world.store.engine).usage(None, "2026-11-21", "2026-11-21")
    return found


async def test_what_ends_without_a_film_is_released(world):
    """The books know of its end: it neither counts nor goes on (P-04)."""
    generation = await world.ask()
    assert (1, Cost(1, 5)) == ((await account(world)).running, (await account(world)).counted)
    await world.store.wish_cancel(generation.id, world.clock())
    await world.until(generation, Status.CANCELLED)

    assert (0, Cost()) == ((await account(world)).running, (await account(world)).counted)


async def test_a_film_is_settled_when_its_provider_has_made_it(world):
    """Before it is fetched, let alone posted: what is made is paid (P-05)."""
    world.providers["maxapi"].last_fetch = SUCCESS
    world.downloader.faults.extend([OSError("no disk")] * 3)
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    await world.rest()

    assert Status.RENDERED is (await world.now(generation)).status
    assert (1, 0) == ((await account(world)).films, (await account(world)).running)


async def test_with_many_under_way_a_change_waits_for_others(world, monkeypatch):
    """To be committed with theirs; with few it waits for nobody."""
    patient, write = [], world.store.engine.write

    async def seen(steps):
        patient.append(steps[0].statement.patient)
        return await write(steps)

    generation = await world.ask()
    (held,) = await world.store.claim(world.clock(), lease=LEASE, most=1)
    monkeypatch.setattr(world.store.engine, "write", seen)
    world.context.leases.update({str(number): generation for number in range(MANY)})
    held = await transition(world.context, held, due_at=None, keep=True)
    await transition(world.context, held, due_at=None)

    assert [False, True] == patient


async def test_the_callbacks_token_is_in_no_row(world):
    """What leaves has it, what is written down doesn't, and the two are the same otherwise (T-35)."""
    generation = await world.ask()
    await world.rest()
    token = world.hosting.signer.callback_token("maxapi", generation.id)
    kept, ((_, sent),) = (await world.now(generation)).body, world.providers["maxapi"].sent

    assert (True, False) == (token in sent, token in kept)
    assert sent == kept.replace("\x01token\x01", token)


async def test_a_model_that_an_update_took_away_is_judged_by_another(world):
    """What still runs there has the deadline of what is left, rather than none."""
    generation = await world.ask()
    await world.rest()
    running = await world.now(generation)
    gone = await transition(world.context, running, due_at=world.clock())

    assert world.context.capabilities_of(gone) in world.providers["maxapi"].capabilities.values()


async def test_a_place_that_somebody_else_took_is_waited_for(world, monkeypatch):
    """Two that are sent at once to the last place: one gets it, the other is sent a little later (T-18)."""
    provider = world.providers["maxapi"]
    provider.concurrency, provider.last_fetch = 1, RUNNING
    await world.ask()
    await world.rest()
    second = await world.ask(BEN)

    async def one_more(*_):
        return 1

    monkeypatch.setattr(places, "free", one_more)
    for _ in range(3):
        await world.tracker.tick()
        await asyncio.gather(*world.tracker._steps.values())
    now = await world.now(second)

    assert (Status.QUEUED, 1) == (now.status, len(provider.sent))
    assert now.due_at == world.clock() + FULL


async def test_the_last_try_to_write_a_task_down_is_a_try_too(world, monkeypatch):
    """However few there are."""
    monkeypatch.setattr(submitting, "WRITES", 1)
    generation = await world.ask()
    await world.rest()

    assert (Status.RUNNING, "t1") == (
        (await world.now(generation)).status,
        (await world.now(generation)).task_id,
    )


async def test_a_provider_that_refuses_most_of_what_it_is_sent_gets_a_rest(world):
    """Refusals cost its account dear: it is left alone, and the operator is called (T-25)."""
    world.providers["maxapi"].last_fetch = ProviderTask("t1", TaskStatus.REFUSED, reason="moderation")
    with capture_logs() as lines:
        for number in range(BEARABLE + 1):
            ended = await world.until(await world.ask(limits=FREE, prompt=f"cat {number}"), Status.REFUSED)

    assert "moderation" == ended.reason
    assert ["most films are refused"] == [line["error"] for line in lines if "operator" in line["event"]]
    assert not world.health.healthy("maxapi")
