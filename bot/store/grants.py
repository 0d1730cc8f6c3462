"""What admins granted on top of a limit. Rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, literal_column
from sqlalchemy.dialects.postgresql import insert

from bot.store import ledger
from bot.store.audit import entry
from bot.store.ledger import UNITS
from bot.store.rows import micros
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import counters, grants

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Cost, Hold
    from bot.servers import Deed
    from bot.store.statements import Engine, Parameters

ZERO = literal_column("0", BigInteger)
GRANT = Statement(
    "grant",
    insert(grants)
    .values(
        id=word("its_id"),
        guild_id=number("its_guild"),
        member=word("its_member"),
        scope=word("its_scope"),
        subject=word("its_subject"),
        period=word("its_period"),
        actor_id=number("its_actor"),
        at=number("now"),
        **{unit: number(f"more_{unit}") for unit in UNITS},
    )
    .on_conflict_do_nothing(index_elements=["id"]),
)
RAISE = Statement(
    "raise",
    insert(counters)
    .values(
        scope=word("its_scope"),
        subject=word("its_subject"),
        period=word("its_period"),
        **dict.fromkeys(UNITS, ZERO),
        **{f"granted_{unit}": number(f"more_{unit}") for unit in UNITS},
    )
    .on_conflict_do_update(
        index_elements=["scope", "subject", "period"],
        set_={f"granted_{unit}": counters.c[f"granted_{unit}"] + number(f"more_{unit}") for unit in UNITS},
    ),
)


@dataclass(frozen=True, slots=True)
class Grants:
    """Grants, and what counters stand at. Everything raises `StoreUnavailable` when the database is away."""

    engine: Engine

    async def grant(
        self,
        hold: Hold,
        *,
        id: str,  # noqa: A002 -- made from the interaction's
        guild_id: int | None,
        member: str,
        actor_id: int,
        now: datetime,
        deed: Deed | None = None,
    ) -> bool:
        """Put a hold's cost on top of its counter's limit, and write down who did.

        Returns whether it was done just now.

        The same id a second time is the same grant.
        """
        key, more = ledger.key(hold), {f"more_{unit}": getattr(hold.cost, unit) for unit in UNITS}
        row: Parameters = {
            "its_id": id,
            "its_guild": guild_id,
            "its_member": member,
            "its_actor": actor_id,
            "now": micros(now),
        }
        steps = [Step(GRANT, row | key | more, done_if_none=True), Step(RAISE, key | more), *entry(deed)]
        return (await self.engine.write(steps))[0].touched > 0

    async def standing(self, holds: Sequence[Hold]) -> tuple[tuple[Cost, Cost], ...]:
        """Return what each counter stands at, and what was granted on top of its limit."""
        found = [await self.engine.read(*ledger.standing(hold)) for hold in holds]
        return tuple((ledger.cost(rows), ledger.granted(rows)) for rows in found)
