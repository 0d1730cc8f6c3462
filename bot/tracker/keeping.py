"""A film that was fetched is kept for whoever goes on with it, before its row says so."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from bot.errors import Conflict, FilesUnavailable, MediaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.media.probe import Probed
    from bot.models import Film, Generation
    from bot.tracker.context import Context


@contextlib.asynccontextmanager
async def kept(context: Context, film: Film) -> AsyncIterator[None]:
    """Keep a film for whoever goes on with it, before its row names it; if the row won't, it is nobody's.

    Raises `FilesUnavailable`: then the step is taken again, with what was fetched.
    """
    files = context.hosting.files
    await files.keep(film.path)
    try:
        yield
    except Conflict:  # somebody else goes on, with a film of their own
        if files.shared:
            with contextlib.suppress(FilesUnavailable):  # it goes when it is old
                await files.forget([film.path])
        raise


async def left_over(context: Context, generation: Generation, target: Path) -> Probed | None:
    """Take up a film that was fetched here before and couldn't be kept, if there is one that can be read."""
    hosting = context.hosting
    if not hosting.files.shared:
        return None
    left = [path for path in hosting.films_dir.glob(f"{generation.id}.v*.mp4") if path.is_file()]
    if not left:
        return None
    max(left, key=lambda path: path.stat().st_mtime).replace(target)
    target.touch()
    try:
        return await context.prober.probe(target)
    except MediaError:
        target.unlink()
        return None


async def is_here(context: Context, generation: Generation) -> bool:
    """Bring the film here and return whether that could be done. Raises `FilesUnavailable`."""
    return generation.film is not None and await context.hosting.film(generation.film) is not None
