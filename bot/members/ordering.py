"""What comes before the spend: what it would be, whether its member must say yes, what else is possible."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.admission import narrowed
from bot.errors import NothingCovers, QuotaExceeded, Refused, RequestRefused, StoreError
from bot.messages.refusals import OF_FILES, OF_ONE_FILE, OF_OPTIONS
from bot.providers.mends import mends, shorter
from bot.schedule import usual_and_worst
from bot.store.forgetting import Forgetting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from bot.admission import Admission
    from bot.generations import Generations
    from bot.models import Capabilities, Generation, MediaFile, Place, Requester, VideoRequest
    from bot.orders import Order, Standing
    from bot.providers.mends import Mend
    from bot.store import Store
    from bot.store.orders import Orders
    from bot.store.past import Took

LIFE = timedelta(days=1)
"""How long a question waits for its answer."""
OF_THE_SERVER = frozenset({"not_on_server", "long_for_server", "provider_paused_here", "provider_paused"})
"""Codes of what a server's rules, or the operator, say of options alone."""
_MENDABLE = {*OF_OPTIONS, *OF_FILES, *OF_ONE_FILE, *OF_THE_SERVER} - {"price_unknown"}
"""Codes for which other options may help; a person, a place or a word is not among them."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """Orders: asked for, not begun."""

    generations: Generations
    admission: Admission
    orders: Orders
    store: Store
    clock: Callable[[], datetime]
    random: Random
    confirm_above: int | None = None
    """Millionths of a credit: what costs more, or nobody knows how much, is confirmed first. None: never."""

    async def to_confirm(
        self, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> Generation | None:
        """Return what would be begun, if its member must say yes first. Raises a `Refused`, like a start."""
        if self.confirm_above is None:
            return None
        quoted = await self.generations.quote(asked, requester, place, standing=standing)
        return quoted if self.is_dear(quoted.cost.credits) else None

    def is_dear(self, price: int) -> bool:
        """Return whether a price, in millionths of a credit, must be confirmed; 0: nobody knows it."""
        return self.confirm_above is not None and (not price or price > self.confirm_above)

    async def expected(self, generation: Generation) -> tuple[timedelta, timedelta]:
        """Return how long it takes from its submit: usually, and at worst.

        That of our own past ones of the same kind, once there are enough; else the provider's own words.
        Never raises: what was begun is begun, whether or not we can say how long it takes.
        """
        request = generation.request
        past: tuple[Took, ...] = ()
        with suppress(StoreError):
            past = await self.store.durations(
                request.provider or "", request.model or "", request.resolution or "", request.seconds or 0
            )
        told = (
            model.expected
            for model in self.generations.capabilities()
            if (model.provider, model.model) == (request.provider, request.model)
        )
        return usual_and_worst(past, next(told, (timedelta(), timedelta())))

    async def mends(self, asked: VideoRequest, guild_id: int | None, refusal: Refused) -> tuple[Mend, ...]:
        """Return what may be changed by one press, so that it can be made after all."""
        match refusal:
            case QuotaExceeded() if refusal.facts.get("unit") == "seconds":
                left = int(str(refusal.facts.get("left") or 0))
                return shorter(asked, await self.allowed(guild_id), left)
            case NothingCovers():
                return mends(asked, await self.allowed(guild_id))
            case RequestRefused() if refusal.code in _MENDABLE:
                return mends(asked, await self.allowed(guild_id))
            case _:
                return ()

    async def allowed(self, guild_id: int | None) -> tuple[Capabilities, ...]:
        """Return what every model can do, as far as a server lets it; none of a provider that is paused."""
        paused = (await self.admission.switches.now()).names
        narrow = narrowed(await self.admission.rules(guild_id), paused)
        return tuple(left for model in self.generations.capabilities() if (left := narrow(model)))

    async def keep(self, order: Order, user_id: int) -> str:
        """Keep an order until its member presses, and return its id."""
        id_ = f"{self.random.getrandbits(64):016x}"
        await self.orders.put(id_, user_id, order, self.clock())
        return id_

    async def take(self, id: str, user_id: int) -> Order:  # noqa: A002 -- the domain's word
        """Return a member's own order, which then is gone. Raises `RequestRefused`."""
        order = await self.orders.take(id, user_id)
        if order is None:
            raise RequestRefused("order_gone")
        return order

    async def look(self, id: str, user_id: int) -> Order:  # noqa: A002
        """Return a member's own order, which stays. Raises `RequestRefused`."""
        order = await self.orders.get(id, user_id)
        if order is None:
            raise RequestRefused("order_gone")
        return order

    async def put_back(self, id: str, order: Order, user_id: int) -> None:  # noqa: A002
        """Keep an order that was taken and could not be begun, as it was."""
        await self.orders.put(id, user_id, order, self.clock())

    async def drop(self, order: Order) -> None:
        """Delete the files of an order that is gone."""
        await self.generations.forget(await files_of(order, self.store))

    async def sweep(self, now: datetime) -> None:
        """Forget orders that nobody answered, with their files."""
        for order in await self.orders.sweep(now - LIFE):
            await self.drop(order)


async def files_of(order: Order, store: Store) -> list[MediaFile]:
    """Return the files that are an order's own: neither the generation before nor any under way has them."""
    shared: set[str] = set()
    if order.parent_id is not None:
        before = await store.get(order.parent_id)
        if before is None:
            return []
        shared = {file.id for file in before.asked.media}
    forgetting = Forgetting(store.engine)
    return [
        file for file in order.asked.media if file.id not in shared and not await forgetting.is_used(file.id)
    ]
