"""What every part may rely on, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot import quotas
from bot.errors import Conflict
from bot.models import AT_PROVIDER, Cost, Generation, Requester, Status
from tests.bot.store.examples import (
    COST,
    LEASE,
    NOON,
    REQUEST,
    everything,
    generation,
    hold,
    second,
    sizes,
    used,
)

if TYPE_CHECKING:
    from bot.store import Store


async def started(store: Store, number: int, **changes: object) -> Generation:
    """Store a generation and return it."""
    return await store.start(generation(number, **changes), [])


async def claimed(store: Store, number: int, at: float = 0, **changes: object) -> Generation:
    """Store a generation and claim it."""
    await started(store, number, **changes)
    (one,) = await store.claim(second(at), lease=LEASE, most=1)
    return one


async def test_every_field_comes_back(store: Store):
    """A generation with every field set reads back equal, to the microsecond, in UTC."""
    expected = everything()
    bare = generation(1)
    assert [] == [
        item.name for item in fields(bare) if getattr(bare, item.name) == getattr(expected, item.name)
    ]
    await store.start(expected, [])
    actual = await store.get(expected.id)
    assert expected == actual
    assert actual is not None
    assert timedelta(0) == actual.created_at.utcoffset()


async def test_every_field_can_be_moved_and_noted(store: Store):
    """Whatever a transition or a note writes reads back equal."""
    whole = everything()
    kept = {"id", "interaction_id", "version", "woken", "updated_at", "due_at", "lease_until"}
    changes = {item.name: getattr(whole, item.name) for item in fields(whole) if item.name not in kept}
    first, other = await claimed(store, 1), await started(store, 2)
    moved = await store.move(first, second(1), due_at=second(2), **changes)
    expected = replace(
        first, **changes, version=first.version + 1, updated_at=second(1), due_at=second(2), lease_until=None
    )
    assert expected == moved == await store.get(first.id)
    changes["task_id"] = "another"
    await store.note(other.id, **changes)
    assert replace(other, **changes) == await store.get(other.id)
    assert (first.id, other.id) == tuple(
        sorted(one.id for one in await store.history(whole.requester.user_id))
    )


async def test_a_provider_task_belongs_to_one_generation(store: Store):
    """A second generation can't have the same task of the same provider; nothing of its step happens."""
    first, second_ = await claimed(store, 1), await claimed(store, 2)
    await store.move(first, second(1), due_at=None, task_id="t1")
    with pytest.raises(Conflict):
        await store.move(second_, second(1), due_at=None, task_id="t1")
    assert (await store.get(second_.id)).task_id is None


async def test_an_unknown_field_is_a_mistake(store: Store):
    """A transition can't write what a generation doesn't have."""
    with pytest.raises(TypeError, match="colour"):
        await store.note(generation(1).id, colour="red")


async def test_none_is_none(store: Store):
    """An id that was never stored is nothing everywhere, and an error nowhere."""
    assert await store.get("0" * 16) is None
    assert not await store.wake("0" * 16, NOON)
    await store.note("0" * 16, card_id=1)
    await store.wish_cancel("0" * 16, NOON)
    await store.name_task("0" * 16, "x", provider="maxapi")
    await store.extend([("0" * 16, 1)], NOON)
    await store.extend([], NOON)
    assert await store.next_due(NOON) is None
    assert await store.place(generation(1)) == 0


async def test_the_same_interaction_never_makes_two(store: Store):
    """Twenty starts of one interaction at once store one row, take once, and all return that row."""
    same = [generation(number, interaction_id=77) for number in range(20)]
    got = await asyncio.gather(*(store.start(one, [hold(videos=20)]) for one in same))
    assert 1 == len({one.id for one in got})
    assert COST == await used(store, hold())
    assert (1, 1) == await sizes(store)


async def test_an_id_is_used_once(store: Store):
    """Another interaction with an id that exists is a conflict, and takes nothing."""
    await started(store, 1)
    with pytest.raises(Conflict):
        await store.start(generation(1, interaction_id=2), [hold()])
    assert Cost() == await used(store, hold())


