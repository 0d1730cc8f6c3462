"""Every statement about generations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.models import TERMINAL
from bot.store.rows import COLUMNS, FIELDS, unlike_new
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import IS_AT_PROVIDER, IS_OPEN, IS_READY, generations, words

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, ScalarSelect, TextClause

    from bot.models import Generation

row = generations.c
ZERO = literal_column("0", BigInteger)
ONE = literal_column("1", BigInteger)
FEW = literal_column("16", BigInteger)
"""Of so many that wait it takes a thread to find out whose turn it is when."""
SECOND = literal_column("1000000", BigInteger)
"""Between two asks of one provider task that callbacks bring forward."""

now, until, its_id = number("now"), number("until"), word("its_id")
is_it = row.id == its_id
is_somebodys = row.user_id != ZERO
"""Whether its member hasn't had it deleted: what comes late writes nothing into such a row."""


def free_in(columns: Any) -> ColumnElement[bool]:
    """Return whether nobody works on a row of such columns."""
    return or_(columns.lease_until.is_(None), columns.lease_until <= now)


def first_free(waits: Column[int], condition: ColumnElement[bool] | TextClause) -> ScalarSelect[int]:
    """Return the first moment for which a row waits that nobody works on.

    By its order, which an index has. Asked whether there is any, PostgreSQL expects to find one soon in any
    order, and reads the whole table where there is none.
    """
    return select(waits).where(condition, free_in(waits.table.c)).order_by(waits).limit(ONE).scalar_subquery()


free = free_in(row)


@lru_cache(maxsize=64)
def start(names: tuple[str, ...]) -> Statement:
    """Return what writes a new row down: these columns, the others as the table has them by itself."""
    # `insert` is PostgreSQL's, and compiles for SQLite too: both write ON CONFLICT alike.
    new = insert(generations).values(
        {name: number(name) if isinstance(row[name].type, BigInteger) else word(name) for name in names}
    )
    return Statement("start", new.on_conflict_do_nothing(index_elements=["interaction_id"]), wakes=True)


def begin(generation: Generation, *, rows: int | None = 1, done_if_none: bool = False) -> Step:
    """Return the step that writes a new generation down, and touches nothing for an interaction's second."""
    written = unlike_new(generation)
    return Step(start(tuple(written)), written, rows, done_if_none=done_if_none)


BY_ID = Statement("by id", select(*COLUMNS).where(is_it), returns=True, brief=True)
HELD = Statement(
    "held", select(row.id).where(is_it, row.version == number("its_version")), returns=True, brief=True
)
BY_INTERACTION = Statement(
    "by interaction", select(*COLUMNS).where(row.interaction_id == number("its_interaction")), returns=True
)
HISTORY = Statement(
    "history",
    select(*COLUMNS)
    .where(row.user_id == number("its_user"), row.created_at < number("before"))
    .order_by(row.created_at.desc(), row.id.desc())
    .limit(number("most")),
    returns=True,
)
OPEN_OF = Statement(
    "open of",
    select(*COLUMNS).where(row.user_id == number("its_user"), text(IS_OPEN)).order_by(row.created_at, row.id),
    returns=True,
)

_due = (
    select(row.id)
    .where(row.due_at.is_not(None), row.due_at <= now, free)
    .order_by(row.due_at, row.id)
    .limit(number("most"))
    .with_for_update(skip_locked=True)  # says nothing on SQLite, where there is one writer
    .cte("due")
)
# A common table expression that locks rows is run once; a plain subquery may be run again and take more.
CLAIM = Statement(
    "claim",
    update(generations)
    .where(row.id.in_(select(_due.c.id)))
    .values(lease_until=until, version=row.version + ONE, begun=row.begun + ONE)
    .returning(*COLUMNS),
    returns=True,
)


