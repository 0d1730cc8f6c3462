"""What a cog may ask: start, cancel, again, find, history, usage."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import quotas
from bot.admission import placed, routed
from bot.errors import (
    FilesUnavailable,
    IntakeStopped,
    LimitReached,
    MediaError,
    NotFound,
    QuotaExceeded,
    RequestRefused,
    StoreUnavailable,
)
from bot.media.names import suits
from bot.models import AT_PROVIDER, UNTIL_PROVIDER_IS_DONE, Cost, Generation, Hold, MediaFile, Status
from bot.orders import Standing
from bot.quotas import Usage
from bot.store.forgetting import is_forgotten
from bot.store.grants import Grants
from bot.store.orders import trial
from bot.values import but

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from bot.admission import Admission
    from bot.hosting import Hosting
    from bot.media.probe import Prober
    from bot.models import Capabilities, Place, Requester, VideoRequest
    from bot.providers.router import Router
    from bot.quotas import Limits, Rules
    from bot.store import Store

NOBODY = Standing()
"""A member of whom nothing is known but who they are."""
WITHHELD = "wrong_film"
"""Why one is parked whose film may be anything: nobody gets it before a person has decided."""
LONGEST_NAME = 80
"""Characters of a file's name that are kept, for showing."""


class Generations:
    """The one door between Discord and everything that costs money."""

    def __init__(
        self,
        *,
        store: Store,
        admission: Admission,
        router: Router,
        price: Callable[[VideoRequest], int | None],
        capabilities: Sequence[Capabilities],
        prober: Prober,
        hosting: Hosting,
        limits: Limits,
        clock: Callable[[], datetime],
        random: Random,
        nudge: Callable[[], None],
    ) -> None:
        self._store = store
        self._admission = admission
        self._router = router
        self._price = price
        self._capabilities = tuple(capabilities)
        self._prober = prober
        self._hosting = hosting
        self._limits = limits
        self._clock = clock
        self._random = random
        self._nudge = nudge
        self._taking = True

    def stop_taking(self) -> None:
        """Refuse everything new from now on; what is under way goes on."""
        self._taking = False

    def capabilities(self) -> tuple[Capabilities, ...]:
        """Return what every model of every provider that is on can do, in order of preference."""
        return self._capabilities

    def largest_file(self) -> int:
        """Return the bytes of the largest file that any provider takes."""
        limits = (limits for model in self._capabilities for limits in model.media.values())
        return max((limit.largest for limit in limits), default=0)

    async def keep(self, name: str, url: str, data: bytes) -> MediaFile:
        """Write a member's file down and read from its bytes what it is.

        Raises `RequestRefused` that names the file: it can't be used, or isn't what its name says; and
        `IntakeStopped` where it can't be kept. The name is hostile text, cut for showing.
        """
        shown = name[:LONGEST_NAME]
        id_ = f"{self._random.getrandbits(128):032x}"
        path = self._hosting.media_dir / f"{id_}.part"  # swept soon if a crash leaves it
        if not self._hosting.has_room(len(data)):
            raise IntakeStopped("cannot_store")
        try:
            await asyncio.to_thread(path.write_bytes, data)
            probed = await self._prober.probe(path)
        except MediaError as error:
            path.unlink(missing_ok=True)
            raise RequestRefused(error.code, file=shown) from error
        except OSError as error:
            path.unlink(missing_ok=True)
            raise IntakeStopped("cannot_store") from error
        if not suits(name, probed.extension):
            path.unlink(missing_ok=True)
            raise RequestRefused("misnamed", file=shown, value=probed.extension)
        file = MediaFile(
            id=id_,
            name=shown,
            kind=probed.kind,
            extension=probed.extension,
            size=probed.size,
            sha256=probed.sha256,
            source_url=url,
            width=probed.width,
            height=probed.height,
            duration=probed.duration,
            frame_rate=probed.frame_rate,
        )
        try:
            await self._hosting.keep_media(file, path)
        except FilesUnavailable as error:
            raise IntakeStopped("files_unavailable") from error
        return file

    async def forget(self, files: Sequence[MediaFile]) -> None:
        """Delete files that no generation uses, after a refusal."""
        with suppress(FilesUnavailable):  # they are swept when they are old
            await self._hosting.forget_media(*files)

    async def start(
        self,
        asked: VideoRequest,
        requester: Requester,
        place: Place,
        *,
        interaction_id: int,
        standing: Standing = NOBODY,
        parent_id: str | None = None,
        press: str | None = None,
    ) -> Generation:
        """Route it, price it, reserve it and write it down, all or nothing.

        The same interaction gets the same generation back, and so does the same member's same `press` (a
        button and what it is about) within ten seconds. Raises a `Refused`; then nothing is reserved.
        """
        drafted, holds = await self.drafted(asked, requester, place, standing)
        generation = but(
            drafted,
            interaction_id=interaction_id,
            parent_id=parent_id,
            ready_at=drafted.created_at,
            card_intended_at=None if place.member_only else drafted.created_at,
        )
        press = press and f"{requester.user_id}:{press}"
        try:
            started = await self._store.start(generation, holds, press=press)
        except LimitReached as error:
            raise exceeded(error, generation) from error
        except StoreUnavailable as error:
            raise IntakeStopped("cannot_store") from error
        self._nudge()
        return started

    async def quote(
        self, asked: VideoRequest, requester: Requester, place: Place, *, standing: Standing = NOBODY
    ) -> Generation:
        """Return what `start` would make of it, with everything checked; nothing is reserved or written.

        Raises a `Refused`. A cost of no credits means that its price isn't known.
        """
        generation, holds = await self.drafted(asked, requester, place, standing)
        try:
            await trial(self._store.engine, holds)
        except LimitReached as error:
            raise exceeded(error, generation) from error
        except StoreUnavailable as error:
            raise IntakeStopped("cannot_store") from error
        return generation

    async def drafted(
        self, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> tuple[Generation, list[Hold]]:
        """Return the generation that nobody has written down yet, and what it would hold.

        Raises a `Refused`.
        """
        if not self._taking:
            raise IntakeStopped("stopping")
        rules = await self._admission.rules(place.guild_id)
        await self._admission.check(rules, asked, requester, place, standing)
        paused = (await self._admission.switches.now()).names
        request = routed(self._router.route, asked, rules, standing, paused)
        bound = quotas.rules_for(rules, requester.user_id, standing)
        now = self._clock()
        generation = Generation(
            id=f"{self._random.getrandbits(64):016x}",
            status=Status.QUEUED,
            asked=asked,
            request=request,
            requester=requester,
            member=self._hosting.signer.pseudonym(requester.user_id),
            place=placed(place, rules, standing),
            cost=_cost(request, self._price(request), self._limits, bound),
            interaction_id=0,
            created_at=now,
            updated_at=now,
            due_at=now,
            version=0,
        )
        return generation, [quotas.limited(hold, self._limits, bound) for hold in quotas.held(generation)]

    async def asked_again(self, id: str, **changes: Any) -> VideoRequest:  # noqa: A002 - the field's own name
        """Return what was asked for a generation, with changes, to be asked once more by whoever wants to.

        Raises `NotFound`, `RequestRefused` where one of its files is no longer kept, and `IntakeStopped`
        where nobody knows whether it is.
        """
        first, now = await self.any(id), self._clock()
        try:
            gone = [file.name for file in first.asked.media if not await self._hosting.touch(file, now)]
        except FilesUnavailable as error:
            raise IntakeStopped("files_unavailable") from error
        if gone:
            raise RequestRefused("file_gone", file=gone[0])
        return replace(first.asked, **changes)

    async def any(self, id: str) -> Generation:  # noqa: A002
        """Return a generation, whoever's it is. Raises `NotFound`, also where its member had it deleted."""
        generation = await self._store.get(id)
        if generation is None or is_forgotten(generation):
            raise NotFound("not_found", id=id)
        return generation

    async def find(self, id: str, user_id: int) -> Generation:  # noqa: A002
        """Return a member's own generation. Raises `NotFound`, the same for none and somebody else's."""
        generation = await self.any(id)
        if generation.requester.user_id != user_id:
            raise NotFound("not_found", id=id)
        return generation

    async def cancel(self, id: str, user_id: int, *, moderator: bool = False) -> Generation:  # noqa: A002
        """Wish an end; the tracker obeys. Raises `RequestRefused` when it is too late."""
        generation = await (self.any(id) if moderator else self.find(id, user_id))
        if generation.status not in UNTIL_PROVIDER_IS_DONE:
            raise RequestRefused("too_late")
        await self._store.wish_cancel(id, self._clock())
        self._nudge()
        return await self.any(id)

    def cancel_is_charged(self, generation: Generation) -> bool:
        """Return whether a cancel now would count in full, because the provider wouldn't confirm it."""
        if generation.status not in AT_PROVIDER:
            return False
        return not any(
            model.cancel
            for model in self._capabilities
            if (model.provider, model.model) == (generation.request.provider, generation.request.model)
        )

    async def history(self, user_id: int, *, before: datetime | None = None) -> tuple[Generation, ...]:
        """Return a member's own generations, newest first, a page at a time."""
        return await self._store.history(user_id, before=before)

    async def place_in_queue(self, generation: Generation) -> int | None:
        """Return how many steps from being sent it is, 1 being next; None when it isn't waiting."""
        waiting = generation.status is Status.QUEUED and generation.ready_at is not None
        return await self._store.place(generation) if waiting else None

    async def usage(self, user_id: int, guild_id: int | None = None, standing: Standing = NOBODY) -> Usage:
        """Return what a member has used of their limits where they ask, and what is under way."""
        now = self._clock()
        member = self._hosting.signer.pseudonym(user_id)
        rules = quotas.rules_for(await self._admission.rules(guild_id), user_id, standing)
        left = partial(_left, Grants(self._store.engine), self._limits, rules)
        day, month = [
            await left(quotas.of_member(member, guild_id, period))
            for period in (quotas.day_of(now), quotas.month_of(now))
        ]
        shared = {
            length: await left([Hold("server", str(guild_id), period, Cost())])
            for length, period in (("day", quotas.day_of(now)), ("month", quotas.month_of(now)))
            if guild_id is not None
        }
        open_ = await self._store.open_of(user_id)
        running = sum(generation.status is not Status.QUEUED for generation in open_)
        place = quotas.limited(Hold("user", member, quotas.NOW, quotas.PLACE), self._limits, rules)
        return Usage(
            videos_used=day["videos"][0],
            videos_limit=day["videos"][1],
            seconds_used=day["seconds"][0],
            seconds_limit=day["seconds"][1],
            credits=day["credits"],
            month=month,
            shared=shared,
            running=running,
            waiting=len(open_) - running,
            at_once=place.limit.videos,
            resets=quotas.next_day(now),
            month_resets=quotas.next_month(now),
            open=open_,
        )

    async def link(self, generation: Generation) -> str | None:
        """Return a signed link to a film that we still keep and hand out. Raises `FilesUnavailable`."""
        return None if is_withheld(generation) else await self._hosting.film_link(generation, self._clock())

    async def has_film(self, generation: Generation) -> bool:
        """Return whether we still keep its film and hand it out. Raises `FilesUnavailable`."""
        return not is_withheld(generation) and await self._hosting.has_film(generation)

    async def film_path(self, generation: Generation) -> Path | None:
        """Bring a film here that we still keep and hand out. Raises `FilesUnavailable`."""
        if generation.film is None or is_withheld(generation):
            return None
        return await self._hosting.film(generation.film)


def _cost(request: VideoRequest, price: int | None, limits: Limits, bound: Rules) -> Cost:
    if price is None and (limits.on_credits or bound.on_credits):
        raise RequestRefused("price_unknown", provider=request.provider, model=request.model)
    return Cost(videos=1, seconds=request.seconds or 0, credits=price or 0)


def is_withheld(generation: Generation) -> bool:
    """Return whether its film waits for a person who looks what it is."""
    return generation.status is Status.PARKED and generation.reason == WITHHELD


async def _left(
    grants: Grants, limits: Limits, rules: Rules, holds: Sequence[Hold]
) -> dict[str, tuple[int, int | None]]:
    most = [quotas.limited(hold, limits, rules).limit for hold in holds]
    stands = await grants.standing(holds)
    return {unit: quotas.tightest(unit, stands, most) for unit in ("videos", "seconds", "credits")}


def exceeded(error: LimitReached, generation: Generation) -> QuotaExceeded:
    """Return the refusal that says which limit is reached, and what this needs."""
    if error.period == quotas.NOW:
        code = "at_once" if error.scope == "user" else "at_once_here"
        return QuotaExceeded(code, used=error.used, limit=error.limit)
    needed = getattr(generation.cost, error.unit)
    ever = needed <= error.limit
    return QuotaExceeded(
        "quota",
        resets=quotas.resets(error.period, generation.created_at) if ever else None,
        scope=error.scope,
        unit=error.unit,
        used=error.used,
        limit=error.limit,
        left=max(0, error.limit - error.used),
        needed=needed,
    )