async def test_claim_leases_what_is_due_longest_first(store: Store):
    """Due rows come once, longest due first, at most as many as wanted; the others wait."""
    for number, due in ((1, 3.0), (2, 1.0), (3, 2.0), (4, 60.0), (5, None)):
        await started(store, number, due_at=None if due is None else second(due))
    first = await store.claim(second(5), lease=LEASE, most=2)
    assert [generation(2).id, generation(3).id] == [one.id for one in first]
    assert {(1, second(5) + LEASE)} == {(one.version, one.lease_until) for one in first}
    assert [generation(1).id] == [one.id for one in await store.claim(second(5), lease=LEASE, most=9)]
    assert () == await store.claim(second(5), lease=LEASE, most=9)


async def test_concurrent_claims_share_out(store: Store):
    """However many claim at once, no row is given twice and none is left."""
    await asyncio.gather(*(started(store, number) for number in range(60)))
    rounds = await asyncio.gather(*(store.claim(NOON, lease=LEASE, most=7) for _ in range(12)))
    rest = await store.claim(NOON, lease=LEASE, most=60)
    ids = [one.id for round_ in (*rounds, rest) for one in round_]
    assert 60 == len(ids) == len(set(ids))


async def test_a_late_holder_can_do_nothing(store: Store):
    """Whoever lost a lease can neither move the row nor lengthen a lease; the next holder can."""
    late = await claimed(store, 1)
    (holder,) = await store.claim(second(61), lease=LEASE, most=1)
    with pytest.raises(Conflict):
        await store.move(late, second(62), due_at=None, status=Status.SUBMITTING, take=[hold()])
    await store.extend([(late.id, late.version)], second(999))
    assert holder == await store.get(late.id)
    assert Cost() == await used(store, hold())
    moved = await store.move(holder, second(62), due_at=None, status=Status.SUBMITTING)
    assert (Status.SUBMITTING, None, holder.version + 1) == (moved.status, moved.lease_until, moved.version)


async def test_of_two_moves_one_wins(store: Store):
    """Twenty moves from the same value: one happens, the others are conflicts that changed nothing."""
    value = await claimed(store, 1)
    moves = (store.move(value, NOON, due_at=None, attempts=n, take=[hold()]) for n in range(20))
    results = await asyncio.gather(*moves, return_exceptions=True)
    won = [one for one in results if isinstance(one, Generation)]
    assert (1, 19) == (len(won), sum(isinstance(one, Conflict) for one in results))
    assert won[0] == await store.get(value.id)
    assert COST == await used(store, hold())


async def test_the_status_is_compared_too(store: Store):
    """A value with the right version and a wrong status moves nothing."""
    value = await claimed(store, 1)
    with pytest.raises(Conflict):
        await store.move(replace(value, status=Status.RUNNING), NOON, due_at=None)


async def test_extend_keeps_a_lease_alive(store: Store):
    """A lease that was lengthened in time is not given to another, and ends when it says."""
    one, two = await claimed(store, 1), await claimed(store, 2)
    await store.extend([(one.id, one.version), (two.id, two.version)], second(100))
    assert () == await store.claim(second(99), lease=LEASE, most=2)
    assert 2 == len(await store.claim(second(100), lease=LEASE, most=2))


async def test_extend_gives_no_lease(store: Store):
    """A row that was given back stays free."""
    await started(store, 1)
    await store.extend([(generation(1).id, 0)], second(100))
    assert 1 == len(await store.claim(NOON, lease=LEASE, most=2))


async def test_a_wake_during_a_step_is_never_lost(store: Store):
    """A step that was woken after its claim is due at once when it ends, whatever it asked for."""
    value = await claimed(store, 1)
    await store.wake(value.id, second(1))
    moved = await store.move(value, second(2), due_at=second(500))
    assert (1, second(2)) == (moved.woken, moved.due_at)
    (again,) = await store.claim(second(2), lease=LEASE, most=1)
    assert 1 == again.woken
    after = await store.move(again, second(3), due_at=second(500))
    assert (0, second(500)) == (after.woken, after.due_at)


async def test_a_wake_between_two_moves_of_a_step_is_never_lost(store: Store):
    """A wake that comes before a written intent still makes the row due when the step ends."""
    value = await claimed(store, 1)
    await store.wake(value.id, second(1))
    kept = await store.move(value, second(2), due_at=None, lease_until=second(60), status=Status.SUBMITTING)
    assert 0 == kept.woken
    moved = await store.move(kept, second(3), due_at=second(500), status=Status.RUNNING)
    assert (1, second(3)) == (moved.woken, moved.due_at)


