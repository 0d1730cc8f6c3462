"""Laws of `bot.tracker.loop`: the rounds: claim, step, push back."""

from __future__ import annotations

from bot.models import Cost, Status


async def test_a_film_arrives_once_and_is_charged_once(world):
    """From the command to the film: one card, one submit, one film, counted once."""
    generation = await world.ask()

    ended = await world.until(generation, Status.DELIVERED)

    assert ended.status is Status.DELIVERED
    assert ended.message_id == world.delivery.films(generation.id)[0].id
    assert len(world.delivery.films(generation.id)) == 1
    assert len(world.delivery.cards(generation.id)) == 1
    assert len(world.providers["maxapi"].sent) == 1
    assert await world.used() == Cost(videos=1, seconds=5)
    assert await world.at_once() == 0
    assert await world.slots() == 0


async def test_a_step_that_always_fails_is_parked_and_hurts_nobody(world):
    """A bug in one generation's step takes no other along and doesn't spin for ever."""
    world.downloader.faults.extend([ZeroDivisionError("bug")] * 20)
    generation = await world.ask()

    ended = await world.until(generation, Status.PARKED)

    assert (ended.status, ended.reason) == (Status.PARKED, "unknown")
