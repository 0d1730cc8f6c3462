"""Laws of `bot.tracker.shooting`: a step of a storyboard that fails harms nobody else and loses nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.errors import Conflict, FilesUnavailable, StoreUnavailable
from bot.files import Folder
from bot.models import ProviderTask, TaskStatus
from bot.shots import BoardStatus
from bot.store.storyboards import Storyboards
from bot.tracker import shooting
from bot.tracker.context import LEASE
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
        (
            {"step": FilesUnavailable("down"), "move": Conflict("move")},
            ["waits for its files", "not put off"],
        ),
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


@pytest.mark.parametrize("beats", [True, False])
async def test_a_long_step_keeps_its_lease_and_a_dead_machine_s_ends_within_a_minute(
    studio, monkeypatch, beats
):
    """A picture out of a film that lies far away takes minutes; nobody else begins meanwhile (S-17)."""
    go_on, direct = asyncio.Event(), shooting.direct

    async def slow(context, board):
        await go_on.wait()
        return await direct(context, board)

    monkeypatch.setattr(shooting, "direct", slow)
    board = await studio.ask("a", "b")
    await studio.tracker.tick()
    for _ in range(3):
        studio.clock.now += LEASE / 3 + timedelta(seconds=1)
        if beats:
            await studio.tracker._extend(studio.clock())
    others = await studio.boards.claim(studio.clock(), lease=LEASE, most=9)
    go_on.set()
    await asyncio.gather(*studio.tracker._steps.values())

    assert ([] if beats else [board.id]) == [one.id for one in others]
    assert {} == studio.tracker._boards


async def test_a_step_that_never_ends_is_begun_anew(studio, monkeypatch):
    """Its lease is kept for it, so nobody else would: it is broken off, and tried again later (S-12)."""
    monkeypatch.setattr(shooting, "LONGEST_STEP", timedelta(0))
    board = await studio.ask("a", "b")
    await shooting.step(studio.context, board)

    assert 1 == (await studio.now(board))[0].misses


async def test_a_step_that_was_overtaken_forgets_nothing_of_the_other_s(studio):
    """Both are ours; the later one keeps its place until it has ended itself."""
    tracker, key = studio.tracker, "storyboard x"
    early, late = (asyncio.create_task(asyncio.sleep(0)) for _ in range(2))
    await asyncio.gather(early, late)
    tracker._steps[key], tracker._boards[key] = late, None
    tracker._directed(key, early)
    kept = [*tracker._boards]
    tracker._directed(key, late)

    assert ([key], [], {}) == (kept, [*tracker._boards], tracker._steps)


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


async def test_a_storyboard_waits_for_its_files(studio, monkeypatch):
    """A frame that can't be taken because its film can't be had counts against no shot (S-20)."""
    board = await studio.ask("a", "b")
    down = [FilesUnavailable("down")] * 8

    async def away(folder, name, whole=None):
        if down:
            raise down.pop()
        path = folder.path(name)
        return path if path.exists() else None

    monkeypatch.setattr(Folder, "local", away)
    await studio.rest()
    ended, shots = await studio.now(board)

    assert ([], BoardStatus.DELIVERED) == (down, ended.status)
    assert [0, 0] == [shot.misses for shot in shots]


async def test_films_that_cannot_be_kept_for_longer_just_now_stop_nothing(studio, monkeypatch):
    """It is tried again at the next step, long before they are old."""

    async def away(*_):
        raise FilesUnavailable("down")

    monkeypatch.setattr(Folder, "touch", away)
    board = await studio.ask("a", "b")
    await studio.rest()

    assert BoardStatus.DELIVERED is (await studio.now(board))[0].status


async def test_a_frame_of_a_film_that_is_gone_is_no_frame(studio, monkeypatch):
    """After some tries its shot is given up, and its member decides."""

    async def gone(*_):
        return None

    board = await studio.ask("a", "b")
    last_frame = shooting._last_frame

    async def of_none(context, shot):
        with monkeypatch.context() as patched:
            patched.setattr(Folder, "local", gone)
            return await last_frame(context, shot)

    monkeypatch.setattr(shooting, "_last_frame", of_none)
    await studio.rest()
    _, shots = await studio.now(board)

    assert "frame_lost" == shots[1].reason
