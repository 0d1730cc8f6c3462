"""What a message must never have in it, and texts that try to get it in."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from bot.messages.text import width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

LIMITS: Final = {
    # Discord's reference: message, embed limits, components, application commands, modals.
    "content": 2000,
    "embeds.title": 256,
    "embeds.description": 4096,
    "embeds.fields.name": 256,
    "embeds.fields.value": 1024,
    "embeds.footer.text": 2048,
    "embeds.author.name": 256,
    "label": 80,
    "placeholder": 150,
    "options.label": 100,
    "options.value": 100,
    "options.description": 100,
    "custom_id": 100,
    "data.title": 45,
    "choices.name": 100,
    "choices.value": 100,
    "components.label": 45,
    "components.description": 100,
    "components.value": 4000,
}
"""UTF-16 units by the end of a path in a payload; the longest end that fits counts."""
READ: Final = ("content", "title", "description", "name", "text", "label", "placeholder")
"""Fields that people read; with `value` where it is an embed's."""
OURS: Final = (
    r"(?:https://(?:bot\.example|cdn\.discordapp\.com|cdn\.simcord\.invalid|discord\.com/(?:channels|oauth2))/"
    r"|https?://127\.0\.0\.1)"
)
"""Our own address in tests, Discord's for files, and those inside of Discord."""
_INERT = re.compile(r"`[^`]*`|\\.", re.DOTALL)
"""Code, in which nothing is anything, and what is escaped outside of it."""
_LINK = re.compile(
    rf"(?!{OURS})https?://|discord\.gg/|discord(?:app)?\.com/(?!channels|oauth2)", re.IGNORECASE
)
_CALL = re.compile(r"@(?:everyone|here)\b|<@&?!?[0-9]+>|<#[0-9]+>|<id:|<a?:\w+:[0-9]+>", re.IGNORECASE)
_MASK = re.compile(rf"\]\((?!{OURS})")
_TOWER = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3}")
UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
PIECES: Final = (
    *("@everyone", "@here", "@EVERYONE", "<@1>", "<@!1>", "<@&2>", "<#3>", "<id:customize>", "<:e:1>"),
    *("https://evil.example", "HTTP://EVIL.example/x", "[free](https://evil.example)", "<https://e.io>"),
    *("discord.gg/abc", "DISCORD.GG/abc", "discord.com/invite/abc", "discordapp.com/invite/a", "//e.io"),
    *(
        "](",
        "[",
        ")",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\x00",
        "\x1b[31m",
        "\x07",
        "<t:1:R>",
    ),
    *("\ud800", "\udfff", "\ue000", "\r\n", "\n", "\n# ", "\n> ", "\n>>> ", "\n- ", "\n-# ", "\n1. "),
    *("\u2028", "\u2029", "\x85", "\v", "\t", "**", "__", "~~", "||", "`", "```", "\\", "\\\\", "*", "_"),
    *("#", "{", "}", "{0}", "{who}", "%s", "%(x)s", "$x", "e" + "\u0301" * 40, "Z" + "\u0336\u0489" * 20),
    *("𓀀" * 60, "😀" * 50, "一只猫" * 30, "שלום", "\ufdfa" * 20, "a" * 300, " " * 50, "ﬁ", "İ", "ß"),
    *("\u00a0", "\u3164", "🏴\U000e0067\U000e007f", "@\u200beveryone", "<\u200b@1>", "null", "a paper boat"),
    *("'; DROP TABLE generations; --", "</script>", "../../etc/passwd"),
)


def hostile(dice: Random) -> str:
    """Return a text that a member, an admin or a provider might try."""
    kind = dice.random()
    if kind < 0.1:  # anything at all
        return "".join(chr(dice.randrange(0x110000)) for _ in range(dice.randrange(60)))
    text = "".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 9)))
    return text * dice.choice([1, 1, 1, 2, 40]) if kind < 0.95 else text + "\u202ex" * 2000


def faults(payload: Any, *, called: str = "") -> list[str]:
    """Return what is wrong with a payload as it goes to Discord; `called`: mentions that are ours."""
    found = [
        f"{path}: {width(text)} over {most}" for path, text, most in _bounded(payload) if width(text) > most
    ]
    for path, text in _read(payload):
        bare = re.sub(rf"<t:-?[0-9]+:R>|</[\w -]+:[0-9]+>|{called or '$^'}", "", _INERT.sub("", text))
        for what, pattern in (("link", _LINK), ("call", _CALL), ("mask", _MASK), ("tower", _TOWER)):
            if hit := pattern.search(bare):
                found.append(f"{path}: {what} {hit[0]!r} in {text!r}")
        odd = {c for c in text if unicodedata.category(c) in UNSEEN} - {"\n", "\u200b"}
        found += [f"{path}: {odd} in {text!r}"] if odd else []
    return found + [f"{len(each)} components" for each in _rows(payload) if not 1 <= len(each) <= 5]


def _strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a payload with its path, lists left out of it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _strings(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, path)
    elif isinstance(value, str):
        yield path, value


def _bounded(payload: Any) -> Iterator[tuple[str, str, int]]:
    for path, text in _strings(payload):
        ends = [end for end in LIMITS if path == end or path.endswith(f".{end}")]
        if ends:
            yield path, text, LIMITS[max(ends, key=len)]


def _read(payload: Any) -> Iterator[tuple[str, str]]:
    """Yield what people read; of what is no markdown, as code, only whether it can be seen."""
    for path, text in _strings(payload):
        last = path.rpartition(".")[2]
        if (last in READ or path.endswith("embeds.fields.value")) and "emoji" not in path:
            plain = last in {"label", "placeholder"} or path.startswith("choices")
            yield path, f"`{text.replace('`', '')}`" if plain else text


def _rows(payload: Any) -> Iterator[list[Any]]:
    """Yield the rows of a message, and what is in each."""
    rows = payload.get("components", []) if isinstance(payload, dict) else []
    if rows:
        yield rows
        yield from (row["components"] for row in rows if "components" in row)


def embed_is_short(payload: Any) -> bool:
    """Say whether all of a message's embeds together keep to 6000 characters."""
    embeds = payload.get("embeds", []) if isinstance(payload, dict) else []
    return sum(width(text) for path, text in _strings(embeds) if path.rpartition(".")[2] != "url") <= 6000


def outgoing(backend: Any) -> list[dict[str, Any]]:
    """Return every message and form that the bot has sent to a modelled Discord, as it went out."""
    bodies = [entry.json for entry in backend.http_requests if entry.method in {"POST", "PATCH"}]
    whole = [body.get("data", body) if isinstance(body, dict) else {} for body in bodies]
    return [
        each for each in whole if isinstance(each, dict) and {"content", "embeds", "components"} & each.keys()
    ]


def callable_by(payload: dict[str, Any]) -> set[int]:
    """Return whom a message may call: users by id, and 0 for anybody else."""
    if not payload.get("content"):
        return set()  # nothing but content calls anybody
    leave = payload.get("allowed_mentions", {"parse": ["everyone"]})
    wide = leave.get("parse") or leave.get("roles") or leave.get("replied_user")
    return {int(user) for user in leave.get("users", ())} | ({0} if wide else set())
