"""Laws of `bot.tracker.loop`: the rounds: claim, step, push back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import DiscordUnavailable, StoreUnavailable
from bot.models import Cost, ProviderTask, Status, TaskStatus
from bot.store.rows import moment
from bot.store.storyboards import NEXT_DUE
from bot.store.timekeeping import Timekeeping
from bot.tracker import loop, poison, shooting
from bot.tracker.context import LEASE
from tests.bot.tracker.film_set import a_film_set
from tests.fakes import BEN, RUNNING


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


async def test_steps_that_are_begun_together_let_others_in_between(world, monkeypatch):
    """Of all that is due at once no two steps set out before the event loop has turned to everybody else."""
    set_out = []

    async def step(_context, generation):
        set_out.append(rounds)
        return generation

    async def others():
        nonlocal rounds
        while len(set_out) < 2:
            rounds += 1
            await asyncio.sleep(0)

    rounds = 0
    monkeypatch.setattr(loop, "advance", step)
    for _ in range(2):
        await world.ask()
    await asyncio.gather(world.tracker.tick(), others())

    assert 2 == len(set(set_out))


async def test_what_follows_at_once_is_not_claimed_anew(world, monkeypatch):
    """Of the nine steps of a film, only those that had to wait: for the command, and two asks."""
    claimed, write = [], world.store.engine.write

    async def seen(steps):
        outcomes = await write(steps)
        names = [step.statement.name for step in steps]
        claimed.extend(name for name, done in zip(names, outcomes, strict=True) if done.touched)
        return outcomes

    monkeypatch.setattr(world.store.engine, "write", seen)
    world.providers["maxapi"].fetches.append(ProviderTask("t1", TaskStatus.RUNNING))
    await world.until(await world.ask(), Status.DELIVERED)

    assert {"claim": 3, "claim ready": 0} == {name: claimed.count(name) for name in ("claim", "claim ready")}


async def test_a_step_that_follows_is_counted_before_its_work(world, monkeypatch):
    """As one that is claimed, and by itself: should it take the process down, the next process knows."""
    counted = []
    world.providers["maxapi"].fetches.extend([ZeroDivisionError()] * 2)

    async def bomb(*_, **__):
        one = await world.now(generation)
        counted.append((one.status, one.begun, one.lease_until is not None))
        raise ZeroDivisionError

    monkeypatch.setattr(world.downloader, "download", bomb)
    generation = await world.ask()
    for _ in range(6):
        await world.rest()
        world.clock.forward(seconds=70)

    assert [(Status.RENDERED, each, True) for each in range(1, len(counted) + 1)] == counted
    assert len(counted) > 1


async def test_an_end_between_two_steps_leaves_the_next_to_whoever_is_free(world, monkeypatch):
    """What was begun comes to its end; what would follow from it isn't begun, nor held."""
    provider, generation = world.providers["maxapi"], await world.ask()
    submit, over = provider.submit, asyncio.Event()

    async def late(*args, **named):
        stopping.append(asyncio.create_task(world.tracker.stop(timedelta(minutes=1))))
        await asyncio.sleep(0)
        over.set()
        return await submit(*args, **named)

    stopping = []
    monkeypatch.setattr(provider, "submit", late)
    while not over.is_set():
        await world.tracker.tick()
        await asyncio.sleep(0)
    await asyncio.gather(*stopping)
    left = await world.now(generation)

    assert (Status.RUNNING, None, 0) == (left.status, left.lease_until, left.begun)
    assert world.clock() == left.due_at


async def test_a_word_for_a_step_that_follows_is_heard(world, monkeypatch):
    """A callback that comes between two steps under one lease makes the generation due once more."""
    provider = world.providers["maxapi"]
    submit = provider.submit

    async def called_back(*args, **named):
        await world.store.wake(generation.id, world.clock())
        return await submit(*args, **named)

    monkeypatch.setattr(provider, "submit", called_back)
    generation = await world.ask()
    await world.rest()
    soon = (await world.now(generation)).due_at - world.clock()

    assert timedelta(seconds=1) >= soon


