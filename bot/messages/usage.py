"""What a member has used of their limits, what is left, and what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.i18n import later
from bot.messages import phrases
from bot.messages.draft import CardFacts
from bot.messages.text import line, moment, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.i18n import Say
    from bot.models import Generation
    from bot.quotas import Usage

_MOST = 2000
_SHOWN = 8
"""Generations under way that are named; `/videos` shows all."""
_WHOLE = 1_000_000
"""Of a credit."""
_UNITS = {"videos": later("Videos"), "seconds": later("Seconds"), "credits": later("Credits")}
Amounts: TypeAlias = "Mapping[str, tuple[int, int | None]]"
"""Used and the limit, by unit."""
_TOGETHER = {
    "day": later("**Everybody on this server together, today**"),
    "month": later("**Everybody on this server together, this month**"),
}


def usage(used: Usage, say: Say) -> str:
    """Return it in lines, the newest of what is under way left out where there is no room."""
    lines = [
        *_today(used, say),
        say("**This month**, anew {when}", when=moment(used.month_resets)),
        *_spent(used.month, say),
        *_of_server(used.shared, say),
    ]
    most = say("any number") if used.at_once is None else used.at_once
    lines.append(
        say(
            "**Under way**: {running} running, {waiting} waiting; {most} at once.",
            running=used.running,
            waiting=used.waiting,
            most=most,
        )
    )
    for generation in used.open[:_SHOWN]:
        told = _under_way(generation, say)
        if sum(width(one) + 1 for one in [*lines, told]) > _MOST:
            break
        lines.append(told)
    return "\n".join(lines)


def today(used: Usage, say: Say) -> str:
    """Return what is left of the day, for whoever is about to take some of it."""
    return "\n".join(_today(used, say))


def _today(used: Usage, say: Say) -> Iterator[str]:
    yield say("**Today**, anew {when}", when=moment(used.resets))
    amounts = {
        "videos": (used.videos_used, used.videos_limit),
        "seconds": (used.seconds_used, used.seconds_limit),
        "credits": used.credits,
    }
    yield from _spent(amounts, say)


def _of_server(shared: Mapping[str, Amounts], say: Say) -> Iterator[str]:
    """Give what all share, where it is limited."""
    for period, words in _TOGETHER.items():
        limited = {unit: one for unit, one in shared.get(period, {}).items() if one[1] is not None}
        if limited:
            yield say(words)
            yield from _spent(limited, say)


def _spent(amounts: Amounts, say: Say) -> Iterator[str]:
    """Give a line for each unit; credits only where they are counted."""
    for unit, (used, limit) in amounts.items():
        what = say(_UNITS[unit])
        if limit is not None:
            yield say(
                "{what}: {count} of {limit} used, {left} left",
                what=what,
                count=_amount(unit, used),
                limit=_amount(unit, limit),
                left=_amount(unit, max(0, limit - used)),
            )
        elif unit != "credits" or used:
            yield say("{what}: {count}, without limit", what=what, count=_amount(unit, used))


def _amount(unit: str, amount: int) -> str:
    return f"{amount / _WHOLE:.10g}" if unit == "credits" else str(amount)


def _under_way(generation: Generation, say: Say) -> str:
    state = phrases.state(generation, CardFacts(generation.updated_at), say)
    told = f"- {line(generation.asked.prompt, 60)} · {state}"
    if generation.card_id is None or generation.place.member_only:
        return told
    place = generation.place
    link = f"https://discord.com/channels/{place.guild_id or '@me'}/{place.channel_id}/{generation.card_id}"
    return f"{told} · " + say("[card]({link})", link=link)
