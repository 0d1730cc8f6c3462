"""Members' own defaults: at hand in every command, and filled in where a command leaves something open."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.admission import narrowed
from bot.errors import Refused, StoreError
from bot.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.admission import Admission
    from bot.models import VideoRequest
    from bot.providers.router import Router
    from bot.store.members import Members

OPTIONS = ("provider", "model", "ratio", "resolution", "seconds", "sound")
"""What may be filled in, the weightiest first: what comes later gives way."""
MOST_KNOWN = 2_000
"""Members whose settings are kept at hand."""
NOTHING = Preferences()


@dataclass(frozen=True, slots=True)
class Filled:
    """A request with its member's own defaults in it."""

    asked: VideoRequest
    passed_over: tuple[str, ...] = ()
    """Options whose default doesn't go with the rest."""


class OwnDefaults:
    """What each member set, as last read, and what becomes of a request with it."""

    def __init__(
        self, members: Members, router: Router, admission: Admission, clock: Callable[[], datetime]
    ) -> None:
        self._members = members
        self._router = router
        self._admission = admission
        self._clock = clock
        self._known: OrderedDict[int, Preferences] = OrderedDict()

    async def of(self, user_id: int) -> Preferences:
        """Return what a member set; what was known last where the store can't be read just now."""
        try:
            return await self.read(user_id)
        except StoreError:
            return self.known(user_id)

    async def read(self, user_id: int) -> Preferences:
        """Return what a member set, for them to look at. Raises `StoreError`."""
        return self._learned(user_id, await self._members.preferences(user_id))

    def known(self, user_id: int) -> Preferences:
        """Return what was last known of a member, without asking anybody."""
        return self._known.get(user_id, NOTHING)

    async def change(self, user_id: int, **changes: Any) -> Preferences:
        """Set something, or clear it with None. Raises `StoreError`."""
        after = await self._members.change(user_id, lambda one: replace(one, **changes), self._clock())
        return self._learned(user_id, after)

    def forget(self, user_id: int) -> None:
        """Know nothing of a member any more."""
        self._known.pop(user_id, None)

    def _learned(self, user_id: int, found: Preferences) -> Preferences:
        self._known[user_id] = found
        self._known.move_to_end(user_id)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return found

    async def filled(self, user_id: int, asked: VideoRequest, guild_id: int | None) -> Filled:
        """Return the request with the member's own defaults, as last known, for whatever it leaves open.

        A default that no model can keep to, together with what is asked and allowed here, is passed over.
        """
        wanted = self.known(user_id)
        if wanted == NOTHING:
            return Filled(asked)
        paused = (await self._admission.switches.now()).names
        narrow = narrowed(await self._admission.rules(guild_id), paused)

        def can(request: VideoRequest) -> bool:
            try:
                self._router.route(request, narrow=narrow)
            except Refused:
                return False
            return True

        return fill(asked, wanted, can)


def fill(asked: VideoRequest, wanted: Preferences, can: Callable[[VideoRequest], bool]) -> Filled:
    """Fill in one default after the other, as long as it can be made; what can't be made anyway stays."""
    open_ = [name for name in OPTIONS if getattr(asked, name) is None and getattr(wanted, name) is not None]
    if not open_ or not can(asked):
        return Filled(asked)
    passed_over = []
    for name in open_:
        fuller = replace(asked, **{name: getattr(wanted, name)})
        if can(fuller):
            asked = fuller
        else:
            passed_over.append(name)
    return Filled(asked, tuple(passed_over))
