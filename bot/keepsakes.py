"""Films that were made, months later: their files, their last pictures, and what became of their messages."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.errors import MediaError, RequestRefused
from bot.media.frames import last_frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.generations import Generations
    from bot.hosting import Hosting
    from bot.models import Generation, MediaFile
    from bot.store import Store

AT_ONCE = 2
"""Films that are loaded from Discord at the same time: it bounds the memory that they take."""
LARGEST = 200 * 1024 * 1024
"""Bytes of a film that are loaded from Discord: more than any message of ours carries."""
PATIENCE = 120.0
"""Seconds for one film to come from Discord."""
FRAME = "last-frame.png"


@dataclass(frozen=True, slots=True)
class Keepsakes:
    """Finds a film wherever it lies: here, as it was made, or at Discord, as it was delivered.

    A message is asked for by its id each time: an attachment's link dies within a day (reference, "Signed
    Attachment CDN URLs"). `seen` is always the message that somebody pressed on, which brings a fresh link.
    """

    store: Store
    hosting: Hosting
    generations: Generations
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def may_be_had(self, generation: Generation) -> bool:
        """Return whether there is a place where the film may lie, without looking at Discord."""
        posted = generation.message_id is not None and not generation.removed
        return posted or await self.generations.has_film(generation)

    async def at_discord(
        self, client: discord.Client, generation: Generation, seen: discord.Message | None
    ) -> discord.Attachment:
        """Return the film as it was delivered.

        Raises `RequestRefused`: `film_gone`, or `film_not_loaded` where trying again may help.
        """
        found = None if seen is None else _of(seen, generation)
        if found is None and generation.message_id is not None and generation.message_channel_id is not None:
            channel = client.get_partial_messageable(generation.message_channel_id)
            try:
                found = _of(await channel.fetch_message(generation.message_id), generation)
            except discord.NotFound as error:  # somebody deleted it in Discord itself
                await self.removed(generation)
                raise RequestRefused("film_gone") from error
            except discord.Forbidden as error:
                raise RequestRefused("film_gone") from error
            except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
                raise RequestRefused("film_not_loaded") from error
        if found is None or found.size > LARGEST:
            raise RequestRefused("film_gone")
        return found

    @asynccontextmanager
    async def borrowed(
        self,
        client: discord.Client,
        generation: Generation,
        seen: discord.Message | None,
        *,
        most: int | None = None,
    ) -> AsyncIterator[Path]:
        """Give the film's file for a while: as it was made if it lies here, else as it was delivered.

        `most`: bytes; what is larger is as good as not there. Raises as `at_discord`, and `film_large`.
        """
        kept = await self.generations.film_path(generation)
        if kept is not None and (most is None or kept.stat().st_size <= most):
            yield kept
            return
        attached = await self.at_discord(client, generation, seen)
        if most is not None and attached.size > most:
            raise RequestRefused("film_large", value=attached.size, most=most)
        target = _empty_file(self.hosting.films_dir)
        try:
            await self._load(attached, target)
            yield target
        finally:
            target.unlink(missing_ok=True)

    async def _load(self, attached: discord.Attachment, target: Path) -> None:
        try:
            async with self.turn, asyncio.timeout(PATIENCE):
                await asyncio.to_thread(target.write_bytes, await attached.read())
        except discord.NotFound as error:
            raise RequestRefused("film_gone") from error
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RequestRefused("film_not_loaded") from error

    async def last_frame(
        self, client: discord.Client, generation: Generation, seen: discord.Message | None
    ) -> MediaFile:
        """Keep the last picture of a film as a file that the next one can begin with.

        It is the caller's to use or to forget. Raises as `borrowed`, and `film_unreadable`.
        """
        picture = _empty_file(self.hosting.films_dir)
        try:
            async with self.borrowed(client, generation, seen) as film:
                await last_frame(film, picture)
            data = await asyncio.to_thread(picture.read_bytes)
        except MediaError as error:
            raise RequestRefused("film_unreadable") from error
        finally:
            picture.unlink(missing_ok=True)
        kept = await self.generations.keep(FRAME, "", data)
        return replace(kept, frame_of=generation.id)

    async def removed(self, generation: Generation) -> None:
        """Know that the film's message is deleted: nothing leads there any more. It has counted."""
        await self.store.note(generation.id, removed=True, message_id=None)


def _of(message: discord.Message, generation: Generation) -> discord.Attachment | None:
    """Return the attachment that is this generation's film: its id stands in the name that we gave it."""
    return next((each for each in message.attachments if generation.id in each.filename), None)


def _empty_file(folder: Path) -> Path:
    """Make a file for a moment; if we die with it, its name lets it be swept."""
    handle, name = tempfile.mkstemp(suffix=".part", dir=folder)
    os.close(handle)
    return Path(name)
