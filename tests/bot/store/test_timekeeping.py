"""Laws of `bot.store.timekeeping`: no row waits for a moment that a wrong clock has named."""

from __future__ import annotations

from datetime import timedelta

from bot.models import Status
from bot.store.storyboards import Storyboards
from bot.store.timekeeping import Timekeeping
from tests.bot.store.examples import LEASE, NOON, generation, second
from tests.bot.store.test_storyboards import opened

LATER = NOON + timedelta(days=1)


async def test_what_waits_for_later_is_due_now(store):
    """Whatever moment it was to wait for: due, ready and to be asked now; what was due stays so (S-06)."""
    moments = {"ready_at": LATER, "ask_at": LATER, "asked_at": LATER, "card_edited_at": LATER}
    await store.start(generation(1, due_at=LATER, **moments), [])
    await store.start(generation(2, due_at=second(-5), ask_at=second(-5)), [])
    await store.start(generation(3, due_at=None, status=Status.DELIVERED, card_edited_at=LATER), [])

    await Timekeeping(store.engine).set_back(NOON, leased_until=NOON + LEASE)

    ahead, behind, rest = [await store.get(generation(n).id) for n in (1, 2, 3)]
    assert [NOON] * 5 == [ahead.due_at, *(getattr(ahead, name) for name in moments)]
    assert (second(-5), second(-5)) == (behind.due_at, behind.ask_at)
    assert (None, LATER) == (rest.due_at, rest.card_edited_at)


async def test_no_lease_lasts_till_tomorrow(store):
    """A lease that nobody lengthens ends as soon as any other (S-06)."""
    await store.start(generation(1), [])
    await store.claim(LATER, lease=LEASE, most=1)
    await Timekeeping(store.engine).set_back(NOON, leased_until=NOON + LEASE)

    assert () == await store.claim(second(59), lease=LEASE, most=1)
    assert 1 == len(await store.claim(second(61), lease=LEASE, most=1))


async def test_storyboards_wait_no_longer_either(store):
    """A storyboard that was to be looked at tomorrow is looked at now (S-06)."""
    boards = Storyboards(store.engine)
    await opened(store, due_at=LATER)
    await Timekeeping(store.engine).set_back(NOON, leased_until=NOON + LEASE)

    assert 1 == len(await boards.claim(NOON, lease=LEASE, most=9))


async def test_the_latest_moment_is_of_what_is_not_at_rest(store):
    """It says how late it was; nothing is known of an empty database (S-06)."""
    keeping = Timekeeping(store.engine)
    before = await keeping.latest()
    await store.start(generation(1, updated_at=second(7)), [])
    await store.start(generation(2, updated_at=LATER, due_at=None), [])

    assert (None, second(7)) == (before, await keeping.latest())


async def test_a_look_tells_whether_anything_may_be_sent(store):
    """What waits for this provider, from its moment on, and that nobody works on."""
    looks, keeping = [], Timekeeping(store.engine)
    for changes in (
        {"ready_at": None}, {"ready_at": second(2)}, {"ready_at": second(1), "status": Status.CANCELLED},
        {"ready_at": second(1), "lease_until": second(2)}, {"ready_at": second(1), "lease_until": second(1)},
    ):  # fmt: skip
        await store.start(generation(len(looks), **changes), [])
        looks.append(await keeping.is_ready("maxapi", second(1)))

    assert [False, False, False, False, True] == looks
    assert not await keeping.is_ready("evolink", second(1))
