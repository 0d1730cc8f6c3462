"""/storyboard: several shots as one film; its form, its card's buttons, and single shots on request."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery.marks import file_name
from bot.errors import Refused, RequestRefused
from bot.i18n import later
from bot.messages import settings, storyboard
from bot.messages.buttons import row
from bot.models import Mode, VideoRequest
from bot.orders import Order
from bot.shots import BoardStatus, for_shot, is_made
from bot.storyboards.direction import lines, options_of, whole
from cogs import asking, choices
from cogs.presses import Form, Press, chosen, demand_own, show
from cogs.video import Provider, Ratio, Resolution, Seconds  # noqa: TC001 -- discord.py reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import Matinee
    from bot.models import Generation
    from bot.storyboards.direction import Direction

_GAP = "|"
_LONGEST_MODEL = 40
"""Characters; the name of any model that there is takes fewer, and a custom_id must hold it."""
_OPTIONS = {
    "model": later("Which model makes all shots"),
    "ratio": later("Width to height (16:9)"),
    "resolution": later("How sharp (720p)"),
    "seconds": later("How long each shot is (5)"),
    "sound": later("With sound, where it can be chosen (yes)"),
    "provider": later("Who makes it; it is never exchanged for another"),
    "continuous": later("Begin each shot with the last frame of the one before (yes)"),
}


def _direction(interaction: asking.Interaction) -> Direction:
    return interaction.client.house.storyboards


def packed(asked: VideoRequest, *, continuous: bool) -> str:
    """Return the options as a form's custom_id carries them: nothing has to be kept for it."""
    sound = "" if asked.sound is None else str(int(asked.sound))
    said = (asked.provider, asked.model, asked.ratio, asked.resolution, asked.seconds)
    fields = (*said, sound, int(continuous))
    return _GAP.join("" if field is None else str(field) for field in fields)


def unpacked(options: str) -> tuple[VideoRequest, bool]:
    """Return what `packed` put there; whatever else somebody sends is refused by the router."""
    provider, model, ratio, resolution, seconds, sound, continuous = (options.split(_GAP) + [""] * 7)[:7]
    asked = VideoRequest(
        "",
        Mode.TEXT,
        provider=provider or None,
        model=model or None,
        ratio=ratio or None,
        resolution=resolution or None,
        seconds=int(seconds) if seconds.isdecimal() else None,
        sound=None if not sound else sound == "1",
    )
    return asked, continuous == "1"


class StoryboardCog(commands.Cog, name="Storyboard"):
    """Films of several shots."""

    def __init__(self, bot: Matinee) -> None:
        self._bot = bot

    @app_commands.command(description=later("Make one film of several shots, one after the other"))
    @app_commands.describe(**_OPTIONS)
    async def storyboard(  # noqa: PLR0917 -- Discord's options, in the order in which it shows them
        self,
        interaction: asking.Interaction,
        model: str | None = None,
        ratio: Ratio | None = None,
        resolution: Resolution | None = None,
        seconds: Seconds | None = None,
        sound: bool | None = None,
        provider: Provider | None = None,
        continuous: bool = True,
    ) -> None:
        """Make one film of several shots, one after the other."""
        asked = VideoRequest("", Mode.TEXT, (), provider, model, ratio, resolution, seconds, sound)

        async def form(interaction: asking.Interaction) -> discord.ui.Modal:
            asking.demand_permissions(interaction)
            if model is not None:
                _check_model(model, choices.offered(self._bot.generations.capabilities(), provider))
            options = packed(asked, continuous=continuous)
            return storyboard.asking_modal(options, asking.say_to(interaction))

        await show(interaction, form)

    @storyboard.autocomplete("model")
    async def _storyboard_models(
        self, interaction: asking.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return choices.models(interaction, current)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: asking.Interaction) -> None:
        """Take a filled-in form, whenever it was opened: discord.py forgets modals at a restart."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        custom_id, text = data.get("custom_id", ""), storyboard.written(data)
        if found := re.fullmatch(storyboard.ASKED, custom_id):
            await asking.privately(interaction, partial(_begin, text=text, options=found["options"]))
        elif found := re.fullmatch(storyboard.REDONE, custom_id):
            redo = partial(_redo, id_=found["id"], number=int(found["shot"]), prompt=text)
            await asking.privately(interaction, redo)


def _check_model(model: str, models: Sequence[str]) -> None:
    if model not in models or len(model) > _LONGEST_MODEL:
        raise RequestRefused("model", option="model", value=model, allowed=tuple(models))


async def _begin(
    interaction: asking.Interaction, text: str, options: str, *, confirmed: bool = False
) -> None:
    """Check every shot, say the whole price, reserve it all or nothing, and begin."""
    asking.demand_permissions(interaction)
    prompts = lines(text)
    said, continuous = unpacked(options)
    like_one = for_shot(2, replace(said, prompt=prompts[0]), continuous=continuous)
    house, say = interaction.client.house, asking.say_to(interaction)
    filled = await house.own.defaults.filled(interaction.user.id, like_one, interaction.guild_id)
    asked = replace(filled.asked, prompt="", mode=Mode.TEXT, media=())
    place = asking.place_of(interaction)
    drafted = await house.storyboards.draft(
        prompts,
        asked,
        asking.requester_of(interaction),
        place,
        continuous=continuous,
        interaction_id=interaction.id,
        standing=asking.standing_of(interaction),
    )
    _, shots, _ = drafted
    if not confirmed and house.ordering.is_dear(whole(shot.cost for shot in shots).credits):
        kept = Order(replace(said, prompt=text, media=()), place)
        id_ = await house.ordering.keep(kept, interaction.user.id)
        view = storyboard.confirmation(id_, say, continuous=continuous)
        await asking.answer(interaction, storyboard.question(shots, say), view=view)
        return
    board, begun = await house.storyboards.start(*drafted)
    told = [
        storyboard.begun(begun, say),
        asking.where(board.place, say),
        settings.passed_over(filled.passed_over, say),
    ]
    stop = storyboard.enough(board.id, say, made=None, charged=False)
    stops = row(stop) if board.place.member_only else None  # there is no card to hold the button
    await asking.answer(interaction, "\n".join(filter(None, told)), view=stops)


class Confirm(Press, template=storyboard.CONFIRM):
    """Begins what was too dear to be begun without a yes."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Take the order and begin it; what can't be begun stays there to be confirmed again."""
        ordering = interaction.client.house.ordering
        order = await ordering.take(self.found["order"], interaction.user.id)
        options = packed(order.asked, continuous=self.found["continuous"] == "1")
        try:
            await _begin(interaction, order.asked.prompt, options, confirmed=True)
        except Refused:
            await ordering.put_back(self.found["order"], order, interaction.user.id)
            raise


