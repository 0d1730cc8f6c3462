"""Laws of `bot.store.cards`: what a card shows is known, and who was late with it is found out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.models import Status
from bot.store.cards import Cards
from tests.bot.store.examples import LEASE, NOON, generation, second
from tests.bot.store.test_storyboards import opened

if TYPE_CHECKING:
    from bot.store import Store


@pytest.mark.parametrize(("late", "due"), [(False, None), (True, second(5))])
async def test_who_was_late_with_a_card_makes_it_due(store: Store, late, due):
    """What it shows is written down in any case; if that may be an old word, it is looked at again (S-17)."""
    started = await store.start(generation(1), [])
    rests = await store.move(started, NOON, due_at=None, status=Status.PARKED)
    await Cards(store).shown(started if late else rests, second(5), card_id=7, card_shown="old")
    found = await store.get(started.id)

    assert (due, int(late), 7, "old") == (found.due_at, found.woken, found.card_id, found.card_shown)


@pytest.mark.parametrize("given", [True, False], ids=["with a version", "without"])
async def test_a_note_with_a_version_is_for_that_alone(store: Store, given):
    """Who has lost the lease notes nothing; a fact that belongs to no step is noted by anybody (S-17)."""
    started = await store.start(generation(1), [])
    await store.claim(NOON, lease=LEASE, most=1)
    await Cards(store).note(started.id, version=started.version if given else None, begun=9)

    assert (1 if given else 9) == (await store.get(started.id)).begun


async def test_who_holds_it_knows(store: Store, monkeypatch):
    """Where others write too it is looked at; alone on a database nobody can have taken it over (S-17)."""
    cards, started = Cards(store), await store.start(generation(1), [])
    alone = store.engine.alone
    assert await cards.holds(started)
    (taken,) = await store.claim(NOON, lease=LEASE, most=1)
    assert (alone, True) == (await cards.holds(started), await cards.holds(taken))
    monkeypatch.setattr(type(store.engine), "alone", False)
    assert (False, True) == (await cards.holds(started), await cards.holds(taken))


async def test_it_is_the_same_with_storyboards(store: Store, monkeypatch):
    """Their cards are shown by the same rules (S-17)."""
    boards, board = await opened(store)
    monkeypatch.setattr(type(store.engine), "alone", False)
    moved = await boards.move(board, NOON, due_at=NOON + timedelta(days=1))
    assert (False, True) == (await boards.holds(board), await boards.holds(moved))
    await boards.note(board.id, version=board.version, card_id=6)
    await boards.shown(moved, second(5), card_shown="now")
    now = await boards.get(board.id)
    assert (None, "now", moved.due_at) == (now.card_id, now.card_shown, now.due_at)
    await boards.shown(board, second(6), card_shown="old")
    late = await boards.get(board.id)
    assert ("old", second(6)) == (late.card_shown, late.due_at)
