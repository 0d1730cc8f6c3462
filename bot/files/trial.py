"""Can files be kept here and there? Tried out with a small one."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from bot.errors import FilesUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.files.kept import Files


def try_to_write(folder: Path, free: Callable[[Path], int]) -> int:
    """Write a file, delete it, and return the free bytes. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    probe = folder / f"probe.{secrets.token_hex(8)}"
    try:
        with probe.open("xb") as file:
            file.write(b"probe")
            file.flush()
            os.fsync(file.fileno())
    finally:
        probe.unlink(missing_ok=True)
    return free(folder)


async def fault(files: Files) -> str:
    """Keep a file, read it and delete it; return what is wrong in one sentence, or nothing."""
    if trouble := await files.trouble():
        return trouble
    name = f"media/{secrets.token_hex(16)}.txt"
    path, content = files.path(name), secrets.token_bytes(16)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        await files.keep(name)
        path.unlink()
        read = await files.local(name)
        same = read is not None and read.read_bytes() == content
        await files.forget([name])
    except FilesUnavailable as error:
        return str(error)
    finally:
        path.unlink(missing_ok=True)
    return "" if same else "what was kept can't be read"
