# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""Films of several shots."""

from dataclasses import replace

from bot.messages import CardFacts, film, storyboard
from bot.models import Status
from bot.shots import film_of
from tests.cogs.exercises import MODERATED, OWNER, exercise
from tests.cogs.exercises.making import OPTIONS, confirming
from tests.cogs.films import kept

SHARED = ("model", "ratio", "resolution", "seconds", "sound", "provider")


def _shots(stage):
    return f"{stage.words} 1\n{stage.words} 2"


@exercise(f"/storyboard: continuous {' '.join(SHARED)}", "ASKED: shots", makes=True)
async def storyboard_(stage):
    """With everything that it takes."""
    options = {name: OPTIONS[name] for name in SHARED}
    form = await stage.slash("storyboard", continuous=True, **options)
    await stage.fill(form, shots=_shots(stage))


@exercise("/storyboard? model")
async def model_of_a_storyboard(stage):
    """Offers those of the provider chosen so far."""
    assert await stage.complete("storyboard", "model", "seed", provider="evolink")


@exercise("storyboard.Confirm", who=OWNER, ben="order_gone")
async def confirm(stage):
    """What is dear is begun after a yes."""
    confirming(stage)
    form = await stage.as_("ann", stage.slash, "storyboard")
    asked = await stage.as_("ann", stage.fill, form, shots=_shots(stage))
    await stage.press(await stage.within_reach(asked), "shots:confirm:")


async def _board(stage, *statuses):
    """Return a storyboard of Ann's whose shots stand so, and the message with its card."""
    form = await stage.as_("ann", stage.slash, "storyboard")
    await stage.as_("ann", stage.fill, form, shots=_shots(stage))
    rows = await stage.house.own.searching.page(stage.ann.id, most=25)
    direction, store = stage.house.storyboards, stage.house.generations._store
    _, shots = await direction.find(rows[0].storyboard_id)
    for shot, status in zip(shots, statuses, strict=False):
        made = kept(stage.home, shot) if status is Status.DELIVERED else None
        await store.note(shot.id, status=status, film=made)
    board, shots = await direction.find(rows[0].storyboard_id)
    shown = [storyboard.Shown(shot, CardFacts(stage.house.clock())) for shot in shots]
    return board, shots, await stage.post(storyboard.card(board, shown, None, None))


@exercise("storyboard.Redo", "REDONE: shots", who=OWNER, ben="not_theirs")
async def redo(stage):
    """A failed shot alone, with other words."""
    _, _, message = await _board(stage, Status.DELIVERED, Status.FAILED)
    form = await stage.press(message, "shots:redo:")
    await stage.fill(form, shots=stage.words)


@exercise("storyboard.Enough", who=MODERATED)
async def enough(stage):
    """What is made is joined."""
    _, _, message = await _board(stage, Status.DELIVERED, Status.FAILED)
    await stage.press(message, "shots:enough:")


@exercise("storyboard.Enough", "storyboard.Enough: full", who=MODERATED)
async def enough_in_full(stage):
    """A shot that a provider doesn't stop counts: it is asked first."""
    _, _, message = await _board(stage, Status.RUNNING)
    asked = await stage.press(message, "shots:enough:")
    if not stage.refusals:
        await stage.press(asked.response, "shots:enough:")


@exercise("storyboard.Single", "storyboard.Get: 1", who=MODERATED)
async def single(stage):
    """One shot by itself."""
    _, _, message = await _board(stage, Status.DELIVERED, Status.FAILED)
    asked = await stage.press(message, "shots:single:")
    if not stage.refusals:
        await stage.choose(asked.response, "shots:get:", "1")


@exercise("storyboard.Get", who=MODERATED)
async def get(stage):
    """Not from a menu that somebody else got hold of, either."""
    board, shots, _ = await _board(stage, Status.DELIVERED, Status.FAILED)
    menu = await stage.post(storyboard.choice(board.id, shots, stage.public_say))
    await stage.choose(menu, "shots:get:", "1")


@exercise("storyboard.Again", "ASKED: shots", makes=True)
async def again(stage):
    """The whole of it, at the presser's cost."""
    board, shots, _ = await _board(stage, Status.DELIVERED, Status.DELIVERED)
    joined = replace(film_of(board, shots, stage.house.clock()), status=Status.DELIVERED)
    message = await stage.post(film(joined, CardFacts(stage.house.clock())))
    form = await stage.press(message, "shots:again:")
    await stage.fill(form, shots=_shots(stage))
