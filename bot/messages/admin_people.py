"""Who may not make films, as admins read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.text import first_lines, line, moment
from bot.servers import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Say
    from bot.servers import Block


_LONGEST = 1900


def blocked(block: Block, cancelled: int, say: Say) -> str:
    """Return what a block did."""
    who = f"<@{block.user_id}>"
    if block.guild_id == EVERYWHERE:
        told = say("{who} may make films nowhere with this bot.", who=who)
    else:
        told = say("{who} may not make films on this server.", who=who)
    lines = [told, _end(block, say)]
    if cancelled:
        lines.append(
            say.many(
                "{number} waiting film is cancelled and counts nothing.",
                "{number} waiting films are cancelled and count nothing.",
                cancelled,
            )
        )
    return "\n".join(lines)


def _end(block: Block, say: Say) -> str:
    return say("That ends {when}.", when=moment(block.until)) if block.until else say("That has no end.")


def unblocked(user_id: int, left: Block | None, say: Say, *, everywhere: bool) -> str:
    """Return what is true after a pardon; `left` is what somebody else decided."""
    who = f"<@{user_id}>"
    if everywhere:
        return say(
            "{who} may use this bot again. What servers decided about them still holds there.", who=who
        )
    if left is None:
        return say("{who} may make films again; refusals so far are forgiven.", who=who)
    return say("Here {who} is free again, but the bot's operators still block them everywhere.", who=who)


def listed(blocks: Sequence[Block], say: Say, *, most: int) -> tuple[str, str | None]:
    """Return whom a server blocks as a message, and as a file where they don't fit into one."""
    if not blocks:
        return say("Nobody is blocked."), None
    lines = [_entry(block, say) for block in blocks[:most]] + ["- …"] * (len(blocks) > most)
    shown = first_lines(lines, _LONGEST)
    return "\n".join([say("Blocked:"), *shown]), None if shown == lines else "\n".join(lines)


def _entry(block: Block, say: Say) -> str:
    reason = f" · {line(block.reason, 60)}" if block.reason else ""
    return f"- <@{block.user_id}> · {_end(block, say)}{reason}"
