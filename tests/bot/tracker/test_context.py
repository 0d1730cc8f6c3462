"""Laws of `bot.tracker.context`: a change of state, its money and its places are one transaction."""

from __future__ import annotations

from bot.models import Cost, Status
from bot.store.books import Books
from bot.tracker.context import transition
from tests.fakes import SUCCESS


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
