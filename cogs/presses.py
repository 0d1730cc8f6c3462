"""What every button has in common: what it means stands in its custom_id, and its answer is private."""

from __future__ import annotations

import re  # noqa: TC003 -- discord.py reads the annotations
from typing import Any, Self, TypeAlias

import discord

from cogs import asking

Button: TypeAlias = discord.ui.Button[discord.ui.View]
PATIENCE = 2.0
"""Seconds for the one read before a modal, which can't be deferred: Discord waits three."""


class Press(discord.ui.DynamicItem[Button], template=r"matinee:"):
    """A pressed button: what it means stands in its custom_id, so it works whenever it was sent."""

    def __init__(self, item: Button, found: re.Match[str]) -> None:
        super().__init__(item)
        self.found = found

    @classmethod
    async def from_custom_id(cls, _: Any, item: Any, match: re.Match[str], /) -> Self:
        """Return the pressed button, as discord.py found it."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer privately, and do what the button says."""
        await asking.privately(interaction, self.press)

    async def press(self, interaction: asking.Interaction) -> None:
        """Do what the button says."""
        raise NotImplementedError
