"""The smallest bot that uses what Matinee uses of Discord: run by the wire's own tests, as a process."""

from __future__ import annotations

import io
import os
import sys

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])


class Form(discord.ui.Modal, title="Again"):
    """One text field."""

    words = discord.ui.TextInput(label="Words", default="as before")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say what was written."""
        await interaction.response.send_message(f"form says {self.words.value}", ephemeral=True)


class Buttons(discord.ui.View):
    """One button that opens the form."""

    @discord.ui.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _button: discord.ui.Button) -> None:
        """Open it."""
        await interaction.response.send_modal(Form())


class Toy(discord.Client):
    """Registers its command at start."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Sync, once."""
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Tell the test, once."""
        sys.stdout.write("ready\n")


toy = Toy()


@toy.tree.command(description="Say it back")
async def echo(interaction: discord.Interaction, words: str, file: discord.Attachment) -> None:
    """Answer in private, then post the file's bytes in the channel, once per nonce."""
    await interaction.response.defer(ephemeral=True)
    data = await file.read()
    await interaction.followup.send(f"limit {interaction.filesize_limit}")
    assert isinstance(interaction.channel, discord.TextChannel)
    for _ in range(2):
        message = await interaction.channel.send(
            f"{interaction.user.mention} @everyone {words}",
            file=discord.File(io.BytesIO(data), "film.mp4"),
            nonce="f0123456789abcdef",
            allowed_mentions=discord.AllowedMentions(users=[interaction.user]),
            view=Buttons(timeout=None),
        )
    sys.stdout.write(f"posted {message.id}\n")


@echo.autocomplete("words")
async def complete(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Offer what was typed, twice."""
    return [app_commands.Choice(name=current * 2, value=current * 2)]


toy.run(os.environ["DISCORD_TOKEN"])