async def test_faults_of_others_do_not_count_as_ours(world):
    """Discord was out of order for long, then one step failed as nobody expected: it goes on."""
    generation = await world.ask()
    await world.rest()
    world.delivery.faults.extend([DiscordUnavailable("503")] * 9 + [ZeroDivisionError("bug")])

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_clock_that_jumps_takes_no_step_from_this_process(world):
    """An hour passes at once while a submit is in the air: its answer is still waited for."""
    provider = world.providers["maxapi"]

    async def jump():
        world.clock.forward(hours=1)
        await world.tracker.tick()

    provider.on_submit = jump
    generation = await world.ask()
    await world.rest()

    assert (Status.RUNNING, "t1") == (
        (await world.now(generation)).status,
        (await world.now(generation)).task_id,
    )


async def test_a_round_that_is_under_way_at_the_end_starts_nothing(world):
    """The end came between the claim and the step."""
    generation = await world.ask()
    ticking = asyncio.create_task(world.tracker.tick())
    await asyncio.sleep(0)
    await world.tracker.stop(timedelta(0))

    assert 0 == await ticking
    await world.tracker.settle()
    assert [] == world.delivery.cards(generation.id)


async def test_slow_downloads_hold_nobody_up(world, monkeypatch):
    """However many films are being brought home, another is still sent."""
    monkeypatch.setattr(loop, "AT_ONCE", 2)
    provider, never = world.providers["maxapi"], asyncio.Event()

    async def drip(*_, **__):
        await never.wait()

    first = [await world.ask(), await world.ask(BEN), await world.ask(BEN)]
    await world.rest()
    monkeypatch.setattr(world.downloader, "download", drip)
    world.clock.forward(seconds=70)
    async with asyncio.timeout(10):
        while {Status.RENDERED} != {(await world.now(one)).status for one in first}:
            await world.tracker.tick()
    await world.tracker.tick()
    generation = await world.ask()
    async with asyncio.timeout(10):
        while len(provider.sent) == len(first):
            await world.tracker.tick()
            await asyncio.sleep(0)

    assert generation.id == provider.sent[-1][0]
    await world.tracker.stop(timedelta(0))


async def test_a_round_without_a_database_is_followed_by_another(world):
    """A commit that fails slows the rounds down and ends none of them (S-01)."""
    rounds, original = [], world.tracker.tick

    async def tick():
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise StoreUnavailable("disk full")
        return await original()

    world.tracker.tick = tick
    running = asyncio.create_task(world.tracker.run())
    while len(rounds) < 2 and not running.done():
        world.tracker.nudge()
        await asyncio.sleep(0)
    await world.tracker.stop(timedelta(0))
    await running

    assert [0, 1] == rounds[:2]


async def test_an_end_waits_no_longer_than_its_grace(world):
    """A step that never ends is cut off: its written intent says what to do next time (S-13)."""
    never, reached = asyncio.Event(), asyncio.Event()

    async def hang():
        reached.set()
        await never.wait()

    world.providers["maxapi"].on_submit = hang
    await world.ask()
    resting = asyncio.create_task(world.rest())
    await reached.wait()
    stopping = asyncio.create_task(world.tracker.stop(timedelta(milliseconds=10)))
    done, _ = await asyncio.wait({stopping}, timeout=1)
    never.set()
    await asyncio.gather(stopping, resting, return_exceptions=True)

    assert {stopping} == done
    assert {} == world.tracker._steps


async def test_leases_are_extended_however_often_that_has_failed(world, monkeypatch):
    """A step that takes minutes keeps its lease over a database that falters (S-01)."""
    monkeypatch.setattr(loop, "LEASE", timedelta(milliseconds=3))
    tries, enough, extend = [], asyncio.Event(), world.tracker._extend

    async def falters(now):
        tries.append(now)
        if len(tries) < 3:
            raise StoreUnavailable("disk full")
        await extend(now)
        enough.set()

    world.tracker._extend = falters
    beating = asyncio.create_task(world.tracker._heartbeat())
    await asyncio.wait_for(enough.wait(), 5)
    beating.cancel()

    assert 3 <= len(tries)


async def test_a_process_with_its_hands_full_looks_for_nothing_more(world, monkeypatch):
    """It sleeps until one of its steps ends, which wakes it."""
    await world.ask()
    monkeypatch.setattr(loop, "AT_ONCE", 0)

    assert loop.LONGEST_SLEEP == await world.tracker._until_next()


