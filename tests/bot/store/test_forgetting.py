"""Laws of `bot.store.forgetting`, on both databases."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from random import Random

import pytest

from bot.errors import Conflict
from bot.models import MediaFile, MediaKind, Place, Requester, Status
from bot.orders import Order
from bot.preferences import Preferences, Preset
from bot.shots import BoardStatus, Storyboard
from bot.store.forgetting import GRACE, Forgetting, blank, is_forgotten
from bot.store.ledger import Entry
from bot.store.members import Members
from bot.store.orders import Orders
from bot.store.storyboards import Storyboards
from tests.bot.store.examples import COST, NOON, REQUEST, entries, everything, generation, hold, used

RANDOM = Random(0)


@pytest.fixture
def forgetting(store):
    """Return what forgets, on either database."""
    return Forgetting(store.engine)


async def made(store, number, status=Status.DELIVERED, *, at_rest=True, **changes):
    """Write one of Anna's down."""
    due = None if at_rest else NOON
    return await store.start(generation(number, status=status, due_at=due, **changes), [hold()])


async def test_what_a_member_set_is_deleted(store, forgetting):
    """Preferences, presets, orders; another member keeps theirs."""
    members, orders = Members(store.engine), Orders(store.engine)
    for user in (1001, 1002):
        await members.change(user, lambda _: Preferences(seconds=10), NOON)
        await members.put_preset(user, Preset("a"), NOON, most=20)
        await orders.put(f"{user}", user, Order(REQUEST, Place(1)), NOON)
    await forgetting.mark(1001, NOON)

    assert (Preferences(), ()) == (await members.preferences(1001), await members.presets(1001))
    assert await orders.get("1001", 1001) is None
    assert Preferences(seconds=10) == await members.preferences(1002)
    assert (Preset("a"),) == await members.presets(1002)
    assert await orders.get("1002", 1002) is not None


async def test_ended_ones_are_blanked(store, forgetting):
    """They are no longer the member's, and nothing is due."""
    await made(store, 1)
    later, _ = await forgetting.mark(1001, NOON)
    (marked,) = await forgetting.marked(1001, later, most=10)
    blanked = await store.move(marked, NOON, due_at=None, **blank(marked, RANDOM))

    assert (await forgetting.left(1001), await store.history(1001)) == (0, ())
    assert is_forgotten(blanked)
    assert blanked == await store.get(marked.id)
    assert blanked.due_at is None


async def test_nothing_of_the_member_is_left(store):
    """No word, file, name or id; what limits and bills need stays, under the pseudonym (T-32)."""
    whole = everything()
    await store.start(whole, [])
    moved = await store.move(whole, NOON, due_at=None, **blank(whole, RANDOM))
    left = json.dumps(asdict(moved), default=str)
    (row,) = await store.engine.read(_everything(), {})

    for secret in ("cat", "https://", ".png", str(whole.requester.user_id), str(whole.place.channel_id)):
        assert secret not in left
        assert not [value for value in row if secret in str(value)]
    assert (whole.member, whole.cost, whole.created_at) == (moved.member, moved.cost, moved.created_at)
    assert (whole.request.provider, whole.request.model) == (moved.request.provider, moved.request.model)
    assert moved.interaction_id < 0


def _everything():
    from sqlalchemy import select

    from bot.store.statements import Statement
    from bot.store.tables import generations

    return Statement("everything", select(generations), returns=True)


async def test_the_ledger_and_the_limits_stay(store, forgetting):
    """Who deletes everything can't make more than before."""
    first = await made(store, 1)
    before = (await entries(store, first.id), await used(store, hold()))
    await forgetting.mark(1001, NOON)
    seen = await store.get(first.id)
    await store.move(seen, NOON, due_at=None, **blank(seen, RANDOM))

    assert before == (await entries(store, first.id), await used(store, hold()))
    assert (await forgetting.held(1001, "anna"))["ledger"][0]["seconds"] == COST.seconds


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.DELIVERED])
async def test_what_is_under_way_is_finished_first(store, forgetting, status):
    """It keeps its words, so that nothing is paid or posted twice; it knows that it is to be forgotten."""
    await made(store, 1, status, at_rest=False)
    later, _ = await forgetting.mark(1001, NOON)
    (marked,) = await store.history(1001)

    assert () == await forgetting.marked(1001, later, most=10)
    assert (True, REQUEST, NOON) == (marked.forget, marked.asked, marked.due_at)
    assert 1 == await forgetting.left(1001)


