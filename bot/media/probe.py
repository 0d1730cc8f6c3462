"""What a file is, by its bytes alone; its name counts for nothing."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.errors import MediaError
from bot.media._worker import Worker
from bot.models import MediaKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIVE_SECONDS: Final = timedelta(seconds=5)
CHILD: Final = ("bot.media._child",)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a file's bytes say. Sizes are as shown: a clip filmed upright is higher than wide."""

    kind: MediaKind
    extension: str
    """The true one: `.png`, `.jpg`, `.webp`, `.gif`, `.bmp`, `.mp4`, `.m4v`, `.mov`, `.mp3` or `.wav`."""
    size: int
    sha256: str
    width: int = 0
    height: int = 0
    duration: timedelta = timedelta()
    """Of a clip: its pictures' length. Of a sound: without what its encoder added."""
    frame_rate: float = 0.0
    """Frames per second, on average."""
    video_codec: str = ""
    """libav's names: `h264`, `hevc`, `aac`, `mp3`, `pcm_s16le`, …"""
    audio_codec: str = ""
    pixel_format: str = ""
    faststart: bool = False
    """A player can begin before the whole film is there."""
    complete: bool = True
    """False for a sound that ends too early and can be used still; cut pictures and films are refused."""

    @property
    def sound(self) -> bool:
        """Whether there is anything to hear."""
        return bool(self.audio_codec)


class Prober:
    """Looks into files in child processes, which stay warm and are replaced after a fault.

    `workers` is how many files are looked into at once; `child` is the module that does it.
    """

    def __init__(self, workers: int = 1, *, child: Sequence[str] = CHILD) -> None:
        self._child = tuple(child)
        self._places = asyncio.Semaphore(workers)
        self._idle: list[Worker] = []
        self._closed = False

    async def probe(self, path: Path, *, deadline: timedelta = FIVE_SECONDS) -> Probed:
        """Say what the file at `path` is.

        Raises `MediaError` with the code `empty`, `not_media` (nothing that we take), `unreadable`,
        `truncated` (the end is missing) or `too_complex` (it would take more time or memory than we give).
        """
        answer = await self._ask(path, deadline)
        if "code" in answer:
            raise MediaError(str(answer["code"]), str(answer.get("detail", "")))
        size, sha256 = await asyncio.to_thread(_digest, path)
        return _probed(answer, size, sha256)

    async def close(self) -> None:
        """End the children; a probe that runs ends with its own child."""
        self._closed = True
        while self._idle:
            await self._idle.pop().kill()

    async def _ask(self, path: Path, deadline: timedelta) -> dict[str, Any]:
        async with self._places:
            worker = await self._worker()
            try:
                return await worker.ask({"path": str(path.absolute())}, deadline)
            finally:
                if self._closed:
                    await worker.kill()
                elif worker.alive:
                    self._idle.append(worker)

    async def _worker(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await worker.kill()
        return await Worker.start(self._child)


async def probe(path: Path, *, deadline: timedelta = FIVE_SECONDS) -> Probed:
    """Look into one file with a child of its own; see `Prober.probe`."""
    prober = Prober()
    try:
        return await prober.probe(path, deadline=deadline)
    finally:
        await prober.close()


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


def _probed(answer: dict[str, Any], size: int, sha256: str) -> Probed:
    facts = dict(answer)
    seconds = facts.pop("seconds", 0.0)
    try:
        kind = MediaKind(facts.pop("kind"))
        return Probed(kind=kind, size=size, sha256=sha256, duration=timedelta(seconds=seconds), **facts)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MediaError("unreadable", "the child answered nonsense") from error
