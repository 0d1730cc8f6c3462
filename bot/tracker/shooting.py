"""A storyboard, one step at a time: release a shot, wait for it, decide what is joined, follow the film."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import Conflict, FilesUnavailable, MediaError, StoreUnavailable
from bot.models import OPEN as GOES_ON
from bot.models import WITHOUT_FILM, MediaFile, Status
from bot.schedule import backoff
from bot.shots import OPEN, BoardStatus, film_of, following, is_broken, is_made, is_under_way
from bot.store.forgetting import Forgetting
from bot.tracker import board_cards
from bot.tracker.context import log, transition
from bot.tracker.poison import LONGEST_STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.models import Generation
    from bot.shots import Storyboard
    from bot.tracker.context import Context

AT_ONCE = 8
"""Storyboards that are stepped at the same time in this process."""
LOOK = timedelta(minutes=1)
"""How often a storyboard is looked at that nothing has woken: its shots do that when they move."""
LOOK_WHEN_STUCK = timedelta(hours=6)
DECISION = timedelta(days=7)
"""How long a member may think about a shot that failed, before what is made is joined."""
TRIES = 5
"""Tries to take a last frame, before the shot that needs it is given up."""
CARD_TRIES = 20
LONGEST_WAIT = timedelta(minutes=10)


async def step(context: Context, board: Storyboard) -> None:
    """Take the next step. Never raises: what fails as nobody expected is tried again, ever more seldom."""
    try:
        async with asyncio.timeout(LONGEST_STEP.total_seconds()):  # its lease is kept for it meanwhile
            await direct(context, board)
    except Conflict as error:
        log.info("moved by somebody else", storyboard=board.id, statement=error.statement)
    except StoreUnavailable as error:
        log.error("not written down", storyboard=board.id, error=str(error))
    except FilesUnavailable as error:
        log.warning("waits for its files", storyboard=board.id, error=str(error))
        await _put_off(context, board, error.misses)
    except Exception:  # noqa: BLE001 - a step that fails must not take the others along
        log.exception("step failed", storyboard=board.id, status=board.status)
        misses = board.misses + 1
        await _put_off(context, board, misses, misses=misses)


async def _put_off(context: Context, board: Storyboard, failures: int, **changes: Any) -> None:
    """Try it again later, ever more seldom; where that can't be written down, when its lease has run out."""
    due_at = context.clock() + backoff(failures, context.random, most=LONGEST_WAIT)
    try:
        await context.storyboards.move(board, context.clock(), due_at=due_at, **changes)
    except (Conflict, StoreUnavailable) as error:
        log.warning("not put off", storyboard=board.id, error=str(error))


async def direct(context: Context, board: Storyboard) -> Storyboard:
    """Do whatever is next for a storyboard that is due, and say when it is due again."""
    shots = await context.storyboards.shots(board)
    film = None if board.status is BoardStatus.SHOOTING else await context.store.get(board.id)
    if board.status in OPEN:
        await _keep(context, shots)
    board = await board_cards.refresh(context, board, shots, film)
    if board.status is BoardStatus.SHOOTING:
        return await (_wind_up if board.enough else _shoot)(context, board, shots)
    if board.status is BoardStatus.JOINING and film is not None:
        return await _follow(context, board, shots, film)
    return await _rest(context, board)


async def _keep(context: Context, shots: Sequence[Generation]) -> None:
    """Keep the shots' films for another while: however long it takes, none is swept away before the end."""
    for shot in shots:
        if shot.film is not None:
            with suppress(FilesUnavailable):  # it is asked for again soon
                await context.hosting.touch(shot.film, context.clock())


async def _move(context: Context, board: Storyboard, wait: timedelta, **changes: Any) -> Storyboard:
    now = context.clock()
    turn = context.budget.turn(board.place.channel_id, board.id, now)
    due_at = now + wait if turn is None else min(now + wait, turn)
    moved = await context.storyboards.move(board, now, due_at=due_at, **changes)
    if moved.status is not board.status:
        log.info("moved", storyboard=board.id, before=board.status, after=moved.status)
    return moved


# shooting


async def _shoot(context: Context, board: Storyboard, shots: Sequence[Generation]) -> Storyboard:
    """Let one shot after another go; where one has failed, let its member decide."""
    if any(map(is_under_way, shots)):
        return await _move(context, board, LOOK, stuck_since=None)
    waiting = following(board, shots)
    if waiting is not None:
        before = shots[shots.index(waiting) - 1] if board.continuous and waiting.shot != 1 else None
        return await _release(context, board, waiting, before)
    if all(map(is_made, shots)):
        return await _join(context, board, shots)
    return await _stuck(context, board, shots)


