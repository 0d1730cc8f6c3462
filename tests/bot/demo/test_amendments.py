"""The modelled Discord tells languages, age limits and own installs as Discord does."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import discord
import pytest
import simcord
from discord import app_commands

from bot.demo.amendments import amend, restrict, withdraw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Witness(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        command = app_commands.Command(name="look", description="Look", callback=self.look)
        command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        self.tree.add_command(command)

    async def look(self, interaction: discord.Interaction) -> None:
        """Say what the interaction says."""
        owner = "user" if interaction.is_user_integration() else "guild"
        limit = getattr(interaction.channel, "is_nsfw", lambda: None)()
        said = f"{interaction.locale} {interaction.guild_locale} {owner} {limit}"
        await interaction.response.send_message(said)


@asynccontextmanager
async def witnessed() -> AsyncIterator[SimpleNamespace]:
    """Make a Chinese server with one member, who can look."""
    witness = Witness()
    async with simcord.run(witness) as env:
        await witness.tree.sync()
        amendments = amend(env.backend)
        guild = env.create_guild(preferred_locale="zh-CN")
        channel = guild.create_text_channel("general")
        ann = guild.add_member(env.create_user("ann"))
        await env.settle()

        async def look(where: simcord.ChannelHandle = channel) -> str:
            result = await ann.slash(where, "look")
            return result.response.content

        yield SimpleNamespace(
            env=env, amendments=amendments, guild=guild, channel=channel, ann=ann, look=look, witness=witness
        )


async def test_everybody_speaks_american_english_at_first() -> None:
    """A member's language is Discord's default until it is set; a server's is the server's own."""
    async with witnessed() as world:
        assert await world.look() == "en-US zh-CN guild False"


async def test_a_members_language_is_told() -> None:
    """What a member chose in Discord's settings comes with each of their commands, in DMs as well."""
    async with witnessed() as world:
        world.amendments.languages[world.ann.id] = "zh-CN"
        assert await world.look() == "zh-CN zh-CN guild False"
        answer = await world.ann.user.slash("look")
        assert answer.response.content == "zh-CN None guild None"


async def test_an_age_limit_holds_in_the_channel_and_below() -> None:
    """The client's own list of channels, an interaction, and a thread all know it, also after a restart."""
    async with witnessed() as world:
        restrict(world.env.backend, world.amendments, world.channel.id)
        assert await world.look() == "en-US zh-CN guild True"
        await world.witness.get_channel(world.channel.id).create_thread(
            name="below", type=discord.ChannelType.public_thread
        )
        assert await world.look(world.channel.threads[0]) == "en-US zh-CN guild True"
        again = Witness()
        await world.env.restart_bot(again)
        assert again.get_channel(world.channel.id).is_nsfw()


async def test_an_own_install_is_told() -> None:
    """A command that comes from a member's own install says so."""
    async with witnessed() as world:
        world.amendments.own_installs.add(world.ann.id)
        assert await world.look() == "en-US zh-CN user False"


async def test_an_own_install_works_where_the_bot_is_not() -> None:
    """The command is answered; the bot doesn't know the server and may not post there."""
    async with witnessed() as world:
        world.amendments.own_installs.add(world.ann.id)
        withdraw(world.env.backend, world.guild.id)
        await world.env.settle()
        assert world.witness.get_guild(world.guild.id) is None
        assert await world.look() == "en-US zh-CN user False"
        place = world.witness.get_partial_messageable(world.channel.id)
        with pytest.raises(discord.Forbidden):
            await place.send("hello")
