"""Films that begin with the last picture of another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.errors import RequestRefused
from bot.messages import buttons, modals
from bot.models import Mode
from cogs import asking, offers
from cogs.presses import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord


class Extend(Form, template=buttons.EXTEND):
    """Goes on from the film's last picture, with its prompt, or with that of an extension to be redone."""

    async def modal(self, interaction: asking.Interaction) -> discord.ui.Modal:
        """Return it filled in."""
        words = self.found["words"]
        prompt = (await interaction.client.generations.any(words)).asked.prompt if words else None
        return await _from_last_frame(interaction, self.found["id"], prompt=prompt)


class LastFrame(Form, template=buttons.LAST_FRAME):
    """Begins something new with the film's last picture."""

    async def modal(self, interaction: asking.Interaction) -> discord.ui.Modal:
        """Return it empty."""
        return await _from_last_frame(interaction, self.found["id"], prompt="")


async def _from_last_frame(
    interaction: asking.Interaction,
    id: str,  # noqa: A002
    *,
    prompt: str | None,
) -> discord.ui.Modal:
    house = interaction.client.house
    generation = await house.generations.any(id)
    if not await house.keepsakes.may_be_had(generation):
        raise RequestRefused("film_gone")
    seconds = offers.lengths(generation, await offers.for_a_form(interaction))
    words = generation.asked.prompt if prompt is None else prompt
    return modals.extend_modal(id, words, seconds, generation.request.seconds, asking.say_to(interaction))


async def extend(
    interaction: asking.Interaction,
    id: str,  # noqa: A002
    *,
    data: Mapping[str, Any],
) -> None:
    """Make a film that begins with another one's last picture, as its modal says. Raises a `Refused`."""
    asking.demand_permissions(interaction)
    house = interaction.client.house
    generation = await house.generations.any(id)
    frame = await house.keepsakes.last_frame(interaction.client, generation, interaction.message)
    asked = replace(
        generation.asked,
        prompt=modals.edited_prompt(data),
        mode=Mode.FIRST_FRAME,
        media=(frame,),
        seconds=modals.chosen_seconds(data) or generation.asked.seconds,
        web_search=None,
    )
    try:
        await asking.begin(interaction, asked, parent_id=id, press=asking.contents(asked, id))
    except Exception:
        await house.generations.forget([frame])
        raise