async def test_many_wakes_are_all_counted(store: Store):
    """Wakes from everywhere at once add up, and one step answers all that it saw."""
    await started(store, 1)
    await asyncio.gather(*(store.wake(generation(1).id, NOON) for _ in range(50)))
    (value,) = await store.claim(NOON, lease=LEASE, most=1)
    assert 50 == value.woken
    assert 0 == (await store.move(value, NOON, due_at=None)).woken


@pytest.mark.parametrize(
    ("due", "asked", "expected"),
    [
        pytest.param(None, None, 10, id="at rest: now"),
        pytest.param(500, None, 10, id="later: now"),
        pytest.param(5, None, 5, id="due already: stays"),
        pytest.param(500, 9.5, 10.5, id="just asked: a second after"),
        pytest.param(10.2, 9.5, 10.2, id="just asked, due before that: stays"),
        pytest.param(500, 1, 10, id="asked long ago: now"),
    ],
)
async def test_wake_brings_it_forward(store: Store, due, asked, expected):
    """A wake makes it due at once, but no sooner than a second after the provider was asked."""
    times = {"due_at": due, "asked_at": asked}
    await started(store, 1, **{name: None if at is None else second(at) for name, at in times.items()})
    assert await store.wake(generation(1).id, second(10))
    value = await store.get(generation(1).id)
    assert (second(expected), 1) == (value.due_at, value.woken)


async def test_notes_survive_a_step(store: Store):
    """What is noted or wished while a step runs is not overwritten by its end."""
    value = await claimed(store, 1)
    await store.note(value.id, card_id=9)
    await store.wish_cancel(value.id, second(1))
    await store.name_task(value.id, "named", provider="maxapi")
    moved = await store.move(value, second(2), due_at=second(500), status=Status.SUBMITTING)
    assert (9, True, "named", second(2)) == (
        moved.card_id, moved.cancel_wished, moved.named_task_id, moved.due_at
    )  # fmt: skip


async def test_the_latest_name_of_its_present_provider_stands(store: Store):
    """A wrong name keeps no right one out; a task that is known, or another provider's, is never named."""
    for number in (1, 2, 3):
        await started(store, number, task_id="known" if number == 2 else None)
    for name in ("first", "second"):
        await store.name_task(generation(1).id, name, provider="maxapi")
        await store.name_task(generation(2).id, name, provider="maxapi")
        await store.name_task(generation(3).id, name, provider="evolink")
    values = [await store.get(generation(number).id) for number in (1, 2, 3)]
    assert ["second", None, None] == [value.named_task_id for value in values]


async def test_a_wake_may_name_the_task(store: Store):
    """A callback wakes and names in one statement; one that names nothing, or another's, takes none away."""
    await started(store, 1)
    await started(store, 2, task_id="known")
    for provider, name in [("maxapi", "first"), ("maxapi", None), ("evolink", "foreign"), (None, None)]:
        for number in (1, 2):
            assert await store.wake(generation(number).id, NOON, provider=provider, task_id=name)
    found = [await store.get(generation(number).id) for number in (1, 2)]
    assert [("first", 4), (None, 4)] == [(one.named_task_id, one.woken) for one in found]


async def test_only_the_name_that_was_wrong_is_forgotten(store: Store):
    """Another that was named meanwhile stays."""
    await started(store, 1)
    await store.name_task(generation(1).id, "right", provider="maxapi")
    await store.name_task(generation(1).id, None, provider="maxapi", wrong="wrong")
    assert "right" == (await store.get(generation(1).id)).named_task_id
    await store.name_task(generation(1).id, None, provider="maxapi", wrong="right")
    assert (await store.get(generation(1).id)).named_task_id is None


async def test_hostile_text_is_stored(store: Store):
    """A provider's text that no database takes is cut to what it takes."""
    await started(store, 1)
    await store.name_task(generation(1).id, "a\0b\ud800c", provider="maxapi")
    assert "a\ufffdb?c" == (await store.get(generation(1).id)).named_task_id


