"""The buttons on films and notices, and their modals: they work whenever the message was sent."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from bot.errors import RequestRefused
from bot.messages import buttons, modals
from cogs import asking
from cogs.presses import PATIENCE, Press

if TYPE_CHECKING:
    from bot.client import Matinee


class Again(Press, template=buttons.AGAIN):
    """Makes the same anew, at the cost of whoever presses."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Start it."""
        await _again(interaction, self.found["id"])


class Edit(Press, template=buttons.EDIT):
    """Opens the prompt for another try."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the modal, filled in: it is itself the first answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                generation = await interaction.client.generations.any(self.found["id"])
            await interaction.response.send_modal(modals.edit_modal(generation, asking.say_to(interaction)))
        except TimeoutError:
            await interaction.client.tell(interaction, RequestRefused("slow"))
        except Exception as error:  # noqa: BLE001 -- the last place before discord.py's log
            await interaction.client.tell(interaction, error)


class Delete(Press, template=buttons.DELETE):
    """Removes the film's message."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Delete it, for its owner or a moderator."""
        if interaction.user.id != int(self.found["user_id"]) and not asking.is_moderator(
            interaction, interaction.guild_id
        ):
            raise RequestRefused("not_yours")
        if interaction.message:
            await interaction.message.delete()
        say = asking.say_to(interaction)
        await asking.answer(interaction, say("Deleted. It has counted all the same."))


BUTTONS = (Again, Edit, Delete)


class After(commands.Cog):
    """What can be done with a film that is there."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: asking.Interaction) -> None:
        """Take an edited prompt, whenever its modal was opened: discord.py forgets modals at a restart."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        found = re.fullmatch(buttons.EDITED, data.get("custom_id", ""))
        if not found:
            return
        prompt = modals.edited_prompt(data)
        await asking.privately(interaction, partial(_again, generation_id=found["id"], prompt=prompt))


async def _again(interaction: asking.Interaction, generation_id: str, **changes: Any) -> None:
    asking.demand_permissions(interaction)
    asked = await interaction.client.generations.asked_again(generation_id, **changes)
    press = None if changes else f"again:{generation_id}"  # a modal can't be sent twice
    await asking.begin(interaction, asked, parent_id=generation_id, press=press)


async def setup(bot: Matinee) -> None:
    """Add the buttons and the modals; called by discord.py."""
    bot.add_dynamic_items(*BUTTONS)
    await bot.add_cog(After())


async def teardown(bot: Matinee) -> None:
    """Take the buttons out again; called by discord.py."""
    bot.remove_dynamic_items(*BUTTONS)
