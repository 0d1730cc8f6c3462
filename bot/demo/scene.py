"""What a drawn film shows: a dark house, the prompt, the given pictures, and what moves."""

from __future__ import annotations

import hashlib
import io
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
from PIL import Image, ImageDraw, ImageFilter, ImageOps, UnidentifiedImageError

from bot.demo.lettering import Lettering, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Colour = tuple[int, int, int]

PALETTES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((28, 34, 74), (5, 6, 14), (255, 186, 90)),
    ((66, 20, 40), (10, 4, 9), (255, 150, 128)),
    ((14, 52, 56), (3, 9, 12), (140, 226, 196)),
    ((48, 26, 76), (8, 5, 15), (244, 196, 110)),
    ((24, 44, 66), (4, 8, 14), (120, 204, 255)),
)
"""Top of the house, bottom of the house, light."""
PAPER = (244, 241, 234)
FADE = 0.45
"""Seconds in which the words come over a first picture, and go before a last one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the film stands."""

    seconds: float
    of: float

    @property
    def share(self) -> float:
        """From 0 at the first frame to 1 at the last."""
        return min(1.0, self.seconds / self.of) if self.of else 1.0


def opened(data: bytes) -> Image.Image:
    """Return a picture, upright; of a clip its first frame. Raises `OSError` for anything else."""
    try:
        picture = Image.open(io.BytesIO(data))
        return ImageOps.exif_transpose(picture).convert("RGB")
    except UnidentifiedImageError:
        return first_frame(data)


def first_frame(data: bytes) -> Image.Image:
    """Return the first frame of a clip. Raises `OSError` when there is none."""
    with av.open(io.BytesIO(data), "r") as clip:
        for frame in clip.decode(video=0):
            picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            return picture
    raise OSError("a clip without a frame")


