"""/videos and /show, and the buttons in them and on cards: they work whenever the message was sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery.marks import file_name
from bot.errors import NotFound, RequestRefused
from bot.i18n import later
from bot.messages import buttons, library
from bot.models import Status
from bot.providers.mends import after_refusal
from bot.store.searching import Shown
from cogs import asking, choices, offers
from cogs.presses import InPlace, Press, chosen, demand_own

if TYPE_CHECKING:
    from bot.client import Matinee
    from bot.models import Generation

_ID_LENGTH = 16


class Cancel(Press, template=buttons.CANCEL):
    """Wishes an end. If that now costs as much as the film and the button didn't say so, it asks first."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Cancel, for its owner or a moderator."""
        say = asking.say_to(interaction)
        generations = interaction.client.generations
        in_full = self.found["full"] is not None
        generation = await generations.any(self.found["id"])
        moderator = asking.is_moderator(interaction, generation.place.guild_id)
        demand_own(interaction, generation.requester.user_id, generation.place.guild_id)
        if generations.cancel_is_charged(generation) and not in_full:
            asked = buttons.row(buttons.cancel(generation.id, say, charged=True))
            await asking.answer(
                interaction, say("The provider doesn't stop what it has. Cancel anyway?"), view=asked
            )
            return
        wished = await generations.cancel(self.found["id"], interaction.user.id, moderator=moderator)
        counts = wished.counts_in_full or generations.cancel_is_charged(wished)
        await asking.answer(interaction, library.cancelled(wished, say, in_full=counts), view=None)


class Get(Press, template=buttons.GET):
    """Hands over a film that could be posted nowhere."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Send it privately, to its requester alone."""
        generations = interaction.client.generations
        generation = await generations.find(self.found["id"], interaction.user.id)
        path = await generations.film_path(generation)
        if path is None or generation.film is None:
            raise RequestRefused("film_gone")
        if generation.film.size > interaction.filesize_limit:
            raise RequestRefused("film_large", value=generation.film.size, most=interaction.filesize_limit)
        file = await asyncio.to_thread(discord.File, path, filename=file_name(generation))
        say = asking.say_to(interaction)
        await asking.answer(interaction, say("Here is your film."), attachments=[file])


class Turn(InPlace, template=library.TURN):
    """Turns a page of `/videos`, in its place."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show the presser's own, next to the one that the page ended with."""
        sought = _sought(self.found["shown"], self.found["searched"])
        await _list(interaction, sought, beyond=self.found["id"], newer=self.found["way"] == "newer")


class Filter(InPlace, template=library.FILTER):
    """Shows other states of what is searched for, in its place."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show the presser's own, from the newest on."""
        await _list(interaction, _sought(chosen(interaction), self.found["searched"]))


class Jump(Press, template=library.JUMP):
    """Shows one of the list, as `/show` does."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show it."""
        await _show(interaction, chosen(interaction) or "")


ITEMS = (Cancel, Get, Turn, Filter, Jump)


