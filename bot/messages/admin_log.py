"""What admins did, in lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.messages.buttons import row
from bot.messages.text import code, line, moment
from bot.servers import REPORT, WORD_RULE
from bot.store.rows import micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Say
    from bot.servers import Deed

EARLIER = r"matinee:log:(?P<where>here|all):(?P<before>[0-9]{1,17})"
PAGE = 7
"""Entries: as many as are sure to fit into one message."""
_LONGEST = 120
"""Characters of an entry's details in a list; in the log channel an entry stands alone."""


def told(actor_id: int, action: str, detail: str, say: Say) -> str:
    """Return the line for a server's log channel."""
    who = say("<@{id}> used {command}.", id=actor_id, command=code(say.command(f"admin {action}"), 100))
    return f"{who}\n{line(detail, 1000)}" if detail else who


def page(
    deeds: Sequence[Deed], say: Say, *, told_in: int | None, everywhere: bool
) -> tuple[str, discord.ui.View | None]:
    """Return a page of the log as an admin reads it, newest first, and the button to the next one.

    `deeds` has one more than fit where there are more.
    """
    shown = deeds[:PAGE]
    where = (
        say("Every action is also told in <#{channel}>.", channel=told_in)
        if told_in
        else say("No channel is told of it.")
    )
    lines = [_entry(deed, say, with_server=everywhere) for deed in shown] or [say("Nothing is in the log.")]
    view = row(_earlier(shown[-1], say, everywhere=everywhere)) if len(deeds) > PAGE else None
    return "\n".join([where, *lines]), view


def _earlier(last: Deed, say: Say, *, everywhere: bool) -> discord.ui.Button[discord.ui.View]:
    before = micros(last.at)
    return discord.ui.Button(
        style=discord.ButtonStyle.secondary,
        label=say("Older"),
        custom_id=f"matinee:log:{'all' if everywhere else 'here'}:{before}",
    )


def _entry(deed: Deed, say: Say, *, with_server: bool) -> str:
    parts = [
        moment(deed.at),
        line(deed.actor, 40),
        _what(deed.action, say),
        line(deed.detail, _LONGEST),
        f"({deed.guild_id or '–'})" if with_server else "",
    ]
    return "- " + " · ".join(part for part in parts if part)


def _what(action: str, say: Say) -> str:
    """Return the command, or what a member did that admins should know of."""
    if action == WORD_RULE:
        return say("broke a rule on words")
    if action == REPORT:
        return say("reported a film")
    return code(say.command(f"admin {action}"), 50)
