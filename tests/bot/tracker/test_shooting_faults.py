"""Laws of `bot.tracker.shooting`: a step of a storyboard that fails harms nobody else and loses nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.errors import Conflict, StoreUnavailable
from bot.models import ProviderTask, TaskStatus
from bot.store.storyboards import Storyboards
from bot.tracker import shooting
from tests.bot.tracker.film_set import a_film_set

pytestmark = pytest.mark.usefixtures("on_both")


@pytest.fixture
async def studio(tmp_path):
    """Yield a film set."""
    async with a_film_set(tmp_path) as opened:
        yield opened


def failing(monkeypatch, **errors):
    """Let steps, and changes of storyboards, fail."""

    async def fail(*_, **__):
        raise errors["step"]

    async def not_moved(*_, **__):
        raise errors["move"]

    monkeypatch.setattr(shooting, "direct", fail)
    if "move" in errors:
        monkeypatch.setattr(Storyboards, "move", not_moved)


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ({"step": Conflict("move")}, ["moved by somebody else"]),
        ({"step": StoreUnavailable("disk full")}, ["not written down"]),
        ({"step": ZeroDivisionError(), "move": StoreUnavailable("")}, ["step failed", "not put off"]),
        ({"step": ZeroDivisionError(), "move": Conflict("move")}, ["step failed", "not put off"]),
    ],
)
async def test_a_step_never_raises(studio, monkeypatch, errors, told):
    """Whatever fails in it, and even where that can't be written down, the others go on (S-12)."""
    board = await studio.ask("a", "b")
    failing(monkeypatch, **errors)
    with capture_logs() as lines:
        await shooting.step(studio.context, board)

    assert told == [line["event"] for line in lines]


async def test_a_wish_that_was_made_is_not_made_again(studio):
    """A shot that was told to end, and hasn't yet, is waited for."""
    studio.provider.ends["a boat"] = ProviderTask("", TaskStatus.RUNNING)
    board = await studio.ask("a boat", "b")
    await studio.rest(days=0.01)
    board, shots = await studio.now(board)
    wished = [replace(shot, cancel_wished=True) for shot in shots]
    moved = await shooting._wind_up(studio.context, board, wished)

    assert studio.clock() + shooting.LOOK == moved.due_at
    assert [False, False] == [shot.cancel_wished for shot in (await studio.now(board))[1]]
