"""Everything that is a member's own, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.members.preferences import OwnDefaults
from bot.members.presets import Presets
from bot.members.privacy import Privacy
from bot.store.members import Members
from bot.store.searching import Searching

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from bot.admission import Admission
    from bot.hosting import Hosting
    from bot.providers.router import Router
    from bot.store import Store


@dataclass(frozen=True, slots=True)
class Own:
    """What a member sets, saves, finds again, and may take along or have deleted."""

    defaults: OwnDefaults
    presets: Presets
    privacy: Privacy
    searching: Searching

    @classmethod
    def over(
        cls,
        store: Store,
        *,
        hosting: Hosting,
        router: Router,
        admission: Admission,
        clock: Callable[[], datetime],
        random: Random,
    ) -> Self:
        """Put them together over one store."""
        members = Members(store.engine)
        defaults = OwnDefaults(members, router, admission, clock)
        return cls(
            defaults=defaults,
            presets=Presets(members, clock),
            privacy=Privacy(store, hosting, defaults, clock, random),
            searching=Searching(store.engine),
        )
