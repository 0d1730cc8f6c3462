"""A storyboard's shots become one file: the way onto the disk of a film that no provider made."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from bot.errors import MediaError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.media.probe import Probed
    from bot.models import Generation
    from bot.tracker.context import Context


async def join(context: Context, film: Generation, target: Path) -> Probed:
    """Write the joined film, which appears whole or not at all, and return what it is.

    The shots are those that the storyboard's row names, so however often this is begun, it is one film.
    Raises `MediaError`, `OSError` or `FilesUnavailable`.
    """
    sources = await _sources(context, film)
    if len(sources) == 1:
        half = target.with_name(f"{target.name}.part")
        await asyncio.to_thread(shutil.copyfile, sources[0], half)
        half.replace(target)
    else:
        await context.join(sources, target)
    return await context.prober.probe(target)


async def _sources(context: Context, film: Generation) -> list[Path]:
    board = await context.storyboards.get(film.storyboard_id or "")
    shots = [] if board is None else await context.storyboards.shots(board)
    chosen = [shot.film for shot in shots if board is not None and shot.id in board.joined]
    if not chosen or None in chosen:
        raise MediaError("not_a_film", "a shot is gone")
    here = [await context.hosting.film(each) for each in chosen if each is not None]
    if None in here:
        raise MediaError("not_a_film", "the film of a shot is gone")
    return [path for path in here if path is not None]
