"""Laws of `bot.tracker.budget`: few edits per channel, and what matters first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.models import Limit, ProviderTask, Status, TaskStatus
from bot.quotas import Limits
from bot.tracker.budget import CHANNELS, MOST, SPACING, WINDOW, Budget, Worth
from tests.bot.tracker.conftest import a_world
from tests.fakes import NOON, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")
PROGRESS, STATE = Worth


def test_three_changes_of_state_in_six_seconds_and_then_in_turn():
    """The fourth is told when to come again, the fifth after it; another channel has its own."""
    budget = Budget()
    assert [True] * 3 + [False] * 2 == [budget.take(1, id_, STATE, NOON) for id_ in "abcde"]

    assert (NOON + SPACING, NOON + 2 * SPACING) == (budget.turn(1, "d", NOON), budget.turn(1, "e", NOON))
    assert budget.turn(1, "a", NOON) is None
    assert budget.take(2, "f", STATE, NOON)


def test_progress_leaves_a_place_and_yields_to_whoever_waits():
    """Two of three places; none while a change of state waits."""
    budget = Budget()
    assert [True, True, False] == [budget.take(1, id_, PROGRESS, NOON) for id_ in "abc"]
    assert budget.turn(1, "c", NOON) is None
    assert [True, False] == [budget.take(1, id_, STATE, NOON) for id_ in "de"]

    later = NOON + WINDOW
    assert not budget.take(1, "a", PROGRESS, later)
    assert budget.take(1, "e", STATE, later)
    assert budget.take(1, "a", PROGRESS, later)


def test_whoever_comes_too_early_keeps_its_turn_and_who_finds_no_room_again_gets_another():
    """A callback may wake it before; at its turn others may have been faster."""
    budget = Budget()
    for id_ in "abcd":
        budget.take(1, id_, STATE, NOON)
    early, turn = NOON + SPACING / 2, NOON + SPACING

    assert not budget.take(1, "d", STATE, early)
    assert turn == budget.turn(1, "d", early)
    assert not budget.take(1, "d", STATE, turn)
    assert turn + SPACING == budget.turn(1, "d", turn)


def test_who_never_comes_is_not_waited_for():
    """Its generation does something else: progress goes on, and nothing is kept for it."""
    budget = Budget()
    for id_ in "abcd":
        budget.take(1, id_, STATE, NOON)

    assert budget.take(1, "e", PROGRESS, NOON + timedelta(minutes=1))
    assert budget.turn(1, "d", NOON) is None


def test_a_clock_that_is_set_back_blocks_no_channel():
    """What was edited in an hour's time was not edited just now."""
    budget = Budget()
    for id_ in "abc":
        budget.take(1, id_, STATE, NOON + timedelta(hours=1))

    assert budget.take(1, "d", STATE, NOON)


def test_quiet_channels_are_forgotten():
    """However many there have ever been."""
    budget = Budget()
    for channel in range(3 * CHANNELS):
        budget.take(channel, "a", STATE, NOON + channel * WINDOW)

    assert len(budget._edits) <= CHANNELS + 1


async def test_fifty_cards_in_one_channel_keep_to_it_and_each_says_its_last_word(tmp_path):
    """All running, all telling percentages, all ending together."""
    provider = FakeProvider("evolink", concurrency=50)
    provider.pace = type(provider.pace)(timedelta(seconds=7), 1.0, timedelta(seconds=7))
    asked, edited = 0, []

    async with a_world(tmp_path, provider) as world:
        start = world.clock()
        put_card = world.delivery.put_card

        async def percentage(task_id):
            nonlocal asked
            asked += 1
            if world.clock() - start > timedelta(minutes=3):
                return ProviderTask(task_id, TaskStatus.SUCCEEDED, urls=("https://films.example/1.mp4",))
            return ProviderTask(task_id, TaskStatus.RUNNING, progress=asked % 100)

        async def noted(generation, draft):
            if generation.card_id is not None:
                edited.append(world.clock())
            return await put_card(generation, draft)

        provider.fetch, world.delivery.put_card = percentage, noted
        generations = [await world.ask(limits=Limits(user_day=Limit(), at_once=50)) for _ in range(50)]
        for generation in generations:
            await world.until(generation, Status.DELIVERED)
        rows = [await world.now(generation) for generation in generations]

    assert all(later - first >= WINDOW for first, later in zip(edited, edited[MOST:], strict=False))
    assert {"delivered"} == {row.card_shown.partition(":")[0] for row in rows}
    assert {None} == {row.due_at for row in rows}
    assert len(edited) > 80
