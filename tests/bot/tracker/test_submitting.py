"""Laws of `bot.tracker.submitting`: the one call that costs money."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    StoreUnavailable,
)
from bot.models import Cost, Limit, MediaFile, MediaKind, Mode, Notice, Status
from bot.quotas import Limits
from bot.tracker.submitting import submit
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, NOON, RUNNING, Clock, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


async def test_an_unclear_submit_is_never_repeated_without_a_key(world):
    """Maxapi takes no idempotency key: one submit, the quota stays held, a person is called in the end."""
    provider = world.providers["maxapi"]
    provider.submits.append(OutcomeUnknown("maxapi", "reset"))
    generation = await world.ask()
    await world.rest()
    assert (await world.now(generation)).status is Status.UNCERTAIN

    ended = await world.until(generation, Status.PARKED, hours=48)

    assert ended.status is Status.PARKED
    assert len(provider.sent) == 1
    assert await world.used() == Cost(videos=1, seconds=5)


async def test_an_unclear_submit_with_a_key_is_repeated_once_to_the_byte(tmp_path):
    """EvoLink: the same key and body once more, then the film."""
    provider = FakeProvider("evolink")
    provider.submits.append(OutcomeUnknown("evolink", "reset"))
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()

        ended = await world.until(generation, Status.DELIVERED)

        assert ended.status is Status.DELIVERED
        assert len(provider.sent) == 2
        assert provider.sent[0] == provider.sent[1]


async def test_unclear_twice_is_uncertain_even_with_a_key(tmp_path):
    """There is no third try, and a refusal of the second says nothing of the first."""
    for second in (OutcomeUnknown("evolink"), InputRejected("evolink"), NotSent("evolink")):
        provider = FakeProvider("evolink")
        provider.submits.extend([OutcomeUnknown("evolink"), second])
        async with a_world(tmp_path / type(second).__name__, provider) as world:
            generation = await world.ask()
            await world.rest()
            world.clock.forward(seconds=2)
            await world.rest()

            assert (await world.now(generation)).status is Status.UNCERTAIN
            assert len(provider.sent) == 2


NONE = Limits(user_day=Limit(), at_once=None)


@pytest.mark.parametrize(("name", "expected"), [("maxapi", 1), ("evolink", 2)])
async def test_a_crash_during_the_submit_pays_once(tmp_path, name, expected):
    """Cut off between the intent and the answer: uncertain, or the same key once more where there is one."""
    provider, clock, reached = FakeProvider(name), Clock(), asyncio.Event()

    async def never_answer():
        reached.set()
        await asyncio.Event().wait()

    provider.on_submit = never_answer
    async with a_world(tmp_path, provider, clock=clock) as world:
        generation = await world.ask()
        resting = asyncio.create_task(world.rest())
        await reached.wait()
        await world.tracker.stop(timedelta(0))
        await asyncio.gather(resting, return_exceptions=True)

    provider.on_submit = None
    async with a_world(tmp_path, provider, clock=clock) as world:
        await world.rest()
        now = await world.now(generation)

        assert expected == len(provider.sent)
        assert 1 == len(set(provider.sent))
        assert (Status.UNCERTAIN if name == "maxapi" else Status.RUNNING) is now.status


async def test_a_crash_during_the_second_try_makes_no_third(tmp_path):
    """The key is relied on once: after that nobody sends it again, however often the process dies (P-05)."""
    provider, clock, reached = FakeProvider("evolink"), Clock(), asyncio.Event()

    async def never_answer():
        reached.set()
        await asyncio.Event().wait()

    provider.on_submit = never_answer
    async with a_world(tmp_path, provider, clock=clock) as world:
        generation = await world.ask()
    for _ in range(4):
        reached.clear()
        async with a_world(tmp_path, provider, clock=clock) as world:
            resting, sending = asyncio.create_task(world.rest()), asyncio.create_task(reached.wait())
            await asyncio.wait({resting, sending}, return_when=asyncio.FIRST_COMPLETED)
            await world.tracker.stop(timedelta(0))
            sending.cancel()
            await asyncio.gather(resting, sending, return_exceptions=True)
            now = await world.now(generation)

    assert (2, Status.UNCERTAIN) == (len(provider.sent), now.status)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (ModerationRejected("maxapi"), Status.REFUSED, "moderation_prompt"),
        (ModerationRejected("maxapi", reason="moderation_sound"), Status.REFUSED, "moderation_sound"),
        (InputRejected("maxapi"), Status.REFUSED, "input"),
        (KeyRejected("maxapi"), Status.FAILED, "key"),
        (CreditExhausted("maxapi"), Status.FAILED, "credit"),
    ],
)
async def test_a_refusal_costs_nothing_and_is_told_once(world, error, status, reason):
    """The provider says no: everything is given back and the requester reads why."""
    world.providers["maxapi"].submits.append(error)
    generation = await world.ask()

    ended = await world.until(generation, status)

    assert (status, reason, Notice.TOLD) == (ended.status, ended.reason, ended.notice)
    assert len(world.delivery.notices(generation.id)) == 1
    assert await world.used() == Cost()
    assert await world.at_once() == 0
    assert await world.slots() == 0


async def test_busy_is_waited_for(world):
    """429: still queued, and sent again after the time that the provider named, not before."""
    provider = world.providers["maxapi"]
    provider.submits.append(ProviderUnavailable("maxapi", retry_after=timedelta(seconds=40)))
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=39)
    await world.rest()
    assert len(provider.sent) == 1
    assert await world.slots() == 0

    world.clock.forward(seconds=2)
    await world.rest()

    assert len(provider.sent) == 2
    assert (await world.now(generation)).status is Status.RUNNING


async def test_out_of_reach_is_tried_three_times_and_given_back(world):
    """Surely not sent: three tries, then everything is given back."""
    provider = world.providers["maxapi"]
    provider.submits.extend([NotSent("maxapi", "refused")] * 5)
    generation = await world.ask()

    ended = await world.until(generation, Status.FAILED)

    assert ended.reason == "unreachable"
    assert len(provider.sent) == 3
    assert await world.used() == Cost()


def with_a_file(world):
    """Let the world have no public address, and return a member's file in it."""
    world.hosting = replace(world.hosting, public_url=None)
    world.new_tracker()
    url = "https://cdn.example/cat.png"
    file = MediaFile("f" * 32, "cat.png", MediaKind.IMAGE, ".png", 4, "0" * 64, url, width=800, height=800)
    world.hosting.media_path(file).write_bytes(b"file")
    return file