class Library(commands.Cog):
    """A member's own generations."""

    @app_commands.command(
        description=later("Show your own videos: how they stand, where they are, and Cancel")
    )
    @app_commands.describe(
        state=later("Only those that stand so"), search=later("Only those with these words in the prompt")
    )
    @app_commands.choices(
        state=[
            app_commands.Choice(name="all", value="all"),
            app_commands.Choice(name="under way", value="open"),
            app_commands.Choice(name="done", value="done"),
            app_commands.Choice(name="without a film", value="without"),
            app_commands.Choice(name="looked into by the operator", value="parked"),
        ]
    )
    async def videos(
        self, interaction: asking.Interaction, state: str = "all", search: str | None = None
    ) -> None:
        """Show your own videos: how they stand, where they are, and Cancel."""
        await asking.privately(interaction, partial(_begin, state=state, search=search or ""))

    @app_commands.command(description=later("Show one of your own videos again, with its buttons"))
    @app_commands.describe(id=later("Which one: begin to type its prompt"))
    async def show(self, interaction: asking.Interaction, id: str) -> None:  # noqa: A002 -- the option's name
        """Show one of your own videos again, with its buttons."""
        await asking.privately(interaction, partial(_show, id_=id))

    @show.autocomplete("id")
    async def _own(self, interaction: asking.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await choices.films(interaction, current)


def _sought(state: str | None, searched: str) -> library.Sought:
    known = {shown.value: shown for shown in Shown}
    return library.Sought(known.get(state or "", Shown.ALL), searched)


async def _begin(interaction: asking.Interaction, *, state: str, search: str) -> None:
    searched = library.searchable(search)
    shortened = searched != " ".join(search.split())
    await _list(interaction, _sought(state, searched), shortened=shortened)


async def _list(
    interaction: asking.Interaction,
    sought: library.Sought,
    *,
    beyond: str | None = None,
    newer: bool = False,
    shortened: bool = False,
) -> None:
    """Show a page, which begins after `beyond`, or ends before it where `newer` is wanted."""
    user_id, say = interaction.user.id, asking.say_to(interaction)
    edge = await _edge(interaction, beyond)
    found = await interaction.client.house.own.searching.page(
        user_id,
        shown=sought.shown,
        searched=sought.searched,
        beyond=edge,
        newer=newer,
        most=library.PAGE + 1,
    )
    more = len(found) > library.PAGE
    backwards = newer and edge is not None
    own = found[-library.PAGE :] if backwards else found[: library.PAGE]
    draft = library.page(
        await asyncio.gather(*[_entry(interaction, generation) for generation in own]),
        say,
        sought,
        older=more or backwards,
        newer=edge is not None and (more or not backwards),
    )
    words = [say("The search was shortened to what a button can carry.")] if shortened else []
    content = "\n".join([*words, *([draft.content] if draft.content else [])])
    await asking.answer(interaction, content, embed=draft.embed, view=draft.view, attachments=[])


async def _edge(interaction: asking.Interaction, id_: str | None) -> Generation | None:
    """Return the generation that a page ended with; the newest page where it is gone or somebody else's."""
    if id_ is None:
        return None
    try:
        return await interaction.client.generations.find(id_, interaction.user.id)
    except NotFound:
        return None


async def _entry(interaction: asking.Interaction, generation: Generation) -> library.Entry:
    generations = interaction.client.generations
    kept = await generations.has_film(generation)
    return library.Entry(
        generation,
        place=await generations.place_in_queue(generation),
        link=await generations.link(generation) if kept else None,
        kept=kept,
        cancel_charged=generations.cancel_is_charged(generation),
    )


async def _show(interaction: asking.Interaction, id_: str) -> None:
    """Show one of the asker's own, film and all, wherever the film lies."""
    generation = await interaction.client.generations.find(_id(id_), interaction.user.id)
    film, elsewhere = None, None
    if generation.status in {Status.DELIVERED, Status.PARKED}:
        film = await _file(interaction, generation)
        elsewhere = None if film else await _elsewhere(interaction, generation)
        generation = await interaction.client.generations.find(generation.id, interaction.user.id)
    entry = await _entry(interaction, generation)
    if generation.status in {Status.REFUSED, Status.FAILED}:
        entry = replace(entry, mends=after_refusal(generation, await offers.allowed(interaction)))
    too_large = generation.film.size if generation.film and entry.kept and not film else None
    draft = library.one(
        entry,
        interaction.client.house.clock(),
        asking.say_to(interaction),
        elsewhere=elsewhere,
        too_large=too_large,
    )
    files = [film] if film else []
    await asking.answer(interaction, draft.content or "", view=draft.view, attachments=files)


def _id(typed: str) -> str:
    """Return an id as somebody typed it. Raises `NotFound` for what none of ours can be."""
    id_ = typed.strip().lower()
    if len(id_) != _ID_LENGTH:
        raise NotFound("not_found", id=id_)
    return id_


async def _file(interaction: asking.Interaction, generation: Generation) -> discord.File | None:
    """Return the film as it lies here, if it does and may be attached."""
    if generation.film is None or generation.film.size > interaction.filesize_limit:
        return None
    path = await interaction.client.generations.film_path(generation)
    if path is None:
        return None
    try:
        return await asyncio.to_thread(discord.File, path, filename=file_name(generation))
    except FileNotFoundError:  # delivered and deleted just now
        return None


async def _elsewhere(interaction: asking.Interaction, generation: Generation) -> str | None:
    """Return a link to the film at Discord, if its message stands and can be read."""
    if generation.message_id is None:
        return None
    say = asking.say_to(interaction)
    try:
        film = await interaction.client.house.keepsakes.at_discord(interaction.client, generation, None)
    except RequestRefused:
        return None
    return say("[Its file]({link}), for about a day", link=film.url)


async def setup(bot: Matinee) -> None:
    """Add the commands and the buttons; called by discord.py."""
    bot.add_dynamic_items(*ITEMS)
    await bot.add_cog(Library())


async def teardown(bot: Matinee) -> None:
    """Take the buttons out again; called by discord.py."""
    bot.remove_dynamic_items(*ITEMS)
