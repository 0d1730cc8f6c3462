"""Members' files, from wherever in Discord they were pointed at: loaded at once, and kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import aiohttp
import discord

from bot.errors import ForbiddenAddress, RequestRefused
from bot.media.addresses import HTTPS_PORT, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.client import Matinee
    from bot.models import MediaFile
    from bot.orders import Offered

DISCORD = (".discordapp.com", ".discordapp.net", ".discord.com")
"""How the hosts end where Discord keeps attachments, stickers and its copies of linked pictures."""
PATIENCE = 60.0
"""Seconds for one file to come from Discord."""


class Attached(Protocol):
    """What an attachment is to us."""

    @property
    def filename(self) -> str:
        """As its owner called it: hostile text."""

    @property
    def url(self) -> str:
        """Where its bytes are."""

    @property
    def size(self) -> int:
        """Bytes, as Discord says; 0 where it doesn't."""

    async def read(self) -> bytes:
        """Return the bytes."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A file in Discord that was pointed at before: an attachment of which only the address was kept."""

    client: discord.Client
    offered: Offered

    @property
    def filename(self) -> str:
        """As its owner called it."""
        return self.offered.name

    @property
    def url(self) -> str:
        """Discord's signed link."""
        return self.offered.url

    @property
    def size(self) -> int:
        """Bytes, as Discord said."""
        return self.offered.size

    async def read(self) -> bytes:
        """Return the bytes."""
        return await self.client.http.get_from_cdn(self.offered.url)


async def kept(client: Matinee, attached: Sequence[Attached]) -> tuple[MediaFile, ...]:
    """Take the bytes now: the attachments of a command belong to no message and vanish.

    Raises `RequestRefused` that names the file which can't be used; then none is kept.
    """
    generations = client.generations
    largest = generations.largest_file()
    for file in attached:
        _check_address(file, client.trusted_hosts)
        if file.size > largest:
            raise RequestRefused("file_large", file=file.filename, value=file.size, most=largest)
    taken: list[MediaFile] = []
    try:
        for file in attached:  # one's bytes are out of memory before the next one's come
            async with client.loading.take(file.size or largest):
                taken.append(await generations.keep(file.filename, file.url, await _bytes(file)))
    except Exception:
        await generations.forget(taken)
        raise
    return tuple(taken)


def _check_address(file: Attached, trusted_hosts: Collection[str]) -> None:
    """Refuse to load from anywhere but where Discord keeps files, or a host that the operator trusts."""
    try:
        link = parse(file.url)
    except ForbiddenAddress as error:
        raise RequestRefused("file_address", file=file.filename) from error
    discords = link.host.endswith(DISCORD) and (link.scheme, link.port) == ("https", HTTPS_PORT)
    if not (discords or link.among(trusted_hosts)):
        raise RequestRefused("file_address", file=file.filename)


async def _bytes(file: Attached) -> bytes:
    try:
        async with asyncio.timeout(PATIENCE):
            return await file.read()
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RequestRefused("file_not_loaded", file=file.filename) from error
