"""Files in a folder of ours: what is written there is kept, and there is nothing to be brought."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.media.deleting import delete

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta
    from pathlib import Path

    from bot.files.kept import Whole


@dataclass(frozen=True, slots=True)
class Folder:
    """Keeps files where they are made (see `bot.files.Files`)."""

    root: Path
    shared: bool = False

    def path(self, name: str) -> Path:
        """Return where a file lies."""
        return self.root / name

    async def local(self, name: str, whole: Whole | None = None) -> Path | None:
        """Return where a file lies, if it does. What was written here whole has stayed so."""
        del whole
        path = self.path(name)
        return path if path.exists() else None

    async def exists(self, name: str) -> bool:
        """Return whether it lies here."""
        return self.path(name).exists()

    async def keep(self, name: str) -> None:
        """Do nothing: it lies here."""

    async def touch(self, name: str, whole: Whole, life: timedelta, now: datetime) -> bool:
        """Keep it for another while."""
        del whole, life, now
        try:
            os.utime(self.path(name))
        except FileNotFoundError:
            return False
        return True

    async def forget(self, names: Collection[str], folder: str = "") -> None:
        """Delete files. A folder within ours there is none."""
        del folder
        await delete(*map(self.path, names))

    async def sweep(self, folder: str, before: datetime) -> int:
        """Do nothing: whoever sweeps what lies here (see `bot.hosting`) has swept it all."""
        del folder, before
        return 0

    async def trouble(self) -> str:
        """Say nothing: the disk speaks for itself."""
        return ""
