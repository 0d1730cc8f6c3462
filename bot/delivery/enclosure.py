"""A film as discord.py sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord

from bot.media.outflow import Outgoing

if TYPE_CHECKING:
    import io
    from pathlib import Path


class Enclosure(discord.File):
    """A file that is open until the message that it is for was sent, or wasn't."""

    def __init__(self, film: Path, *, filename: str, spoiler: bool) -> None:
        self._film = Outgoing(film)
        # discord.py asks for any `io.IOBase`, whatever its annotation says.
        super().__init__(cast("io.BufferedIOBase", self._film), filename, spoiler=spoiler)

    def close(self) -> None:
        """Close it: discord.py leaves open what it hasn't opened itself."""
        super().close()
        self._film.close()

    def __del__(self) -> None:
        """Close what nobody has sent: discord.py takes the file's own way of closing from it."""
        if hasattr(self, "_film"):  # else there was nothing to open
            self.close()
