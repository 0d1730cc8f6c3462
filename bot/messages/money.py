"""Limits, grants, refunds and usage, as admins read them; and the sheet that they write bills from."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import discord

from bot.i18n import later
from bot.messages.text import code, first_lines, visible, width
from bot.models import Cost, Limit
from bot.servers import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.i18n import Say
    from bot.models import Generation
    from bot.quotas import Rules, Stand
    from bot.servers import LimitRule, ServerRules
    from bot.store.books import Account, Line

MICRO = 1_000_000
_MOST = 1900
_LONGEST_LIST = 3900
"""Of an embed's 4096, for the lines of members."""
_RANK = (Scope.USER, Scope.ROLE, Scope.EVERYONE, Scope.SERVER)
_FORMULA = "=+-@＝＋－＠\t"
"""What a spreadsheet takes for the beginning of a formula."""
COLUMNS = (
    "generation", "time_utc", "server", "member", "user_id", "name", "provider", "model", "resolution",
    "film_seconds", "state", "videos", "seconds", "credits", "refunded", "charged_credits",
)  # fmt: skip
"""Of the sheet; the same in every language, for the formulas that people write over it."""
_PERIODS = {"day": later("today"), "month": later("this month")}


def amounts(cost: Cost | Limit, say: Say) -> str:
    """Return videos, seconds and credits in words; a unit without a number is left out."""
    told = []
    if cost.videos is not None:
        told.append(say.many("{number} video", "{number} videos", cost.videos))
    if cost.seconds is not None:
        told.append(say.many("{number} second", "{number} seconds", cost.seconds))
    if cost.credits is not None:
        told.append(_credits(cost.credits, say))
    return say(", ").join(told)


def _credits(micros: int, say: Say) -> str:
    whole, rest = divmod(micros, MICRO)
    if not rest:
        return say.many("{number} credit", "{number} credits", whole)
    return say("{amount} credits", amount=_decimal(micros))


def _decimal(micros: int) -> str:
    whole, rest = divmod(micros, MICRO)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


def _taken(cost: Cost) -> Cost | Limit:
    """Return the units of which there is anything; none of any is no video."""
    some = Limit(cost.videos or None, cost.seconds or None, cost.credits or None)
    return Cost() if some == Limit() else some


def limits(rules: ServerRules, say: Say) -> str:
    """Return a server's limits, the narrowest first, as far as they fit, and how they go together."""
    if not rules.limits:
        return say("This server has no limits of its own. Those of the bot's operator always hold.")
    ending = say(
        "One limit applies to a member, as a whole: their own, else that of their highest role with one, "
        "else that of every member. The server's, and those of the bot's operator, hold besides."
    )
    return "\n".join([*first_lines(_limits(rules, say), _MOST - width(ending)), ending])


def all_limits(rules: ServerRules, say: Say) -> str | None:
    """Return every limit of a server for a file, where they don't fit into a message."""
    whole = "\n".join(_limits(rules, say))
    return None if whole in limits(rules, say) else whole


def _limits(rules: ServerRules, say: Say) -> list[str]:
    ranked = sorted(rules.limits, key=lambda rule: (_RANK.index(rule.scope), rule.subject))
    return [f"- {_whom(rule, say)}: {_rule(rule, say)}" for rule in ranked]


def _whom(rule: LimitRule, say: Say) -> str:
    match rule.scope:
        case Scope.USER:
            return f"<@{rule.subject}>"
        case Scope.ROLE:
            return f"<@&{rule.subject}>"
        case Scope.EVERYONE:
            return say("every member")
        case Scope.SERVER:
            return say("the server as a whole")


def _rule(rule: LimitRule, say: Say) -> str:
    parts = []
    if rule.day != Limit():
        parts.append(say("{amounts} a day", amounts=amounts(rule.day, say)))
    if rule.month != Limit():
        parts.append(say("{amounts} a month", amounts=amounts(rule.month, say)))
    if rule.at_once is not None:
        parts.append(say("{number} at once", number=rule.at_once))
    return say("; ").join(parts) or say("no limit")


def standing(user_id: int, rules: Rules, stands: Sequence[Stand], say: Say) -> str:
    """Return which limit applies to a member on a server, and what they used of it."""
    who, rule = f"<@{user_id}>", rules.member
    applies = say(
        "To {who} applies the limit of {whom}: {rule}.", who=who, whom=_whom(rule, say), rule=_rule(rule, say)
    )
    if rule.day == rule.month == Limit() and rule.at_once is None:
        applies = say("No limit of this server applies to {who}.", who=who)
    return "\n".join([applies, *(_stand(each, say) for each in stands)])