async def test_a_wish_to_cancel_while_files_are_brought_there_sends_nothing(world):
    """Cancel was promised to be free when it was pressed: nothing has left yet, so nothing leaves."""
    provider, file = world.providers["maxapi"], with_a_file(world)
    generation = await world.ask(mode=Mode.FIRST_FRAME, media=(file,))

    async def upload(*_):
        await world.store.wish_cancel(generation.id, world.clock())

    provider.upload = upload
    ended = await world.until(generation, Status.CANCELLED)

    assert (Status.CANCELLED, False) == (ended.status, ended.counts_in_full)
    assert [] == provider.sent
    assert Cost() == await world.used()


async def test_no_more_files_are_brought_than_there_are_places(tmp_path):
    """One place: the second is not prepared while the first still is."""
    provider, reached = FakeProvider("maxapi", concurrency=1), asyncio.Event()
    uploads = []

    async def upload(name, _):
        uploads.append(name)
        reached.set()
        await asyncio.Event().wait()

    provider.upload = upload
    async with a_world(tmp_path, provider) as world:
        file = with_a_file(world)
        for requester in (ANNA, BEN):
            await world.ask(requester, mode=Mode.FIRST_FRAME, media=(file,))
        resting = asyncio.create_task(world.rest())
        await reached.wait()
        for _ in range(20):
            await world.tracker.tick()

        assert 1 == len(uploads)
        await world.tracker.stop(timedelta(0))
        await asyncio.gather(resting, return_exceptions=True)


async def test_an_accepted_task_is_adopted_though_its_lease_was_lost(world):
    """Somebody else took the row meanwhile and called it uncertain: our own answer names the task."""
    generation = await world.ask()

    async def lose():
        row = await world.now(generation)
        await world.store.move(row, world.clock(), due_at=None, status=Status.UNCERTAIN)

    world.providers["maxapi"].on_submit = lose
    ended = await world.until(generation, Status.DELIVERED)

    assert (Status.DELIVERED, "t1") == (ended.status, ended.task_id)
    assert 1 == len(world.providers["maxapi"].sent)


async def test_an_accepted_task_is_written_down_though_the_database_falters(world, monkeypatch):
    """The provider took it, and the next write fails: it is written down a moment later."""
    engine = world.store.engine
    write, failures = engine.write, [StoreUnavailable("disk full")]

    async def falter(steps):
        if world.providers["maxapi"].sent and failures:
            raise failures.pop()
        return await write(steps)

    monkeypatch.setattr(engine, "write", falter)
    generation = await world.ask()
    await world.rest()

    assert Status.RUNNING is (await world.now(generation)).status


