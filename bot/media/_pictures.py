"""Pictures, read as far as their size and their end; no pixel is ever decoded.

Layouts: PNG (W3C, 2003), JPEG (ITU-T T.81), GIF89a (CompuServe), WebP (RFC 9649), BMP (Windows headers).
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PARTS = 20_000
BLOCK = 1 << 16
FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
LEAST_MARKER = 0xC0
"""Those below are reserved, but for one lone marker."""
TABLES = 0xDB
START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9
SMALLEST_BMP_HEADER = 40
OLD_BMP_HEADER = 12
BMP_DEPTHS = frozenset({1, 4, 8, 16, 24, 32})
BMP_PACKINGS = frozenset(range(7))
"""Rows as they are (0, 3, 6), run-length (1, 2), or a JPEG or PNG within (4, 5)."""
PLAIN_ROWS = frozenset({0, 3, 6})
PNG_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Bits per sample by colour type."""
GIF_EXTENSION, GIF_IMAGE = 0x21, 0x2C
GIF_CODE_SIZES = range(1, 12)
KEY_FRAME_SHOWN = 0x10
JPEG_PARTS = frozenset({1, 3, 4})


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
    """Return width and height; all chunks must be there, and those that readers need be whole."""
    file.seek(8)
    length, name, width, height, depth, colour = struct.unpack(">I4sIIBB", take(file, 18))
    if name != b"IHDR" or length != 13 or depth not in PNG_DEPTHS.get(colour, ()):  # noqa: PLR2004 - its length
        raise MediaError("unreadable")
    place, pixels = 8, False
    for _ in range(MOST_PARTS):
        file.seek(place)
        length, name = struct.unpack(">I4s", take(file, 8))
        place += length + 12
        if place > size:
            raise MediaError("truncated")
        if not name.isalpha() or (name[:1].isupper() and not _is_sound(file, name, length)):
            raise MediaError("unreadable")
        pixels = pixels or name == b"IDAT"
        if name == b"IEND":
            if not pixels:
                raise MediaError("unreadable")
            return width, height
    raise MediaError("too_complex")


def _is_sound(file: BinaryIO, name: bytes, length: int) -> bool:
    """Say whether a chunk's checksum is that of its bytes."""
    total = zlib.crc32(name)
    while length:
        block = take(file, min(length, BLOCK))
        total, length = zlib.crc32(block, total), length - len(block)
    return take(file, 4) == total.to_bytes(4, "big")


