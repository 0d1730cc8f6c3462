"""The files that a request names: fetched over HTTP, and judged by their bytes."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import av
from PIL import ExifTags, Image

from bot.demo.stand_ins.records import MediaFetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.demo.stand_ins.records import Ledger, ProviderName

LARGEST = 200 * 1024 * 1024
PATIENCE = aiohttp.ClientTimeout(total=30)
PICTURES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}

LAYER_THREE = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3", b"\xff\xe2")
"""How an MP3 without a tag begins."""
LYING = range(5, 9)
"""Values of EXIF's orientation that swap width and height."""


class BadMaterial(Exception):
    """A file can't be had or isn't a picture, clip or sound."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}")
        self.url = url


@dataclass(frozen=True, slots=True)
class Material:
    """A fetched file. Sizes in pixels, length in seconds, frames per second; 0 where it has none."""

    url: str
    data: bytes
    kind: str
    extension: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    frame_rate: float = 0.0

    @property
    def ratio(self) -> float:
        """Width by height."""
        return self.width / self.height if self.height else 0.0


def sniffed(data: bytes) -> str | None:
    """Return the true extension of a clip or sound, by its first bytes."""
    if data[4:8] == b"ftyp":
        return {b"qt  ": ".mov", b"M4V ": ".m4v", b"M4VH": ".m4v"}.get(data[8:12], ".mp4")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return ".wav"
    if data[:3] == b"ID3" or data[:2] in LAYER_THREE:
        return ".mp3"
    return None


def inspected(url: str, data: bytes) -> Material:
    """Say what a file is. Raises `BadMaterial`."""
    extension = sniffed(data)
    try:
        if extension is None:
            return _picture(url, data)
        with av.open(io.BytesIO(data), "r") as file:
            seconds = (file.duration or 0) / av.time_base
            if not file.streams.video:
                if not file.streams.audio:
                    raise BadMaterial(url, "no sound in it")
                return Material(url, data, "audio", extension, seconds=seconds)
            video = file.streams.video[0]
            rate = float(video.average_rate or 0)
            return Material(url, data, "video", extension, video.width, video.height, seconds, rate)
    except (OSError, ValueError, av.FFmpegError) as error:
        raise BadMaterial(url, "neither a picture nor a clip nor a sound") from error


def _picture(url: str, data: bytes) -> Material:
    with Image.open(io.BytesIO(data)) as picture:
        extension = PICTURES.get(picture.format or "")
        if extension is None:
            raise BadMaterial(url, f"pictures of the kind {picture.format} aren't taken")
        width, height = picture.size
        if picture.getexif().get(ExifTags.Base.Orientation) in LYING:
            width, height = height, width
        picture.load()  # not `verify`, which can't follow `getexif` on a PNG
        return Material(url, data, "image", extension, width, height)


class Fetcher:
    """Fetches files for one provider and writes down what came."""

    def __init__(
        self,
        provider: ProviderName,
        session: aiohttp.ClientSession,
        ledger: Ledger,
        clock: Callable[[], datetime],
    ) -> None:
        self._provider = provider
        self._session = session
        self._ledger = ledger
        self._clock = clock

    async def fetch(self, urls: Iterable[str]) -> tuple[Material, ...]:
        """Fetch files, in order. Raises `BadMaterial` for the first bad one."""
        return tuple([await self._one(url) for url in urls])

    async def _one(self, url: str) -> Material:
        seen = MediaFetched(provider=self._provider, url=url, at=self._clock(), status=0)
        self._ledger.media.append(seen)
        try:
            async with self._session.get(url, timeout=PATIENCE) as answer:
                seen.status = answer.status
                data = await answer.content.read(LARGEST) if answer.ok else b""
                while answer.ok and (more := await answer.content.read(LARGEST)):
                    data += more
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise BadMaterial(url, "can't be fetched") from error
        if not answer.ok:
            raise BadMaterial(url, f"answers {answer.status}")
        seen.size, seen.sha256 = len(data), hashlib.sha256(data).hexdigest()
        material = await asyncio.to_thread(inspected, url, data)
        seen.kind = material.kind
        return material
