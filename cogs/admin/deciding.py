"""What commands that change a server's rules have in common: change, write down, tell what is now true."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import discord

from bot.errors import RequestRefused
from cogs import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.i18n import Say
    from bot.servers import ServerRules


def guild_of(interaction: asking.Interaction) -> int:
    """Return the server that is decided about: the one where the command is given, and no other."""
    asking.demand_admin(interaction)
    if interaction.guild_id is None:
        raise RequestRefused("not_admin")
    return interaction.guild_id


def where(interaction: asking.Interaction, *, everywhere: bool) -> int | None:
    """Return the server that it is about: this one, or None for all of them, which operators may say."""
    guild_id = guild_of(interaction)
    if everywhere:
        asking.demand_operator(interaction)
        return None
    return guild_id


def written(user: discord.User | discord.Member) -> str:
    """Return somebody as the log has them: their name now, which may change, and their id."""
    return f"{user.name} ({user.id})"


def detail(**options: object) -> str:
    """Return the options that were given, as the log has them: in no language."""
    return " · ".join(f"{name}: {value}" for name, value in options.items() if value is not None)


async def show(interaction: asking.Interaction, words: Callable[[ServerRules, Say], str]) -> None:
    """Tell what is true."""
    rules = await interaction.client.house.rules.of(guild_of(interaction))
    await asking.answer(interaction, words(rules, asking.say_to(interaction)))


async def show_list(interaction: asking.Interaction, words: str, whole: str | None, name: str) -> None:
    """Tell a list, with all of it in a file where there is more than a message takes."""
    files = [discord.File(BytesIO(whole.encode("utf-8", "replace")), name)] if whole else []
    await asking.answer(interaction, words, attachments=files)


async def decide(
    interaction: asking.Interaction,
    change: Callable[[ServerRules], ServerRules],
    words: Callable[[ServerRules, Say], str],
    *,
    action: str,
    said: str,
) -> None:
    """Change the rules, write down who did, and tell what is now true. Raises what `change` raises."""
    deed = asking.deed_of(interaction, action, said)
    rules = await interaction.client.house.rules.change(guild_of(interaction), change, deed)
    await asking.tell_log(interaction, deed)
    await asking.answer(interaction, words(rules, asking.say_to(interaction)))


def matching(names: Iterable[str], current: str, most: int = 25) -> list[str]:
    """Return the names that contain what was typed so far, without doubles."""
    typed = current.strip().lower()
    return [name for name in dict.fromkeys(names) if typed in name.lower()][:most]
