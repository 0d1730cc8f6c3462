"""Words set into pictures, in whatever script they are written in.

SimCord's page brings the Noto fonts, so they are there wherever the demo is. Without them Pillow's own
Latin font is used, and letters that it lacks are boxes.
"""

from __future__ import annotations

import importlib.util
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageDraw

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

LATIN = "noto-sans-latin-v*.ttf"
SCRIPTS = (
    (0x0590, 0x05FF, "noto-sans-hebrew-v*.ttf"),
    (0x0600, 0x06FF, "noto-sans-arabic-v*.ttf"),
    (0x0900, 0x097F, "noto-sans-devanagari-v*.ttf"),
    (0x2E80, 0x9FFF, "noto-sans-sc-v*.ttf"),
    (0xAC00, 0xD7AF, "noto-sans-sc-v*.ttf"),
    (0xF900, 0xFAFF, "noto-sans-sc-v*.ttf"),
    (0xFF00, 0xFFEF, "noto-sans-sc-v*.ttf"),
    (0x20000, 0x3FFFF, "noto-sans-sc-v*.ttf"),
)
UNBROKEN = (0x2E80, 0xFFEF)
"""Scripts without spaces between words: a line may break after any letter."""
NEVER_FIRST = frozenset(",.;:!?)]}、。，；：！？）」』】》")

LONGEST = 1500
"""Letters that are looked at: no frame holds more at a size that can be read."""


@cache
def font_folder() -> Path | None:
    """Return where the packaged fonts lie, if they do."""
    found = importlib.util.find_spec("simcord")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations))) / "preview" / "static" / "fonts"
    return folder if folder.is_dir() else None


@cache
def font(pattern: str, size: int, weight: str) -> Font:
    """Return a font of this size in pixels and of this weight, or Pillow's own."""
    folder = font_folder()
    path = next(iter(sorted(folder.glob(pattern))), None) if folder else None
    if path is None:
        return ImageFont.load_default(size)
    try:
        face = ImageFont.truetype(path, size)
        face.set_variation_by_name(weight)
    except (OSError, ValueError):
        return ImageFont.load_default(size)
    return face


def script_of(letter: str) -> str:
    """Return the font file for a letter."""
    point = ord(letter)
    return next((name for low, high, name in SCRIPTS if low <= point <= high), LATIN)


@dataclass(frozen=True, slots=True)
class Lettering:
    """Type of one size and weight, in all scripts at once."""

    size: int
    weight: str = "Medium"

    @property
    def leading(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * 1.36)

    def runs(self, text: str) -> Iterator[tuple[str, Font]]:
        """Cut a line where the script changes; spaces stay with what stands before them."""
        run, pattern = "", LATIN
        for letter in text:
            wanted = pattern if letter.isspace() else script_of(letter)
            if wanted != pattern and run:
                yield run, font(pattern, self.size, self.weight)
                run = ""
            run, pattern = run + letter, wanted
        if run:
            yield run, font(pattern, self.size, self.weight)

    def width(self, text: str) -> float:
        """Return how many pixels a line takes."""
        return sum(face.getlength(run) for run, face in self.runs(text))

    def wrap(self, text: str, width: float) -> list[str]:
        """Break a text into lines that fit; a word that is longer than a line is cut."""
        lines = [""]
        for piece in pieces(text):
            if self.width((lines[-1] + piece).rstrip()) <= width:
                lines[-1] += piece
            elif self.width(piece.rstrip()) <= width:
                lines.append(piece)
            else:
                lines.extend(self._cut(lines.pop(), piece, width))
        return [line.strip() for line in lines if line.strip()]

    def _cut(self, line: str, word: str, width: float) -> Iterator[str]:
        word = line + word
        while word:
            fits = bisect_right(range(1, len(word) + 1), width, key=lambda count: self.width(word[:count]))
            yield word[: max(1, fits)]
            word = word[max(1, fits) :]

    def draw(
        self, canvas: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: object
    ) -> None:
        """Set one line, its baseline's left end at `place`."""
        left, baseline = place
        for run, face in self.runs(text):
            canvas.text((left, baseline), run, font=face, fill=colour, anchor=anchor(face))  # type: ignore[arg-type]
            left += face.getlength(run)


def anchor(face: Font) -> str | None:
    """Return how a font is placed: only the scalable ones know a baseline."""
    return "ls" if isinstance(face, ImageFont.FreeTypeFont) else None


def pieces(text: str) -> Iterator[str]:
    """Cut a text where a line may break."""
    words = " ".join(text.split())
    piece = ""
    for letter, following in pairwise(f"{words} "):
        piece += letter
        may_break = letter == " " or UNBROKEN[0] <= ord(letter) <= UNBROKEN[1]
        if may_break and following not in NEVER_FIRST:
            yield piece
            piece = ""
    if piece:
        yield piece


def fitted(text: str, box: tuple[int, int], sizes: tuple[int, int]) -> tuple[Lettering, list[str]]:
    """Return the largest type, and the lines, that fit a box (width, height); the rest is cut."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    width, height = box
    largest, smallest = sizes
    size = largest
    while True:
        lettering = Lettering(size)
        lines = lettering.wrap(text, width)
        if len(lines) * lettering.leading <= height:
            return lettering, lines
        if size <= smallest:
            kept = lines[: max(1, height // lettering.leading)]
            return lettering, [*kept[:-1], kept[-1][:-1].rstrip() + "…"]
        size = max(smallest, round(size * 0.9))
