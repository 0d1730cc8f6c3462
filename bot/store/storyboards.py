"""Storyboards: rows that are due like generations, and the shots that belong to them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_type_hints

from sqlalchemy import BigInteger, Text, case, func, literal_column, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.shots import OPEN, BoardStatus, Storyboard
from bot.store import generations as of_generations
from bot.store import ledger
from bot.store.ledger import Entry
from bot.store.rows import COLUMNS, column_reader, generation_of, micros, moment, primitive
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import generations, storyboards

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from bot.models import Generation, Hold
    from bot.store.statements import Engine, Parameters, Row

_HINTS = get_type_hints(Storyboard)
_FIELDS = tuple(item.name for item in fields(Storyboard))
_READERS = tuple((name, column_reader(_HINTS[name])) for name in _FIELDS)
_COLUMNS = tuple(storyboards.c[name] for name in _FIELDS)
row = storyboards.c
ZERO, ONE = literal_column("0", BigInteger), literal_column("1", BigInteger)
now, until, its_id = number("now"), number("until"), word("its_id")
_is_it = row.id == its_id
_free = of_generations.free_in(row)
_open = row.status.in_([literal_column(f"'{status}'", Text) for status in sorted(OPEN)])
_shooting = row.status == literal_column(f"'{BoardStatus.SHOOTING}'", Text)

START = Statement(
    "start storyboard",
    insert(storyboards)
    .values(
        {
            column.name: number(column.name) if isinstance(column.type, BigInteger) else word(column.name)
            for column in storyboards.c
        }
    )
    .on_conflict_do_nothing(index_elements=["interaction_id"]),
    wakes=True,
)
BY_ID = Statement("storyboard by id", select(*_COLUMNS).where(_is_it), returns=True)
HELD = Statement(
    "storyboard held", select(row.id).where(_is_it, row.version == number("its_version")), returns=True
)
BY_INTERACTION = Statement(
    "storyboard by interaction",
    select(*_COLUMNS).where(row.interaction_id == number("its_interaction")),
    returns=True,
)
_due = (
    select(row.id)
    .where(row.due_at.is_not(None), row.due_at <= now, _free)
    .order_by(row.due_at, row.id)
    .limit(number("most"))
    .with_for_update(skip_locked=True)
    .cte("due_boards")
)
CLAIM = Statement(
    "claim storyboards",
    update(storyboards)
    .where(row.id.in_(select(_due.c.id)))
    .values(lease_until=until, version=row.version + ONE)
    .returning(*_COLUMNS),
    returns=True,
)
WAKE = Statement(
    "wake storyboard",
    update(storyboards).where(_is_it, _open).values(woken=row.woken + ONE, due_at=now),
    wakes=True,
)
ENOUGH = Statement(
    "enough shots",
    update(storyboards).where(_is_it, _shooting).values(enough=ONE, woken=row.woken + ONE, due_at=now),
    wakes=True,
)
EXTEND = Statement(
    "extend storyboard",
    update(storyboards)
    .where(_is_it, row.version == number("its_version"), row.lease_until.is_not(None))
    .values(lease_until=until),
)
CLEAR_LEASES = Statement(
    "clear leases of storyboards",
    update(storyboards).where(row.lease_until.is_not(None)).values(lease_until=null()),
)
_first_due = of_generations.first_free(row.due_at, row.due_at.is_not(None))
_leased = row.lease_until > now
# Whoever holds a lease took it when it was due: what is due later, however much it is, isn't looked at.
_after_lease = (
    select(func.min(row.lease_until)).where(row.due_at.is_not(None), row.due_at <= now, _leased)
).scalar_subquery()
NEXT_DUE = Statement("next storyboard due", select(_first_due, _after_lease), returns=True, brief=True)
SHOTS = Statement(
    "shots",
    select(*COLUMNS)
    .where(generations.c.storyboard_id == its_id, generations.c.shot.is_not(None))
    .order_by(generations.c.shot, generations.c.created_at, generations.c.id),
    returns=True,
)


@lru_cache(maxsize=64)
def _move(names: frozenset[str], *, wakes: bool) -> Statement:
    """Return the compare-and-set that changes these columns; a wake that came meanwhile makes it due now."""
    late = row.woken > number("seen")
    core = (
        update(storyboards)
        .where(_is_it, row.version == number("its_version"), row.status == word("its_status"))
        .values(
            {
                "version": row.version + ONE,
                "updated_at": now,
                "woken": case((late, row.woken - number("seen")), else_=ZERO),
                "due_at": case((late, now), else_=number("due")),
                "lease_until": null(),
            }
            | _assigned(names)
        )
        .returning(*_COLUMNS)
    )
    return Statement("move storyboard", core, returns=True, wakes=wakes)


@lru_cache(maxsize=16)
def _note(names: frozenset[str]) -> Statement:
    version = number("its_version")
    unmoved = or_(version.is_(None), row.version == version)
    return Statement(
        "note of storyboard", update(storyboards).where(_is_it, unmoved).values(_assigned(names))
    )


@lru_cache(maxsize=16)
def _shown(names: frozenset[str]) -> Statement:
    late = of_generations.late_card(row)
    return Statement("note of storyboard", update(storyboards).where(_is_it).values(late | _assigned(names)))


def _assigned(names: frozenset[str]) -> dict[str, Any]:
    return {
        name: number(f"new_{name}") if isinstance(row[name].type, BigInteger) else word(f"new_{name}")
        for name in sorted(names)
    }


def _new(changes: dict[str, Any]) -> Parameters:
    return {f"new_{name}": primitive(value) for name, value in changes.items()}


def board_of(values: Row) -> Storyboard:
    """Return the value of a row."""
    return Storyboard(**{name: read(value) for (name, read), value in zip(_READERS, values, strict=True)})


def _moved(board: Storyboard, moment_: datetime, due_at: datetime | None, changes: dict[str, Any]) -> Step:
    seen: Parameters = {
        "its_id": board.id,
        "its_version": board.version,
        "its_status": board.status.value,
        "seen": board.woken,
        "now": micros(moment_),
        "due": primitive(due_at),
    }
    left = of_generations.is_left(board.lease_until, due_at, moment_)
    return Step(_move(frozenset(changes), wakes=left), seen | _new(changes))


def wake(storyboard_id: str, at: datetime) -> Step:
    """Return the step that makes a storyboard due: one of its shots, or its film, has moved."""
    return Step(WAKE, {"its_id": storyboard_id, "now": micros(at)}, rows=None)


def _written(shot: Generation, at: datetime) -> list[Step]:
    return [
        of_generations.begin(shot),
        ledger.enter(shot, Entry("reserve", shot.cost), at),
    ]


@dataclass(frozen=True, slots=True)
class Storyboards:
    """Storyboards by their ids. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def start(
        self, board: Storyboard, shots: Sequence[Generation], holds: Sequence[Hold]
    ) -> Storyboard:
        """Write a storyboard and all its shots down, with everything that they take from their limits.

        An interaction that has one already gets that one back, and nothing is taken. Raises `LimitReached`;
        then nothing is written.
        """
        columns = {name: primitive(getattr(board, name)) for name in _FIELDS}
        first = Step(START, columns | {"user_id": board.requester.user_id}, done_if_none=True)
        written = [step for shot in shots for step in _written(shot, board.created_at)]
        outcomes = await self.engine.write([first, *written, *ledger.changes(holds)])
        if outcomes[0].touched:
            return board
        (found,) = await self.engine.read(BY_INTERACTION, {"its_interaction": board.interaction_id})
        return board_of(found)

    async def get(self, id: str) -> Storyboard | None:  # noqa: A002 - the field's own name
        """Return a storyboard, or None if there is none of this id."""
        rows = await self.engine.read(BY_ID, {"its_id": id})
        return board_of(rows[0]) if rows else None

    async def shots(self, board: Storyboard) -> tuple[Generation, ...]:
        """Return the storyboard's shots as they stand, in order; of one that was made anew, the newest."""
        every = [generation_of(one) for one in await self.engine.read(SHOTS, {"its_id": board.id})]
        by_id = {shot.id: shot for shot in every}
        return tuple(by_id[id_] for id_ in board.shots)

    async def claim(self, at: datetime, *, lease: timedelta, most: int) -> tuple[Storyboard, ...]:
        """Take a lease on what is due and nobody works on."""
        parameters: Parameters = {"now": micros(at), "until": micros(at + lease), "most": most}
        (outcome,) = await self.engine.write([Step(CLAIM, parameters, rows=None)])
        return tuple(sorted(map(board_of, outcome.rows), key=lambda board: (board.due_at or at, board.id)))

    async def extend(self, boards: Collection[Storyboard], until: datetime) -> None:
        """Lengthen the leases of those that nobody has moved or taken over since they were claimed."""
        seen = sorted((board.id, board.version) for board in boards)
        await self.engine.write(
            [
                Step(EXTEND, {"its_id": id_, "its_version": version, "until": micros(until)}, rows=None)
                for id_, version in seen
            ]
        )

    async def move(
        self, board: Storyboard, at: datetime, *, due_at: datetime | None, **changes: Any
    ) -> Storyboard:
        """Change a storyboard as it was last seen, give its lease back, and return it.

        If it was woken since, it is due now. Raises `Conflict` if it was moved since.
        """
        (outcome,) = await self.engine.write([_moved(board, at, due_at, changes)])
        return board_of(outcome.rows[0])

    async def put_film(self, board: Storyboard, film: Generation, at: datetime, **changes: Any) -> Storyboard:
        """Change a storyboard and write its film's row down, both or neither. Raises as `move`."""
        written = of_generations.begin(film)
        outcomes = await self.engine.write([written, _moved(board, at, at, changes)])
        return board_of(outcomes[1].rows[0])

    async def put_shot(
        self, board: Storyboard, shot: Generation, holds: Sequence[Hold], at: datetime, **changes: Any
    ) -> Storyboard:
        """Change a storyboard and write another try of a shot down, with what it takes: both or neither.

        Raises `LimitReached`, and as `move`.
        """
        steps = [*_written(shot, at), *ledger.changes(holds), _moved(board, at, at, changes)]
        outcomes = await self.engine.write(steps)
        return board_of(outcomes[-1].rows[0])

    async def note(self, id: str, *, version: int | None = None, **changes: Any) -> None:  # noqa: A002
        """Write small facts that are no change of state; with a `version`, only if it stands at that."""
        seen: Parameters = {"its_id": id, "its_version": version}
        await self.engine.write([Step(_note(frozenset(changes)), seen | _new(changes), rows=None)])

    async def shown(self, board: Storyboard, at: datetime, **changes: Any) -> None:
        """Write down what its card shows now; due at once if it was moved since it was seen."""
        seen: Parameters = {"its_id": board.id, "its_version": board.version, "now": micros(at)}
        await self.engine.write([Step(_shown(frozenset(changes)), seen | _new(changes), rows=None)])

    async def holds(self, board: Storyboard) -> bool:
        """Return whether nobody has moved it or taken it over since it was seen."""
        seen: Parameters = {"its_id": board.id, "its_version": board.version}
        return self.engine.alone or bool(await self.engine.read(HELD, seen))

    async def enough(self, id: str, at: datetime, going: Sequence[str] = ()) -> None:  # noqa: A002
        """Wish that no more shots are made, unless they all are; those that go on are cancelled.

        At once, so that none is sent before the tracker comes to it.
        """
        ends = [
            Step(of_generations.WISH_CANCEL, {"its_id": shot, "now": micros(at)}, rows=None) for shot in going
        ]
        await self.engine.write([*ends, Step(ENOUGH, {"its_id": id, "now": micros(at)}, rows=None)])

    async def next_due(self, at: datetime) -> datetime | None:
        """Return when one is due next; what is leased not before its lease ends."""
        (row,) = await self.engine.read(NEXT_DUE, {"now": micros(at)})
        found = [int(due) for due in row if due is not None]
        return moment(min(found)) if found else None
