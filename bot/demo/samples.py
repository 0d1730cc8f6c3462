"""Pictures, a clip and a sound for the scripted members to attach: the same chance draws the same bytes."""

from __future__ import annotations

import io
import math
import wave
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import av
from PIL import Image, ImageDraw, ImageOps

from bot.models import MediaKind

if TYPE_CHECKING:
    from random import Random

CLIP_SIZE: Final = (960, 540)
"""Between the fewest and the most pixels that any provider takes."""
CLIP_RATE: Final = 24
LENGTH: Final = 2.5
"""Seconds of a clip and of a sound."""
SOUND_RATE: Final = 16_000
SKIES: Final = ("#1d3557", "#3d2c5e", "#14464b", "#5b2333", "#22333b")
GROUNDS: Final = ("#f4a261", "#e76f51", "#f2cc8f", "#ffafcc", "#9bc995")
SUNS: Final = ("#fff1c9", "#ffd166", "#ffe5d9", "#f8f4e3")
NOTES: Final = (220.0, 247.5, 277.2, 330.0, 371.3, 440.0)
"""Hertz: a pentatonic scale, so that any order sounds meant."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to attach."""

    name: str
    kind: MediaKind
    data: bytes


def picture(name: str, chance: Random, *, size: tuple[int, int] = (1024, 576)) -> Sample:
    """Paint hills under a low sun; the name's extension says whether as PNG, JPEG or WebP."""
    painted = _landscape(chance, size)
    file = io.BytesIO()
    painted.save(file, format={"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}[name.rpartition(".")[2]])
    return Sample(name, MediaKind.IMAGE, file.getvalue())


def clip(name: str, chance: Random) -> Sample:
    """Film a slow pan over a landscape, H.264 in MP4."""
    width, height = CLIP_SIZE
    wide = _landscape(chance, (width * 2, height))
    frames = round(LENGTH * CLIP_RATE)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=CLIP_RATE, options={"preset": "ultrafast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            left = width * number // frames
            seen = av.VideoFrame.from_image(wide.crop((left, 0, left + width, height)))  # type: ignore[no-untyped-call]
            film.mux(stream.encode(seen))
        film.mux(stream.encode(None))
    return Sample(name, MediaKind.VIDEO, file.getvalue())


def sound(name: str, chance: Random) -> Sample:
    """Play a few soft notes, as WAV."""
    notes = [chance.choice(NOTES) for _ in range(5)]
    count = int(LENGTH * SOUND_RATE)
    each = count // len(notes)
    samples = array("h", (_note(notes[min(at // each, len(notes) - 1)], at, each) for at in range(count)))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, SOUND_RATE, 0, "NONE", "not compressed"))
        out.writeframes(samples.tobytes())
    return Sample(name, MediaKind.AUDIO, file.getvalue())


def _note(pitch: float, at: int, each: int) -> int:
    fading = 1 - (at % each) / each
    return round(9_000 * fading * math.sin(math.tau * pitch * at / SOUND_RATE))


def _landscape(chance: Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    sky = ImageOps.colorize(
        Image.linear_gradient("L").resize(size), black=chance.choice(SKIES), white=chance.choice(GROUNDS)
    )
    draw = ImageDraw.Draw(sky)
    radius = height // 7
    x, y = chance.randrange(width // 5, width * 4 // 5), height * chance.randrange(40, 60) // 100
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.choice(SUNS))
    for depth in range(3):
        base, swing = height * (62 + 12 * depth) // 100, height * chance.randrange(4, 9) // 100
        phase, waves = chance.random() * math.tau, chance.randrange(2, 5)
        ridge = [
            (at, base + swing * math.sin(phase + waves * math.tau * at / width))
            for at in range(0, width + 8, 8)
        ]
        shade = 60 - 18 * depth
        draw.polygon([(0, height), *ridge, (width, height)], fill=(shade, shade // 2 + 12, shade + 8))
    return sky
