"""A bot as small as can be: it answers /video privately, and a loop outside of it posts cards and films."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.demo.local_discord import LocalDiscord, open_discord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@dataclass(frozen=True)
class Wish:
    """What somebody asked for."""

    channel: discord.abc.Messageable
    user: discord.abc.User
    prompt: str
    image: bytes


class Toy(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.wishes: asyncio.Queue[Wish] = asyncio.Queue()
        self.tree.add_command(app_commands.Command(name="video", description="A film", callback=self.video))

    async def video(
        self, interaction: discord.Interaction, prompt: str, image: discord.Attachment | None = None
    ) -> None:
        """Answer privately and leave the rest to the loop."""
        await interaction.response.defer(ephemeral=True)
        data = await image.read() if image else b""
        await interaction.edit_original_response(content=f"In the works, with {len(data)} bytes.")
        assert isinstance(interaction.channel, discord.TextChannel)
        await self.wishes.put(Wish(interaction.channel, interaction.user, prompt, data))


@asynccontextmanager
async def open_toy(
    film: bytes = b"film",
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    number: Callable[[int], str] = lambda count: f"{count:016x}",
) -> AsyncIterator[LocalDiscord]:
    """Run the toy in a modelled Discord; every wish gets a card, and a film that bears the card's number."""
    toy = Toy()
    async with open_discord(toy, clock=clock) as server:
        await toy.tree.sync()
        loop = asyncio.create_task(_fulfil(toy, film, number))
        try:
            yield server
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop


async def _fulfil(toy: Toy, film: bytes, number: Callable[[int], str]) -> None:
    count = 0
    while True:
        wish = await toy.wishes.get()
        count += 1
        embed = discord.Embed(description=wish.prompt)
        embed.set_footer(text=number(count))
        card = await wish.channel.send(embed=embed)
        if "refuse" in wish.prompt:
            embed.add_field(name="State", value="Refused")
            await card.edit(embed=embed)
            await wish.channel.send(f"No film for you. {wish.prompt}")
            continue
        await wish.channel.send(
            f"<@{wish.user.id}> your film is ready.",
            file=discord.File(io.BytesIO(film), f"{number(count)}.mp4"),
            allowed_mentions=discord.AllowedMentions(users=[wish.user]),
        )
