"""Laws of `bot.storyboards.direction`: what people may say about storyboards, and what is refused."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import LimitReached, NotFound, QuotaExceeded, RequestRefused, ShotRefused
from bot.models import Cost, Hold, Limit, ProviderTask, Status, TaskStatus
from bot.quotas import Limits
from bot.shots import BoardStatus
from bot.storyboards.direction import lines, merged
from tests.bot.tracker.film_set import a_film_set
from tests.fakes import ANNA, BEN

FAILED = ProviderTask("", TaskStatus.FAILED, reason="provider")


@pytest.fixture
async def studio(on_both, tmp_path):
    """Yield a film set."""
    async with a_film_set(tmp_path) as opened:
        yield opened


async def stuck(studio, prompt="a storm"):
    """Return a storyboard whose second shot has failed."""
    studio.provider.ends[prompt] = FAILED
    board = await studio.ask("a boat", prompt, "an island")
    await studio.rest(days=0.1)
    return board


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", ("a", "b")),
        ("  1. a boat \n\n2) a storm\n- an island\r\n• 3 men", ("a boat", "a storm", "an island", "3 men")),
        ("3 boats\n2001: a film", ("3 boats", "2001: a film")),
    ],
)
def test_a_line_is_a_shot(text, expected):
    """Without the numbers of a list, and without empty lines."""
    assert expected == lines(text)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_and_too_many_are_refused(count):
    """Two to six."""
    with pytest.raises(RequestRefused, match="shots_count"):
        lines("\n".join("x" * count))


def test_holds_on_one_counter_are_one():
    """All of it must fit, and the refusal names all of it."""
    day = [Hold("user", "anna", "2026-11-21", Cost(1, seconds, 7), Limit(5)) for seconds in (4, 5)]
    month = Hold("user", "anna", "2026-11", Cost(1, 4))

    assert [Hold("user", "anna", "2026-11-21", Cost(2, 9, 14), Limit(5)), month] == merged([*day, month])


async def test_all_shots_are_made_by_one_model(studio):
    """So that they look alike; their ids and numbers are their own, and no interaction's."""
    board = await studio.ask("a", "b", "c")
    _, shots = await studio.now(board)

    assert {("evolink", "seedance-2.0")} == {(shot.request.provider, shot.request.model) for shot in shots}
    assert {None} == {shot.asked.provider for shot in shots}
    assert all(shot.interaction_id < 0 for shot in shots)
    assert [True, False, False] == [shot.released_at is not None for shot in shots]


async def test_the_same_form_makes_one(studio):
    """Sent twice by a nervous network, it is one storyboard at one price."""
    first = await studio.ask("a", "b")
    studio.interaction -= 1
    second = await studio.ask("a", "b")

    assert first.id == second.id
    assert (2, 10) == await studio.used()


@pytest.mark.parametrize(
    ("prompts", "number"), [(("a", "@2 b"), 2), (("@1 a", "b"), 1), (("a", "x" * 9000), 2)]
)
async def test_the_shot_that_is_wrong_is_named(studio, prompts, number):
    """Nothing is reserved."""
    with pytest.raises(ShotRefused) as refused:
        await studio.ask(*prompts)

    assert number == refused.value.number
    assert (0, 0) == await studio.used()


async def test_what_is_wrong_with_all_is_said_once(studio):
    """An option is nobody's shot."""
    with pytest.raises(RequestRefused, match="seconds"):
        await studio.ask("a", "b", seconds=99)


async def test_our_own_pictures_must_reach_the_provider(studio):
    """Without a public address and without an upload, it is refused before anything is spent."""
    model = studio.provider.capabilities["seedance-2.0"]
    object.__setattr__(model, "uploads", False)
    try:
        with pytest.raises(RequestRefused, match="needs_public_url"):
            await studio.ask("a", "b", model="seedance-2.0")
        cut = await studio.ask("a", "b", model="seedance-2.0", continuous=False)
    finally:
        object.__setattr__(model, "uploads", True)

    assert not cut.continuous