async def _redo(interaction: asking.Interaction, id_: str, number: int, prompt: str) -> None:
    asking.demand_permissions(interaction)
    shot = await _direction(interaction).redo(
        id_,
        number,
        prompt,
        asking.requester_of(interaction),
        interaction_id=interaction.id,
        standing=asking.standing_of(interaction),
    )
    await asking.answer(interaction, storyboard.redone(shot, asking.say_to(interaction)))


class Redo(Form, template=storyboard.REDO):
    """Opens a failed shot's words, to make it again."""

    async def modal(self, interaction: asking.Interaction) -> discord.ui.Modal:
        """Return the form, for the storyboard's own member."""
        shot = await _direction(interaction).failed(
            self.found["id"], int(self.found["shot"]), interaction.user.id
        )
        return storyboard.redo_modal(shot, asking.say_to(interaction))


class Again(Form, template=storyboard.AGAIN):
    """Opens a whole storyboard for another try, at the cost of whoever presses."""

    async def modal(self, interaction: asking.Interaction) -> discord.ui.Modal:
        """Return the form, filled in with all shots."""
        board, shots = await _direction(interaction).find(self.found["id"])
        options = packed(options_of(shots[0]), continuous=board.continuous)
        prompts = [shot.asked.prompt for shot in shots]
        return storyboard.asking_modal(options, asking.say_to(interaction), prompts)


class Enough(Press, template=storyboard.ENOUGH):
    """Ends a storyboard half-way. Where a shot then counts in full and the button didn't say so, it asks."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Wish it, for the storyboard's own member or a moderator."""
        say, direction = asking.say_to(interaction), _direction(interaction)
        board, shots = await _own(interaction, self.found["id"])
        moderator = asking.is_moderator(interaction, board.place.guild_id)
        charged, made = direction.is_charged(shots), any(map(is_made, shots))
        if board.status is BoardStatus.SHOOTING and charged and self.found["full"] is None:
            button = storyboard.enough(board.id, say, made=made, charged=True)
            question = say("The provider doesn't stop what it has. Cancel anyway?")
            await asking.answer(interaction, question, view=row(button))
            return
        await direction.enough(board.id, interaction.user.id, moderator=moderator)
        words = storyboard.ended(say, made=made, in_full=charged)
        await asking.answer(interaction, words, view=None)


class Single(Press, template=storyboard.SINGLE):
    """Offers the shots one by one."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Ask which one."""
        board, shots = await _own(interaction, self.found["id"])
        if not any(map(is_made, shots)):
            raise RequestRefused("shots_none")
        draft = storyboard.choice(board.id, shots, asking.say_to(interaction))
        await asking.answer(interaction, draft.content or "", view=draft.view)


class Get(Press, template=storyboard.GET):
    """Hands over one shot."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Send it privately, as a file or, where it is too large, as a link."""
        _, shots = await _own(interaction, self.found["id"])
        number = int(chosen(interaction) or 0)
        found = [shot for shot in shots if shot.shot == number and is_made(shot)]
        if not found:
            raise RequestRefused("film_gone")
        await _hand_over(interaction, found[0])


async def _own(interaction: asking.Interaction, id_: str) -> tuple[Any, Sequence[Generation]]:
    """Return a storyboard of the presser's own; a moderator may look as well."""
    board, shots = await _direction(interaction).find(id_)
    demand_own(interaction, board.requester.user_id, board.place.guild_id)
    return board, shots


async def _hand_over(interaction: asking.Interaction, shot: Generation) -> None:
    generations, say = interaction.client.generations, asking.say_to(interaction)
    if shot.film is None or not await generations.has_film(shot):
        raise RequestRefused("film_gone")
    if shot.film.size > interaction.filesize_limit:
        link = await generations.link(shot)
        if link is None:
            raise RequestRefused("film_large", value=shot.film.size, most=interaction.filesize_limit)
        await asking.answer(interaction, say("Too large to be attached here, so as a link:") + f"\n{link}")
        return
    path = await generations.film_path(shot)
    if path is None:
        raise RequestRefused("film_gone")
    file = await asyncio.to_thread(discord.File, path, filename=file_name(shot))
    words = say("Here is shot {number}.", number=shot.shot)
    await asking.answer(interaction, words, attachments=[file])


PRESSES = (Redo, Again, Enough, Single, Get, Confirm)


async def setup(bot: Matinee) -> None:
    """Add the command and the buttons; called by discord.py."""
    bot.add_dynamic_items(*PRESSES)
    await bot.add_cog(StoryboardCog(bot))


async def teardown(bot: Matinee) -> None:
    """Take the buttons out again; called by discord.py."""
    bot.remove_dynamic_items(*PRESSES)
