"""What buttons and menus have in common: what one means stands in its custom_id, its answer is private."""

from __future__ import annotations

import asyncio
import re  # noqa: TC003 -- discord.py reads the annotations
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord

from bot.errors import RequestRefused
from cogs import asking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Item: TypeAlias = discord.ui.Item[discord.ui.View]
PATIENCE = 2.0
"""Seconds for what is read before a modal, which can't be deferred: Discord waits three."""


class Press(discord.ui.DynamicItem[Item], template=r"matinee:"):
    """A pressed button, or a choice in a menu: it works whenever its message was sent."""

    def __init__(self, item: Item, found: re.Match[str]) -> None:
        super().__init__(item)
        self.found = found

    @classmethod
    async def from_custom_id(cls, _: Any, item: Any, match: re.Match[str], /) -> Self:
        """Return what was pressed, as discord.py found it."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer privately, and do what was pressed."""
        await asking.privately(interaction, self.press)

    async def press(self, interaction: asking.Interaction) -> None:
        """Do what was pressed."""
        raise NotImplementedError


class InPlace(Press, template=r"matinee:"):
    """A press that changes the private message it stands below, rather than answer beside it."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what was pressed, in its place."""
        await asking.in_place(interaction, self.press)


def demand_own(interaction: asking.Interaction, owner_id: int, guild_id: int | None) -> None:
    """Refuse whoever neither asked for it nor moderates where it belongs."""
    if interaction.user.id != owner_id and not asking.is_moderator(interaction, guild_id):
        raise RequestRefused("not_yours")


class Form(Press, template=r"matinee:"):
    """A button that opens a modal."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the modal: it is itself the first answer."""
        await show(interaction, self.modal)

    async def modal(self, interaction: asking.Interaction) -> discord.ui.Modal:
        """Return the modal. Raises a `Refused`."""
        raise NotImplementedError


async def show(
    interaction: asking.Interaction, modal: Callable[[asking.Interaction], Awaitable[discord.ui.Modal]]
) -> None:
    """Show a modal as the first answer. Every error becomes words; none is raised."""
    try:
        async with asyncio.timeout(PATIENCE):
            await interaction.client.house.own.defaults.of(interaction.user.id)  # before a word is said
            made = await modal(interaction)
        await interaction.response.send_modal(made)
    except TimeoutError:
        await interaction.client.tell(interaction, RequestRefused("slow"))
    except Exception as error:  # noqa: BLE001 -- the last place before discord.py's log
        await interaction.client.tell(interaction, error)


def chosen(interaction: asking.Interaction) -> str | None:
    """Return what was chosen in a menu, or None where the choice was taken back."""
    data: dict[str, Any] = dict(interaction.data or {})
    values = data.get("values") or [None]
    return None if values[0] is None else str(values[0])
