"""Films whose every picture and sound can be told from any other, and eyes and ears for them."""

from __future__ import annotations

import math
import struct
from array import array
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

import av
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STRAIGHT = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
BLUE, RED, GREEN = (20, 40, 150), (150, 40, 20), (20, 140, 40)
Colour = tuple[int, int, int]


def shoot(
    path: Path,
    colour: Colour = BLUE,
    *,
    size: tuple[int, int] = (160, 120),
    fps: int = 24,
    count: int = 24,
    beep: float | None = 0.5,
    heard: float | None = None,
    rate: int = 48_000,
    layout: str = "mono",
    codec: str = "libx264",
    pixels: str = "yuv420p",
    shape: Fraction | None = None,
    **options: str,
) -> Path:
    """Make a film of `count` pictures, none of which looks like its neighbours.

    There is a tone from the second `beep` on, or no sound at all. The sound lasts `heard` seconds, or as long
    as the pictures. `shape` is a pixel's width by its height.
    """
    with av.open(str(path), "w") as film:
        video = film.add_stream(codec, rate=fps, options=options)
        video.width, video.height = size
        video.pix_fmt, video.thread_count = pixels, 1
        if shape is not None:
            video.codec_context.sample_aspect_ratio = shape
        audio = film.add_stream("aac", rate=rate, layout=layout) if beep is not None else None
        for number in range(count):
            frame = av.VideoFrame.from_image(Image.new("RGB", size, shade(colour, number)))
            frame.pts, frame.time_base = number, Fraction(1, fps)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if audio is not None:
            for block in tone(heard or count / fps, beep, rate, layout):
                film.mux(audio.encode(block))
            film.mux(audio.encode(None))
    return path


def shade(colour: Colour, number: int) -> Colour:
    """Return the colour of the picture with this number."""
    return tuple(level + number * 6 % 66 for level in colour)


def tone(seconds: float, beep: float, rate: int, layout: str) -> Iterator[av.AudioFrame]:
    """Yield silence, and from `beep` on a loud tone of 1 kHz."""
    total = round(seconds * rate)
    for start in range(0, total, 1024):
        count = min(1024, total - start)
        wave = [
            math.sin(2 * math.pi * 1000 * at / rate) * 0.5 if at >= beep * rate else 0.0
            for at in range(start, start + count)
        ]
        block = av.AudioFrame(format="fltp", layout=layout, samples=count)
        for plane in block.planes:
            plane.update(array("f", wave).tobytes().ljust(plane.buffer_size, b"\0"))
        block.sample_rate, block.pts, block.time_base = rate, start, Fraction(1, rate)
        yield block


def seen(path: Path, at: tuple[float, float] = (0.5, 0.5)) -> list[tuple[float, Colour]]:
    """Return each picture's time and the colour at a place in it, decoded from beginning to end."""
    found = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            picture = frame.to_image()
            place = int(picture.width * at[0]), int(picture.height * at[1])
            found.append((frame.time, picture.getpixel(place)))
    return found


def onsets(path: Path) -> list[float]:
    """Return the seconds at which a tone begins after 50 ms of silence."""
    found, quiet = [], math.inf
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0):
            samples = array("f", bytes(frame.planes[0])[: frame.samples * 4])
            for number, sample in enumerate(samples):
                quiet += 1 / frame.sample_rate
                if abs(sample) > 0.1:
                    if quiet > 0.05:
                        found.append(frame.time + number / frame.sample_rate)
                    quiet = 0.0
    return found


def packets(path: Path, kind: str = "video") -> list[str]:
    """Return the digest of each packet of pictures, or of sound."""
    with av.open(str(path)) as film:
        return [sha256(bytes(packet)).hexdigest() for packet in film.demux(**{kind: 0}) if packet.size]


def turn(path: Path, height: int) -> Path:
    """Note in a film of this height that it is shown turned by a quarter."""
    data = path.read_bytes()
    turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, height << 16, 0, 1 << 30)
    at = data.index(STRAIGHT, data.index(b"tkhd"))
    path.write_bytes(data[:at] + turned + data[at + len(turned) :])
    return path
