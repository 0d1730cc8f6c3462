"""Every statement about counters and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import BigInteger, and_, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.errors import LimitReached
from bot.models import Cost, Limit
from bot.store.rows import micros
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import counters, ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, ColumnElement

    from bot.models import Generation, Hold
    from bot.store.statements import Parameters, Primitive, Row

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
    "standing",
    select(*(counters.c[name] for name in (*UNITS, *GRANTED))).where(is_it),
    returns=True,
    brief=True,
)

_written = ("generation_id", "kind", "member", "guild_id", "provider", "day", *UNITS, "at")
_earlier = ledger.alias("earlier")
_settled = exists().where(
    _earlier.c.generation_id == word("its_id"), _earlier.c.kind == literal_column("'settle'")
)
_entry: tuple[BindParameter[Any], ...] = (
    word("its_id"),
    word("its_kind"),
    word("its_member"),
    number("its_guild"),
    word("its_provider"),
    word("its_day"),
    *(number(f"its_{unit}") for unit in UNITS),
    number("now"),
)
ENTER = Statement(
    "enter", insert(ledger).values(dict(zip(_written, _entry, strict=True))).on_conflict_do_nothing()
)
ENTER_REFUND = Statement(
    "enter refund",
    insert(ledger).from_select(list(_written), select(*_entry).where(_settled)).on_conflict_do_nothing(),
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


KEY = ("its_scope", "its_subject", "its_period")
MOST = tuple(f"most_{unit}" for unit in UNITS)
MORE = tuple(f"more_{unit}" for unit in UNITS)
LESS = tuple(f"less_{unit}" for unit in UNITS)
_TAKEN = (*KEY, *MORE, *MOST)
_name = attrgetter("scope", "subject", "period")
_amounts_of = attrgetter(*UNITS)


@lru_cache(maxsize=8)
def take_within(units: tuple[str, ...]) -> Statement:
    """Return what takes from a counter that is limited in these units, each roomy enough for it alone."""
    new = insert(counters).values(
        {name: word(f"its_{name}") for name in ("scope", "subject", "period")}
        | {unit: number(f"more_{unit}") for unit in UNITS}
    )
    fits = [
        counters.c[unit] + new.excluded[unit] <= number(f"most_{unit}") + counters.c[f"granted_{unit}"]
        for unit in units
    ]
    return Statement(
        "take",
        new.on_conflict_do_update(
            index_elements=["scope", "subject", "period"],
            set_={unit: counters.c[unit] + new.excluded[unit] for unit in UNITS},
            where=and_(*fits) if fits else None,
        ),
    )


def key(hold: Hold) -> Parameters:
    """Return what names a counter."""
    return dict(zip(KEY, _name(hold), strict=True))


def _take(hold: Hold) -> Step:
    more, most = _amounts_of(hold.cost), _amounts_of(hold.limit)
    parameters = dict(zip(_TAKEN, (*_name(hold), *more, *most), strict=True))
    limited: tuple[str, ...] = ()
    for unit, taken, limit in zip(UNITS, more, most, strict=True):
        if taken and limit is not None:
            if taken > limit:  # then only what was granted on top can cover it
                return Step(TAKE, parameters, hold=hold)
            limited = (*limited, unit)
    return Step(take_within(limited), parameters, hold=hold)


def _give(hold: Hold) -> Step:
    values = (*_name(hold), *_amounts_of(hold.cost))
    return Step(GIVE, dict(zip((*KEY, *LESS), values, strict=True)))


@lru_cache(maxsize=16)
def _names_of(count: int) -> tuple[str, ...]:
    return tuple(f"{name}_{row}" for row in range(count) for name in (*KEY, *MORE))


def _take_freely(holds: Sequence[Hold]) -> Step:
    values: list[Primitive] = []
    for hold in holds:
        values += _name(hold)
        values += _amounts_of(hold.cost)
    parameters = dict(zip(_names_of(len(holds)), values, strict=True))
    return Step(take_freely(len(holds)), parameters, rows=len(holds))


def changes(take: Iterable[Hold], give: Iterable[Hold] = ()) -> list[Step]:
    """Return the steps on counters, in one order for all, so that transactions never wait in a ring.

    What is taken from one counter is taken at once, and so is what stands side by side and has no limit.
    """
    taken = [(_name(hold), False, hold) for hold in _summed(take)]
    moves = sorted([*taken, *((_name(hold), True, hold) for hold in give)], key=itemgetter(0, 1))
    steps: list[Step] = []
    free: list[Hold] = []
    for _, given, hold in moves:
        if not given and hold.limit == UNLIMITED:
            free.append(hold)
            continue
        if free:
            steps.append(_take_freely(free))
            free = []
        steps.append(_give(hold) if given else _take(hold))
    return [*steps, _take_freely(free)] if free else steps


def _summed(holds: Iterable[Hold]) -> Iterable[Hold]:
    by_name: dict[tuple[str, str, str], Hold] = {}
    for hold in holds:
        name = _name(hold)
        before = by_name.get(name)
        by_name[name] = hold if before is None else replace(hold, cost=plus(before.cost, hold.cost))
    return by_name.values()


def plus(one: Cost, other: Cost) -> Cost:
    """Return both together."""
    return Cost(*(getattr(one, unit) + getattr(other, unit) for unit in UNITS))


def enter(generation: Generation, entry: Entry, now: datetime) -> Step:
    """Return the step that writes an entry; its day is the day of the reservation."""
    cost = entry.cost
    parameters: Parameters = {
        "its_id": generation.id,
        "its_kind": entry.kind,
        "its_member": generation.member,
        "its_guild": generation.place.guild_id,
        "its_provider": generation.request.provider,
        "its_day": generation.created_at.date().isoformat(),
        "its_videos": cost.videos,
        "its_seconds": cost.seconds,
        "its_credits": cost.credits,
        "now": micros(now),
    }
    return Step(ENTER_REFUND if entry.kind == "refund" else ENTER, parameters)


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
