"""Files that must be refused, each with the code of its refusal."""

from __future__ import annotations

import random
import struct
import zipfile
from typing import TYPE_CHECKING

from tests.bot.media.files import FTYP, box, chunk, flood_png, picture, sing

if TYPE_CHECKING:
    from pathlib import Path

Hostile = dict[str, tuple[bytes, str]]
"""Files that must be refused by name, each with the code of its refusal."""
RIFF = struct.pack("<I", 100)


def zipped(tmp_path: Path) -> bytes:
    """Return a zip archive."""
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("film.mp4", "not really")
    return (tmp_path / "z").read_bytes()


def nested(depth: int) -> bytes:
    """Return boxes, each within the next."""
    inner = b""
    for _ in range(depth):
        inner = box(b"trak", inner)
    return inner


def strangers(film: bytes, tmp_path: Path) -> Hostile:
    """Return files of kinds that aren't taken."""
    noise = random.Random(3).randbytes
    m4a = sing(tmp_path / "song.m4a", "aac", form="fltp").read_bytes()
    return {
        "nothing": (b"", "empty"),
        "one byte": (b"\0", "not_media"),
        "zeros": (bytes(100_000), "not_media"),
        "noise": (noise(100_000), "not_media"),
        "text": (b"a film about a cat" * 100, "not_media"),
        "html": (b"<!doctype html><html><body>404", "not_media"),
        "json": (b'{"code": 404, "msg": "gone"}', "not_media"),
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "not_media"),
        "hls": (b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1/secret.ts\n", "not_media"),
        "concat script": (b"ffconcat version 1.0\nfile /etc/passwd\n", "not_media"),
        "dash": (b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>', "not_media"),
        "zip": (zipped(tmp_path), "not_media"),
        "windows program": (b"MZ" + bytes(300), "not_media"),
        "linux program": (b"\x7fELF" + bytes(300), "not_media"),
        "pdf": (b"%PDF-1.7\n" + bytes(300), "not_media"),
        "tiff": (picture("TIFF"), "not_media"),
        "matroska": (b"\x1a\x45\xdf\xa3" + bytes(300), "not_media"),
        "ogg": (b"OggS" + bytes(300), "not_media"),
        "flac": (b"fLaC" + bytes(300), "not_media"),
        "avi": (b"RIFF" + RIFF + b"AVI " + bytes(100), "not_media"),
        "heic": (box(b"ftyp", b"heic", bytes(4), b"mif1heic") + box(b"mdat", bytes(9)), "not_media"),
        "m4a": (m4a, "not_media"),
        "3gp": (box(b"ftyp", b"3gp4", bytes(4), b"isom3gp4") + film[28:], "not_media"),
        "unknown brand": (box(b"ftyp", b"evil", bytes(4), b"evil") + film[28:], "not_media"),
        "adts": (b"\xff\xf1\x50\x80\x02\x1f\xfc" * 100, "not_media"),
        "lone mp3 frame header": (b"\xff\xfb\x90\x00" + bytes(30), "not_media"),
    }


def broken_pictures_and_sounds(real: Path) -> Hostile:
    """Return pictures and sounds that are cut, or made to hurt."""
    png, jpg = (real / "picture.png").read_bytes(), (real / "picture.jpg").read_bytes()
    return {
        "png cut": (png[:-5], "truncated"),
        "png without end": (png[:-12], "truncated"),
        "png signature alone": (png[:8], "truncated"),
        "png without header": (png[:8] + chunk(b"IDAT", bytes(13)) + png[-12:], "unreadable"),
        "png of no width": (flood_png(0, 9), "unreadable"),
        "png of countless chunks": (png[:33] + chunk(b"tEXt", b"") * 30_000 + png[-12:], "too_complex"),
        "jpeg cut": (jpg[:-2], "truncated"),
        "jpeg of two bytes": (jpg[:3], "truncated"),
        "jpeg without frame": (b"\xff\xd8\xff\xd9", "unreadable"),
        "jpeg of fill bytes": (b"\xff\xd8" + b"\xff" * 50_000, "too_complex"),
        "jpeg of lone markers": (b"\xff\xd8" + b"\xff\xd0" * 50_000, "unreadable"),
        "gif cut": ((real / "picture.gif").read_bytes()[:-3], "truncated"),
        "webp cut": ((real / "picture.webp").read_bytes()[:-3], "truncated"),
        "webp of another kind": (b"RIFF" + RIFF + b"WEBPVP9 " + bytes(100), "unreadable"),
        "bmp cut": ((real / "picture.bmp").read_bytes()[:-3], "truncated"),
        "bmp text": (b"BMW is a maker of cars, not of pictures", "not_media"),
        "wav without samples": ((real / "song.wav").read_bytes()[:40], "truncated"),
        "wav of nonsense": (b"RIFF" + RIFF + b"WAVEdata" + RIFF + bytes(100), "unreadable"),
    }


def broken_films(film: bytes, plain: bytes, tmp_path: Path) -> Hostile:
    """Return films that are cut, or made to hurt."""
    return {
        "film cut in its pictures": (film[:-100], "truncated"),
        "film without index": (plain[: plain.index(b"moov") - 4], "truncated"),
        "film cut in its index": (plain[:-100], "truncated"),
        "film of index alone": (film[: film.index(b"mdat") - 4], "truncated"),
        "film with a zip behind": (film + zipped(tmp_path), "unreadable"),
        "box of no size": (FTYP + struct.pack(">I4s", 7, b"moov") + bytes(50), "unreadable"),
        "box of 2^63": (FTYP + struct.pack(">I4sQ", 1, b"mdat", 1 << 63) + bytes(50), "truncated"),
        "box of 2^64-1": (FTYP + struct.pack(">I4sQ", 1, b"mdat", (1 << 64) - 1), "truncated"),
        "box longer than its parent": (FTYP + box(b"moov", b"\0\0\1\0trak") + bytes(300), "unreadable"),
        "100,000 boxes": (FTYP + box(b"free") * 100_000, "too_complex"),
        "100,000 inner boxes": (FTYP + box(b"moov", box(b"free") * 100_000), "too_complex"),
        "boxes 500 deep": (FTYP + box(b"moov", nested(500)), "too_complex"),
        "film of nothing": (FTYP + box(b"moov") + box(b"mdat"), "not_media"),
        "film of noise": (film.replace(b"avcC", b"xxxx"), "unreadable"),
        "another box first": (box(b"ftyp") + film, "not_media"),
    }
