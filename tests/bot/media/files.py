"""Small real files of every kind, and hostile ones, made on the spot."""

from __future__ import annotations

import io
import math
import random
import struct
import zlib
from array import array
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE = 44100


def draw(
    path: Path,
    *,
    size: tuple[int, int] = (320, 240),
    seconds: float = 1,
    fps: int = 24,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound: str | None = "aac",
    noisy: bool = False,
    **options: str,
) -> Path:
    """Draw a film: a plain colour that changes, or noise that compresses badly."""
    with av.open(str(path), "w", options=options) as film:
        video = film.add_stream(codec, rate=fps)
        video.width, video.height = size
        video.pix_fmt = pixels
        video.thread_count = 1
        audio = film.add_stream(sound, rate=RATE, layout="mono") if sound else None
        for frame in pictures(size, round(seconds * fps), noisy=noisy):
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if audio is not None:
            for tone in tones(seconds, "fltp"):
                film.mux(audio.encode(tone))
            film.mux(audio.encode(None))
    return path


def pictures(size: tuple[int, int], count: int, *, noisy: bool) -> Iterator[av.VideoFrame]:
    """Yield frames; noise is the same at every call."""
    source = random.Random(7)
    for number in range(count):
        picture = Image.new("RGB", size, (number * 5 % 256, 100, 50))
        if noisy:
            small = size[0] // 4, size[1] // 4
            picture = Image.frombytes("RGB", small, source.randbytes(small[0] * small[1] * 3)).resize(size)
        frame = av.VideoFrame.from_image(picture)
        frame.pts = number
        frame.time_base = Fraction(1, 24)
        yield frame


def tones(seconds: float, form: str) -> Iterator[av.AudioFrame]:
    """Yield a quiet tone of 440 Hz in blocks of 1,024 samples."""
    total = round(seconds * RATE)
    for start in range(0, total, 1024):
        count = min(1024, total - start)
        wave = [math.sin(2 * math.pi * 440 * at / RATE) * 0.3 for at in range(start, start + count)]
        data = array("f", wave) if form == "fltp" else array("h", (round(value * 32767) for value in wave))
        block = av.AudioFrame(format=form, layout="mono", samples=count)
        room = block.planes[0].buffer_size
        block.planes[0].update(data.tobytes().ljust(room, b"\0"))
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        yield block


def sing(path: Path, codec: str, *, seconds: float = 1, form: str = "s16") -> Path:
    """Record the tone."""
    with av.open(str(path), "w") as record:
        audio = record.add_stream(codec, rate=RATE, layout="mono")
        for tone in tones(seconds, form):
            record.mux(audio.encode(tone))
        record.mux(audio.encode(None))
    return path


def picture(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """Return a small picture as Pillow writes it."""
    data = io.BytesIO()
    Image.new("RGB", size, (10, 120, 200)).save(data, kind, **options)
    return data.getvalue()


def box(name: bytes, *contents: bytes) -> bytes:
    """Return an MP4 box."""
    body = b"".join(contents)
    return struct.pack(">I4s", 8 + len(body), name) + body


FTYP = box(b"ftyp", b"isom", bytes(4), b"isommp41")


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def flood_png(width: int, height: int) -> bytes:
    """Return a tiny PNG that claims to be huge."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