async def test_busy_is_asked_again_at_the_moment_that_was_named(world):
    """Not at the next look at the queue, which may be half a minute later."""
    world.providers["maxapi"].submits.append(ProviderUnavailable("maxapi", retry_after=timedelta(seconds=7)))
    await world.ask()
    await world.rest()

    assert world.clock() + timedelta(seconds=7) == await world.store.next_due(world.clock())


async def test_busy_without_a_time_is_left_alone_for_a_while(world):
    """429 and no `Retry-After`: not asked again every second for a day."""
    provider = world.providers["maxapi"]
    provider.submits.extend([ProviderUnavailable("maxapi")] * 100)
    await world.ask()
    for _ in range(60):
        await world.rest()
        world.clock.forward(seconds=1)

    assert 3 <= len(provider.sent) <= 7


async def test_what_waited_too_long_is_never_sent(world):
    """The bot was away for a day: a place is free, but the time is over."""
    generation = await world.ask()
    await world.store.claim(world.clock(), lease=timedelta(minutes=1), most=1)
    await world.store.note(generation.id, ready_at=world.clock())
    world.clock.forward(hours=25)
    (claimed,) = await world.store.claim_ready("maxapi", world.clock(), lease=timedelta(minutes=1), most=1)

    assert Status.EXPIRED is (await submit(world.context, claimed)).status
    assert [] == world.providers["maxapi"].sent


async def test_a_model_that_is_gone_is_not_paid_for(world):
    """An update took the model away while it waited: given back, and nothing is sent."""
    provider = world.providers["maxapi"]
    generation = await world.ask(model="seedance-2.0")
    await world.store.note(generation.id, ready_at=world.clock())
    provider.capabilities = {k: v for k, v in provider.capabilities.items() if k != "seedance-2.0"}

    assert "unavailable" == (await world.until(generation, Status.FAILED)).reason
    assert [] == provider.sent


async def test_a_model_that_goes_while_it_runs_loses_no_film(world):
    """The provider's task is still there."""
    provider = world.providers["maxapi"]
    generation = await world.ask(model="seedance-2.0")
    await world.rest()
    provider.fetches.extend([RUNNING] * 9)
    provider.capabilities = {k: v for k, v in provider.capabilities.items() if k != "seedance-2.0"}

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_the_time_expected_is_our_own_once_there_is_enough_of_it(tmp_path):
    """Before twenty of the same kind the provider's words count, then the median of our own."""
    provider = FakeProvider("evolink")
    async with a_world(tmp_path, provider) as world:
        first = await world.ask(ANNA)
        await world.rest()
        said = (await world.now(first)).expected_at - world.clock()
        for number in range(20):
            past = await world.until(
                first if number == 0 else await world.ask(ANNA, limits=NONE), Status.DELIVERED
            )
            await world.store.note(
                past.id, submitted_at=NOON, rendered_at=NOON + timedelta(seconds=200 + number)
            )
        last = await world.ask(ANNA, limits=NONE)
        await world.rest()

        now = await world.now(last)
        assert said == provider.capabilities["seedance-2.0"].expected[0]
        assert now.expected_at - world.clock() == timedelta(seconds=210)
        assert now.worst_at - world.clock() == timedelta(seconds=217)


async def test_turned_away_and_sent_again_is_the_same_to_the_byte_where_there_is_a_key(tmp_path):
    """EvoLink was busy: its key comes with the very same body, though uploads would get new addresses."""
    provider = FakeProvider("evolink")
    provider.submits.append(ProviderUnavailable("evolink", retry_after=timedelta(seconds=3)))
    uploads = []

    async def upload(name, data):
        uploads.append(name)
        return f"https://files.example/{len(uploads)}"

    provider.upload = upload
    async with a_world(tmp_path, provider) as world:
        world.hosting = replace(world.hosting, public_url=None)
        world.new_tracker()
        file = MediaFile("a" * 32, "cat.png", MediaKind.IMAGE, ".png", 3, "0" * 64, "https://cdn", 640, 640)
        world.hosting.media_path(file).write_bytes(b"cat")
        generation = await world.ask(mode=Mode.FIRST_FRAME, media=(file,))

        await world.until(generation, Status.DELIVERED)

        assert len(provider.sent) == 2
        assert len(set(provider.sent)) == 1
        assert len(uploads) == 1
