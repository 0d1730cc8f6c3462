"""The boxes of an MP4 or QuickTime file (ISO/IEC 14496-12), walked within bounds before libav sees them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import MediaError
from bot.media._pictures import take

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BOXES = 2_000
DEEPEST = 8
LARGEST_INDEX = 64 << 20
LARGEST_FTYP = 1024
PRINTABLE = frozenset(range(0x20, 0x7F)) | {0xA9}
NESTED = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"mvex", b"moof", b"traf"})
FILM_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9"}
    | {b"mp41", b"mp42", b"avc1", b"hvc1", b"dash", b"MSNV", b"f4v ", b"M4V ", b"M4VH", b"M4VP", b"qt  "}
)
OTHER_MAJORS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ", b"crx "}
)
EXTENSIONS = {b"qt  ": ".mov", b"M4V ": ".m4v", b"M4VH": ".m4v", b"M4VP": ".m4v"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What the boxes say of a film."""

    extension: str
    faststart: bool
    """The index comes before the pictures, so that a player can begin at once."""


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    body: int
    end: int


class _Walk:
    """One pass over a file's boxes; its bounds hold for the whole file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = 0

    def boxes(self, start: int, end: int, *, depth: int = 0) -> Iterator[_Box]:
        """Yield the boxes that fill the bytes from `start` to `end`, without those inside them."""
        while start < end:
            box = self._box(start, end, depth)
            yield box
            start = box.end

    def descend(self, box: _Box, depth: int = 1) -> None:
        """Check everything inside a box."""
        if depth > DEEPEST:
            raise MediaError("too_complex")
        for inner in self.boxes(box.body, box.end, depth=depth):
            if inner.name in NESTED:
                self.descend(inner, depth + 1)

    def _box(self, start: int, end: int, depth: int) -> _Box:
        self._count += 1
        if self._count > MOST_BOXES:
            raise MediaError("too_complex")
        outside = "unreadable" if depth else "truncated"
        if end - start < 8:  # noqa: PLR2004 - the shortest box
            raise MediaError(outside)
        self._file.seek(start)
        size, name = struct.unpack(">I4s", take(self._file, 8))
        body = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", take(self._file, 8))
            body += 8
        elif size == 0 and depth == 0:
            size = end - start
        if size < body - start or not PRINTABLE.issuperset(name):
            raise MediaError("unreadable")
        if start + size > end:
            raise MediaError(outside)
        return _Box(name, body, start + size)


def read_layout(file: BinaryIO, size: int) -> Layout:
    """Check a film's boxes within bounds.

    Raises `MediaError`: `not_media` for a brand that isn't a film's, `truncated` where the file ends inside a
    box or its index or pictures are missing, `too_complex` beyond 2,000 boxes, 8 levels or 64 MiB of index,
    `unreadable` for boxes that contradict one another.
    """
    walk = _Walk(file)
    places: dict[bytes, int] = {}
    extension = ""
    for box in walk.boxes(0, size):
        places.setdefault(box.name, box.body)
        if not extension:
            extension = _extension(file, box)
        if box.name in {b"moov", b"moof"}:
            if box.end - box.body > LARGEST_INDEX:
                raise MediaError("too_complex")
            walk.descend(box)
    if b"moov" not in places or b"mdat" not in places:
        raise MediaError("truncated")
    return Layout(extension, faststart=places[b"moov"] < places[b"mdat"])


def _extension(file: BinaryIO, box: _Box) -> str:
    """Return what a file of this brand is called; the first box must be the one with the brand."""
    if box.name != b"ftyp" or box.end - box.body > LARGEST_FTYP:
        raise MediaError("not_media")
    file.seek(box.body)
    brands = take(file, box.end - box.body)
    major = brands[:4]
    every = {major, *(brands[at : at + 4] for at in range(8, len(brands), 4))}
    if major in OTHER_MAJORS or major.startswith(b"3g") or every.isdisjoint(FILM_BRANDS):
        raise MediaError("not_media")
    return EXTENSIONS.get(major, ".mp4")
