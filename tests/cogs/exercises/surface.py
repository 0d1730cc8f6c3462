"""What the bot has that somebody can touch, and which of it an interaction touched: both by the same names.

`/command`, `/command: option`, `/command? option` (completed while it is typed), `> Menu entry`,
`cog.Button`, `cog.Menu: value` for menus with values of their own, `FORM`, `FORM: part`.
"""

import importlib
import pkgutil
import re

import discord
from discord import app_commands

from bot import messages


def items(client):
    """Return the buttons and menus that the client finds by their custom_ids, as `module.Class`."""
    found = client._connection._view_store._dynamic_items
    return {
        f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}": pattern for pattern, kind in found.items()
    }


def forms(client):
    """Return the patterns of the forms: those that messages name and that are no buttons."""
    buttons = {pattern.pattern for pattern in items(client).values()}
    return {
        name: re.compile(value)
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, str) and value.startswith("matinee:") and value not in buttons
    }


def modules():
    """Return all modules of messages."""
    return [
        importlib.import_module(f"bot.messages.{each.name}")
        for each in pkgutil.iter_modules(messages.__path__)
    ]


def commands(client):
    """Return every command that can be given, groups left out."""
    return [
        command
        for command in client.tree.walk_commands(type=discord.AppCommandType.chat_input)
        if isinstance(command, app_commands.Command)
    ]


def menus(client):
    """Return the entries of the right-click menus."""
    kinds = (discord.AppCommandType.message, discord.AppCommandType.user)
    return [menu for kind in kinds for menu in client.tree.get_commands(type=kind)]


def surface(client):
    """Return the names of everything but the values of menus and the parts of forms."""
    found = {f"> {menu.name}" for menu in menus(client)} | set(items(client)) | set(forms(client))
    for command in commands(client):
        found.add(f"/{command.qualified_name}")
        for option in command.parameters:
            found.add(f"/{command.qualified_name}: {option.display_name}")
            if option.autocomplete:
                found.add(f"/{command.qualified_name}? {option.display_name}")
    return found


def touched(interaction):
    """Return the names of what an interaction touches."""
    data = dict(interaction.data or {})
    match interaction.type:
        case discord.InteractionType.application_command if data.get("type", 1) != 1:
            return {f"> {data['name']}"}
        case discord.InteractionType.application_command:
            name = f"/{interaction.command.qualified_name}"
            return {name, *(f"{name}: {option['name']}" for option in _innermost(data))}
        case discord.InteractionType.autocomplete:
            name = f"/{interaction.command.qualified_name}"
            return {f"{name}? {option['name']}" for option in _innermost(data) if option.get("focused")}
        case discord.InteractionType.modal_submit:
            name = _named(data["custom_id"], forms(interaction.client))
            return {name, *(f"{name}: {part}" for part in _given(data))}
        case _:
            name = _named(data["custom_id"], items(interaction.client))
            values = [*data.get("values", []), *data["custom_id"].split(":")[1:]]
            return {name, *(f"{name}: {value}" for value in values)}


def parts(client, modal):
    """Return the names of a form that is shown and of its parts, each with its title or label."""
    name = _named(modal["custom_id"], forms(client))
    rows = modal["components"]
    labels = [(f"{name}: {row['component']['custom_id']}", row["label"]) for row in rows]
    return [(name, modal["title"]), *labels]


def item(client, custom_id):
    """Return the name of a button or menu."""
    return _named(custom_id, items(client))


def _named(custom_id, patterns):
    return next(name for name, pattern in patterns.items() if re.fullmatch(pattern, custom_id))


def _innermost(data):
    options = data.get("options", [])
    while options and options[0]["type"] in {1, 2}:
        options = options[0].get("options", [])
    return options


def _given(data):
    for row in data["components"]:
        component = row["component"]
        if component.get("value") or component.get("values"):
            yield component["custom_id"]
