"""/admin words: what prompts may not say on a server."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from discord import app_commands

from bot.administration.rules import WordKind, listed, split
from bot.i18n import later
from bot.messages import admin_rules
from bot.messages.text import name as visible_name
from bot.wording import LONGEST_PATTERN, culprit
from cogs import asking
from cogs.admin import ForAdmins, deciding

if TYPE_CHECKING:
    from collections.abc import Sequence

Choices: TypeAlias = list[app_commands.Choice[str]]
_LONGEST_CHOICE = 100
_KINDS = [
    app_commands.Choice(name=later("forbidden word"), value=WordKind.WORD.value),
    app_commands.Choice(name=later("forbidden pattern"), value=WordKind.PATTERN.value),
    app_commands.Choice(name=later("allowed all the same"), value=WordKind.ALLOWED.value),
]


def add(group: app_commands.Group) -> None:
    """Define the commands."""
    words = ForAdmins(name="words", description=later("What prompts may not say here"), parent=group)
    _add_changes(words)
    _add_reading(words)


def _add_changes(words: app_commands.Group) -> None:
    @words.command(name="add", description=later("Forbid words, or allow what they forbid too much"))
    @app_commands.describe(
        text=later("Words with commas between them, or one pattern (RE2)"),
        kind=later("What it is (forbidden word)"),
    )
    @app_commands.choices(kind=_KINDS)
    async def add(
        interaction: asking.Interaction,
        text: app_commands.Range[str, 1, 1000],
        kind: str = WordKind.WORD.value,
    ) -> None:
        await asking.privately(interaction, partial(_add, text=text, kind=WordKind(kind)))

    @words.command(name="remove", description=later("Take a word or pattern off its list"))
    @app_commands.describe(text=later("As it is on the list"), kind=later("Which list (forbidden word)"))
    @app_commands.choices(kind=_KINDS)
    async def remove(
        interaction: asking.Interaction,
        text: app_commands.Range[str, 1, LONGEST_PATTERN],
        kind: str = WordKind.WORD.value,
    ) -> None:
        await asking.privately(interaction, partial(_remove, text=text, kind=WordKind(kind)))

    @remove.autocomplete("text")
    async def known(interaction: asking.Interaction, current: str) -> Choices:
        """Offer what is on the list, to admins alone: discord.py checks nobody before it asks."""
        if not asking.is_admin(interaction) or interaction.guild_id is None:
            return []
        kind = WordKind(interaction.namespace.kind or WordKind.WORD.value)
        rules = await interaction.client.house.rules.of(interaction.guild_id)
        found = deciding.matching(listed(rules.words, kind), current)
        return [
            app_commands.Choice(name=visible_name(each, _LONGEST_CHOICE) or "?", value=each)
            for each in found
            if len(each) <= _LONGEST_CHOICE
        ]


def _add_reading(words: app_commands.Group) -> None:
    @words.command(name="list", description=later("Show this server's rules on words"))
    async def list_(interaction: asking.Interaction) -> None:
        await asking.privately(interaction, _list)

    @words.command(name="test", description=later("Try whether a prompt would be refused"))
    @app_commands.describe(prompt=later("What somebody might write"))
    async def test(interaction: asking.Interaction, prompt: app_commands.Range[str, 1, 4000]) -> None:
        await asking.privately(interaction, partial(_test, prompt=prompt))


async def _add(interaction: asking.Interaction, *, text: str, kind: WordKind) -> None:
    guild_id, say = deciding.guild_of(interaction), asking.say_to(interaction)
    said: Sequence[str] = (text,) if kind is WordKind.PATTERN else split(text) or (text,)
    deed = asking.deed_of(interaction, "words add", deciding.detail(kind=kind, text=text))
    rules = await interaction.client.house.rules.add_words(guild_id, kind, said, deed)
    await asking.tell_log(interaction, deed)
    told = admin_rules.word_list(say("Added:"), said, say)
    await asking.answer(interaction, f"{told}\n{admin_rules.counts(rules.words, say)}")


async def _remove(interaction: asking.Interaction, *, text: str, kind: WordKind) -> None:
    guild_id, say = deciding.guild_of(interaction), asking.say_to(interaction)
    deed = asking.deed_of(interaction, "words remove", deciding.detail(kind=kind, text=text))
    rules = await interaction.client.house.rules.remove_word(guild_id, kind, text, deed)
    await asking.tell_log(interaction, deed)
    told = admin_rules.word_list(say("Removed:"), (text,), say)
    await asking.answer(interaction, f"{told}\n{admin_rules.counts(rules.words, say)}")


async def _list(interaction: asking.Interaction) -> None:
    rules = await interaction.client.house.rules.of(deciding.guild_of(interaction))
    words, whole = admin_rules.words(rules.words, asking.say_to(interaction))
    await deciding.show_list(interaction, words, whole, "words.txt")


async def _test(interaction: asking.Interaction, *, prompt: str) -> None:
    rules = await interaction.client.house.rules.of(deciding.guild_of(interaction))
    rule = await asyncio.to_thread(culprit, prompt, rules.words)
    await asking.answer(interaction, admin_rules.tested(rule, asking.say_to(interaction)))
