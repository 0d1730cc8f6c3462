"""Laws of `bot.store.overview`, on both databases."""

from __future__ import annotations

import pytest

from bot.models import OPEN, TERMINAL, Place, Requester, Status
from bot.shots import BoardStatus, Storyboard
from bot.store.overview import Overview
from bot.store.storyboards import Storyboards
from tests.bot.store.examples import NOON, generation, second

HERE, THERE, IN_PERSON = Place(1, 8), Place(2, 9), Place(3)


@pytest.fixture
def overview(store):
    """Return what is asked."""
    return Overview(store.engine)


@pytest.fixture
def has(store):
    """Return a function that writes generations down, numbered from 1."""

    async def write(*rows):
        for number, changes in enumerate(rows, start=1):
            await store.start(generation(number, **({"place": HERE, "due_at": None} | changes)), [])

    return write


async def test_a_page_is_what_goes_on_or_waits_for_a_person(overview, has):
    """Oldest first; nothing that has ended, and no other server's."""
    await has(
        *({"status": status, "created_at": second(-number)} for number, status in enumerate(Status)),
        {"place": THERE},
        {"place": IN_PERSON},
    )
    listed = [one.status for one in await overview.page(8, most=99)]

    assert [status for status in reversed(Status) if status not in TERMINAL] == listed
    assert 1 == len(await overview.page(9, most=99))
    assert len(listed) + 2 == len(await overview.page(None, most=99))


async def test_pages_follow_one_another(overview, has):
    """Each begins where the one before ended, also among those of one moment."""
    await has({}, {}, {"created_at": second(1)}, {})
    seen, after = [], None
    while found := await overview.page(8, after=after, most=1):
        after = (found[0].created_at, found[0].id)
        seen.append(int(found[0].id, 16))

    assert [1, 2, 4, 3] == seen


async def test_the_backlog_is_counted(overview, has):
    """A shot waits since it was released, not since its storyboard was asked for."""
    await has(
        {"created_at": second(-50), "released_at": second(2)},
        {"created_at": second(1)},
        {"status": Status.RUNNING, "created_at": second(-9)},
        {"status": Status.POSTING},
        {"status": Status.PARKED},
        {"status": Status.DELIVERED},
        {"place": THERE, "created_at": second(-5)},
    )
    here, all_ = await overview.backlog(8), await overview.backlog(None)

    assert (2, 2, 1, second(1)) == (here.queued, here.under_way, here.parked, here.waiting_since)
    assert (3, 2, 1, second(-5)) == (all_.queued, all_.under_way, all_.parked, all_.waiting_since)
    assert (await overview.backlog(7)).waiting_since is None


@pytest.mark.parametrize(("most", "expected"), [(9, 3), (3, 3), (2, 2), (0, 0)])
async def test_what_waits_is_counted_up_to_a_number(overview, has, most, expected):
    """On all servers together; what is sent, or has ended, doesn't wait."""
    others = [{"status": each} for each in Status if each is not Status.QUEUED]
    await has({}, {"place": THERE}, {"place": IN_PERSON}, *others)

    assert expected == await overview.waiting(most=most)


async def test_tasks_at_providers_are_a_server_s_own(overview, has):
    """Those that are let go, but still take their place, among them."""
    await has(
        {"status": Status.RUNNING},
        {"status": Status.CANCELLED, "watch": True},
        {"status": Status.QUEUED},
        {"status": Status.RUNNING, "place": THERE},
    )

    assert {"maxapi": 2} == await overview.at_providers(8)


@pytest.mark.parametrize("status", Status)
async def test_what_is_left_is_what_still_moves(overview, has, status):
    """Whoever has ended and is told, or waits for a person, isn't; whoever is still to be told is."""
    await has({"status": status}, {"status": Status.DELIVERED, "due_at": NOON})

    assert 1 + (status in OPEN) == await overview.left()


async def test_a_storyboard_is_one_thing_left(overview, store):
    """However many shots it has; once it has ended, a shot that is still watched counts for itself."""
    board = Storyboard(
        id="b" * 16,
        status=BoardStatus.SHOOTING,
        requester=Requester(1001, "Anna"),
        member="anna",
        place=HERE,
        interaction_id=99,
        created_at=NOON,
        updated_at=NOON,
        due_at=NOON,
        shots=(f"{1:016x}", f"{2:016x}"),
    )
    shots = [generation(number, storyboard_id=board.id, shot=number, place=HERE) for number in (1, 2)]
    boards = Storyboards(store.engine)
    await boards.start(board, shots, [])

    assert 1 == await overview.left()
    await boards.move(board, NOON, due_at=None, status=BoardStatus.CANCELLED)
    assert 2 == await overview.left()
