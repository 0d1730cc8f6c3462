"""Files that are made to hurt whoever looks into them: each kind by name."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from tests.bot.media.files import FTYP, box, chunk, flood_png, picture
from tests.bot.media.hostile import broken_films, broken_pictures_and_sounds, strangers

if TYPE_CHECKING:
    from pathlib import Path

HUGE = 0xFFFFFFFF
ZEROS = zlib.compress(bytes(64 << 20), 9)
"""64 MiB in 64 KiB."""


def kinds(real: Path, folder: Path) -> dict[str, bytes]:
    """Return every kind; `real` holds the true files that they are made of."""
    film, plain = (real / "film.mp4").read_bytes(), (real / "plain.mp4").read_bytes()
    known = strangers(film, folder) | broken_pictures_and_sounds(real) | broken_films(film, plain, folder)
    pictures = {
        name: (real / f"picture.{name}").read_bytes() for name in ("png", "jpg", "gif", "webp", "bmp")
    }
    sounds = {name: (real / f"song.{name}").read_bytes() for name in ("mp3", "wav")}
    return {
        **{name: data for name, (data, _) in known.items()},
        **lying_films(plain, (real / "pieces.mp4").read_bytes()),
        **films_within(),
        **lying_pictures(pictures),
        **lying_sounds(sounds),
        **two_in_one(film, pictures, sounds),
    }


def set_in(data: bytes, name: bytes, offset: int, form: str, *numbers: int) -> bytes:
    """Return a file with other numbers at a place in the body of its first box of that name."""
    at = data.index(name) + 4 + offset
    return data[:at] + struct.pack(form, *numbers) + data[at + struct.calcsize(form) :]


def lying_films(film: bytes, pieces: bytes) -> dict[str, bytes]:
    """Return films whose index promises what isn't there, or too much, or itself."""
    made = {
        f"film whose {name.decode()} counts four thousand millions": set_in(film, name, offset, ">I", HUGE)
        for name, offset in (
            (b"stts", 4),
            (b"stsz", 8),
            (b"stsc", 4),
            (b"stco", 4),
            (b"stsd", 4),
            (b"elst", 4),
        )
    }
    return made | {
        "film of samples of four thousand million bytes": set_in(film, b"stsz", 4, ">I", HUGE),
        "film of samples of no bytes": set_in(film, b"stsz", 4, ">II", 0, 0),
        "film whose pictures are its own index": set_in(film, b"stco", 8, ">I", film.index(b"moov")),
        "film whose pictures lie beyond its end": set_in(film, b"stco", 8, ">I", HUGE),
        "film whose clock stands": set_in(film, b"mdhd", 12, ">I", 0),
        "film whose clock runs backwards": set_in(film, b"mdhd", 12, ">I", 0x80000000),
        "film of a hundred years": set_in(film, b"stts", 12, ">I", 0x7FFFFFFF),
        "film of 65,535 pixels a side": set_in(film, b"avc1", 24, ">HH", 0xFFFF, 0xFFFF),
        "film of no pixels": set_in(film, b"avc1", 24, ">HH", 0, 0),
        "film whose edit list begins at the end of time": set_in(film, b"elst", 12, ">I", 0x7FFFFFFF),
        "film of a matrix of no shape": set_in(film, b"tkhd", 40, ">9i", *[0] * 9),
        "film of a codec that nobody knows": film.replace(b"avc1", b"evil"),
        "film whose codec has no parameters": set_in(film, b"avcC", 4, ">4B", 0xFF, 0xFF, 0xFF, 0xFF),
        "film with a packed index that bursts": FTYP
        + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", struct.pack(">I", HUGE), ZEROS)))
        + box(b"mdat", bytes(64)),
        "film whose pictures lie in another file": film.replace(b"url \0\0\0\1", b"url \0\0\0\0"),
        "film of pieces that point back": set_in(pieces, b"trun", 4, ">I", HUGE),
        "film of ten thousand empty pieces": pieces + box(b"moof") * 10_000,
        "film with a million tags": FTYP + box(b"moov", box(b"udta", box(b"meta", bytes(4), bytes(1 << 20)))),
        "film of two indexes": film + film[film.index(b"moov") - 4 :],
        "film within a film": FTYP + box(b"mdat", film) + film[film.index(b"moov") - 4 :],
    }


