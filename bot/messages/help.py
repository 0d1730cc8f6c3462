"""What /help says: what one can do, with examples to run, what it takes, and where everything goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.messages import phrases
from bot.messages.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.i18n import Say
    from bot.models import Capabilities


@dataclass(frozen=True, slots=True)
class Helped:
    """Who asks for help, and where."""

    models: Sequence[Capabilities]
    """All that can be used here."""
    commands: Collection[str]
    """Those that there are, by their names."""
    ids: Mapping[str, int]
    """Of commands as Discord knows them, by their names: those become links. The others are shown as text."""
    admin: bool = False


def help(helped: Helped, say: Say) -> Draft:  # noqa: A001 -- the command's own name
    """Return it as one private message."""
    embed = discord.Embed(title=say("Films from words, pictures, clips and sounds"))
    embed.description = "\n".join(_examples(helped, say))
    embed.add_field(
        name=say("What a film takes"),
        value=say(
            "Every film counts as one video and as its seconds, against your limits: {usage} shows what is "
            "left. One that fails, or that you cancel before it is sent, counts nothing.",
            usage=_mention(helped, say, "usage"),
        ),
        inline=False,
    )
    embed.add_field(name=say("Who makes it"), value=_makers(helped, say), inline=False)
    embed.add_field(
        name=say("Where it goes"),
        value=say(
            "Your words and files go to the provider that makes the film, under a pseudonym. This bot keeps "
            "them with the film: {export} gives you everything, {delete} deletes it.",
            export=_mention(helped, say, "privacy", "export"),
            delete=_mention(helped, say, "privacy", "delete"),
        ),
        inline=False,
    )
    embed.add_field(
        name=say("What isn't made"),
        value=say(
            "Providers refuse what breaks their rules. Pictures with the faces of real people are refused by "
            "Seedance."
        ),
        inline=False,
    )
    if helped.admin:
        embed.set_footer(text=say("For admins: /admin sets limits, channels, models and rules here."))
    return Draft(embed=embed)


def _examples(helped: Helped, say: Say) -> list[str]:
    boat = say("A paper boat on a rainy street, close to the water")
    turn = say("The cat of @1 turns its head")
    lines = {
        "video": [say("from words, or from a first and a last picture"), _example(say, "video", prompt=boat)],
        "reference": [
            say("with pictures, clips and sounds as references"),
            _example(say, "reference", prompt=turn, file1="…"),
        ],
        "compose": [say("the same as a form")],
        "storyboard": [say("several shots as one film")],
        "videos": [say("your own films: how they stand, search, Cancel")],
        "show": [say("one of them again")],
        "settings": [say("your own defaults, and your language")],
        "preset use": [say("options and words that you saved")],
    }
    told = [say("Type one of these; the film comes here as soon as it is made.")]
    for command, (what, *example) in lines.items():
        if command.split()[0] in helped.commands:
            told += [f"{_mention(helped, say, *command.split())} · {what}", *example]
    told.append(say("Below every film: make it again, change it, go on from its end, and more."))
    return told


def _example(say: Say, command: str, **options: str) -> str:
    """Return a command that can be copied, in the names that its reader sees."""
    told = " ".join(f"{say.name('option', name)}:{value}" for name, value in options.items())
    return f"`/{say.name('command', command)} {told}`"


def _mention(helped: Helped, say: Say, *names: str) -> str:
    """Return a command as a link where its id is known, else as its reader would type it."""
    id_ = helped.ids.get(names[0])
    if id_ is not None:
        return f"</{' '.join(names)}:{id_}>"
    return f"`/{' '.join(say.name('command', name) for name in names)}`"


def _makers(helped: Helped, say: Say) -> str:
    models: dict[str, list[str]] = {}
    for one in helped.models:
        models.setdefault(one.provider, []).append(one.model)
    if not models:
        return say("Nobody just now: no provider can be used here.")
    lines = [f"{phrases.provider_name(name)}: {', '.join(of)}" for name, of in models.items()]
    told = "\n".join(lines)
    return told if len(told) <= _MOST else "\n".join(phrases.provider_name(name) for name in models)


_MOST = 1024
"""Characters of a field."""
