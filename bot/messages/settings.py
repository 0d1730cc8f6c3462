"""What members set for themselves: the private message with menus, presets, and what is said about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.i18n import later
from bot.messages import buttons, phrases
from bot.messages.draft import Draft
from bot.messages.text import code, first_lines, line
from bot.messages.text import name as visible_name
from bot.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.i18n import Say
    from bot.preferences import Preset

SETTING = r"matinee:setting:(?P<name>[a-z]{1,12})"
"""Of a menu, which carries what is chosen."""
PAGE = r"matinee:settings:(?P<page>[0-9])"
CLEAR = r"matinee:settings:clear"
FORGET = r"matinee:forget:(?P<user_id>[0-9]{1,20})"
"""Of the button that deletes everything."""
PAGES = (("provider", "model", "ratio", "resolution"), ("seconds", "sound", "deliver", "language"))
AS_THE_BOT_DOES = "-"
"""What is chosen to have no setting of one's own."""
_LONGEST = 4000
"""Characters of a list; Discord takes some more."""
_MOST = 25
"""Options of one menu."""
NAMES = {
    "provider": later("Provider"),
    "model": later("Model"),
    "ratio": later("Ratio"),
    "resolution": later("Resolution"),
    "seconds": later("Seconds"),
    "sound": later("Sound"),
    "deliver": later("Where films go"),
    "language": later("Language"),
}
_SOUND = {True: later("with sound"), False: later("without sound")}
_DELIVER = {
    "here": later("to the channel where I ask"),
    "dm": later("to my direct messages"),
    "both": later("to the channel and to my direct messages"),
}
Offer = dict[str, tuple[str, ...]]
"""What can be chosen here, by setting."""


def page(
    number: int, preferences: Preferences, offered: Offer, languages: Mapping[str, str], say: Say
) -> Draft:
    """Return a page of menus; above them stands everything that is set, on either page."""
    lines = [say("**Your settings** hold wherever you leave an option open. Only you see this.")]
    for name, setting in NAMES.items():
        if (value := getattr(preferences, name)) is not None:
            told = say("{setting}: {value}", setting=say(setting), value=shown(name, value, languages, say))
            gone = str(_choice(value)) not in offered[name]
            lines.append(f"{told} {say('(not offered just now)')}" if gone else told)
    if preferences == Preferences():
        lines.append(say("Nothing is set yet."))
    items: list[discord.ui.Item[discord.ui.View]] = [
        _menu(name, preferences, offered[name], languages, say) for name in PAGES[number]
    ]
    other = 1 - number
    words = say("More settings") if other else say("Back")
    items.append(
        discord.ui.Button(
            style=discord.ButtonStyle.primary, label=words, custom_id=f"matinee:settings:{other}", row=4
        )
    )
    if preferences != Preferences():
        clear = say("Clear all")
        items.append(
            discord.ui.Button(
                style=discord.ButtonStyle.secondary, label=clear, custom_id="matinee:settings:clear", row=4
            )
        )
    return Draft(content="\n".join(lines), view=buttons.row(*items))


def _menu(
    name: str, preferences: Preferences, offered: Sequence[str], languages: Mapping[str, str], say: Say
) -> discord.ui.Select[discord.ui.View]:
    now = getattr(preferences, name)
    menu = discord.ui.Select[discord.ui.View](custom_id=f"matinee:setting:{name}", row=_row(name))
    what = say(NAMES[name])
    menu.add_option(
        label=say("{setting}: not set", setting=what)[:100],
        value=AS_THE_BOT_DOES,
        default=now is None,
    )
    for choice in offered[: _MOST - 1]:
        told = shown(name, _value(name, choice), languages, say, plain=True)
        menu.add_option(
            label=say("{setting}: {value}", setting=what, value=told)[:100],
            value=choice,
            default=now is not None and choice == str(_choice(now)),
        )
    return menu


def _row(name: str) -> int:
    return next(names.index(name) for names in PAGES if name in names)


def _choice(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _value(name: str, choice: str) -> Any:
    """Return what a choice means."""
    if name == "seconds":
        return int(choice)
    return choice == "1" if name == "sound" else choice


def chosen(name: str, choice: str, offered: Offer) -> Any:
    """Return what somebody chose; None: nothing of their own. Raises `KeyError` for what isn't offered."""
    if choice == AS_THE_BOT_DOES:
        return None
    if choice not in offered[name]:
        raise KeyError(choice)
    return _value(name, choice)


def shown(name: str, value: Any, languages: Mapping[str, str], say: Say, *, plain: bool = False) -> str:
    """Return a setting's value in words; `plain`: for where Discord reads no markdown."""
    match name:
        case "provider":
            return phrases.provider_name(str(value))
        case "sound":
            return say(_SOUND[bool(value)])
        case "deliver":
            return say(_DELIVER.get(str(value), _DELIVER["here"]))
        case "seconds":
            return say("{seconds} s", seconds=value)
        case "ratio":
            told = say.name("choice", str(value))
        case "language":
            told = languages.get(str(value), str(value))
        case _:
            told = str(value)
    return visible_name(told, 60) if plain else line(told, 80)


def passed_over(names: Sequence[str], say: Say) -> str:
    """Return which settings of their own didn't apply; nothing where all did."""
    if not names:
        return ""
    options = say(", ").join(say(NAMES[name]) for name in names)
    return say("Not taken from your settings, because it doesn't go with this: {options}.", options=options)


def preset(one: Preset, say: Say) -> str:
    """Return a preset in a line: its name, its options, and the words that it puts before others."""
    values = [
        shown(name, getattr(one, name), {}, say)
        for name in ("provider", "model", "ratio", "resolution", "seconds", "sound")
        if getattr(one, name) is not None
    ]
    words = [code(one.name, 60), *values, *([f"“{line(one.prompt, 100)}”"] if one.prompt else [])]
    return " · ".join(words)


def presets(every: Sequence[Preset], most: int, say: Say) -> Draft:
    """Return a member's presets."""
    if not every:
        return Draft(content=say("You have no presets yet. Save one with `/preset save`."))
    title = say("Your presets: {count} of {most}", count=len(every), most=most)
    lines = first_lines([preset(one, say) for one in every], _LONGEST)
    return Draft(embed=discord.Embed(title=title, description="\n".join(lines)))


def confirm_forgetting(user_id: int, say: Say) -> Draft:
    """Return the question before everything is deleted: what goes, and what stays."""
    words = [
        say("**Delete everything that the bot holds of you?** This can't be undone."),
        say("It deletes your prompts, files, kept films, settings and presets, and your name and ids."),
        say(
            "It keeps numbers under a pseudonym: what was counted and paid, so that limits hold. Blocks, and "
            "the log of what servers' admins did, stay too."
        ),
        say("What is still under way is finished first, and deleted then."),
        say("Backups that the operator keeps still hold it until they are deleted."),
        say(
            "Messages that were already posted stay where they are: press Delete below a film to remove it. "
            "What providers keep is up to them."
        ),
    ]
    button = discord.ui.Button[discord.ui.View](
        style=discord.ButtonStyle.danger,
        label=say("Delete everything"),
        custom_id=f"matinee:forget:{user_id}",
    )
    return Draft(content="\n".join(words), view=buttons.row(button))


def forgotten(left: int, say: Say) -> str:
    """Return what is said once it is done; `left`: videos that are finished first."""
    done = say("It is deleted.")
    if not left:
        return done
    rest = say.many(
        "{number} video is still under way; it is deleted as soon as it has ended.",
        "{number} videos are still under way; they are deleted as soon as they have ended.",
        left,
    )
    return f"{done} {rest}"