async def test_a_step_in_progress_comes_back_to_it(store, forgetting):
    """It has read the row before it was marked; its row is due again at once."""
    await made(store, 1, Status.DELIVERED, at_rest=False)
    (claimed,) = await store.claim(NOON, lease=timedelta(minutes=1), most=1)
    await forgetting.mark(1001, NOON)
    rested = await store.move(claimed, NOON, due_at=None)

    assert (True, NOON) == (rested.forget, rested.due_at)


async def test_what_is_parked_waits_for_a_person(store, forgetting):
    """It isn't made due: nothing can be done before its outcome is known."""
    await made(store, 1, Status.PARKED)
    await forgetting.mark(1001, NOON)
    (marked,) = await store.history(1001)

    assert (True, None) == (marked.forget, marked.due_at)


async def test_what_a_crash_leaves_becomes_due(store, forgetting):
    """A process that dies between marking and blanking leaves it to the tracker."""
    await made(store, 1)
    later, _ = await forgetting.mark(1001, NOON)
    (claimed,) = await store.claim(later, lease=timedelta(minutes=1), most=1)

    assert later == NOON + GRACE
    assert claimed.forget


async def test_two_can_not_blank_the_same(store, forgetting):
    """The tracker or the command, not both."""
    await made(store, 1)
    later, _ = await forgetting.mark(1001, NOON)
    (marked,) = await forgetting.marked(1001, later, most=10)
    await store.move(marked, NOON, due_at=None, **blank(marked, RANDOM))

    with pytest.raises(Conflict):
        await store.move(marked, NOON, due_at=None, **blank(marked, RANDOM))


async def test_what_comes_late_writes_nothing_into_it(store):
    """A callback that names a task, a card that was on its way: its row stays blank."""
    whole = await made(store, 1)
    blanked = await store.move(whole, NOON, due_at=None, **blank(whole, RANDOM))
    await store.name_task(whole.id, "t9", provider="maxapi")
    await store.note(whole.id, card_id=7)

    assert "maxapi" == blanked.request.provider
    assert blanked == await store.get(whole.id)


async def test_others_are_left_alone(store, forgetting):
    """Whoever they are."""
    await made(store, 1, requester=Requester(1002, "Ben"), member="ben")
    await forgetting.mark(1001, NOON)
    (bens,) = await store.history(1002)

    assert (False, REQUEST) == (bens.forget, bens.asked)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.PARKED])
async def test_a_file_in_use_is_known(store, forgetting, status):
    """Somebody else's film may begin with it, also one that a person may still let go on."""
    file = MediaFile("e" * 32, "a.png", MediaKind.IMAGE, ".png", 1, "", "")
    asked = replace(REQUEST, media=(file,))
    one = await made(store, 1, status, asked=asked)
    before = await forgetting.is_used(file.id)
    await store.move(one, NOON, due_at=None, status=Status.FAILED)

    assert (True, False) == (before, await forgetting.is_used(file.id))


async def test_everything_held_is_told(store, forgetting):
    """By a name for each kind, to its member alone."""
    first = await made(store, 1)
    await store.move(first, NOON, due_at=None, entry=Entry("settle", COST))
    await Orders(store.engine).put("a", 1001, Order(REQUEST, Place(1)), NOON)
    held = await forgetting.held(1001, "anna")

    assert {"orders", "storyboards", "blocks", "admin_actions", "ledger", "grants"} == held.keys()
    assert ["reserve", "settle"] == [one["kind"] for one in held["ledger"]]
    assert len(held["orders"]) == 1
    assert not any((await forgetting.held(1002, "ben")).values())