_at_provider = generations.alias("at_provider")
# Counted for each member that has something ready: those who only wait for films may be a hundred thousand.
_tasks = (
    select(func.count())
    .select_from(_at_provider)
    .where(
        _at_provider.c.provider == word("its_provider"),
        _at_provider.c.member == row.member,
        text(IS_AT_PROVIDER),
    )
    .scalar_subquery()
)
_nth_of_member = func.row_number().over(partition_by=row.member, order_by=(row.created_at, row.id))
_of_member = generations.alias("of_member")
_last_sent = (
    select(func.coalesce(func.max(_of_member.c.submitted_at), ZERO))
    .where(_of_member.c.member == row.member)
    .scalar_subquery()
)
_turns = (
    select(
        row.id,
        row.created_at,
        (_tasks + _nth_of_member).label("turn"),
        _last_sent.label("last_sent"),
    )
    .where(
        row.provider == word("its_provider"), text(IS_READY), row.ready_at <= now, row.cancel_wished == ZERO
    )
    .cte("turns")
)
_in_turn = (_turns.c.turn, _turns.c.last_sent, _turns.c.created_at, _turns.c.id)
# The row's own conditions stand here once more: PostgreSQL checks them again on the row as locked.
_next = (
    select(row.id)
    .join(_turns, _turns.c.id == row.id)
    .where(
        row.status == literal_column("'queued'", Text),
        row.cancel_wished == ZERO,
        row.version > ZERO,  # nobody has claimed it yet: its card comes first
        free,
    )
    .order_by(*_in_turn)
    .limit(number("most"))
    .with_for_update(skip_locked=True, of=generations)
    .cte("next")
)
CLAIM_READY = Statement(
    "claim ready",
    update(generations)
    .where(row.id.in_(select(_next.c.id)))
    .values(lease_until=until, version=row.version + ONE, begun=row.begun + ONE)
    .returning(*COLUMNS),
    returns=True,
)
TURNS = Statement(
    "turns",
    select(row.id).join(_turns, _turns.c.id == row.id).where(row.lease_until == until).order_by(*_in_turn),
    returns=True,
)
_places = select(_turns.c.id, func.row_number().over(order_by=_in_turn).label("place")).subquery("places")
_waiting = (
    select(row.id).where(row.provider == word("its_provider"), text(IS_READY)).limit(FEW).subquery("waiting")
)
FEW_WAIT = Statement(
    "few wait",
    select(case((func.count() < FEW, ONE), else_=ZERO)).select_from(_waiting),
    returns=True,
    brief=True,
)
PLACE = Statement("place", select(_places.c.place).where(_places.c.id == its_id), returns=True, few=FEW_WAIT)

_soonest_ask = row.asked_at + SECOND
_woken_at = case((_soonest_ask > now, _soonest_ask), else_=now)
_task, _wrong = word("task"), word("wrong")
# Its present provider's callback may name the task that isn't known.
_may_be_named = and_(row.task_id.is_(None), is_somebodys, row.provider == word("its_provider"))
WAKE = Statement(
    "wake",
    update(generations)
    .where(is_it)
    .values(
        woken=row.woken + ONE,
        due_at=case((or_(row.due_at.is_(None), row.due_at > _woken_at), _woken_at), else_=row.due_at),
        named_task_id=case((and_(_may_be_named, _task.is_not(None)), _task), else_=row.named_task_id),
    ),
    wakes=True,
)
NAME_TASK = Statement(
    "name task",
    update(generations)
    .where(is_it, _may_be_named, or_(_wrong.is_(None), row.named_task_id == _wrong))
    .values(named_task_id=_task),
)
WISH_CANCEL = Statement(
    "wish cancel",
    update(generations)
    .where(is_it, text(f"status NOT IN ({words(TERMINAL)})"))
    .values(cancel_wished=ONE, woken=row.woken + ONE, due_at=now),
    wakes=True,
)
EXTEND = Statement(
    "extend",
    update(generations)
    .where(is_it, row.version == number("its_version"), row.lease_until.is_not(None))
    .values(lease_until=until),
)
CLEAR_LEASES = Statement(
    "clear leases", update(generations).where(row.lease_until.is_not(None)).values(lease_until=null())
)

