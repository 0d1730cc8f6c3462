"""The command picker in the viewer's language: Discord shows localised names, SimCord's page only plain ones.

Commands are JSON as they are registered with Discord; `name_localizations` and `description_localizations`
hold their texts by language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Command = dict[str, Any]


def catalogue(catalog: Command, commands: Iterable[Mapping[str, Any]], language: str) -> Command:
    """Return SimCord's catalogue of commands with the texts that this language has."""
    roots = {str(command["id"]): command for command in commands}
    entries = [
        _entry(entry, _way(roots[entry["commandId"]], entry["path"]), language)
        if entry["commandId"] in roots
        else entry
        for entry in catalog["entries"]
    ]
    return {**catalog, "entries": entries, "fingerprint": fingerprint(catalog["fingerprint"], language)}


def fingerprint(plain: str, language: str) -> str:
    """Return what tells one language's catalogue from another's."""
    return f"{plain}:{language}"


def plain_options(options: Mapping[str, Any], leaf: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return values by the options' plain names, given by their names in this language."""
    plain = {_name(option, language): option["name"] for option in leaf.get("options") or []}
    return {plain.get(name, name): value for name, value in options.items()}


def _entry(entry: Command, way: list[Mapping[str, Any]], language: str) -> Command:
    leaf = way[-1]
    registered = {option["name"]: option for option in leaf.get("options") or []}
    return {
        **entry,
        "invocation": " ".join(_name(step, language) for step in way),
        "description": _description(leaf, language) or entry["description"],
        "options": [_option(option, registered[option["name"]], language) for option in entry["options"]],
    }


def _option(shown: Command, option: Mapping[str, Any], language: str) -> Command:
    choices = {choice["value"]: _name(choice, language) for choice in option.get("choices") or []}
    return {
        **shown,
        "name": _name(option, language),
        "description": _description(option, language) or shown["description"],
        "choices": [
            {**choice, "name": choices.get(choice["value"], choice["name"])} for choice in shown["choices"]
        ],
    }


def _way(root: Mapping[str, Any], path: list[str]) -> list[Mapping[str, Any]]:
    """Return the command and its subcommands on the way to the last one."""
    way = [root]
    for name in path[1:]:
        way.append(next(option for option in way[-1]["options"] if option["name"] == name))
    return way


def _name(thing: Mapping[str, Any], language: str) -> str:
    return str((thing.get("name_localizations") or {}).get(language, thing["name"]))


def _description(thing: Mapping[str, Any], language: str) -> str | None:
    return (thing.get("description_localizations") or {}).get(language)