async def _release(
    context: Context, board: Storyboard, shot: Generation, before: Generation | None
) -> Storyboard:
    """Hand a shot over to the queue, with the picture that it begins with."""
    try:
        media = () if before is None else (await _last_frame(context, before),)
    except (MediaError, OSError) as error:
        return await _no_frame(context, board, shot, error)
    now = context.clock()
    await transition(
        context,
        shot,
        due_at=now,
        released_at=now,
        card_id=_after(board),
        asked=replace(shot.asked, media=media),
        request=replace(shot.request, media=media),
    )
    return await _move(context, board, LOOK, stuck_since=None, misses=0)


def _after(board: Storyboard) -> int:
    """Return the message after which news of a shot is looked for; where no card stands, the command."""
    return board.card_id or board.interaction_id


async def _last_frame(context: Context, shot: Generation) -> MediaFile:
    """Keep the last picture of a shot. Raises `MediaError`, `OSError` or `FilesUnavailable`.

    If we die before it is used, it is a picture too many, which is swept.
    """
    assert shot.film is not None
    film = await context.hosting.film(shot.film)
    if film is None:
        raise MediaError("not_a_film", "the film of a shot is gone")
    half = context.hosting.films_dir / f"{shot.id}.frame.png.part"
    await context.last_frame(film, half)
    probed = await context.prober.probe(half)
    frame = MediaFile(
        id=f"{context.random.getrandbits(128):032x}",
        name=f"shot-{shot.shot}.png",
        kind=probed.kind,
        extension=probed.extension,
        size=probed.size,
        sha256=probed.sha256,
        source_url="",
        width=probed.width,
        height=probed.height,
    )
    await context.hosting.keep_media(frame, half)
    return frame


async def _no_frame(context: Context, board: Storyboard, shot: Generation, error: Exception) -> Storyboard:
    misses = board.misses + 1
    log.warning("no last frame", storyboard=board.id, generation=shot.id, tries=misses, error=str(error))
    if misses < TRIES:
        wait = backoff(misses, context.random, most=LONGEST_WAIT)
        return await _move(context, board, wait, misses=misses)
    await transition(
        context,
        shot,
        due_at=context.clock(),
        card_id=_after(board),
        status=Status.FAILED,
        reason="frame_lost",
    )
    return await _move(context, board, LOOK, misses=0)


async def _stuck(context: Context, board: Storyboard, shots: Sequence[Generation]) -> Storyboard:
    """Wait for its member, but not for ever: in the end what is made is joined."""
    now = context.clock()
    since = board.stuck_since or now
    if now >= since + DECISION:
        log.info("nobody decided", storyboard=board.id)
        return await _move(context, board, timedelta(), enough=True)
    look = LOOK_WHEN_STUCK if board_cards.is_current(board, shots) else LOOK
    return await _move(context, board, min(look, since + DECISION - now), stuck_since=since)


async def _wind_up(context: Context, board: Storyboard, shots: Sequence[Generation]) -> Storyboard:
    """End what isn't made yet; what is made, or comes in spite of it, becomes the film."""
    going = [shot for shot in shots if not (is_made(shot) or is_broken(shot))]
    for shot in going:
        if not shot.cancel_wished:
            await context.store.wish_cancel(shot.id, context.clock())
    if going:
        return await _move(context, board, LOOK)
    if any(map(is_made, shots)):
        return await _join(context, board, shots)
    now = context.clock()
    return await _move(context, board, timedelta(), status=BoardStatus.CANCELLED, finished_at=now, misses=0)


# joining


async def _join(context: Context, board: Storyboard, shots: Sequence[Generation]) -> Storyboard:
    """Write down which shots are joined, and the film that they become: it goes its own way from here."""
    now = context.clock()
    joined = tuple(shot.id for shot in shots if is_made(shot))
    log.info("moved", storyboard=board.id, before=board.status, after=BoardStatus.JOINING, shots=len(joined))
    return await context.storyboards.put_film(
        board,
        film_of(board, shots, now),
        now,
        status=BoardStatus.JOINING,
        joined=joined,
        stuck_since=None,
        misses=0,
    )


async def _follow(
    context: Context, board: Storyboard, shots: Sequence[Generation], film: Generation
) -> Storyboard:
    """Say of the storyboard what became of its film."""
    if film.status in GOES_ON or film.status is Status.PARKED:
        return await _move(context, board, LOOK if film.status in GOES_ON else LOOK_WHEN_STUCK)
    await _keep(context, shots)
    status = BoardStatus.FAILED if film.status in WITHOUT_FILM else BoardStatus.DELIVERED
    return await _move(context, board, timedelta(), status=status, finished_at=context.clock(), misses=0)


async def _rest(context: Context, board: Storyboard) -> Storyboard:
    """Let one that has ended rest, once its card says so."""
    now = context.clock()
    if board_cards.up_to_date(board) or board.misses >= CARD_TRIES:
        await Forgetting(context.store.engine).end_board(board, context.random, now)
        return await context.storyboards.move(board, now, due_at=None)
    wait = backoff(board.misses + 1, context.random, most=LONGEST_WAIT)
    return await _move(context, board, wait, misses=board.misses + 1)
