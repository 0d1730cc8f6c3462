"""Everything that a command may use, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.administration.accounts import Accounts
    from bot.administration.audit import Audit
    from bot.administration.operations import Operations
    from bot.administration.people import People
    from bot.administration.rules import Rules
    from bot.admission import Admission
    from bot.generations import Generations
    from bot.keepsakes import Keepsakes
    from bot.members.ordering import Ordering
    from bot.members.own import Own
    from bot.providers.health import Health
    from bot.store.orders import Orders
    from bot.storyboards.direction import Direction


@dataclass(frozen=True, slots=True)
class House:
    """What stands between Discord and the store: built once, used by every command and button."""

    generations: Generations
    admission: Admission
    orders: Orders
    ordering: Ordering
    own: Own
    clock: Callable[[], datetime]
    audit: Audit
    accounts: Accounts
    rules: Rules
    people: People
    operations: Operations
    keepsakes: Keepsakes
    storyboards: Direction

    @property
    def health(self) -> Health:
        """Return which providers are worth asking just now."""
        return self.operations.status.health
