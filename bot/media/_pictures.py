"""Pictures, read as far as their size and their end; no pixel is ever decoded.

Layouts: PNG (W3C, 2003), JPEG (ITU-T T.81), GIF89a (CompuServe), WebP (RFC 9649), BMP (Windows headers).
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PARTS = 20_000
BLOCK = 1 << 16
FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9
SMALLEST_BMP_HEADER = 40
OLD_BMP_HEADER = 12


def take(file: BinaryIO, count: int) -> bytes:
    """Read exactly `count` bytes. Raises `MediaError` `truncated` where there are fewer."""
    data = file.read(count)
    if len(data) < count:
        raise MediaError("truncated")
    return data


def sniff(head: bytes) -> tuple[str, Callable[[BinaryIO, int], tuple[int, int]]] | None:
    """Return a picture's extension and reader by its first 12 bytes, or None for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png", read_png
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg", read_jpeg
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ".gif", read_gif
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp", read_webp
    if head.startswith(b"BM"):
        return ".bmp", read_bmp
    return None


def read_png(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return width and height; every chunk up to the end must be there."""
    file.seek(8)
    length, name, width, height = struct.unpack(">I4sII", take(file, 16))
    if name != b"IHDR" or length != 13:  # noqa: PLR2004 - the header's one length
        raise MediaError("unreadable")
    place = 8
    for _ in range(MOST_PARTS):
        file.seek(place)
        length, name = struct.unpack(">I4s", take(file, 8))
        place += length + 12
        if place > size:
            raise MediaError("truncated")
        if name == b"IEND":
            return width, height
    raise MediaError("too_complex")


def read_jpeg(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return width and height from the frame header; after the first scan an end marker must come."""
    del size
    file.seek(2)
    found = None
    for _ in range(MOST_PARTS):
        marker = _marker(file)
        if marker in LONE_MARKERS:
            continue
        if marker == END_OF_IMAGE:
            raise MediaError("unreadable")
        (length,) = struct.unpack(">H", take(file, 2))
        if length < 2:  # noqa: PLR2004 - the length counts itself
            raise MediaError("unreadable")
        body = take(file, length - 2)
        if marker in FRAME_MARKERS and found is None and len(body) >= 5:  # noqa: PLR2004 - precision and size
            height, width = struct.unpack_from(">HH", body, 1)
            found = width, height
        if marker == START_OF_SCAN:
            _find(file, b"\xff\xd9")
            break
    if found is None:
        raise MediaError("unreadable")
    return found


def _marker(file: BinaryIO) -> int:
    """Read a marker; any number of 0xFF may fill the space before it."""
    if take(file, 1) != b"\xff":
        raise MediaError("unreadable")
    for _ in range(MOST_PARTS):
        sign = take(file, 1)[0]
        if sign != 0xFF:  # noqa: PLR2004 - the fill byte
            return sign
    raise MediaError("too_complex")


def _find(file: BinaryIO, wanted: bytes) -> None:
    kept = b""
    while block := file.read(BLOCK):
        if wanted in kept + block:
            return
        kept = block[-len(wanted) + 1 :]
    raise MediaError("truncated")


def read_gif(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return the canvas; the file must end in its trailer, with nothing but zeros after it."""
    file.seek(6)
    width, height = struct.unpack("<HH", take(file, 4))
    file.seek(max(size - BLOCK, 13), os.SEEK_SET)
    if not file.read(BLOCK).rstrip(b"\0").endswith(b";"):
        raise MediaError("truncated")
    return width, height


def read_webp(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return the canvas of any of the three kinds of WebP."""
    file.seek(4)
    (length,) = struct.unpack("<I", take(file, 4))
    if length + 8 > size:
        raise MediaError("truncated")
    file.seek(12)
    name, body = take(file, 4), take(file, 14)[4:]
    if name == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if name == b"VP8L" and body[0] == 0x2F:  # noqa: PLR2004 - the lossless signature
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise MediaError("unreadable")


def read_bmp(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return width and height; a negative height means that the rows run from the top."""
    file.seek(2)
    declared, _, start, header = struct.unpack("<IIII", take(file, 16))
    if header == OLD_BMP_HEADER:
        width, height = struct.unpack("<HH", take(file, 4))
    elif SMALLEST_BMP_HEADER <= header <= BLOCK:
        width, height = struct.unpack("<ii", take(file, 8))
    else:
        raise MediaError("not_media")
    if max(declared, start) > size:
        raise MediaError("truncated")
    return width, abs(height)
