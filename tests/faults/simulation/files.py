"""Films on their way: downloads without a network, files without a disk's slowness, and looks into them."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from simcord.http import router

from bot.app import steps
from bot.errors import LinkExpired, MediaError
from bot.files import folder
from bot.media import arriving, download
from bot.media.download import Downloader
from bot.media.probe import Probed
from bot.models import MediaKind
from bot.tracker import joining
from bot.tracker import loop as rounds
from tests.faults.points import counting
from tests.faults.simulation.providers import FILMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.media.addresses import Link
    from tests.faults.simulation.outside import Outside

KINDS: Final = (
    "film is cut",
    "film's link is dead",
    "film is no film",
    "disk is full",
    "film is redirected inside",
    "film needs encoding",
)
FILM, ODD_FILM, PICTURE = b"film", b"odd film", b"\x89PNG picture"
SIZE: Final = 5_000
SLEEP: Final = timedelta(hours=6)
"""Longer than the tracker's own longest sleep: whatever is due must be known to be, or it comes too late."""


def film(odd: bool = False) -> bytes:
    """Return a film of some thousand bytes; an odd one isn't played by Discord as it is."""
    return (ODD_FILM if odd else FILM).ljust(SIZE, b".")


class SimulatedDownloader(Downloader):
    """The guarded downloader over a line that is played: what it lets through is noted."""

    outside: Callable[[], Outside]

    async def _get(self, link: Link, part: Any, most: int) -> str | None:
        outside = self.outside()
        part.begin("", None)
        outside.callback_may("download")
        await outside.lag("download")
        if link.host != FILMS:
            outside.wrongs.append(f"I5: connected to {link.host}")
        if outside.fault("film's link is dead"):
            raise LinkExpired("410")
        if outside.fault("film is redirected inside"):
            return "https://10.0.0.1/film.mp4"
        if outside.fault("film is cut"):
            part.write([film()[:100]])
            raise download._Cut("cut")
        if outside.fault("disk is full"):
            raise OSError(errno.ENOSPC, "no space left")
        wrong = b"<html>not today</html>" if outside.fault("film is no film") else None
        part.write([wrong or film(odd=outside.fault("film needs encoding"))])
        await outside.lag("download")
        return None


def part_of(outside: Callable[[], Outside], now: Callable[[], float]) -> type:
    """Return what stands for a half-done file: it has moments to die at, the simulated time, and no fsync."""

    class Part(arriving.Part):
        async def __aenter__(self) -> Any:
            entered = await super().__aenter__()
            os.utime(self._path, (now(), now()))
            self._life = outside().life
            return entered

        async def __aexit__(self, *error: object) -> None:
            if self._life.dead:
                self._file.close()  # a process that is gone tidies nothing up
            else:
                await super().__aexit__(*error)

        def finish(self) -> Any:
            outside().passing("before rename film")
            os.utime(self._path, (now(), now()))
            downloaded = super().finish()
            outside().passing("after rename film")
            return downloaded

    return Part


class SimulatedProber:
    """Looks at the first bytes, as files here are made."""

    async def probe(self, path: Path) -> Probed:
        """Say what it is. Raises `MediaError`."""
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if data.startswith(PICTURE):
            return Probed(MediaKind.IMAGE, ".png", len(data), digest, width=1280, height=720)
        if not data.startswith((FILM, ODD_FILM)):
            raise MediaError("unreadable")
        codec = "hevc" if data.startswith(ODD_FILM) else "h264"
        return Probed(MediaKind.VIDEO, ".mp4", len(data), digest, width=1280, height=720,
                      duration=timedelta(seconds=5), frame_rate=24.0, video_codec=codec,
                      pixel_format="yuv420p", audio_codec="aac")  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""


async def fit(source: Path, target: Path, *, budget: int, film: Probed) -> object:
    """Make it smaller, if it can be."""
    del film
    if budget < 1_000:
        raise MediaError("cannot_fit")
    target.write_bytes(source.read_bytes()[: min(budget, SIZE)].replace(ODD_FILM, FILM))
    folder.os.utime(target)
    return None


async def join(sources: Sequence[Path], target: Path) -> object:
    """Put films together."""
    target.write_bytes(b"".join(source.read_bytes() for source in sources))
    folder.os.utime(target)
    return None


def copyfile(source: Path, target: Path) -> None:
    """Make a storyboard's only film its film."""
    shutil.copyfile(source, target)
    folder.os.utime(target)


async def last_frame(source: Path, target: Path) -> None:
    """Take the last picture."""
    source.read_bytes()
    target.write_bytes(PICTURE)
    folder.os.utime(target)


@contextmanager
def edges(outside: Callable[[], Outside], now: Callable[[], float]) -> Iterator[None]:
    """Put the played edges in place of the real ones, and let every edge count its moments, meanwhile."""
    downloader = type("Downloader", (SimulatedDownloader,), {"outside": staticmethod(outside)})
    replaced: list[tuple[Any, str, Any]] = [
        (download, "Part", part_of(outside, now)),
        (arriving, "os", SimpleNamespace(**{**vars(os), "fsync": lambda _: None})),
        (
            folder,
            "os",
            SimpleNamespace(**{**vars(os), "utime": lambda path: os.utime(path, (now(), now()))}),
        ),
        (steps, "Downloader", downloader),
        (steps, "fit", fit),
        (steps, "join", join),
        (joining, "shutil", SimpleNamespace(copyfile=copyfile)),
        (rounds, "LONGEST_SLEEP", SLEEP),
        (router, "copy", SimpleNamespace(deepcopy=lambda value: value)),  # for a log that nobody reads
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, ours in replaced:
        setattr(owner, name, ours)
    try:
        with counting(lambda: outside().points):
            yield
    finally:
        for owner, name, theirs in before:
            setattr(owner, name, theirs)
