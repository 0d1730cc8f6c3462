"""Real files of every kind, and what a seed makes of them: cut, bent, swollen, spliced."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING

from tests.bot.media.files import draw, picture, sing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PER_SEED = 100
NUMBERS = (
    0,
    1,
    2,
    7,
    8,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0xFFFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFF8,
    0xFFFFFFFF,
)
NAMES = b"moov trak mdia minf stbl stsd stts stss ctts stsc stsz stco co64 mdat moof traf trun tfhd".split()
NAMES += b"edts elst avcC hdlr mvhd tkhd mdhd dref IHDR IDAT IEND VP8X VP8L ALPH ANIM".split()
NAMES += b"data LIST ID3 cmov".split()


def make_samples(folder: Path) -> dict[str, bytes]:
    """Return one small real file of each kind that is taken, by name."""
    small = {"size": (64, 48), "seconds": 0.25}
    draw(folder / "film.mp4", movflags="faststart", **small)
    draw(folder / "plain.mp4", **small)
    draw(folder / "silent.mov", sound=None, **small)
    draw(folder / "pieces.mp4", movflags="frag_keyframe+empty_moov", **small)
    draw(folder / "old.mp4", codec="mpeg4", **small)
    sing(folder / "song.mp3", "libmp3lame", form="s16p", seconds=0.25)
    sing(folder / "song.wav", "pcm_s16le", seconds=0.05)
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    for kind, name in (("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif"), ("BMP", "bmp")):
        found[f"picture.{name}"] = picture(kind, (16, 12))
    found["lossless.webp"] = picture("WEBP", (16, 12), lossless=True)
    found["progressive.jpg"] = picture("JPEG", (16, 12), progressive=True)
    return found


def _place(data: bytes, dice: random.Random) -> int:
    """Return a place in a file: mostly near the names that structures begin with."""
    known = [at for name in dice.sample(NAMES, 4) if (at := data.find(name)) >= 0]
    if known and dice.random() < 0.7:
        return min(max(dice.choice(known) + dice.randint(-8, 40), 0), len(data) - 1)
    return dice.randrange(min(len(data), 256) if dice.random() < 0.5 else len(data))


def _bend(data: bytes, dice: random.Random) -> bytes:
    at = _place(data, dice)
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def _number(data: bytes, dice: random.Random) -> bytes:
    at, form = _place(data, dice), dice.choice([">I", "<I", ">H", "<H", ">Q", "B"])
    number = dice.choice(NUMBERS) & ((1 << 8 * struct.calcsize(form)) - 1)
    return data[:at] + struct.pack(form, number) + data[at + struct.calcsize(form) :]


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _without(data: bytes, dice: random.Random) -> bytes:
    at = _place(data, dice)
    return data[:at] + data[at + dice.choice([1, 4, 8, 64]) :]


def _noise(data: bytes, dice: random.Random) -> bytes:
    at = _place(data, dice)
    return data[:at] + dice.randbytes(dice.choice([1, 4, 8, 64, 1024])) + data[at:]


def _again(data: bytes, dice: random.Random) -> bytes:
    at, length = _place(data, dice), dice.choice([8, 16, 64, 512])
    return data[:at] + data[at : at + length] * dice.choice([2, 9, 500]) + data[at + length :]


def _zeros(data: bytes, dice: random.Random) -> bytes:
    at, length = _place(data, dice), dice.choice([4, 16, 64, 512])
    return data[:at] + bytes(min(length, len(data) - at)) + data[at + length :]


def _renamed(data: bytes, dice: random.Random) -> bytes:
    names = [name for name in NAMES if name in data]
    return data.replace(dice.choice(names), dice.choice(NAMES), 1) if names else _bend(data, dice)


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_bend, _number, _number, _number, _cut, _without, _noise, _again, _zeros, _renamed),
)


def mutants(samples: dict[str, bytes], seed: int) -> list[bytes]:
    """Return the files that a seed makes, the same ones every time."""
    dice = random.Random(seed)
    names = sorted(samples)
    made = []
    for _ in range(PER_SEED):
        data = samples[dice.choice(names)]
        if dice.random() < 0.1:  # the head of one kind, the body of another
            other = samples[dice.choice(names)]
            data = data[: dice.randrange(4, min(len(data), 400))] + other[dice.randrange(len(other)) :]
        for _ in range(dice.choice([1, 1, 2, 3, 8])):
            data = dice.choice(WAYS)(data or b"\0", dice)
        made.append(data)
    return made
