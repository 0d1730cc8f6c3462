"""Every statement about counters and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import BigInteger, and_, exists, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.errors import LimitReached
from bot.models import Cost
from bot.store.rows import micros
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import counters, ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from bot.models import Generation, Hold
    from bot.store.statements import Parameters, Row

UNITS = ("videos", "seconds", "credits")
ZERO = literal_column("0", BigInteger)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a transition writes into the ledger. A generation has at most one of each kind.

    It has either a `settle` or a `release`, and a `refund` only after a `settle`.
    """

    kind: Literal["reserve", "settle", "release", "refund"]
    cost: Cost


def _fits(unit: str, stands_at: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that a limit holds, or that nothing of this unit is taken."""
    limit = number(f"most_{unit}")
    return or_(number(f"more_{unit}") == ZERO, limit.is_(None), stands_at + number(f"more_{unit}") <= limit)


_is_it = and_(
    counters.c.scope == word("its_scope"),
    counters.c.subject == word("its_subject"),
    counters.c.period == word("its_period"),
)
# Counting first and inserting then would let two commands at once both take the last one.
TAKE = Statement(
    "take",
    insert(counters)
    .from_select(
        ["scope", "subject", "period", *UNITS],
        select(
            word("its_scope"),
            word("its_subject"),
            word("its_period"),
            *(number(f"more_{unit}") for unit in UNITS),
        ).where(*(_fits(unit, ZERO) for unit in UNITS)),
    )
    .on_conflict_do_update(
        index_elements=["scope", "subject", "period"],
        set_={unit: counters.c[unit] + number(f"more_{unit}") for unit in UNITS},
        where=and_(*(_fits(unit, counters.c[unit]) for unit in UNITS)),
    ),
)
GIVE = Statement(
    "give",
    update(counters)
    .where(_is_it, *(counters.c[unit] >= number(f"less_{unit}") for unit in UNITS))
    .values({unit: counters.c[unit] - number(f"less_{unit}") for unit in UNITS}),
)
STANDING = Statement("standing", select(*(counters.c[unit] for unit in UNITS)).where(_is_it), returns=True)

_written = ("generation_id", "kind", "member", "guild_id", "provider", "day", *UNITS, "at")
_earlier = ledger.alias("earlier")
_settled = exists().where(
    _earlier.c.generation_id == word("its_id"), _earlier.c.kind == literal_column("'settle'")
)
ENTER = Statement(
    "enter",
    insert(ledger)
    .from_select(
        list(_written),
        select(
            word("its_id"),
            word("its_kind"),
            word("its_member"),
            number("its_guild"),
            word("its_provider"),
            word("its_day"),
            *(number(f"its_{unit}") for unit in UNITS),
            number("now"),
        ).where(or_(word("its_kind") != literal_column("'refund'"), _settled)),
    )
    .on_conflict_do_nothing(),
)


def _key(hold: Hold) -> Parameters:
    return {"its_scope": hold.scope, "its_subject": hold.subject, "its_period": hold.period}


def _take(hold: Hold) -> Step:
    parameters = _key(hold)
    cost, limit = hold.cost, hold.limit
    parameters["more_videos"], parameters["most_videos"] = cost.videos, limit.videos
    parameters["more_seconds"], parameters["most_seconds"] = cost.seconds, limit.seconds
    parameters["more_credits"], parameters["most_credits"] = cost.credits, limit.credits
    return Step(TAKE, parameters, hold=hold)


def _give(hold: Hold) -> Step:
    less: Parameters = {f"less_{unit}": getattr(hold.cost, unit) for unit in UNITS}
    return Step(GIVE, _key(hold) | less)


def _name(step: Step) -> tuple[object, ...]:
    parameters = step.parameters
    return parameters["its_scope"], parameters["its_subject"], parameters["its_period"]


def changes(take: Iterable[Hold], give: Iterable[Hold] = ()) -> list[Step]:
    """Return the steps on counters, in one order for all, so that transactions never wait in a ring."""
    steps = [_take(hold) for hold in take]
    steps += [_give(hold) for hold in give]
    steps.sort(key=_name)
    return steps


def enter(generation: Generation, entry: Entry, now: datetime) -> Step:
    """Return the step that writes an entry; its day is the day of the reservation."""
    parameters: Parameters = {
        "its_id": generation.id,
        "its_kind": entry.kind,
        "its_member": generation.member,
        "its_guild": generation.place.guild_id,
        "its_provider": generation.request.provider,
        "its_day": generation.created_at.strftime("%Y-%m-%d"),
        "now": micros(now),
    }
    return Step(ENTER, parameters | {f"its_{unit}": getattr(entry.cost, unit) for unit in UNITS})


def standing(hold: Hold) -> tuple[Statement, Parameters]:
    """Return what reads one counter."""
    return STANDING, _key(hold)


def cost(rows: Sequence[Row]) -> Cost:
    """Return what a counter stands at; none has nothing."""
    return Cost(*(int(amount or 0) for amount in rows[0])) if rows else Cost()


def limit_reached(hold: Hold, used: Cost) -> LimitReached:
    """Return the error that names the first unit which doesn't fit."""
    taken = [unit for unit in UNITS if getattr(hold.cost, unit) and getattr(hold.limit, unit) is not None]
    over = [u for u in taken if getattr(used, u) + getattr(hold.cost, u) > getattr(hold.limit, u)]
    # On PostgreSQL somebody may have given back between the refusal and this look: then name any.
    unit = (over or taken)[0]
    return LimitReached(
        hold.scope, hold.period, unit, used=getattr(used, unit), limit=getattr(hold.limit, unit)
    )
