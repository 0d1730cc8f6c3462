"""/admin queue: what is under way here, and what a person has to decide about it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from discord import app_commands

from bot.i18n import later
from bot.messages import library, operations
from bot.models import UNTIL_PROVIDER_IS_DONE
from bot.store.rows import moment
from bot.tracker.parked import Act, possible
from cogs import asking
from cogs.admin import deciding
from cogs.presses import InPlace, Press, chosen

if TYPE_CHECKING:
    from datetime import datetime

    from bot.messages import Draft
    from bot.models import Generation
    from bot.servers import Deed

FIRST = f"{0:016x}"


class Turn(InPlace, template=operations.TURN):
    """Turns a page of the list, in its place."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show what comes after the one that the page ended with, to an admin here or an operator."""
        at = moment(int(self.found["after"]))
        id_ = self.found["id"]
        after = None if id_ == FIRST else (at, id_)
        await _list(interaction, everywhere=self.found["where"] == "all", after=after)


class Choose(Press, template=operations.CHOOSE):
    """Shows one of the list, with what may be decided about it."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show it, to an admin of its server or an operator."""
        generation = await _one(interaction, chosen(interaction) or "")
        acts = _acts(interaction, generation)
        now = interaction.client.house.clock()
        await _show(interaction, operations.one(generation, acts, asking.say_to(interaction), now))


class Decide(Press, template=operations.DECIDE):
    """Does what was decided about one. What may cost something asks first."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Do it, for an admin of its server or an operator."""
        generation = await _one(interaction, self.found["id"])
        sure = self.found["sure"] == "yes"
        if self.found["what"] == "cancel":
            await _cancel(interaction, generation, sure=sure)
        else:
            await _decide(interaction, generation, Act(self.found["what"]), sure=sure)


BUTTONS = (Turn, Choose, Decide)


def add(group: app_commands.Group) -> None:
    """Define the command."""

    @group.command(name="queue", description=later("What is under way: cancel it, or decide what is parked"))
    @app_commands.describe(everywhere=later("On all servers (operators only)"))
    async def queue(interaction: asking.Interaction, everywhere: bool = False) -> None:
        await asking.privately(interaction, partial(_list, everywhere=everywhere))


async def _list(
    interaction: asking.Interaction, *, everywhere: bool, after: tuple[datetime, str] | None = None
) -> None:
    where, house = deciding.where(interaction, everywhere=everywhere), interaction.client.house
    rows = await house.operations.queue.page(where, after=after, most=operations.PAGE + 1)
    draft = operations.queue(
        rows, asking.say_to(interaction), house.clock(), everywhere=everywhere, first=after is None
    )
    await _show(interaction, draft)


async def _show(interaction: asking.Interaction, draft: Draft) -> None:
    await asking.answer(interaction, draft.content or "", embed=draft.embed, view=draft.view)


async def _one(interaction: asking.Interaction, id_: str) -> Generation:
    """Return one that whoever presses may decide about. Raises `RequestRefused`."""
    guild_id = deciding.guild_of(interaction)
    where = None if asking.is_operator(interaction) else guild_id
    return await interaction.client.house.operations.queue.one(id_, where)


def _acts(interaction: asking.Interaction, generation: Generation) -> list[str]:
    """Return what may be decided. Who may pay twice is the operator: nobody else may send it again."""
    acts = [each.value for each in possible(generation)]
    if not asking.is_operator(interaction):
        acts = [each for each in acts if each != Act.SEND]
    if generation.status in UNTIL_PROVIDER_IS_DONE and not generation.cancel_wished:
        acts.append("cancel")
    return acts


async def _cancel(interaction: asking.Interaction, generation: Generation, *, sure: bool) -> None:
    generations, say = interaction.client.generations, asking.say_to(interaction)
    if generations.cancel_is_charged(generation) and not sure:
        await _show(interaction, operations.sure(generation, "cancel", say))
        return
    house, deed = interaction.client.house, _deed(interaction, generation, "cancel")
    wished = await house.operations.queue.cancel(generation)
    await house.audit.record(deed)
    await asking.tell_log(interaction, deed)
    in_full = wished.counts_in_full or generations.cancel_is_charged(wished)
    await asking.answer(interaction, library.cancelled(wished, say, in_full=in_full), view=None)


async def _decide(interaction: asking.Interaction, generation: Generation, act: Act, *, sure: bool) -> None:
    say = asking.say_to(interaction)
    if act is Act.SEND:
        asking.demand_operator(interaction)
        if not sure:
            await _show(interaction, operations.sure(generation, act, say))
            return
    deed = _deed(interaction, generation, act)
    await interaction.client.house.operations.queue.decide(generation, act, deed)
    await asking.tell_log(interaction, deed)
    await asking.answer(interaction, operations.done(act, say), view=None)


def _deed(interaction: asking.Interaction, generation: Generation, what: str) -> Deed:
    """Return what the log of the generation's own server has, wherever it was decided."""
    deed = asking.deed_of(interaction, "queue", deciding.detail(act=str(what), id=generation.id))
    return replace(deed, guild_id=generation.place.guild_id)