def films_within() -> dict[str, bytes]:
    """Return films of one picture, which is a bomb for its own reader."""
    bomb = b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 16_000, 16_000, 8, 2, 0, 0, 0)),
            *(chunk(b"IDAT", ZEROS), chunk(b"IEND", b"")),
        )
    )
    return {
        "film of one picture that bursts": one_picture(b"png ", bomb, 64, 48),
        "film of one honest flood of pixels": one_picture(b"png ", bomb, 16_000, 16_000),
        "film of one cut picture": one_picture(b"png ", bomb[:60], 64, 48),
        "film of one picture without pixels": one_picture(b"png ", flood_png(64, 48), 64, 48),
        "film of one web page": one_picture(b"jpeg", b"<!doctype html>" * 9, 64, 48),
    }


def one_picture(codec: bytes, data: bytes, width: int, height: int) -> bytes:
    """Return a film of one picture in a codec that is known by its tag alone."""
    entry = (
        bytes(6)
        + struct.pack(">H", 1)
        + bytes(16)
        + struct.pack(">HHIIIH", width, height, 0x480000, 0x480000, 0, 1)
    )
    described = box(codec, entry, bytes(32), struct.pack(">Hh", 24, -1))
    one = struct.pack(">III", 0, 1, 1)
    table = box(
        b"stbl",
        *(box(b"stsd", struct.pack(">II", 0, 1), described), box(b"stts", one, struct.pack(">I", 25))),
        *(box(b"stsc", one, struct.pack(">II", 1, 1)), box(b"stsz", struct.pack(">III", 0, len(data), 1))),
        box(b"stco", struct.pack(">III", 0, 1, len(FTYP) + 8)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIIII", 0, 0, 0, 25, 25, 0)),
        box(b"hdlr", bytes(8), b"vide", bytes(13)),
        box(b"minf", box(b"vmhd", struct.pack(">I", 1), bytes(8)), table),
    )
    return FTYP + box(b"mdat", data) + box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", media))


def lying_pictures(real: dict[str, bytes]) -> dict[str, bytes]:
    """Return pictures whose heads lie."""
    head = real["png"][:8]
    ihdr = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    end = chunk(b"IEND", b"")
    return {
        "png whose chunk is longer than all": head
        + chunk(b"IHDR", ihdr)
        + struct.pack(">I4s", HUGE, b"IDAT"),
        "png of a wrong checksum": real["png"].replace(b"IHDR", b"IHDR\0\0", 1)[: len(real["png"])],
        "png without pixels": head + chunk(b"IHDR", ihdr) + end,
        "png of no known colours": head
        + chunk(b"IHDR", ihdr[:8] + b"\x07\x07\0\0\0")
        + chunk(b"IDAT", b"")
        + end,
        "png of nameless chunks": head
        + chunk(b"IHDR", ihdr)
        + chunk(b"\0\0\0\0", b"")
        + chunk(b"IDAT", b"")
        + end,
        "gif of no image": real["gif"][:13] + b";",
        "gif whose extension never ends": real["gif"][:13] + b"\x21\xfe" + b"\1x" * 30_000 + b"\0;",
        "gif of countless extensions": real["gif"][:13] + b"\x21\xfe\0" * 30_000 + b";",
        "gif image of no size": real["gif"][:13] + b"\x2c" + bytes(9) + b"\x02\0;",
        "webp of no picture": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(10),
        "webp of another size inside": b"RIFF\x2c\0\0\0WEBPVP8X\x0a\0\0\0"
        + bytes(10)
        + b"VP8L\x0a\0\0\0/"
        + bytes(9)
        + b"/",
        "webp chunk longer than all": real["webp"][:16] + struct.pack("<I", HUGE) + real["webp"][20:],
        "webp of an endless riff": real["webp"][:4] + struct.pack("<I", HUGE) + real["webp"][8:],
        "bmp of a thousand million rows": real["bmp"][:22] + struct.pack("<i", 1 << 30) + real["bmp"][26:],
        "bmp upside down without end": real["bmp"][:22] + struct.pack("<i", -(1 << 31)) + real["bmp"][26:],
        "bmp of seven planes": real["bmp"][:26] + struct.pack("<HH", 7, 7) + real["bmp"][30:],
        "bmp whose pixels are its head": real["bmp"][:10] + struct.pack("<I", 0) + real["bmp"][14:],
        "jpeg of 255 layers": (at := real["jpg"].index(b"\xff\xc0") + 9)
        and real["jpg"][:at] + b"\xff" + real["jpg"][at + 1 :],
        "jpeg of a broken table": real["jpg"].replace(b"\xff\xdb\0\x43\0", b"\xff\xdb\0\x43\xff", 1),
        "jpeg whose segment is longer than all": real["jpg"][:4] + b"\xff\xff" + real["jpg"][6:],
        "jpeg of a thousand heads": b"\xff\xd8" + b"\xff\xfe\0\2" * 30_000 + real["jpg"][2:],
    }


def lying_sounds(real: dict[str, bytes]) -> dict[str, bytes]:
    """Return sounds whose heads lie."""
    wav, mp3 = real["wav"], real["mp3"]
    return {
        "wav of no channels": set_in(wav, b"fmt ", 6, "<H", 0),
        "wav of 65,535 channels": set_in(wav, b"fmt ", 6, "<H", 0xFFFF),
        "wav of no rate": set_in(wav, b"fmt ", 8, "<I", 0),
        "wav of blocks of nothing": set_in(wav, b"fmt ", 16, "<HH", 0, 0),
        "wav of a codec that nobody knows": set_in(wav, b"fmt ", 4, "<H", 0xEEEE),
        "wav whose head is endless": set_in(wav, b"fmt ", 0, "<I", HUGE),
        "wav of countless chunks": wav[:12] + b"LIST\0\0\0\0" * 30_000 + wav[12:],
        "mp3 with a tag longer than all": b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + mp3,
        "mp3 of tags alone": b"ID3\x04\0\0\0\0\0\0" * 10_000,
        "mp3 with a picture that bursts": b"ID3\x04\0\0\0\x04\0\x0aAPIC\0\x03\x7f\x7f\0\0"
        + ZEROS[: 1 << 16]
        + mp3,
        "mp3 of frame heads alone": b"\xff\xfb\x90\0" * 20_000,
        "mp3 with noise between its frames": b"\0\xff\xfb".join(
            mp3[at : at + 50] for at in range(0, len(mp3), 50)
        ),
    }


def two_in_one(film: bytes, pictures: dict[str, bytes], sounds: dict[str, bytes]) -> dict[str, bytes]:
    """Return files that are one thing at the front and another behind."""
    page = b"<script>alert(1)</script>"
    archive = b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + bytes(18)
    return {
        "film head, picture body": film[:32] + pictures["png"],
        "film behind a picture": pictures["gif"][:13] + film,
        "archive with a film's name": archive + film,
        "picture head, film body": pictures["jpg"][:4] + film,
        "sound head, picture body": sounds["wav"][:12] + pictures["webp"],
        "riff of both kinds": b"RIFF" + struct.pack("<I", len(sounds["wav"])) + b"WEBP" + sounds["wav"][12:],
        "web page in a picture's head": b"GIF89a" + page * 100,
        "program in a sound's tag": b"ID3\x04\0\0\0\0\0\x10" + b"MZ" + bytes(300),
        "playlist in a film": FTYP + box(b"mdat", b"#EXTM3U\nfile:///etc/passwd\n") + box(b"moov"),
        "picture of another kind inside": picture("PNG")[:33] + picture("JPEG"),
    }
