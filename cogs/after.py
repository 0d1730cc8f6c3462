"""What stands below films and notices, and the modals that it opens: it works whenever it was sent."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from bot.errors import NotFound
from bot.messages import buttons, modals, phrases
from bot.tracker.media import expires
from cogs import asking, extending, keeping, offers, reports
from cogs.presses import Form, Press, chosen, demand_own, show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.client import Matinee
    from bot.models import Generation


class Again(Press, template=buttons.AGAIN):
    """Makes the same anew, at the cost of whoever presses."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Start it."""
        await again(interaction, self.found["id"], press="again")


class Edit(Form, template=buttons.EDIT):
    """Opens prompt and options for another try."""

    async def modal(self, interaction: asking.Interaction) -> discord.ui.Modal:
        """Return it filled in."""
        generation = await interaction.client.generations.any(self.found["id"])
        offered = offers.of(generation, await offers.for_a_form(interaction))
        return modals.edit_modal(generation, asking.say_to(interaction), offered)


class Delete(Press, template=buttons.DELETE):
    """Removes the film's message."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Delete it, for its owner or a moderator."""
        demand_own(interaction, int(self.found["user_id"]), interaction.guild_id)
        house, message = interaction.client.house, interaction.message
        if message:
            generation = None
            with suppress(NotFound):  # its member had everything deleted: the message is still theirs
                generation = await house.generations.any(self.found["id"])
            with suppress(discord.NotFound):  # somebody else was faster
                await message.delete()
            if generation and message.id == generation.message_id:  # and not a copy
                await house.keepsakes.removed(generation)
        say = asking.say_to(interaction)
        await asking.answer(interaction, say("Deleted. It has counted all the same."))


class More(Press, template=buttons.MORE):
    """The menu of what else can be done."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask what is wrong where it is a report, else answer privately; a choice taken back is no wish."""
        what = chosen(interaction)
        if what is None:
            await interaction.response.defer()
        elif what == "report":
            await show(interaction, self._report)
        else:
            await asking.privately(interaction, partial(self._do, what=what))

    async def _report(self, interaction: asking.Interaction) -> discord.ui.Modal:
        return modals.report_modal(self.found["id"], asking.say_to(interaction))

    async def _do(self, interaction: asking.Interaction, *, what: str) -> None:
        generation = await interaction.client.generations.any(self.found["id"])
        match what:
            case "dm":
                await keeping.send(interaction, generation)
            case "link":
                await keeping.link(interaction, generation)
            case "details":
                await keeping.details(interaction, generation)
            case "ratio" | "maker":
                await _choose(interaction, generation, what)
            case _:
                await _vary(interaction, generation, what)


class Choose(Press, template=buttons.CHOOSE):
    """The second menu: which ratio, or which provider and model."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Make the film so."""
        value, id_ = chosen(interaction) or "", self.found["id"]
        if self.found["what"] == "ratio":
            await again(interaction, id_, press=f"ratio {value}", ratio=value)
        else:
            provider, _, model = value.partition("/")
            await again(interaction, id_, press=f"maker {value}", provider=provider, model=model)


ITEMS = (Again, Edit, extending.Extend, extending.LastFrame, Delete, More, Choose)


class After(commands.Cog):
    """What can be done with a film that is there."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: asking.Interaction) -> None:
        """Take a modal back, whenever it was opened: discord.py forgets modals at a restart."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        for pattern, work in MODALS.items():
            if found := re.fullmatch(pattern, data.get("custom_id", "")):
                await asking.privately(interaction, partial(work, id=found["id"], data=data))


async def again(
    interaction: asking.Interaction,
    id: str,  # noqa: A002 -- the domain's word
    *,
    press: str | None = None,
    **changes: Any,
) -> None:
    """Make the same once more, with changes, at the presser's cost. Raises a `Refused`.

    `press` says which button; without one it is a form, which is told by what it says.
    """
    asking.demand_permissions(interaction)
    house = interaction.client.house
    asked = await house.generations.asked_again(id, **changes)
    # Discord's link is dead after a day; then a provider gets the file from us, or not at all.
    media = tuple(
        replace(file, source_url="") if expires(file.source_url) <= house.clock() else file
        for file in asked.media
    )
    press = f"{press}:{id}" if press else asking.contents(asked, id)
    await asking.begin(interaction, replace(asked, media=media), parent_id=id, press=press)


async def _edited(
    interaction: asking.Interaction,
    id: str,  # noqa: A002
    *,
    data: Mapping[str, Any],
) -> None:
    """Make it once more as its edited modal says."""
    generation = await interaction.client.generations.any(id)
    await again(interaction, id, **modals.edited(data, generation))


MODALS: dict[str, Callable[..., Awaitable[None]]] = {
    buttons.EDITED: _edited,
    buttons.EXTENDED: extending.extend,
    buttons.REPORTED: reports.report,
}


async def _choose(interaction: asking.Interaction, generation: Generation, what: str) -> None:
    """Ask for the ratio, or for provider and model, with what each takes from the presser's limits."""
    say, models = asking.say_to(interaction), await offers.allowed(interaction)
    asked = await interaction.client.generations.asked_again(generation.id)
    if what == "ratio":
        title = say("Which ratio?")
        found = [
            (each, say.name("choice", each), replace(asked, ratio=each))
            for each in offers.ratios(generation, models)
        ]
    else:
        title = say("Which provider and model?")
        found = [
            (
                f"{each.provider}/{each.model}",
                f"{phrases.provider_name(each.provider)} · {each.model}",
                replace(asked, provider=each.provider, model=each.model),
            )
            for each in offers.makers(generation, models)
        ]
    quoted = await offers.quoted(interaction, [request for _, _, request in found])
    choices = [
        (value, label, phrases.amounts(quote, say))
        for (value, label, _), quote in zip(found, quoted, strict=True)
        if quote is not None
    ]
    words = f"{title}\n{say('This makes a new film, which counts against your own limits.')}"
    menu = buttons.choose(what, generation.id, title, choices)
    await asking.answer(interaction, words, view=buttons.row(menu))


async def _vary(interaction: asking.Interaction, generation: Generation, what: str) -> None:
    """Make the film once more, sharper or without sound."""
    models = await offers.allowed(interaction)
    if what == "resolution":
        sharper = offers.higher(generation, models)
        await again(interaction, generation.id, press=f"resolution {sharper}", resolution=sharper)
    elif what == "silent":
        offers.demand_switch(generation, models)
        await again(interaction, generation.id, press="silent", sound=False)


async def setup(bot: Matinee) -> None:
    """Add the buttons and the modals; called by discord.py."""
    bot.add_dynamic_items(*ITEMS)
    await bot.add_cog(After())


async def teardown(bot: Matinee) -> None:
    """Take the buttons out again; called by discord.py."""
    bot.remove_dynamic_items(*ITEMS)
