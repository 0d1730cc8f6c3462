"""Laws of `bot.store.storyboards`, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import Conflict, LimitReached
from bot.models import Place, Requester, Status
from bot.shots import BoardStatus, Storyboard, film_of
from bot.store.storyboards import Storyboards
from tests.bot.store.examples import LEASE, NOON, generation, hold, second, sizes, used

ID = "b" * 16


def board(**changes) -> Storyboard:
    """Return a new storyboard of two shots."""
    values = {
        "id": ID,
        "status": BoardStatus.SHOOTING,
        "requester": Requester(1001, "Anna \0"),
        "member": "anna",
        "place": Place(500, 400),
        "interaction_id": 99,
        "created_at": NOON,
        "updated_at": NOON,
        "due_at": NOON,
        "shots": (generation(1).id, generation(2).id),
        "continuous": True,
    }
    return Storyboard(**(values | changes))


def shot(number, **changes):
    """Return one of its shots, not released yet."""
    said = {"storyboard_id": ID, "shot": number, "due_at": None, "interaction_id": -number}
    return generation(number, **(said | changes))


async def opened(store, **changes):
    """Store a storyboard with its two shots."""
    boards = Storyboards(store.engine)
    return boards, await boards.start(board(**changes), [shot(1), shot(2)], [hold()])


async def test_a_storyboard_comes_back_as_it_was(store):
    """Every field is kept."""
    full = board(
        version=3,
        woken=2,
        lease_until=second(1),
        joined=(generation(1).id,),
        enough=True,
        stuck_since=second(2),
        misses=4,
        card_id=5,
        card_intended_at=second(3),
        card_shown="x:y",
        card_edited_at=second(4),
        finished_at=second(5),
    )
    boards = Storyboards(store.engine)
    await boards.start(full, [shot(1), shot(2)], [])

    assert full == await boards.get(ID)
    assert await boards.get("c" * 16) is None


async def test_all_shots_are_reserved_or_none(store):
    """What a limit doesn't cover leaves no trace; what it covers is there with all its shots."""
    boards = Storyboards(store.engine)
    with pytest.raises(LimitReached):
        await boards.start(board(), [shot(1), shot(2)], [hold(videos=0)])
    none = await sizes(store)
    started = await boards.start(board(), [shot(1), shot(2)], [hold()])

    assert ((0, 0), (2, 2)) == (none, await sizes(store))
    assert [1, 2] == [one.shot for one in await boards.shots(started)]


async def test_one_form_makes_one(store):
    """The same interaction sent by many at once makes one storyboard, and takes once."""
    boards = Storyboards(store.engine)
    started = await asyncio.gather(
        *(
            boards.start(
                board(id=f"{n:016x}", shots=(generation(n).id,)),
                [shot(n, storyboard_id=f"{n:016x}")],
                [hold()],
            )
            for n in range(1, 9)
        )
    )

    assert len({one.id for one in started}) == 1
    assert (1, 1) == await sizes(store)
    assert (await used(store, hold())).videos == 1


async def test_a_lease_keeps_others_out(store):
    """Of many that claim, one gets it; a wake while somebody works makes it due when they are done."""
    boards, _ = await opened(store)
    claims = await asyncio.gather(*(boards.claim(NOON, lease=LEASE, most=9) for _ in range(5)))
    (mine,) = [one for claimed in claims for one in claimed]
    await store.move(await store.get(generation(1).id), second(1), due_at=second(1))
    moved = await boards.move(mine, second(2), due_at=second(99))

    assert (second(2), None) == (moved.due_at, moved.lease_until)
    assert second(2) == await boards.next_due(second(2))


async def test_a_lease_is_lengthened_for_its_holder_alone(store):
    """Who was overtaken, or has given it back, lengthens nothing."""
    boards, _ = await opened(store)
    (late,) = await boards.claim(NOON, lease=LEASE, most=1)
    await boards.extend([late], second(90))
    assert second(90) == (await boards.get(ID)).lease_until
    (mine,) = await boards.claim(second(91), lease=LEASE, most=1)
    await boards.extend([late], second(999))
    assert mine == await boards.get(ID)
    moved = await boards.move(mine, second(92), due_at=second(99))
    await boards.extend([moved], second(999))

    assert moved == await boards.get(ID)


async def test_who_was_faster_wins(store):
    """A second move from the same sight changes nothing, and writes no film."""
    boards, _ = await opened(store)
    (seen,) = await boards.claim(NOON, lease=LEASE, most=1)
    moved = await boards.move(seen, second(1), due_at=None)
    with pytest.raises(Conflict):
        await boards.put_film(
            seen, film_of(seen, [shot(1)], second(1)), second(1), status=BoardStatus.JOINING
        )

    assert moved == await boards.get(ID)
    assert await store.get(ID) is None


async def test_a_film_is_written_down_once(store):
    """The film's row and the storyboard's new state come together; a second film has no place."""
    boards, started = await opened(store)
    film = film_of(started, [shot(1)], second(1))
    joining = await boards.put_film(
        started, film, second(1), status=BoardStatus.JOINING, joined=started.shots
    )
    with pytest.raises(Conflict):
        await boards.put_film(joining, film, second(2))

    assert Status.RENDERED is (await store.get(ID)).status
    assert (BoardStatus.JOINING, started.shots) == (joining.status, joining.joined)
    assert len(await boards.shots(joining)) == 2


async def test_another_try_takes_its_shots_place(store):
    """It is reserved with the storyboard's change, or refused with it."""
    boards, started = await opened(store)
    again = shot(3, shot=2)
    ids = (started.shots[0], again.id)
    with pytest.raises(LimitReached):
        await boards.put_shot(started, again, [hold(videos=1)], second(1), shots=ids)
    changed = await boards.put_shot(started, again, [hold(videos=2)], second(1), shots=ids)

    assert list(ids) == [one.id for one in await boards.shots(changed)]
    assert (3, 3) == await sizes(store)


async def test_enough_is_for_shooting_alone(store):
    """The wish is kept until it is obeyed; later it says nothing."""
    boards, started = await opened(store, due_at=None)
    await boards.enough(ID, second(1))
    wished = await boards.get(ID)
    joining = await boards.move(wished, second(2), due_at=None, status=BoardStatus.JOINING, enough=False)
    await boards.enough(ID, second(3))

    assert (True, second(1)) == (wished.enough, wished.due_at)
    assert joining == await boards.get(ID)
    assert not started.enough


async def test_notes_change_no_version(store):
    """The card's facts are written whoever works on it."""
    boards, started = await opened(store)
    await boards.note(ID, card_id=7, card_shown="x")
    noted = await boards.get(ID)

    assert (7, "x", started.version) == (noted.card_id, noted.card_shown, noted.version)


async def test_an_expired_lease_is_free(store):
    """A process that died holds nobody up for longer than its lease."""
    boards, _ = await opened(store)
    await boards.claim(NOON, lease=LEASE, most=1)
    assert NOON + LEASE == await boards.next_due(NOON)
    assert NOON == await boards.next_due(NOON + LEASE)
    assert () == await boards.claim(NOON + LEASE / 2, lease=LEASE, most=1)
    assert len(await boards.claim(NOON + LEASE + timedelta(seconds=1), lease=LEASE, most=1)) == 1
