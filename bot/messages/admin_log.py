"""What admins did, in lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.text import code, line, moment, safe, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Say
    from bot.servers import Deed

_MOST = 2000
_LONGEST = 150
"""Characters of an entry's details in a list; in the log channel an entry stands alone."""


def told(actor_id: int, action: str, detail: str, say: Say) -> str:
    """Return the line for a server's log channel."""
    who = say("<@{id}> used {command}.", id=actor_id, command=code(say.command(f"admin {action}"), 100))
    return f"{who}\n{safe(detail, 1000)}" if detail else who


def entries(deeds: Sequence[Deed], say: Say, *, with_servers: bool = False) -> str:
    """Return the log as an admin reads it, newest first, as much as fits into one message."""
    if not deeds:
        return say("Nothing is in the log.")
    lines: list[str] = []
    left = _MOST
    for deed in deeds:
        told = _entry(deed, say, with_servers=with_servers)
        left -= width(told) + 1
        if left < 0:
            break
        lines.append(told)
    return "\n".join(lines)


def _entry(deed: Deed, say: Say, *, with_servers: bool) -> str:
    parts = [
        moment(deed.at),
        line(deed.actor, 40),
        code(say.command(f"admin {deed.action}"), 50),
        line(deed.detail, _LONGEST),
        f"({deed.guild_id or '–'})" if with_servers else "",
    ]
    return "- " + " · ".join(part for part in parts if part)
