"""Several films as one, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.media._making import make
from bot.media.fit import TEN_MINUTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from pathlib import Path

CHILD: Final = ("bot.media._join",)
FEWEST, MOST = 2, 6


async def join(
    sources: Sequence[Path],
    target: Path,
    *,
    deadline: timedelta = TEN_MINUTES,
    child: Sequence[str] = CHILD,
) -> bool:
    """Write the films one after another to `target`, an MP4 of H.264 and AAC that plays at once.

    Pictures that can follow one another as they are stay as they are, and so does sound; what can't is
    encoded once, in the first film's size and frame rate, with bars where the shape differs and silence where
    a film has no sound. Each film lasts as long as its pictures, and its sound begins where it did. Returns
    whether anything was encoded. The same films give the same bytes. The target appears whole or not at all.

    Raises `ValueError` for fewer than two films or more than six, and `MediaError`: `not_a_film` for a
    picture or a sound, `too_complex` for half an hour and more or after `deadline`, else what `probe` says of
    such a file.
    """
    if not FEWEST <= len(sources) <= MOST:
        raise ValueError(f"{len(sources)} films can't be joined: {FEWEST} to {MOST} can")
    step = {"do": "join", "sources": [str(source.absolute()) for source in sources]}
    return bool((await make(child, step, target, deadline))["encoded"])
