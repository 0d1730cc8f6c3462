"""What generations' cards show, as far as it is known: written by whoever shows it, late or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.store import generations
from bot.store.rows import columns, micros
from bot.store.statements import Step

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation
    from bot.store.statements import Parameters
    from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Cards:
    """Of a storyboard its own methods of the same names do this. Raises as the store does."""

    store: Store

    async def note(self, id: str, *, version: int | None = None, **changes: Any) -> None:  # noqa: A002
        """Write small facts, with a `version` only if it still stands at that."""
        await self.store.note(id, version=version, **changes)

    async def shown(self, generation: Generation, at: datetime, **changes: Any) -> None:
        """Write down what its card shows now.

        If it was moved since it was seen, that may be an old word: then it is due at once, for another look.
        """
        written = columns(changes)
        seen: Parameters = {"its_id": generation.id, "its_version": generation.version, "now": micros(at)}
        statement = generations.shown(frozenset(written))
        await self.store.engine.write([Step(statement, seen | generations.new(written), rows=None)])

    async def holds(self, generation: Generation) -> bool:
        """Return whether nobody has moved it or taken it over since it was seen."""
        seen: Parameters = {"its_id": generation.id, "its_version": generation.version}
        engine = self.store.engine
        return engine.alone or bool(await engine.read(generations.HELD, seen))
