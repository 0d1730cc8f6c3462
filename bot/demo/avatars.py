"""Faces for the modelled Discord: a curtain for Matinee, a landscape for each member."""

from __future__ import annotations

import io
import random
from typing import Final

from PIL import Image, ImageDraw

from bot.demo import samples

SIDE: Final = 128
CURTAIN: Final = ("#7d1f33", "#b3364a")
LIGHT: Final = "#fff1c9"


def of_bot() -> bytes:
    """Draw a curtain with a sign to play, as PNG."""
    face = Image.new("RGB", (SIDE, SIDE), CURTAIN[0])
    draw = ImageDraw.Draw(face)
    for left in range(0, SIDE, 16):
        draw.rectangle((left, 0, left + 7, SIDE), fill=CURTAIN[1])
    middle, reach = SIDE // 2, SIDE // 4
    points = [
        (middle - reach * 3 // 4, middle - reach),
        (middle + reach, middle),
        (middle - reach * 3 // 4, middle + reach),
    ]
    draw.polygon(points, fill=LIGHT)
    file = io.BytesIO()
    face.save(file, format="PNG")
    return file.getvalue()


def of_member(name: str) -> bytes:
    """Paint a landscape that goes with the name, as PNG."""
    chance = random.Random(name)  # noqa: S311 -- the same face every time
    return samples.picture(f"{name}.png", chance, size=(SIDE, SIDE)).data
