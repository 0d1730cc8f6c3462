"""Single pictures out of films."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.media._making import make

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ONE_MINUTE: Final = timedelta(minutes=1)
CHILD: Final = ("bot.media._frames",)


async def last_frame(
    source: Path, target: Path, *, deadline: timedelta = ONE_MINUTE, child: Sequence[str] = CHILD
) -> None:
    """Write the last picture that a player shows of a film to `target`, as a PNG.

    It is turned and stretched as the film asks to be shown. The target appears whole or not at all, and what
    lay there before goes only then. Raises `MediaError`: `not_a_film` for a picture or a sound, `too_complex`
    after `deadline` or for pictures of a size that nobody films in, else what `probe` says of such a file.
    """
    await make(child, {"do": "last_frame", "source": str(source.absolute())}, target, deadline)