def read_jpeg(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return width and height from the frame header; after the first scan an end marker must come."""
    del size
    file.seek(2)
    found = None
    for _ in range(MOST_PARTS):
        marker = _marker(file)
        if marker in LONE_MARKERS:
            continue
        if marker == END_OF_IMAGE or marker < LEAST_MARKER:
            raise MediaError("unreadable")
        (length,) = struct.unpack(">H", take(file, 2))
        if length < 2:  # noqa: PLR2004 - the length counts itself
            raise MediaError("unreadable")
        body = take(file, length - 2)
        if marker in FRAME_MARKERS and found is None:
            found = _frame(body)
        if marker == TABLES and not _are_tables(body):
            raise MediaError("unreadable")
        if marker == START_OF_SCAN:
            _find(file, b"\xff\xd9")
            break
    if found is None:
        raise MediaError("unreadable")
    return found


def _frame(body: bytes) -> tuple[int, int]:
    """Return width and height from a frame header, whose length tells how many components it has."""
    if len(body) < 6 or body[0] != 8 or body[5] not in JPEG_PARTS or len(body) != 6 + 3 * body[5]:  # noqa: PLR2004 - the fixed part
        raise MediaError("unreadable")
    height, width = struct.unpack_from(">HH", body, 1)
    return width, height


def _are_tables(body: bytes) -> bool:
    """Say whether a segment holds whole quantization tables, of 64 numbers of one or two bytes each."""
    place = 0
    while place < len(body):
        precision, number = body[place] >> 4, body[place] & 0xF
        if precision > 1 or number > 3:  # noqa: PLR2004 - there are four
            return False
        place += 1 + 64 * (1 + precision)
    return place == len(body)


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
    """Return the canvas, or the first image's end beyond it; nothing but zeros follow the trailer."""
    file.seek(max(size - BLOCK, 13), os.SEEK_SET)
    if not file.read(BLOCK).rstrip(b"\0").endswith(b";"):
        raise MediaError("truncated")
    file.seek(6)
    width, height, flags = struct.unpack("<HHBxx", take(file, 7))
    _pass_palette(file, flags)
    for _ in range(MOST_PARTS):
        sign = take(file, 1)[0]
        if sign == GIF_IMAGE:
            left, top, wide, high, flags = struct.unpack("<HHHHB", take(file, 9))
            _pass_palette(file, flags)
            if not (wide and high) or take(file, 1)[0] not in GIF_CODE_SIZES:
                break
            return max(width, left + wide), max(height, top + high)
        if sign != GIF_EXTENSION:
            break
        take(file, 1)
        _pass_blocks(file)
    raise MediaError("unreadable")


def _pass_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        take(file, 3 << (flags & 7) + 1)


def _pass_blocks(file: BinaryIO) -> None:
    for _ in range(MOST_PARTS):
        length = take(file, 1)[0]
        if not length:
            return
        take(file, length)
    raise MediaError("too_complex")


def read_webp(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return the canvas of any of the three kinds of WebP; a picture must be there, and every chunk whole.

    The byte that evens out the last chunk may be missing.
    """
    file.seek(4)
    (length,) = struct.unpack("<I", take(file, 4))
    end, place = 8 + length, 12
    if end > size:
        raise MediaError("truncated")
    canvas: tuple[int, int] | None = None
    found: tuple[int, int] | None = None
    for _ in range(MOST_PARTS):
        if place >= end:
            break
        file.seek(place)
        name, length = struct.unpack("<4sI", take(file, 8))
        body = file.read(min(length, 10))
        if not (canvas or found) and name == b"VP8X" and length == 10:  # noqa: PLR2004 - its one length
            canvas = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
        elif found is None and name in {b"VP8L", b"VP8 "}:
            found = _still(name, body, length)
        elif name == b"ANMF":
            found = canvas
        place += 8 + length + length % 2
    if place - end not in {0, 1} or found is None or canvas not in {None, found}:
        raise MediaError("unreadable")
    return found


def _still(name: bytes, body: bytes, length: int) -> tuple[int, int]:
    """Return the size in the head of a picture's own bitstream (RFC 6386, RFC 9649)."""
    if len(body) < 10:  # noqa: PLR2004 - the longer of the two heads
        raise MediaError("unreadable")
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        if body[0] == 0x2F and not bits >> 29:  # noqa: PLR2004 - signature and version
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        head, width, height = (int.from_bytes(body[at:to], "little") for at, to in ((0, 3), (6, 8), (8, 10)))
        shown = head & 1 == 0 and head & KEY_FRAME_SHOWN and head >> 5 < length
        if shown and body[3:6] == b"\x9d\x01\x2a":
            return width & 0x3FFF, height & 0x3FFF
    raise MediaError("unreadable")


def read_bmp(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return width and height; a negative height means that the rows run from the top."""
    file.seek(2)
    declared, _, start, header = struct.unpack("<IIII", take(file, 16))
    packing = 0
    if header == OLD_BMP_HEADER:
        width, height, planes, depth = struct.unpack("<HHHH", take(file, 8))
    elif SMALLEST_BMP_HEADER <= header <= BLOCK:
        width, height, planes, depth, packing = struct.unpack("<iiHHI", take(file, 16))
    else:
        raise MediaError("not_media")
    if max(declared, start) > size:
        raise MediaError("truncated")
    if planes != 1 or depth not in BMP_DEPTHS or packing not in BMP_PACKINGS or start < 14 + header:
        raise MediaError("unreadable")
    row = (width * depth + 31) // 32 * 4
    if packing in PLAIN_ROWS and start + row * abs(height) > size:
        raise MediaError("truncated")
    return width, abs(height)
