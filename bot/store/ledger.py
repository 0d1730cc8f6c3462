"""Every statement about counters and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from sqlalchemy import BigInteger, and_, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.errors import LimitReached
from bot.models import Cost, Limit
from bot.store.rows import micros
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import counters, ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from bot.models import Generation, Hold
    from bot.store.statements import Parameters, Row

UNITS = ("videos", "seconds", "credits")
GRANTED = tuple(f"granted_{unit}" for unit in UNITS)
ZERO = literal_column("0", BigInteger)
UNLIMITED = Limit()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a transition writes into the ledger. A generation has at most one of each kind.

    It has either a `settle` or a `release`, and a `refund` only after a `settle`.
    """

    kind: Literal["reserve", "settle", "release", "refund"]
    cost: Cost


def _fits(unit: str) -> ColumnElement[bool]:
    """Say that a limit holds, with what was granted on top, or that nothing of this unit is taken."""
    limit, more = number(f"most_{unit}"), number(f"more_{unit}")
    fits = counters.c[unit] + more <= limit + counters.c[f"granted_{unit}"]
    return or_(more == ZERO, limit.is_(None), fits)


is_it = and_(
    counters.c.scope == word("its_scope"),
    counters.c.subject == word("its_subject"),
    counters.c.period == word("its_period"),
)


def _fits_alone(unit: str) -> ColumnElement[bool]:
    """Say the same of a counter that nothing was taken from yet; its row is there if there was a grant."""
    limit, more = number(f"most_{unit}"), number(f"more_{unit}")
    granted = select(counters.c[f"granted_{unit}"]).where(is_it).scalar_subquery()
    return or_(more == ZERO, limit.is_(None), more <= limit, more <= limit + func.coalesce(granted, ZERO))


# Counting first and inserting then would let two commands at once both take the last one. What the first
# condition lets through meets the second one if there is a row: that one reads it as it is then, locked.
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
        ).where(*map(_fits_alone, UNITS)),
    )
    .on_conflict_do_update(
        index_elements=["scope", "subject", "period"],
        set_={unit: counters.c[unit] + number(f"more_{unit}") for unit in UNITS},
        where=and_(*map(_fits, UNITS)),
    ),
)
GIVE = Statement(
    "give",
    update(counters)
    .where(is_it, *(counters.c[unit] >= number(f"less_{unit}") for unit in UNITS))
    .values({unit: counters.c[unit] - number(f"less_{unit}") for unit in UNITS}),
    wakes=True,  # a place is free again
)
STANDING = Statement(
    "standing", select(*(counters.c[name] for name in (*UNITS, *GRANTED))).where(is_it), returns=True
)

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


@lru_cache(maxsize=16)
def take_freely(count: int) -> Statement:
    """Return what takes from so many counters without a limit, in the order in which they are given."""
    rows = [
        {name: word(f"its_{name}_{row}") for name in ("scope", "subject", "period")}
        | {unit: number(f"more_{unit}_{row}") for unit in UNITS}
        for row in range(count)
    ]
    new = insert(counters).values(rows)
    return Statement(
        "take freely",
        new.on_conflict_do_update(
            index_elements=["scope", "subject", "period"],
            set_={unit: counters.c[unit] + new.excluded[unit] for unit in UNITS},
        ),
    )


def key(hold: Hold) -> Parameters:
    """Return what names a counter."""
    return {"its_scope": hold.scope, "its_subject": hold.subject, "its_period": hold.period}


def _take(hold: Hold) -> Step:
    parameters = key(hold)
    cost, limit = hold.cost, hold.limit
    parameters["more_videos"], parameters["most_videos"] = cost.videos, limit.videos
    parameters["more_seconds"], parameters["most_seconds"] = cost.seconds, limit.seconds
    parameters["more_credits"], parameters["most_credits"] = cost.credits, limit.credits
    return Step(TAKE, parameters, hold=hold)


def _give(hold: Hold) -> Step:
    less: Parameters = {f"less_{unit}": getattr(hold.cost, unit) for unit in UNITS}
    return Step(GIVE, key(hold) | less)


def _take_freely(holds: Sequence[Hold]) -> Step:
    parameters: Parameters = {}
    for row, hold in enumerate(holds):
        parameters |= {f"{name}_{row}": value for name, value in key(hold).items()}
        parameters |= {f"more_{unit}_{row}": getattr(hold.cost, unit) for unit in UNITS}
    return Step(take_freely(len(holds)), parameters, rows=len(holds))


def _name(hold: Hold) -> tuple[str, str, str]:
    return hold.scope, hold.subject, hold.period


def changes(take: Iterable[Hold], give: Iterable[Hold] = ()) -> list[Step]:
    """Return the steps on counters, in one order for all, so that transactions never wait in a ring.

    What is taken from one counter is taken at once, and so is what stands side by side and has no limit.
    """
    moves = sorted(
        [*((hold, _take) for hold in _summed(take)), *((hold, _give) for hold in give)], key=_by_name
    )
    steps: list[Step] = []
    for free, group in groupby(moves, key=lambda move: move[1] is _take and move[0].limit == UNLIMITED):
        side_by_side = list(group)
        if free:
            steps.append(_take_freely([hold for hold, _ in side_by_side]))
        else:
            steps += [move(hold) for hold, move in side_by_side]
    return steps


def _summed(holds: Iterable[Hold]) -> list[Hold]:
    by_name: dict[tuple[str, str, str], Hold] = {}
    for hold in holds:
        before = by_name.get(_name(hold))
        both = hold.cost if before is None else plus(before.cost, hold.cost)
        by_name[_name(hold)] = replace(hold, cost=both)
    return list(by_name.values())


def plus(one: Cost, other: Cost) -> Cost:
    """Return both together."""
    return Cost(*(getattr(one, unit) + getattr(other, unit) for unit in UNITS))


def _by_name(move: tuple[Hold, Callable[[Hold], Step]]) -> tuple[str, str, str]:
    return _name(move[0])


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
    return STANDING, key(hold)


def cost(rows: Sequence[Row]) -> Cost:
    """Return what a counter stands at; none has nothing."""
    return _amounts(rows, 0)


def granted(rows: Sequence[Row]) -> Cost:
    """Return what was granted on top of a counter's limit."""
    return _amounts(rows, len(UNITS))


def _amounts(rows: Sequence[Row], first: int) -> Cost:
    return Cost(*(int(amount or 0) for amount in rows[0][first : first + len(UNITS)])) if rows else Cost()


def limit_reached(hold: Hold, rows: Sequence[Row]) -> LimitReached:
    """Return the error that names the first unit which doesn't fit, for a counter as it was read."""
    used, more = cost(rows), granted(rows)
    limits = {
        unit: getattr(hold.limit, unit) + getattr(more, unit)
        for unit in UNITS
        if getattr(hold.cost, unit) and getattr(hold.limit, unit) is not None
    }
    over = [u for u, limit in limits.items() if getattr(used, u) + getattr(hold.cost, u) > limit]
    # On PostgreSQL somebody may have given back between the refusal and this look: then name any.
    unit = (over or list(limits))[0]
    return LimitReached(hold.scope, hold.period, unit, used=getattr(used, unit), limit=limits[unit])
