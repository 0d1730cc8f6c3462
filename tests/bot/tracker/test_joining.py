"""Laws of `bot.tracker.joining`: the shots that were chosen become one file, whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import MediaError
from bot.shots import BoardStatus
from bot.tracker import joining
from tests.bot.tracker.film_set import a_film_set

pytestmark = pytest.mark.usefixtures("on_both")


@pytest.fixture
async def made(tmp_path):
    """Yield a film set with a storyboard of two shots that is made, and the row of its film."""
    async with a_film_set(tmp_path) as studio:
        board = await studio.ask("a", "b")
        await studio.rest()
        yield studio, board, await studio.store.get(board.id)


async def test_the_shots_lie_one_after_the_other(made):
    """In the order that the storyboard's row names, however often it is begun."""
    studio, _, film = made
    target = studio.hosting.film_target(film)
    for _ in range(2):
        await joining.join(studio.context, film, target)

    assert "t0+t1" == target.read_text()


async def test_one_shot_alone_is_the_film(made):
    """It is copied, so that the shot's own file stays."""
    studio, board, film = made
    ended, shots = await studio.now(board)
    context, target = studio.context, studio.hosting.film_target(film)
    await context.storyboards.move(ended, studio.clock(), due_at=None, joined=(shots[1].id,))
    await joining.join(context, film, target)

    assert "t1" == target.read_text()
    assert studio.hosting.film_path(shots[1].film).exists()
    assert [] == list(target.parent.glob("*.part"))


@pytest.mark.parametrize("loss", ["nothing chosen", "no storyboard", "no film", "no file"])
async def test_a_shot_that_is_gone_is_no_film(made, loss):
    """It is told apart from a file that can't be read: nobody makes half of a film."""
    studio, board, film = made
    ended, shots = await studio.now(board)
    if loss == "nothing chosen":
        await studio.context.storyboards.move(ended, studio.clock(), due_at=None, joined=())
    if loss == "no storyboard":
        film = replace(film, storyboard_id="f" * 16)
    if loss == "no film":
        await studio.store.move(shots[0], studio.clock(), due_at=None, film=None)
    if loss == "no file":
        studio.hosting.film_path(shots[0].film).unlink()
    with pytest.raises(MediaError):
        await joining.join(studio.context, film, studio.hosting.film_target(film))
    assert BoardStatus.DELIVERED is ended.status