async def boarded(store, status, *, due_at=None):
    """Write a storyboard of Anna's down, with two shots that are made."""
    boards = Storyboards(store.engine)
    board = Storyboard(
        "b" * 16,
        status,
        Requester(1001, "Anna"),
        "anna",
        Place(500, 400),
        99,
        NOON,
        NOON,
        due_at,
        shots=(generation(1).id, generation(2).id),
        card_id=7,
        version=3,
    )
    shots = [
        generation(n, status=Status.DELIVERED, due_at=None, storyboard_id=board.id, shot=n) for n in (1, 2)
    ]
    return await boards.start(board, shots, [])


async def test_shots_wait_for_their_storyboard(store, forgetting):
    """They are paid, and still to be joined."""
    board = await boarded(store, BoardStatus.SHOOTING, due_at=NOON)
    later, _ = await forgetting.mark(1001, NOON)
    await forgetting.blank_boards(1001, RANDOM)
    shots = await store.history(1001)

    assert () == await forgetting.marked(1001, later, most=10)
    assert [(True, None)] * 2 == [(shot.forget, shot.due_at) for shot in shots]
    assert [True, True] == [await forgetting.is_awaited(shot) for shot in shots]
    assert replace(board, woken=1) == await Storyboards(store.engine).get(board.id)


async def test_the_shots_of_an_ended_storyboard_go_with_it(store, forgetting):
    """Both are blanked at once."""
    await boarded(store, BoardStatus.DELIVERED)
    later, _ = await forgetting.mark(1001, NOON)
    await forgetting.blank_boards(1001, RANDOM)
    board = await Storyboards(store.engine).get("b" * 16)

    assert 2 == len(await forgetting.marked(1001, later, most=10))
    assert (0, 0, None) == (board.requester.user_id, board.place.channel_id, board.card_id)
    assert board.interaction_id < 0


async def test_a_storyboard_that_ends_lets_its_shots_go(store, forgetting):
    """Its member wanted to be forgotten meanwhile: shots become due, and nothing is left of the member."""
    board = await boarded(store, BoardStatus.SHOOTING, due_at=NOON)
    await forgetting.mark(1001, NOON)
    boards = Storyboards(store.engine)
    ended = await boards.move(board, NOON, due_at=None, status=BoardStatus.DELIVERED)
    await forgetting.end_board(ended, RANDOM, NOON)
    shots = await store.history(1001)

    assert [NOON] * 2 == [shot.due_at for shot in shots]
    assert not any([await forgetting.is_awaited(shot) for shot in shots])
    assert 0 == (await boards.get(board.id)).requester.user_id


async def test_a_storyboard_of_somebody_else_ends_as_ever(store, forgetting):
    """Nobody wanted anything forgotten."""
    board = await boarded(store, BoardStatus.DELIVERED)
    await forgetting.end_board(board, RANDOM, NOON)
    (told,) = (await forgetting.held(1001, "anna"))["storyboards"]

    assert (board.id, "delivered") == (told["id"], told["status"])
    assert board == await Storyboards(store.engine).get(board.id)
    assert [None, None] == [shot.due_at for shot in await store.history(1001)]


async def test_a_storyboard_that_comes_to_rest_meanwhile_is_looked_at_again(store, forgetting):
    """It had looked for marked shots already, and rests when its member's storyboards are blanked."""
    await boarded(store, BoardStatus.DELIVERED, due_at=NOON)
    boards = Storyboards(store.engine)
    (claimed,) = await boards.claim(NOON, lease=timedelta(minutes=1), most=1)
    await forgetting.end_board(claimed, RANDOM, NOON)
    await forgetting.mark(1001, NOON)
    await forgetting.blank_boards(1001, RANDOM)
    rested = await boards.move(claimed, NOON, due_at=None)
    await forgetting.end_board(rested, RANDOM, NOON)

    assert NOON == rested.due_at
    assert 0 == (await boards.get(claimed.id)).requester.user_id


async def test_a_film_of_its_own_is_awaited_by_nobody(forgetting):
    """What belongs to no storyboard, and the joined film of one, can go as soon as it has ended."""
    assert not await forgetting.is_awaited(generation(1))
    assert not await forgetting.is_awaited(generation(2, storyboard_id="b" * 16))
