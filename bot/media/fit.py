"""Make a film fit where it must go: H.264 and AAC in an MP4 that plays at once, within a number of bytes."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.errors import MediaError
from bot.media._making import folder_beside
from bot.media._worker import Worker
from bot.models import MediaKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.media.probe import Probed

TEN_MINUTES: Final = timedelta(minutes=10)
CHILD: Final = ("bot.media._encode",)
LEAST: Final = 0.92
AIM: Final = 0.975
"""Of the budget: two passes land within about two per cent of what they are told."""
SATURATED: Final = 0.8
"""Below this share of the budget a film is as good as its encoder can make it."""
TRIES: Final = 3
SIDES: Final = (1080, 720, 540, 480, 360, 240, 144)
THINNEST: Final = 0.045
"""Bits per pixel and frame below which a smaller picture looks better."""
LEAST_VIDEO: Final = 24_000
"""Bits per second."""
AUDIO: Final = ((1_000_000, 128_000), (500_000, 96_000), (250_000, 64_000), (120_000, 48_000), (0, 32_000))
"""From so many bits per second in all, so many for the sound."""
FRAME_COST: Final = 16
"""Bytes that an MP4's index spends on a frame or a block of sound."""
HEADER_COST: Final = 4096


@dataclass(frozen=True, slots=True)
class Fitted:
    """A film that fits, on the disk."""

    size: int
    sha256: str
    width: int
    height: int
    encoded: bool
    """False where the very same pictures and sound were kept."""
    first: int = 0
    """Bytes after the first try; mostly the result."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to spend the bytes. Rates are in bits per second."""

    width: int
    height: int
    video_rate: int
    audio_rate: int
    fixed: int
    """Bytes that go to sound and index, whatever the pictures take."""


def is_playable(film: Probed) -> bool:
    """Say whether Discord's clients play the film inline: H.264 in 4:2:0, with AAC or no sound, in an MP4."""
    return (
        film.kind is MediaKind.VIDEO
        and film.extension == ".mp4"
        and film.video_codec == "h264"
        and film.pixel_format in {"yuv420p", "yuvj420p"}
        and film.audio_codec in {"", "aac"}
    )


def plans(film: Probed, budget: int) -> Iterator[Plan]:
    """Yield ways to bring `film` to `budget` bytes, the best first, then ever smaller pictures."""
    seconds = max(film.duration.total_seconds(), 0.1)
    rate = film.frame_rate or 24.0
    whole = budget * 8 / seconds
    audio = next(bits for least, bits in AUDIO if whole >= least) if film.sound else 0
    blocks = seconds * (rate + (48_000 / 1024 if film.sound else 0))
    fixed = HEADER_COST + round(blocks * FRAME_COST + audio * seconds / 8)
    video = int((budget * AIM - fixed) * 8 / seconds)
    if video < LEAST_VIDEO:
        return
    sizes = [*_sizes(film.width, film.height)]
    for number, (width, height) in enumerate(sizes, 1):
        if video >= THINNEST * width * height * rate or number == len(sizes):
            yield Plan(width, height, video, audio, fixed)


def _sizes(width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield the film's own size and the smaller ones of the same shape; sides are even, as 4:2:0 wants."""
    shorter = min(width, height)
    for side in (shorter, *(side for side in SIDES if side < shorter)):
        yield tuple(max(2, round(length * side / shorter / 2) * 2) for length in (width, height))  # type: ignore[misc]


async def fit(
    source: Path,
    target: Path,
    *,
    budget: int,
    film: Probed,
    deadline: timedelta = TEN_MINUTES,
    child: Sequence[str] = CHILD,
) -> Fitted:
    """Write a film that plays and takes at most `budget` bytes to `target`; `film` is what `source` is.

    A film that plays and fits already is kept as it is, or put into an MP4 with its index in front; any other
    is encoded anew in two passes. The source stays. Cancelling ends the child and leaves nothing behind.
    Raises `MediaError`: `cannot_fit` where even the smallest picture would be too large, `too_complex` after
    `deadline`, `unreadable` where the film can't be decoded.
    """
    with folder_beside(target, "fit") as folder:
        job = _Fit(source, folder, film, budget, await Worker.start(child))
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                made = await job.run()
        except TimeoutError as error:
            raise MediaError("too_complex", "encoding took too long") from error
        finally:
            await job.worker.kill()
        return await asyncio.to_thread(made.settle, target)


@dataclass(frozen=True, slots=True)
class _Made:
    path: Path
    width: int
    height: int
    first: int | None
    """Bytes after the first try; None: nothing was encoded."""

    def settle(self, target: Path) -> Fitted:
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        self.path.replace(target)
        encoded = self.first is not None
        return Fitted(
            size, digest, self.width, self.height, encoded, size if self.first is None else self.first
        )


class _Fit:
    """One film on its way into one budget."""

    def __init__(self, source: Path, folder: Path, film: Probed, budget: int, worker: Worker) -> None:
        self.worker = worker
        self._source = source
        self._folder = folder
        self._film = film
        self._budget = budget

    async def run(self) -> _Made:
        if self._film.size <= self._budget and (kept := await self._keep()):
            return kept
        for plan in plans(self._film, self._budget):
            if path := await self._encode(plan):
                first = self._attempt(plan, 0).stat().st_size
                return _Made(path, plan.width, plan.height, first)
        raise MediaError("cannot_fit")

    async def _keep(self) -> _Made | None:
        """Keep the pictures as they are, if they play; the index goes to the front."""
        film, path = self._film, self._folder / "kept.mp4"
        if film.faststart and is_playable(film):
            await asyncio.to_thread(shutil.copyfile, self._source, path)
        elif (
            film.video_codec == "h264" and film.pixel_format == "yuv420p" and film.audio_codec in {"", "aac"}
        ):
            await self._ask("remux", path)
        else:
            return None
        fits = path.stat().st_size <= self._budget
        return _Made(path, film.width, film.height, None) if fits else None

    async def _encode(self, plan: Plan) -> Path | None:
        """Encode until the size is right; return the largest result that fits, if there is one."""
        await self._ask("measure", self._folder / "nothing", plan, plan.video_rate)
        rate: float = plan.video_rate
        best: Path | None = None
        for number in range(TRIES):
            path = self._attempt(plan, number)
            await self._ask("encode", path, plan, round(rate))
            size = path.stat().st_size
            if size <= self._budget and (best is None or size > best.stat().st_size):
                best = path
            share = size / self._budget
            if LEAST <= share <= 1 or share < SATURATED:
                break
            rate *= (self._budget * AIM - plan.fixed) / max(size - plan.fixed, 1)
            if rate < LEAST_VIDEO:
                break
        return best

    def _attempt(self, plan: Plan, number: int) -> Path:
        return self._folder / f"{plan.height}-{number}.mp4"

    async def _ask(self, do: str, target: Path, plan: Plan | None = None, rate: int = 0) -> None:
        step: dict[str, Any] = {
            "do": do,
            "source": str(self._source.absolute()),
            "target": str(target.absolute()),
            "statistics": str(self._folder.absolute() / "x264"),
        }
        if plan is not None:
            step |= {"width": plan.width, "height": plan.height}
            step |= {"video_rate": rate, "audio_rate": plan.audio_rate}
        answer = await self.worker.ask(step, TEN_MINUTES)
        if "code" in answer:
            raise MediaError(str(answer["code"]), str(answer.get("detail", "")))