def _stand(stand: Stand, say: Say) -> str:
    used = say(
        "Used {period}: {amounts}.", period=say(_PERIODS[stand.period]), amounts=amounts(stand.used, say)
    )
    if stand.granted == Cost():
        return used
    return f"{used} " + say("Granted on top: {amounts}.", amounts=amounts(_taken(stand.granted), say))


def granted(
    user_id: int, more: Cost, period: str, stands: tuple[Cost, Cost], say: Say, *, everywhere: bool
) -> str:
    """Return what a grant did; `stands`: what is used, and all that was granted."""
    facts = {
        "who": f"<@{user_id}>",
        "amounts": amounts(_taken(more), say),
        "period": say(_PERIODS[period]),
    }
    if everywhere:
        first = say("{who} may make {amounts} more {period}, on all servers together.", **facts)
        other = say("Limits of servers still hold.")
    else:
        first = say("{who} may make {amounts} more {period} on this server.", **facts)
        other = say("Limits of the server as a whole, and of the bot's operator, still hold.")
    used, all_of_it = (amounts(_taken(each), say) for each in stands)
    total = say("Used: {used}. Granted in all: {granted}.", used=used, granted=all_of_it)
    return f"{first}\n{total}\n{other}"


def refunded(generation: Generation, say: Say) -> str:
    """Return what a refund did."""
    user_id = generation.requester.user_id
    who = f"<@{user_id}>" if user_id else code(generation.member, 40)
    told = say("Given back to {who}: {amounts}.", who=who, amounts=amounts(_taken(generation.cost), say))
    quiet = say("Nobody is told; `/usage` shows it. What the provider charged stays charged.")
    return f"{told}\n{quiet}"


def usage(accounts: Sequence[Account], days: tuple[str, str], say: Say, *, most: int) -> discord.Embed:
    """Return who used how much from the first to the last day, who used most first."""
    first, last = days
    title = first if first == last else say("{first} to {last}", first=first, last=last)
    if not accounts:
        return discord.Embed(title=title, description=say("Nobody made anything in that time."))
    total = Cost(
        sum(each.counted.videos for each in accounts),
        sum(each.counted.seconds for each in accounts),
        sum(each.counted.credits for each in accounts),
    )
    lines = [_account(each, say) for each in accounts[:most]]
    if len(accounts) > most:
        lines.append(say("and {number} more", number=len(accounts) - most))
    head = say.many(
        "{number} member in all: {amounts}", "{number} members in all: {amounts}", len(accounts),
        amounts=amounts(total, say),
    )  # fmt: skip
    description = "\n".join([f"**{head}**", *first_lines(lines, _LONGEST_LIST)])
    embed = discord.Embed(title=title, description=description)
    embed.set_footer(text=say("Days are UTC. What was given back isn't counted."))
    return embed


def _account(account: Account, say: Say) -> str:
    who = f"<@{account.user_id}>" if account.user_id else code(account.member, 40)
    parts = [f"- {who}", amounts(account.counted, say)]
    if account.refunded:
        parts.append(say("{number} refunded", number=account.refunded))
    if account.running:
        parts.append(say("{number} under way", number=account.running))
    return " · ".join(parts)


def sheet(lines: Iterable[Line]) -> bytes:
    """Return the generations as a CSV file that spreadsheets open as it is: UTF-8 with its mark."""
    written = StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for each in lines:
        rows.writerow([_cell(value) for value in _values(each)])
    return written.getvalue().encode("utf-8-sig")


def _values(each: Line) -> tuple[object, ...]:
    return (
        each.generation_id,
        each.at.strftime("%Y-%m-%d %H:%M:%S"),
        each.guild_id or "",
        each.member,
        each.user_id or "",
        visible(" ".join(each.name.split()), 80),
        each.provider,
        each.model,
        each.resolution,
        each.seconds,
        each.status.value,
        each.counted.videos,
        each.counted.seconds,
        _decimal(each.counted.credits),
        "yes" if each.refunded else "no",
        "" if each.charged is None else _decimal(each.charged),
    )


def _cell(value: object) -> str:
    """Return a cell's text; what a spreadsheet would run is marked as text."""
    text = str(value)
    return f"'{text}" if text.startswith(tuple(_FORMULA)) else text
