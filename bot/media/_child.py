"""The child process that looks into files: one path per line in, one answer per line out.

It holds no secret, has bounded memory, and may be killed at any moment.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import stat
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from bot.errors import MediaError
from bot.media import _boxes, _pictures, _streams
from bot.models import MediaKind

MEMORY = 320 << 20
"""Bytes of address space; about 115 MiB of it are libraries that are never touched: less than 256 MiB are."""
CPU_SECONDS = 2
SHORTEST = 12


def inspect(path: Path) -> dict[str, Any]:
    """Return what a file is, as plain values. Raises `MediaError`."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise MediaError("unreadable", "not a file")  # opening a pipe would wait for ever
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise MediaError("empty")
        head = file.read(SHORTEST)
        if picture := _pictures.sniff(head):
            extension, read = picture
            width, height = read(file, size)
            if not (width > 0 and height > 0):
                raise MediaError("unreadable")
            return {"kind": MediaKind.IMAGE, "extension": extension, "width": width, "height": height}
        if head[4:8] == b"ftyp":
            return _film(file, size)
        return _sound(file, size, head)


def _film(file: BinaryIO, size: int) -> dict[str, Any]:
    layout = _boxes.read_layout(file, size)
    return {"kind": MediaKind.VIDEO, **asdict(layout), **asdict(_streams.read_film(file))}


def _sound(file: BinaryIO, size: int, head: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": MediaKind.AUDIO}
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        whole = _streams.is_whole_wav(file, size)
        streams = _streams.read_sound(file, "wav")
        return found | asdict(streams) | {"extension": ".wav", "complete": whole and streams.complete}
    if _streams.is_mp3(file):
        return found | asdict(_streams.read_sound(file, "mp3")) | {"extension": ".mp3"}
    raise MediaError("not_media")


def answer(path: Path) -> dict[str, Any]:
    """Return what a file is, or the code of what is wrong with it; nothing is ever raised."""
    try:
        return inspect(path)
    except MediaError as error:
        return {"code": error.code}
    except MemoryError:
        return {"code": "too_complex"}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is the file's doing
        return {"code": "unreadable", "detail": type(error).__name__}


def bound(memory: int, file_size: int) -> None:
    """Give up the right to more memory, to larger files (both in bytes) and to leave core dumps."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(what, (most, most))


def allow(seconds: float) -> None:
    """Allow that much more processor time from now on, of all threads; SIGPROF ends us after it."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> None:
    """Answer until standard input ends."""
    bound(MEMORY, 0)
    for line in sys.stdin.buffer:
        allow(CPU_SECONDS)
        found = answer(Path(json.loads(line)["path"]))
        sys.stdout.buffer.write(json.dumps(found).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
