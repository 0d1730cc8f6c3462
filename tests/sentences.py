"""Every sentence and every name that people read, as the source and the command tree have them."""

import ast
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import MagicMock

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import EXTENSIONS, kind_of
from bot.messages.phrases import PROVIDERS

CHECKOUT = Path(__file__).parents[1]
SAYING = re.compile(r"(.*\.)?_?(say|later)|(.*\.)?(say_to|speaker)\(.*\)", re.DOTALL)
"""What is called to say a sentence, or to mark it."""
SPEAKS = re.compile(r"i18n|\bSay\b|\bsay_to\b")
"""What is in a module that speaks with members: a stand-in for a provider says things, too."""
NAME, TEXT = 32, 100
"""Characters that Discord takes of a name, and of a choice or a description."""
LIMITS = {"command": NAME, "menu": NAME, "option": NAME, "choice": TEXT}


@dataclass
class Sentence:
    """What is to be translated, and where it is said."""

    ids: tuple[str, ...]
    """One, or one for each English number."""
    context: str | None = None
    """What it is the name of."""
    files: list[str] = field(default_factory=list)
    limit: int | None = None
    """Characters that Discord shows of it where it is said, if that is a place for short texts."""


def sources():
    """Return the syntax tree of every module in which sentences are said, by its path."""
    texts = {
        path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
        for package in ("bot", "cogs")
        for path in sorted((CHECKOUT / package).rglob("*.py"))
    }
    return {name: ast.parse(text) for name, text in texts.items() if SPEAKS.search(text)}


def said(call):
    """Return the sentence of a call, as its numbers and its context, or None if it says no literal."""
    called = ast.unparse(call.func)
    words = [part.value for part in call.args[:2] if isinstance(part, ast.Constant)]
    if called.endswith(".many") and len(words) == 2:
        return tuple(words), None
    if called.endswith(".pgettext") and len(words) == 2:
        return (words[1],), words[0]
    if SAYING.fullmatch(called) and call.args and isinstance(call.args[0], ast.Constant):
        return (call.args[0].value,), None
    return None


def patched(trees):
    """Return the places where a sentence is put together in the call, and so can't be found."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and SAYING.fullmatch(ast.unparse(node.func))
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.IfExp)
    ]


def spoken(trees):
    """Return what is said in the modules, in their order and that of their lines.

    The names of choices aren't: Discord shows them, and the command tree has them.
    """
    of_choices = {
        id(part.value)
        for tree in trees.values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Choice")
        for part in call.keywords
    }
    return [
        Sentence(*sentence, [path])
        for path, tree in trees.items()
        for call in sorted(
            (node for node in ast.walk(tree) if isinstance(node, ast.Call)),
            key=lambda node: (node.lineno, node.col_offset),
        )
        if (sentence := said(call)) and id(call) not in of_choices
    ]


class _Listing(commands.Bot):
    """The commands with nothing behind them: whatever else a cog asks the bot for is hollow."""

    def __init__(self):
        super().__init__(command_prefix=commands.when_mentioned, intents=discord.Intents(guilds=True))

    def __getattr__(self, name):
        if name.startswith(("_", "on_")):
            raise AttributeError(name)
        return MagicMock()


class _Recorder(app_commands.Translator):
    """Notes what a sync would have translated."""

    def __init__(self):
        self.asked = {}

    async def translate(self, string, _, context):
        self.asked.setdefault((kind_of(context), string.message))


async def listing():
    """Return a client that has all commands and buttons, and can't do anything."""
    bot = _Listing()
    for extension in EXTENSIONS:
        await bot.load_extension(extension)
    return bot


async def names():
    """Return the names and descriptions of all commands, their options and choices."""
    bot = await listing()
    found = []
    for command in _commands(bot.tree):
        recorder = _Recorder()
        await command.get_translated_payload(bot.tree, recorder)
        file = Path(sys.modules[command.module].__file__).relative_to(CHECKOUT).as_posix()
        found += [Sentence((text,), kind, [file], LIMITS.get(kind, TEXT)) for kind, text in recorder.asked]
    return [each for each in found if each.context != "choice" or not is_code(each.ids[0])]


def _commands(tree):
    """Return all commands that are not another's."""
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user)
    return [command for kind in kinds for command in tree.get_commands(type=kind)]


def is_code(choice):
    """Return whether a choice is the same in every language: a figure, or a provider's own name."""
    return bool(re.search(r"\d", choice)) or choice in {*PROVIDERS, *PROVIDERS.values()}