def filled(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture that fills the frame; what stands over is cut off evenly."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def palette_of(prompt: str) -> tuple[Colour, Colour, Colour]:
    """Return the colours of a prompt: the same for the same words."""
    return PALETTES[hashlib.sha256(prompt.encode()).digest()[0] % len(PALETTES)]


class Scene:
    """One film's pictures. `frame` paints the one of a moment; what never changes is painted once."""

    def __init__(
        self,
        size: tuple[int, int],
        prompt: str,
        label: str,
        *,
        first: bytes | None = None,
        last: bytes | None = None,
        references: Sequence[bytes] = (),
    ) -> None:
        self.size = size
        self.top, self.bottom, self.light = palette_of(prompt)
        self.first = filled(opened(first), size) if first else None
        self.last = filled(opened(last), size) if last else None
        self.unit = min(size)
        self._strip = self._sprockets()
        self._glow = self._lamp()
        self._cards: list[Card] = []
        self._ground = self._house(prompt, label, [opened(data) for data in references])
        self._caption = self._lower_third(prompt, label) if self.first else None

    def frame(self, moment: Moment) -> Image.Image:
        """Paint one frame."""
        return self._over_picture(moment) if self.first else self._in_the_house(moment)

    # the house: a text's film, or one with references

    def _house(self, prompt: str, label: str, references: Sequence[Image.Image]) -> Image.Image:
        width, height = self.size
        ground = gradient(self.size, self.top, self.bottom)
        canvas = ImageDraw.Draw(ground)
        margin, bar = round(self.unit * 0.09), self._strip.height
        small = Lettering(max(12, self.unit // 30), "SemiBold")
        canvas.line(
            (margin, bar + margin * 0.72, margin + self.unit // 12, bar + margin * 0.72), self.light, 3
        )
        small.draw(canvas, (margin, bar + margin * 1.25), label, mixed(self.light, self.bottom, 0.15))
        upper = bar + round(margin * 1.7)
        lower = height - bar - round(margin * 0.9)
        if references:
            middle = upper + round((lower - upper) * 0.62)
            self._cards = placed(references, (margin, upper, width - margin, middle))
            upper = middle + margin // 3
        letters, lines = fitted(
            prompt, (width - 2 * margin, lower - upper), (self.unit // 9, self.unit // 34)
        )
        baseline = upper + (lower - upper - len(lines) * letters.leading) // 2 + letters.size
        for number, line in enumerate(lines):
            letters.draw(canvas, (margin, baseline + number * letters.leading), line, PAPER)
        return ground

    def _in_the_house(self, moment: Moment) -> Image.Image:
        width, height = self.size
        picture = self._ground.copy()
        drift = math.sin(moment.share * math.pi * 2 - math.pi / 2) * 0.5 + 0.5
        centre = round(width * (0.05 + 0.9 * drift)) - self._glow.width // 2
        picture.paste(self.light, (centre, self._strip.height - self._glow.height // 2), self._glow)
        for number, (image, mask, left, top) in enumerate(self._cards):
            sway = round(math.sin(moment.seconds * 1.6 + number) * self.unit * 0.008)
            picture.paste(image, (left, top + sway), mask)
        period = self._strip.width - width
        offset = round(moment.seconds * self.unit * 0.25) % period
        strip = self._strip.crop((offset, 0, offset + width, self._strip.height))
        picture.paste(strip, (0, 0))
        picture.paste(strip, (0, height - strip.height))
        self._bar(picture, moment, height - strip.height - max(3, self.unit // 160), 255)
        return picture

    def _sprockets(self) -> Image.Image:
        high = max(16, round(self.unit * 0.06))
        period = round(high * 1.5)
        strip = Image.new("RGB", (self.size[0] + period, high), (4, 4, 6))
        canvas = ImageDraw.Draw(strip)
        for left in range(-period, strip.width + period, period):
            hole = (left + high * 0.35, high * 0.24, left + high * 1.1, high * 0.76)
            canvas.rounded_rectangle(hole, high * 0.14, fill=mixed(self.top, PAPER, 0.16))
        return strip

    def _lamp(self) -> Image.Image:
        wide, high = round(self.size[0] * 0.9), round(self.size[1] * 0.9)
        small = Image.new("L", (96, 96), 0)
        ImageDraw.Draw(small).ellipse((26, 26, 70, 70), fill=92)
        return small.filter(ImageFilter.GaussianBlur(13)).resize((wide, high), Image.Resampling.BICUBIC)

    def _bar(self, picture: Image.Image, moment: Moment, top: int, strength: int) -> None:
        canvas = ImageDraw.Draw(picture)
        thick = max(3, self.unit // 160)
        end = round(self.size[0] * moment.share)
        canvas.rectangle(
            (0, top, self.size[0], top + thick), mixed(self.bottom, self.light, 0.18 * strength / 255)
        )
        canvas.rectangle((0, top, end, top + thick), self.light)

    # a film that begins with a picture

    def _lower_third(self, prompt: str, label: str) -> Image.Image:
        width, height = self.size
        margin, high = round(self.unit * 0.07), round(height * 0.36)
        shade = Image.new("RGBA", (1, high))
        shade.putdata([(*self.bottom, round(225 * (row / high) ** 0.7)) for row in range(high)])
        caption = shade.resize((width, high))
        canvas = ImageDraw.Draw(caption)
        box = (width - 2 * margin, round(high * 0.52))
        letters, lines = fitted(prompt, box, (self.unit // 17, self.unit // 36))
        baseline = high - round(margin * 0.9) - (len(lines) - 1) * letters.leading
        small = Lettering(max(12, self.unit // 34), "SemiBold")
        small.draw(canvas, (margin, baseline - letters.size * 1.35), label, (*self.light, 255))
        for number, line in enumerate(lines):
            letters.draw(canvas, (margin, baseline + number * letters.leading), line, (*PAPER, 255))
        return caption

    def _over_picture(self, moment: Moment) -> Image.Image:
        assert self.first is not None
        assert self._caption is not None
        picture = zoomed(self.first, 1 + 0.07 * moment.share)
        if self.last:
            turn = smooth((moment.share - 0.3) / 0.5)
            picture = Image.blend(picture, zoomed(self.last, 1.07 - 0.07 * moment.share), turn)
        strength = smooth(moment.seconds / FADE)
        if self.last:
            strength = min(strength, smooth((moment.of - moment.seconds) / FADE))
        if strength > 0:
            self._lay(picture, self._caption, strength)
            thick = max(3, self.unit // 160)
            end = round(self.size[0] * moment.share * strength)
            top = self.size[1] - thick
            ImageDraw.Draw(picture).rectangle((0, top, end, self.size[1]), self.light)
        return picture

    def _lay(self, picture: Image.Image, caption: Image.Image, strength: float) -> None:
        mask = caption.getchannel("A")
        if strength < 1:
            mask = mask.point([round(value * strength) for value in range(256)])
        picture.paste(caption.convert("RGB"), (0, self.size[1] - caption.height), mask)


Card = tuple[Image.Image, Image.Image, int, int]
"""Picture, mask, left, top."""


def placed(pictures: Sequence[Image.Image], box: tuple[int, int, int, int]) -> list[Card]:
    """Lay pictures side by side in a box, in as many rows as leave them largest."""
    left, top, right, bottom = box
    width, height, count = right - left, bottom - top, len(pictures)
    gap = max(6, min(width, height) // 24)

    def cell(columns: int) -> tuple[float, float]:
        rows = math.ceil(count / columns)
        return (width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows

    def seen(columns: int) -> float:
        wide, high = cell(columns)
        return sum(min(wide / image.width, high / image.height) for image in pictures)

    columns = max(range(1, count + 1), key=seen)
    wide, high = cell(columns)
    laid = []
    for place, image in enumerate(pictures):
        scale = min(wide / image.width, high / image.height)
        size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
        missing = columns - min(columns, count - place // columns * columns)
        x = left + (place % columns + missing / 2) * (wide + gap) + (wide - size[0]) / 2
        y = top + (place // columns) * (high + gap) + (high - size[1]) / 2
        laid.append((*framed(image.resize(size, Image.Resampling.LANCZOS)), round(x), round(y)))
    return laid


def framed(picture: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Return a picture with round corners and a fine light edge, and the mask that cuts it out."""
    radius = max(4, min(picture.size) // 18)
    mask = Image.new("L", picture.size, 0)
    box = (0, 0, picture.width - 1, picture.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius, fill=255)
    ImageDraw.Draw(picture).rounded_rectangle(box, radius, outline=PAPER, width=max(1, radius // 6))
    return picture, mask


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """Return a house that grows darker downwards and towards the edges, with a little grain against bands."""
    small = Image.new("RGB", (64, 64))
    small.putdata([mixed(top, bottom, shade(x / 63, y / 63)) for y in range(64) for x in range(64)])
    ground = small.resize(size, Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (128, 128), random.Random(7).randbytes(128 * 128))  # noqa: S311 - film grain
    tile = Image.new("L", size)
    for left in range(0, size[0], 128):
        for upper in range(0, size[1], 128):
            tile.paste(grain, (left, upper))
    return Image.blend(ground, Image.merge("RGB", (tile, tile, tile)), 0.018)


def shade(x: float, y: float) -> float:
    """Return how dark a place of the house is, 0 to 1."""
    return min(1.0, 0.75 * y + 0.9 * ((x - 0.32) ** 2 + (y - 0.15) ** 2))


def zoomed(picture: Image.Image, factor: float) -> Image.Image:
    """Return a picture seen from nearer; a factor of 1 leaves it as it is."""
    if factor <= 1:
        return picture.copy()
    width, height = picture.size
    across, down = width * (1 - 1 / factor) / 2, height * (1 - 1 / factor) / 2
    return picture.resize(
        picture.size, Image.Resampling.BILINEAR, box=(across, down, width - across, height - down)
    )


def smooth(share: float) -> float:
    """Return an eased 0 to 1."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def mixed(one: Iterable[int], other: Iterable[int], share: float) -> Colour:
    """Return a colour between two."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
