"""How players show pictures: upright, in their shape, in their colours. Runs only in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import MediaError
from bot.media import _child
from bot.media._encode import TURNS
from bot.media._streams import LARGEST_PICTURE
from bot.models import MediaKind

if TYPE_CHECKING:
    from pathlib import Path

    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

HALF_TURN = 180
MOST_STRETCHED = 10
"""Pixels so many times wider than high, or the other way round, are a mistake: they are taken as square."""
MATRICES = {1: "bt709", 4: "fcc", 5: "bt470", 6: "smpte170m", 7: "smpte240m", 9: "bt2020"}
"""libav's names for the codes of ITU-T H.273."""
BT709, BT601 = 1, 6
HIGH_DEFINITION = 720
"""From so many lines on, players take a film that doesn't name its matrix for BT.709, else for BT.601."""
FULL_RANGE = 2


def check(path: Path) -> None:
    """Raise `MediaError` for what isn't a whole film: the same codes as `probe`, and `not_a_film`."""
    if _child.inspect(path)["kind"] != MediaKind.VIDEO:
        raise MediaError("not_a_film")


def shown_size(stream: VideoStream, rotation: int) -> tuple[int, int]:
    """Return width and height on a screen; no side loses pixels. Raises `MediaError` for too many of them."""
    width, height = stream.codec_context.width, stream.codec_context.height
    shape = stream.sample_aspect_ratio
    if shape and 1 <= shape <= MOST_STRETCHED:
        width = round(width * shape)
    elif shape and 1 <= 1 / shape <= MOST_STRETCHED:
        height = round(height / shape)
    if not 0 < width * height <= LARGEST_PICTURE:
        raise MediaError("too_complex", "pictures are too large")
    return (height, width) if rotation % HALF_TURN else (width, height)


def matrix_of(frame: VideoFrame) -> int:
    """Return the code of a picture's matrix, or of the one that players take."""
    if frame.colorspace in MATRICES:
        return int(frame.colorspace)
    return BT709 if frame.height >= HIGH_DEFINITION else BT601


def upright(frame: VideoFrame) -> tuple[str, ...]:
    """Return libav's filters that turn a picture like this one."""
    return TURNS.get(frame.rotation % 360, ())


def scaled(frame: VideoFrame, width: int, height: int) -> str:
    """Return libav's filter that scales a picture like this one, whose colours are read as players do."""
    given = "full" if frame.color_range == FULL_RANGE or "yuvj" in frame.format.name else "limited"
    matrix = MATRICES[matrix_of(frame)]
    return f"scale={width}:{height}:flags=lanczos+accurate_rnd:in_color_matrix={matrix}:in_range={given}"
