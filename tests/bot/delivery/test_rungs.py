"""Laws of `bot.delivery.rungs`: where a film goes, and where next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.delivery.rungs import Rung, below, first, for_notices, ladder, wants_copy
from bot.models import Place
from tests.bot.test_quotas import GENERATION

GALLERY, THREAD, CHANNEL, DM, KEPT = Rung


def asked(card_id: int | None = 77, **place: object):
    """Return a generation that was asked for on a server, with its card."""
    return replace(GENERATION, place=Place(500, **{"guild_id": 400, **place}), card_id=card_id)


@pytest.mark.parametrize(
    ("generation", "expected"),
    [
        (asked(), (CHANNEL, DM, KEPT)),
        (asked(guild_id=None), (CHANNEL, DM, KEPT)),
        (asked(film_channel_id=501), (GALLERY, CHANNEL, DM, KEPT)),
        (asked(film_channel_id=500), (CHANNEL, DM, KEPT)),
        (asked(thread=True), (THREAD, CHANNEL, DM, KEPT)),
        (asked(thread=True, parent_id=499), (CHANNEL, DM, KEPT)),
        (asked(None, thread=True), (CHANNEL, DM, KEPT)),
        (asked(deliver="dm"), (DM, KEPT)),
        (asked(deliver="dm", film_channel_id=501), (DM, KEPT)),
        (asked(deliver="dm", guild_id=None), (CHANNEL, DM, KEPT)),
        (asked(deliver="both"), (CHANNEL, DM, KEPT)),
        (asked(member_only=True), (DM, KEPT)),
    ],
)
def test_a_film_goes_where_it_belongs_then_down_and_never_elsewhere(generation, expected):
    """Each rung once, in order, until it is kept."""
    went = [first(generation)]
    while went[-1] is not KEPT:
        went.append(below(generation, went[-1]))

    assert expected == tuple(went) == ladder(generation)


def test_a_card_that_comes_late_leads_to_no_rung_that_was_passed():
    """The film was refused by the channel before a thread could be started: on with the direct message."""
    assert DM is below(asked(thread=True), CHANNEL)


@pytest.mark.parametrize(
    ("generation", "expected"),
    [
        (asked(), (CHANNEL, DM)),
        (asked(film_channel_id=501), (CHANNEL, DM)),
        (asked(deliver="dm"), (DM, CHANNEL)),
        (asked(member_only=True), (DM,)),
    ],
)
def test_who_gets_no_film_is_told_beside_the_card_or_in_person(generation, expected):
    """No gallery hears of what failed."""
    assert expected == for_notices(generation)


@pytest.mark.parametrize(
    ("generation", "rung", "expected"),
    [
        (asked(deliver="both"), CHANNEL, True),
        (asked(deliver="both"), GALLERY, True),
        (asked(deliver="both"), DM, False),
        (asked(deliver="both"), KEPT, False),
        (asked(deliver="both", guild_id=None), CHANNEL, False),
        (asked(deliver="here"), CHANNEL, False),
        (asked(deliver="dm"), DM, False),
    ],
)
def test_a_copy_is_owed_to_whoever_wants_both_and_has_not_got_it_yet(generation, rung, expected):
    """Once in the server, once in person."""
    assert expected is wants_copy(generation, rung)
