"""What members are about to ask for, kept between a question and its answer; and their last presses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, false, select
from sqlalchemy.dialects.postgresql import insert

from bot.errors import Conflict, LimitReached
from bot.orders import Order
from bot.store import ledger
from bot.store.rows import micros, primitive, reader
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import orders, presses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Hold
    from bot.store.statements import Engine, Parameters

TWICE = timedelta(seconds=10)
"""The same button pressed again within this time means the same film."""

PUT = Statement(
    "put order",
    insert(orders).values(
        id=word("its_id"),
        user_id=number("its_user"),
        content=word("its_content"),
        created_at=number("now"),
    ),
)
GET = Statement(
    "get order",
    select(orders.c.content).where(orders.c.id == word("its_id"), orders.c.user_id == number("its_user")),
    returns=True,
)
TAKE = Statement(
    "take order",
    delete(orders)
    .where(orders.c.id == word("its_id"), orders.c.user_id == number("its_user"))
    .returning(orders.c.content),
    returns=True,
)
SWEEP_ORDERS = Statement(
    "sweep orders",
    delete(orders).where(orders.c.created_at < number("before")).returning(orders.c.content),
    returns=True,
)
NEVER = Statement("never", delete(orders).where(false()))
SWEEP_PRESSES = Statement("sweep presses", delete(presses).where(presses.c.at < number("before")))
PRESS = Statement(
    "press",
    insert(presses)
    .values(id=word("its_id"), generation_id=word("its_generation"), at=number("now"))
    .on_conflict_do_update(
        index_elements=["id"],
        set_={"generation_id": word("its_generation"), "at": number("now")},
        where=presses.c.at <= number("before"),
    ),
)
PRESSED = Statement(
    "pressed", select(presses.c.generation_id).where(presses.c.id == word("its_id")), returns=True
)
_order = reader(Order)


def press(id_: str, generation_id: str, now: datetime) -> Step:
    """Return the step that notes a press, and touches nothing where the same one was noted just before."""
    parameters: Parameters = {
        "its_id": id_,
        "its_generation": generation_id,
        "now": micros(now),
        "before": micros(now - TWICE),
    }
    return Step(PRESS, parameters)


async def trial(engine: Engine, holds: Sequence[Hold]) -> None:
    """Return if everything could be taken just now; nothing is. Raises `LimitReached`, `StoreUnavailable`.

    It is the transaction that would take it, which then meets a step that can't be done.
    """
    try:
        await engine.write([*ledger.changes(holds), Step(NEVER, {})])
    except LimitReached:
        raise
    except Conflict:
        return  # everything could be taken


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders by their ids. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def put(self, id: str, user_id: int, order: Order, now: datetime) -> None:  # noqa: A002
        """Keep an order for its member."""
        parameters: Parameters = {"its_id": id, "its_user": user_id, "now": micros(now)}
        parameters["its_content"] = primitive(order)
        await self.engine.write([Step(PUT, parameters)])

    async def get(self, id: str, user_id: int) -> Order | None:  # noqa: A002
        """Return a member's own order, or None: there is none, it is somebody else's, or it is too old."""
        rows = await self.engine.read(GET, {"its_id": id, "its_user": user_id})
        return _order(json.loads(str(rows[0][0]))) if rows else None

    async def take(self, id: str, user_id: int) -> Order | None:  # noqa: A002
        """Return a member's own order as `get` does, and forget it: of several takers one gets it."""
        parameters: Parameters = {"its_id": id, "its_user": user_id}
        (taken,) = await self.engine.write([Step(TAKE, parameters, rows=None)])
        return _order(json.loads(str(taken.rows[0][0]))) if taken.rows else None

    async def sweep(self, before: datetime) -> tuple[Order, ...]:
        """Forget what is older, and return the orders among it: files may lie here that nobody will use."""
        parameters: Parameters = {"before": micros(before)}
        swept, _ = await self.engine.write(
            [Step(SWEEP_ORDERS, dict(parameters), rows=None), Step(SWEEP_PRESSES, parameters, rows=None)]
        )
        return tuple(_order(json.loads(str(row[0]))) for row in swept.rows)
