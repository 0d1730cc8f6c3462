"""One file made by one child process: whole and in its place, or not there at all."""

from __future__ import annotations

import glob
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import MediaError
from bot.media._worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta


@contextmanager
def folder_beside(target: Path, do: str) -> Iterator[Path]:
    """Give a folder beside the target for what is half done, gone afterwards."""
    mark = f".{target.name}.{do}-"
    for stale in target.parent.glob(f"{glob.escape(mark)}*"):  # left by a process that was killed
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=mark, dir=target.parent) as folder:
        yield Path(folder)


async def make(
    child: Sequence[str], step: Mapping[str, object], target: Path, deadline: timedelta
) -> dict[str, Any]:
    """Have `child` take the step and write `target`; return its answer.

    The child writes under a half-done name in a folder beside the target. Cancelling ends the child and
    leaves nothing behind. Raises `MediaError`: the child's own code, or one of `Worker.ask`.
    """
    with folder_beside(target, str(step["do"])) as folder:
        half = folder.absolute() / target.name
        worker = await Worker.start(child)
        try:
            answer = await worker.ask({**step, "target": str(half)}, deadline)
        finally:
            await worker.kill()
        if "code" in answer:
            raise MediaError(str(answer["code"]), str(answer.get("detail", "")))
        half.replace(target)
    return answer
