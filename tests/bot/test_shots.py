"""What a storyboard's values say of its shots and of its film."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.models import Cost, MediaKind, Mode, Status
from bot.providers.capabilities import CAPABILITIES
from bot.providers.router import why_not
from bot.shots import (
    NOWHERE,
    film_of,
    following,
    for_shot,
    is_broken,
    is_joined,
    is_made,
    is_under_way,
    is_waiting,
    placeholder,
)
from tests.bot.store.examples import NOON, generation
from tests.bot.store.test_storyboards import board, shot
from tests.fakes import a_film, a_request


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("released", [False, True])
def test_a_shot_is_always_in_one_state_of_four(status, released):
    """It waits, goes on, is made, or is broken: a storyboard always knows what to do."""
    one = shot(1, status=status, film=a_film(), due_at=NOON if released else None)
    said = [is_waiting(one), is_under_way(one), is_made(one), is_broken(one)]

    assert 1 == said.count(True)
    assert said[0] is (status is Status.QUEUED and not released)


def test_a_film_that_is_gone_is_no_shot():
    """Its member had it deleted: there is nothing to join."""
    one = shot(1, status=Status.DELIVERED)

    assert (False, True) == (is_made(one), is_broken(one))


@pytest.mark.parametrize(
    ("statuses", "continuous", "expected"),
    [
        ((Status.QUEUED, Status.QUEUED), True, 1),
        ((Status.RUNNING, Status.QUEUED), False, None),
        ((Status.DELIVERED, Status.QUEUED), True, 2),
        ((Status.FAILED, Status.QUEUED), True, None),
        ((Status.FAILED, Status.QUEUED), False, 2),
        ((Status.DELIVERED, Status.DELIVERED), True, None),
    ],
)
def test_one_shot_follows_at_a_time(statuses, continuous, expected):
    """None while one is under way, nor one whose first picture isn't filmed."""
    shots = [
        shot(number, status=status, film=a_film() if status is Status.DELIVERED else None)
        for number, status in enumerate(statuses, 1)
    ]
    found = following(board(continuous=continuous), shots)

    assert expected == (found and found.shot)


def test_only_the_joined_film_is_joined():
    """Neither a shot nor any other generation is."""
    joined = film_of(board(), [shot(1), shot(2)], NOON)

    assert [True, False, False] == [is_joined(one) for one in (joined, shot(1), generation(3))]


def test_the_film_bears_its_storyboards_name_and_costs_nothing():
    """Its id is the storyboard's; it has no card of its own, and is posted below the storyboard's."""
    made = shot(1, status=Status.DELIVERED, film=a_film())
    film = film_of(board(card_id=9), [made, shot(2)], NOON)

    assert (board().id, Cost(), NOWHERE, 9) == (film.id, film.cost, film.card_shown, film.card_id)
    assert (Status.RENDERED, 5, "a cat") == (film.status, film.request.seconds, film.asked.prompt)


def test_each_shot_but_the_first_begins_with_a_frame():
    """With hard cuts none does."""
    asked = a_request(mode=Mode.REFERENCE)
    modes = [for_shot(number, asked, continuous=way).mode for way in (True, False) for number in (1, 2)]

    assert [Mode.TEXT, Mode.FIRST_FRAME, Mode.TEXT, Mode.TEXT] == modes


@pytest.mark.parametrize("ratio", [None, "16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"])
def test_the_placeholder_is_in_nobodys_way(ratio):
    """No rule on pictures refuses what isn't filmed yet; what is refused is the option."""
    frame = placeholder(a_request(ratio=ratio))
    asked = replace(a_request(), mode=Mode.FIRST_FRAME, media=(frame,))
    refusals = [why_not(asked, model) for models in CAPABILITIES.values() for model in models.values()]

    assert MediaKind.IMAGE is frame.kind
    assert {None} >= {refusal and refusal.code for refusal in refusals} - {"mode"}