first_due = first_free(row.due_at, row.due_at.is_not(None))
# That a lease is over is no condition here: for one, PostgreSQL's plan for any moment expects a third of all.
_after_lease = (
    select(
        func.min(
            case(
                (row.lease_until <= now, null()),
                (row.due_at > row.lease_until, row.due_at),
                else_=row.lease_until,
            )
        )
    )
    .where(row.lease_until.is_not(None), row.due_at.is_not(None))
    .scalar_subquery()
)
NEXT_DUE = Statement("next due", select(first_due, _after_lease), returns=True, brief=True)
COUNTS = Statement("counts", select(row.status, func.count()).group_by(row.status), returns=True)
DURATIONS = Statement(
    "durations",
    select(row.submitted_at, row.rendered_at, row.asked_at, row.ask_at)
    .where(
        row.provider == word("its_provider"),
        row.model == word("its_model"),
        row.resolution == word("its_resolution"),
        row.seconds == number("its_seconds"),
        row.rendered_at.is_not(None),
        row.submitted_at.is_not(None),
    )
    .order_by(row.rendered_at.desc())
    .limit(number("most")),
    returns=True,
)


LOOSE = frozenset(
    {
        "woken", "due_at", "lease_until", "cancel_wished", "named_task_id", "begun", "forget", "refunded",
        "ready_at", "ask_at", "asked_at", "card_id", "card_intended_at", "card_shown", "card_edited_at",
        "message_id", "removed",
    }
)  # fmt: skip
"""What may be written without a new version: wakes, wishes, cards, marks, all moments set back."""


@lru_cache(maxsize=256)
def returned(names: frozenset[str]) -> tuple[str, ...]:
    """Return the fields that a move of these columns reads back: the others are as they were seen."""
    read = LOOSE | names | {"version", "updated_at"}
    return tuple(name for name in FIELDS if name in read)


def _assigned(names: frozenset[str]) -> dict[str, ColumnElement[int] | ColumnElement[str]]:
    return {
        name: number(f"new_{name}") if isinstance(row[name].type, BigInteger) else word(f"new_{name}")
        for name in sorted(names)
    }


@lru_cache(maxsize=512)
def move(names: frozenset[str], *, wakes: bool = False, patient: bool = False) -> Statement:
    """Return the compare-and-set that changes these columns.

    A wake that came after the claim (`seen` were known then) makes it due at once. Only what changes is
    written: notes and wishes of others stay. A step that gives its lease back has come to its end.
    """
    late = row.woken > number("seen")
    unseen = case((late, row.woken - number("seen")), else_=ZERO)
    core = (
        update(generations)
        .where(is_it, row.version == number("its_version"), row.status == word("its_status"))
        .values(
            {
                "version": row.version + ONE,
                "updated_at": now,
                "woken": unseen,
                "due_at": case((late, now), else_=number("due")),
                "lease_until": until,
                "begun": case((until.is_(None), ZERO), else_=row.begun),
            }
            | _assigned(names)
        )
        .returning(*(row[name] for name in returned(names)))
    )
    return Statement("move", core, returns=True, wakes=wakes, patient=patient)


def is_left(lease_until: datetime | None, due_at: datetime | None, at: datetime) -> bool:
    """Return whether what is moved so is due for whoever is free; who holds its lease goes on by itself."""
    return lease_until is None and due_at is not None and due_at <= at


@lru_cache(maxsize=64)
def note(names: frozenset[str]) -> Statement:
    """Return the statement that writes these columns, whatever happens to the row besides.

    Where a version is given, it writes nothing once the row has been moved or taken over since.
    """
    version = number("its_version")
    unmoved = or_(version.is_(None), row.version == version)
    return Statement("note", update(generations).where(is_it, is_somebodys, unmoved).values(_assigned(names)))


@lru_cache(maxsize=16)
def shown(names: frozenset[str]) -> Statement:
    """Return what writes down what a card shows now; one that was moved since it was seen is due at once."""
    core = update(generations).where(is_it, is_somebodys).values(late_card(row) | _assigned(names))
    return Statement("note", core)


def late_card(columns: Any) -> dict[str, ColumnElement[int]]:
    """Return what brings a card up to date on which somebody was late: its word may be an old one."""
    moved = columns.version != number("its_version")
    woken = case((moved, columns.woken + ONE), else_=columns.woken)
    return {"woken": woken, "due_at": case((moved, now), else_=columns.due_at)}


def new(columns: dict[str, int | str | None]) -> dict[str, int | str | None]:
    """Return columns as the parameters of `move` and `note`."""
    return {f"new_{name}": value for name, value in columns.items()}
