"""Writes what can be read off the code into docs/commands.md: `make commands`.

The page has blocks between `<!-- name -->` and `<!-- end -->`, which are written anew from the command
tree, the catalogue, and the exercises in `tests/cogs/exercises`, which say who may use what. The words
around them are the page's own, and stay.
"""

import asyncio
import re
import sys
from pathlib import Path

from discord import AppCommandOptionType

from bot.i18n import speaker
from tests.cogs.exercises import ADMIN, EVERYBODY, MODERATED, OPERATOR, OWNER, surface, things
from tests.cogs.exercises.everything import EVERY_ENTRY, EXERCISES, NAMES, STATES
from tests.sentences import listing

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
BLOCK = re.compile(r"<!-- (?P<name>[^>]+) -->\n.*?<!-- end -->", re.DOTALL)
ENGLISH, CHINESE = speaker("en-US"), speaker("zh-CN")
RANKS = (EVERYBODY, OWNER, MODERATED, ADMIN, OPERATOR)
"""Who may, the most first."""
TYPES = {
    AppCommandOptionType.string: "text",
    AppCommandOptionType.integer: "a number",
    AppCommandOptionType.boolean: "yes or no",
    AppCommandOptionType.user: "a member",
    AppCommandOptionType.channel: "a channel",
    AppCommandOptionType.role: "a role",
    AppCommandOptionType.attachment: "a file",
}


def who(touch):
    """Return who may use something: whoever may in any of its exercises."""
    return min({each.who for each in EXERCISES if touch in each.touches}, key=RANKS.index)


def command(one):
    """Return the block of a command."""
    name = f"/{one.qualified_name}"
    told = [f"{one.description}. Chinese: `{CHINESE.command(one.qualified_name)}`. For {_whose(who(name))}."]
    if one.parameters:
        rows = [_option(name, each) for each in _runs(one.parameters)]
        told += ["", *table(("option", "Chinese", "what it is", "takes"), rows)]
    return told


def _whose(person):
    return "everybody, about their own" if person == OWNER else person


def _runs(options):
    """Return the options, those together that differ in their number alone."""
    runs = []
    for option in options:
        last = runs[-1][-1] if runs else None
        alike = last and (last.description, last.required) == (option.description, option.required)
        numbered = alike and re.fullmatch(r"[a-z]+\d+", option.name)
        if numbered:
            runs[-1].append(option)
        else:
            runs.append([option])
    return runs


def _option(name, run):
    option, ends = run[0], [each.display_name for each in dict.fromkeys((run[0], run[-1]))]
    whose = max((who(f"{name}: {each.display_name}") for each in run), key=RANKS.index)
    facts = [_takes(option)]
    facts += ["required"] * option.required
    facts += ["offered while you type"] * option.autocomplete
    facts += [f"for {whose}"] * (RANKS.index(whose) > RANKS.index(who(name)))
    names = [" … ".join(f"`{say.name('option', each)}`" for each in ends) for say in (ENGLISH, CHINESE)]
    return *names, str(option.description), "; ".join(facts)


def _takes(option):
    if option.choices:
        return ", ".join(f"`{choice.name}`" for choice in option.choices)
    least, most = option.min_value, option.max_value
    if option.type is AppCommandOptionType.string and most:
        return f"text, up to {most:,} characters"
    if least is not None and most is not None:
        return f"{least:,} to {most:,}"
    return TYPES[option.type]


def menu_entries(menus):
    """Return the block of the right-click menu."""
    rows = [(f"**{menu.name}**", CHINESE.name("menu", menu.name), who(f"> {menu.name}")) for menu in menus]
    return table(("entry", "Chinese", "for"), rows)


def of(kind, known):
    """Return the block of buttons, or of menus."""
    rows = [
        (
            " / ".join(f"**{_plain(each)}**" for each in thing.names) or "–",
            " / ".join(_plain(CHINESE.catalogue.gettext(each)) for each in thing.names) or "–",
            thing.where,
            thing.does,
            who(name),
        )
        for name, thing in known.items()
    ]
    return table((kind, "Chinese", "where", "what it does", "for"), rows)


def entries(options):
    """Return the block of a menu's entries: English sentences, with what they do where they say it."""
    rows = [(f"**{label}**", CHINESE(label), described or "") for label, described in options]
    if not any(described for _, _, described in rows):
        return table(("entry", "Chinese"), [row[:2] for row in rows])
    return table(("entry", "Chinese", "what it says"), rows)


def forms():
    """Return the block of forms."""
    rows = [
        (
            " / ".join(f"**{_plain(each)}**" for each in thing.names),
            " / ".join(_plain(CHINESE.catalogue.gettext(each)) for each in thing.names),
            thing.where,
            " · ".join(_plain(each) for each in thing.parts.values()),
            " · ".join(_plain(CHINESE.catalogue.gettext(each)) for each in thing.parts.values()),
            thing.does,
        )
        for thing in things.FORMS.values()
    ]
    return table(("form", "Chinese", "opened by", "parts", "in Chinese", "what it does"), rows)


def _plain(sentence):
    """Return a sentence with an ellipsis for every fact, which only a real one has."""
    return re.sub(r"\{[a-z_]+\}", "…", sentence)


def table(head, rows):
    """Return the lines of a table."""
    return [_row(head), "|" + "---|" * len(head), *map(_row, rows)]


def _row(cells):
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def blocks():
    """Return the lines of every block by its name."""
    client = asyncio.run(listing())
    found = {f"/{each.qualified_name}": command(each) for each in surface.commands(client)}
    more = [(option.label, option.description) for option in EVERY_ENTRY]
    return found | {
        "right-click": menu_entries(surface.menus(client)),
        "buttons of films": of("button", things.OF_FILMS),
        "buttons of storyboards": of("button", things.OF_BOARDS),
        "buttons of answers": of("button", things.OF_ANSWERS),
        "menus": of("menu", things.MENUS),
        "entries of More": entries(more),
        "entries of videos": entries((words, "") for words in STATES.values()),
        "entries of settings": entries((words, "") for words in NAMES.values()),
        "forms": forms(),
    }


def written(page):
    """Return the page with all its blocks as they should be. Raises `KeyError` for one of nothing."""
    known = blocks()

    def block(found):
        return "\n".join([f"<!-- {found['name']} -->", *known[found["name"]], "<!-- end -->"])

    return BLOCK.sub(block, page)


def main():
    """Bring the page up to date, and tell what it lacks."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(page), encoding="utf-8")
    there = {found["name"] for found in BLOCK.finditer(page)}
    sys.stdout.writelines(f"no block for {name}\n" for name in blocks() if name not in there)


if __name__ == "__main__":
    main()