async def test_a_place_must_be_free_at_the_start(studio):
    """Who has as many under way as they may is told at once; one storyboard takes one place."""
    await studio.ask("a", "b")
    await studio.ask("c", "d")
    with pytest.raises(QuotaExceeded, match="at_once"):
        await studio.ask("e", "f")

    assert 2 == await studio.at_once()


async def test_only_a_failed_shot_of_ones_own_is_redone(studio):
    """Not somebody else's, not one that is made or waits, and not one that isn't there."""
    board = await stuck(studio)
    refused = []
    for number, member in ((2, BEN), (1, ANNA), (3, ANNA), (4, ANNA)):
        with pytest.raises(RequestRefused) as error:
            await studio.direction.redo(board.id, number, "x", member, interaction_id=number)
        refused.append(error.value.code)
    with pytest.raises(NotFound):
        await studio.direction.redo("f" * 16, 1, "x", ANNA, interaction_id=9)

    assert ["not_theirs", "shot_made", "shot_going", "shots_over"] == refused


async def test_a_shot_is_redone_once_by_many_presses(studio):
    """However many forms are sent at once, one try is made and paid."""
    board = await stuck(studio)
    tries = await asyncio.gather(
        *(studio.direction.redo(board.id, 2, "a gale", ANNA, interaction_id=n) for n in range(1, 6)),
        return_exceptions=True,
    )

    assert 1 == sum(not isinstance(one, Exception) for one in tries)
    assert {"shot_going"} == {one.code for one in tries if isinstance(one, Exception)}
    assert (3, 15) == await studio.used()


async def test_a_redo_that_no_quota_covers_changes_nothing(studio):
    """The storyboard goes on waiting."""
    board = await stuck(studio)
    studio.direction.generations._limits = Limits(user_day=Limit(videos=2))
    before = await studio.now(board)
    with pytest.raises(QuotaExceeded):
        await studio.direction.redo(board.id, 2, "a gale", ANNA, interaction_id=1)

    assert before == await studio.now(board)
    assert not issubclass(QuotaExceeded, LimitReached)


async def test_enough_is_said_by_its_member_or_a_moderator(studio):
    """While there is anything to end."""
    board = await stuck(studio)
    with pytest.raises(RequestRefused, match="not_yours"):
        await studio.direction.enough(board.id, BEN.user_id)
    wished, _ = await studio.direction.enough(board.id, BEN.user_id, moderator=True)
    await studio.rest()
    with pytest.raises(RequestRefused, match="shots_over"):
        await studio.direction.enough(board.id, ANNA.user_id)
    with pytest.raises(RequestRefused, match="shots_over"):
        await studio.direction.redo(board.id, 2, "x", ANNA, interaction_id=1)

    assert wished.enough
    assert BoardStatus.DELIVERED is (await studio.now(board))[0].status


async def test_enough_reaches_every_shot_at_once(studio):
    """None is sent between the press and the tracker's next look."""
    board = await studio.ask("a", "b")
    _, shots = await studio.direction.enough(board.id, ANNA.user_id)

    assert [True, True] == [shot.cancel_wished for shot in shots]


async def test_nothing_new_is_taken_while_stopping(studio):
    """The bot is about to restart."""
    studio.direction.generations.stop_taking()
    with pytest.raises(Exception, match="stopping"):
        await studio.ask("a", "b")


async def test_a_shot_cancelled_alone_may_be_redone(studio):
    """Its Cancel in `/videos` ends that shot; the storyboard waits for its member."""
    studio.provider.ends["a boat"] = ProviderTask("", TaskStatus.RUNNING)
    board = await studio.ask("a boat", "a storm")
    _, (first, second) = await studio.now(board)
    await studio.store.wish_cancel(second.id, studio.clock())
    await studio.rest(days=0.01)
    studio.provider.ends.clear()
    await studio.rest(days=0.1)
    assert Status.CANCELLED is (await studio.now(board))[1][1].status
    await studio.direction.redo(board.id, 2, "a storm", ANNA, interaction_id=1)
    await studio.rest()

    assert "t0+t1" == studio.film_of(board)
    assert first.storyboard_id == board.id