@pytest.mark.parametrize("id_", ["", "a\0b", "\ud800", "'; --", "x" * 4_000], ids=ascii)
async def test_whatever_is_typed_for_an_id_is_none(store: Store, id_):
    """Ids come from commands as people type them."""
    await started(store, 1)

    assert await store.get(id_) is None


@pytest.mark.parametrize("status", list(Status))
async def test_an_end_can_not_be_cancelled(store: Store, status):
    """A wish to cancel makes an open one due; what has ended stays as it is."""
    await started(store, 1, status=status, due_at=None)
    await store.wish_cancel(generation(1).id, second(1))
    value = await store.get(generation(1).id)
    ended = status in {Status.DELIVERED, Status.FAILED, Status.REFUSED, Status.CANCELLED, Status.EXPIRED}
    assert ((False, 0, None) if ended else (True, 1, second(1))) == (
        value.cancel_wished, value.woken, value.due_at
    )  # fmt: skip


async def test_next_due_minds_leases(store: Store):
    """What is leased is next due when its lease ends, what rests never, the rest at their time."""
    await started(store, 1, due_at=None)
    assert await store.next_due(NOON) is None
    await claimed(store, 2)
    assert second(60) == await store.next_due(NOON)
    await started(store, 3, due_at=second(30))
    assert second(30) == await store.next_due(NOON)
    assert second(0) == await store.next_due(second(60))


@pytest.mark.parametrize("status", list(Status))
async def test_places_at_a_provider(store: Store, status):
    """Sent, unclear, running and watched ones take a place there; no others do."""
    for one in (generation(1, status=status), generation(2, status=Status.CANCELLED, watch=True)):
        await store.start(one, quotas.held(one))
    assert (2 if status in AT_PROVIDER else 1) == await store.at_provider("maxapi")
    assert 0 == await store.at_provider("evolink")


async def test_history_turns_pages(store: Store):
    """A member's own come newest first, a page at a time, and nobody else's."""
    for number in range(7):
        await started(store, number, created_at=second(number))
    await started(store, 8, requester=Requester(2, "Ben"), created_at=second(99))
    page = await store.history(1001, most=4)
    rest = await store.history(1001, before=page[-1].created_at, most=4)
    assert [generation(number).id for number in (6, 5, 4, 3, 2, 1, 0)] == [one.id for one in page + rest]


async def test_open_ones_oldest_first(store: Store):
    """What is under way, and nothing that has ended or is parked."""
    for number, status in enumerate(Status):
        await started(store, number, status=status, created_at=second(-number))
    found = await store.open_of(1001)
    assert all(a.created_at < b.created_at for a, b in pairwise(found))
    ended = {"delivered", "failed", "refused", "cancelled", "expired", "parked"}
    assert {status for status in Status if status.value not in ended} == {one.status for one in found}


async def test_counts_name_every_status(store: Store):
    """Every status has a number, also one that nothing is in."""
    assert dict.fromkeys(Status, 0) == await store.counts()
    for number in range(3):
        await started(store, number, status=Status.RUNNING)
    assert dict.fromkeys(Status, 0) | {Status.RUNNING: 3} == await store.counts()


async def test_durations_of_the_same_kind(store: Store):
    """From submit to film, newest first, of one provider, model, resolution and length."""
    for number in (1, 2, 3):
        await started(store, number, submitted_at=second(number), rendered_at=second(number * 10))
    await started(store, 4, submitted_at=NOON)
    await started(store, 5, submitted_at=NOON, rendered_at=second(9), request=replace(REQUEST, seconds=10))
    found = await store.durations("maxapi", "seedance-2.0", "720p", 5, most=2)
    assert [timedelta(seconds=27), timedelta(seconds=18)] == [took.by for took in found]


async def test_ping_and_close(store: Store):
    """An open store takes writes; closing twice is closing."""
    await store.ping()
    await store.close()
    await store.close()


async def test_an_id_is_nobody_elses(store: Store):
    """The same id for another interaction is a conflict, and nothing of it is written."""
    await store.start(generation(1), [hold()])
    with pytest.raises(Conflict):
        await store.start(generation(1, interaction_id=99), [hold()])
    assert (1, 1) == await sizes(store)
