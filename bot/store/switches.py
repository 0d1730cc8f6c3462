"""What operators have turned off for the whole bot: in every process, and after every restart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from bot.store.audit import entry
from bot.store.rows import micros
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import switches

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.servers import Deed
    from bot.store.statements import Engine, Parameters

ALL = "all"
"""Nothing new is taken, and no provider is sent anything."""
DRAIN = "drain"
"""Nothing new is taken; what is begun is finished."""
FRESH = timedelta(seconds=2)
"""How old what is known may be: so late do other processes see a change."""

_its_name = word("its_name")
TURN_OFF = Statement(
    "turn off",
    insert(switches)
    .values(name=_its_name, actor_id=number("its_actor"), at=number("now"))
    .on_conflict_do_nothing(index_elements=["name"]),
    wakes=True,
)
TURN_ON = Statement(
    "turn on", delete(switches).where(or_(_its_name.is_(None), switches.c.name == _its_name)), wakes=True
)
TURNED_OFF = Statement(
    "turned off", select(switches.c.name).order_by(switches.c.name), returns=True, brief=True
)

_nobodys: Parameters = {"its_name": "", "its_actor": 0, "now": 0}
PROBE = (
    Step(replace(TURN_OFF, wakes=False), _nobodys, rows=None),
    Step(replace(TURN_ON, wakes=False), {"its_name": ""}, rows=None),
)
"""Changes something and leaves nothing of it: what shows whether the database takes writes."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What is turned off."""

    names: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether the whole bot is paused."""
        return ALL in self.names

    @property
    def draining(self) -> bool:
        """Whether what is begun is finished and nothing new taken."""
        return DRAIN in self.names

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers that are paused one by one."""
        return tuple(sorted(self.names - {ALL, DRAIN}))

    def pauses(self, provider: str) -> bool:
        """Return whether a provider is sent nothing."""
        return self.everything or provider in self.names


class Switches:
    """The switches, read anew every two seconds at most. Raises `StoreUnavailable` as the store does."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._known = Switched()
        self._read_at: datetime | None = None

    async def now(self) -> Switched:
        """Return what is turned off."""
        now = self._clock()
        if self._read_at is None or not timedelta() <= now - self._read_at < FRESH:
            rows = await self._engine.read(TURNED_OFF, {})
            self._known = Switched(frozenset(str(name) for (name,) in rows))
            self._read_at = now
        return self._known

    def forget(self) -> None:
        """Read anew at the next question: another process may have turned something on or off."""
        self._read_at = None

    async def turn_off(self, name: str, *, by: int, deed: Deed | None = None) -> None:
        """Turn `all`, `drain` or a provider off, and write down who did."""
        parameters: Parameters = {"its_name": name, "its_actor": by, "now": micros(self._clock())}
        await self._engine.write([Step(TURN_OFF, parameters, rows=None), *entry(deed)])
        self._read_at = None

    async def turn_on(self, name: str | None = None, *, deed: Deed | None = None) -> None:
        """Turn one on again, or everything, and write down who did."""
        await self._engine.write([Step(TURN_ON, {"its_name": name}, rows=None), *entry(deed)])
        self._read_at = None