@pytest.mark.parametrize(("many", "claimed"), [(0, False), (1, True)])
async def test_with_many_steps_under_way_a_round_waits_for_more(world, monkeypatch, many, claimed):
    """What becomes due meanwhile is claimed together, later; with few it is claimed at once."""
    monkeypatch.setattr(loop, "MANY", many)
    monkeypatch.setattr(loop, "TOGETHER", timedelta(hours=1))

    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(world.delivery, "put_card", never)
    await world.ask()
    running = asyncio.create_task(world.tracker.run())
    async with asyncio.timeout(10):
        while not world.tracker._steps:
            await world.store.ping()
    second = await world.ask()
    world.tracker.nudge()
    async with asyncio.timeout(10):
        while claimed and not (await world.now(second)).version:
            await world.store.ping()
    for _ in range(30):
        await world.store.ping()

    assert claimed == ((await world.now(second)).version > 0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await world.tracker.stop(timedelta(0))


async def test_what_was_claimed_before_a_round_failed_is_begun(world, monkeypatch):
    """The database goes away in the middle of a round: nobody waits for a lease of ours to run out (S-12)."""
    generation = await world.ask()

    async def away(*_, **__):
        raise StoreUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(Timekeeping, "is_ready", away)
        with pytest.raises(StoreUnavailable):
            await world.tracker.tick()
    await world.rest()

    assert Status.RUNNING is (await world.now(generation)).status


@pytest.mark.parametrize(("begun", "waits"), [(0, False), (poison.SUSPECT, True)])
async def test_what_is_due_waits_for_no_look_at_places(world, monkeypatch, begun, waits):
    """A callback's step begins at once, unless it is suspect: then others are put back before it."""
    generation = await world.ask()
    await world.store.note(generation.id, begun=begun)
    looking, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_, **__):
        looking.set()
        await go_on.wait()
        return False

    monkeypatch.setattr(Timekeeping, "is_ready", slow)
    ticking = asyncio.create_task(world.tracker.tick())
    await looking.wait()
    begun_before = bool(world.tracker._steps)
    go_on.set()

    assert (waits, 1) == (not begun_before, await ticking)
    await world.tracker.stop(timedelta(0))


async def test_a_round_asks_once_when_a_storyboard_is_due(on_both, tmp_path, monkeypatch):
    """The sleep after it ends for the next one; a round that has taken one asks again, for the one after."""
    async with a_film_set(tmp_path) as studio:
        read, asked, step, go_on = studio.store.engine.read, [], shooting.step, asyncio.Event()

        async def noted(statement, parameters):
            rows = await read(statement, parameters)
            if statement is NEXT_DUE:
                asked.append(min(moment(due) for due in rows[0] if due is not None))
            return rows

        async def held(*given):
            await go_on.wait()
            await step(*given)

        monkeypatch.setattr(shooting, "step", held)
        monkeypatch.setattr(studio.store.engine, "read", noted)
        studio.provider.ends["a boat"] = RUNNING
        looks = []
        for times in (2, 1):
            await studio.ask()
            for _ in range(times):
                asked.clear()
                await studio.tracker.tick()
                await studio.tracker._until_next()
                looks.append(len(asked))
                assert asked[-1] == studio.tracker._board_due
            go_on.set()
            await studio.rest(days=0.0001)
            go_on.clear()

    assert [2, 1, 2] == looks


async def test_a_step_that_lost_its_lease_takes_nothing_from_the_one_that_has_it(world):
    """Both are ours: the later one keeps its lease and its place, and what the earlier one is at ends."""
    generation, put_card = await world.ask(), world.delivery.put_card
    posting, go_on = [asyncio.Event(), asyncio.Event()], asyncio.Event()

    async def put(one, draft):
        posting[len(world.delivery.drafts)].set()
        world.delivery.drafts.append(draft)
        await go_on.wait()
        return await put_card(one, draft)

    world.delivery.put_card = put
    await world.tracker.tick()
    await posting[0].wait()
    (late,) = world.tracker._steps.values()
    world.clock.now += LEASE + timedelta(seconds=1)
    (theirs,) = await world.store.claim(world.clock(), lease=LEASE, most=1)
    await world.store.move(theirs, world.clock(), due_at=world.clock())
    await world.tracker.tick()
    await posting[1].wait()
    await asyncio.gather(late, return_exceptions=True)
    held = [*world.context.leases]
    world.delivery.put_card = put_card
    go_on.set()
    await world.until(generation, Status.DELIVERED)

    assert (True, [generation.id]) == (late.cancelled(), held)
    assert (1, 1) == (len(world.providers["maxapi"].sent), len(world.delivery.films(generation.id)))
