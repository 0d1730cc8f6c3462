"""What is offered while somebody types an option: their own, in time, or nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from discord import app_commands

from bot.errors import StoreError
from bot.messages import library
from bot.messages.text import name as visible_name
from bot.models import Mode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.models import Capabilities
    from cogs import asking

MOST = 25
PATIENCE = 2.0
"""Seconds for one read: Discord waits three, and then tells whoever types that it failed."""
Choices = list[app_commands.Choice[str]]


async def films(interaction: asking.Interaction, current: str) -> Choices:
    """Return the asker's newest films with these words; none where the database is slow."""
    try:
        async with asyncio.timeout(PATIENCE):
            own = await interaction.client.house.own.searching.page(
                interaction.user.id, searched=current.strip(), most=MOST
            )
    except (TimeoutError, StoreError):
        return []
    return [app_commands.Choice(name=library.choice(each), value=each.id) for each in own]


async def presets(interaction: asking.Interaction, current: str) -> Choices:
    """Return the asker's presets with this in their name; none where the database is slow."""
    try:
        async with asyncio.timeout(PATIENCE):
            every = await interaction.client.house.own.presets.every(interaction.user.id)
    except (TimeoutError, StoreError):
        return []
    return among([one.name for one in every], current)


def models(interaction: asking.Interaction, current: str, modes: Collection[Mode] = tuple(Mode)) -> Choices:
    """Return the models of the provider chosen so far, in order of preference."""
    provider = interaction.namespace.provider  # None until it is chosen
    return among(offered(interaction.client.generations.capabilities(), provider, modes), current)


def offered(
    every: Iterable[Capabilities], provider: str | None, modes: Collection[Mode] = tuple(Mode)
) -> list[str]:
    """Return a provider's models that have one of the modes, without doubles; None: any provider's."""
    found = (one for one in every if provider in {None, "", one.provider} and not one.modes.isdisjoint(modes))
    return list(dict.fromkeys(one.model for one in found))


def among(names: Iterable[str], current: str) -> Choices:
    """Return names with this in them, without doubles."""
    wanted = current.strip().casefold()
    found = [name for name in dict.fromkeys(names) if wanted in name.casefold()]
    return [app_commands.Choice(name=visible_name(name, 100) or "?", value=name) for name in found[:MOST]]
