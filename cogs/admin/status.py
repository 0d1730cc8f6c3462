"""/admin status: what is missing, what is out of order, what waits; for operators the whole bot's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import discord

from bot import __version__
from bot.i18n import later
from bot.messages import status as messages
from bot.servers import FilmPlace
from cogs import asking
from cogs.admin import deciding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord import app_commands

    from bot.i18n import Say
    from bot.servers import ServerRules

Where: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.ForumChannel
_KINDS = (discord.TextChannel, discord.VoiceChannel, discord.ForumChannel)
_THREADS = later("Create Public Threads")


def add(group: app_commands.Group) -> None:
    """Define the command."""

    @group.command(name="status", description=later("Missing permissions, providers, and what waits"))
    async def status(interaction: asking.Interaction) -> None:
        await asking.privately(interaction, _status)


async def _status(interaction: asking.Interaction) -> None:
    guild_id = deciding.guild_of(interaction)
    house, say = interaction.client.house, asking.say_to(interaction)
    server = await house.operations.status.of_server(guild_id)
    bot = await house.operations.status.of_bot() if asking.is_operator(interaction) else None
    rules = await house.rules.of(guild_id)
    lacking = _lacking(interaction.guild, rules, say) if interaction.guild else []
    await asking.answer(interaction, "", embed=messages.status(server, bot, lacking, say, __version__))


def _lacking(guild: discord.Guild, rules: ServerRules, say: Say) -> list[messages.Lacking]:
    """Return what is missing, channel by channel, those alike together; most channels first."""
    found: dict[tuple[str, ...], list[int]] = {}
    for channel in _used(guild, rules):
        if missing := _missing(channel, rules, say):
            found.setdefault(missing, []).append(channel.id)
    ranked = sorted(found.items(), key=lambda one: -len(one[1]))
    return [messages.Lacking(names, tuple(channels)) for names, channels in ranked]


def _used(guild: discord.Guild, rules: ServerRules) -> Iterator[Where]:
    """Return the channels where the bot may be used, the gallery and the log's."""
    besides = {rules.gallery_id if rules.film_place is FilmPlace.GALLERY else None, rules.log_channel_id}
    for channel in guild.channels:
        if isinstance(channel, _KINDS) and (not rules.channels or channel.id in {*rules.channels, *besides}):
            yield channel


def _missing(channel: Where, rules: ServerRules, say: Say) -> tuple[str, ...]:
    """Return what the bot may not do there. Where it sees nothing, nothing else is worth a word."""
    needed = dict(asking.NEEDED_THERE)
    if rules.film_place is FilmPlace.THREAD:
        needed["create_public_threads"] = _THREADS
    permissions = channel.permissions_for(channel.guild.me)
    missing = [name for name in needed if not getattr(permissions, name)]
    if "view_channel" in missing:
        missing = ["view_channel"]
    return tuple(say(needed[name]) for name in missing)
