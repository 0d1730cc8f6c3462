"""Whether a server's rules let a member ask for this here: before anything is loaded, reserved or sent."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import quotas
from bot.errors import IntakeStopped, NothingCovers, RequestRefused
from bot.servers import EVERYWHERE, WORD_RULE, Channel, Deed, FilmPlace, ServerRules
from bot.store.overview import Overview
from bot.wording import culprit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from bot.models import Capabilities, Place, Requester, VideoRequest
    from bot.orders import Standing
    from bot.servers import Block, Strikes
    from bot.store.audit import Deeds
    from bot.store.blocks import Blocks
    from bot.store.servers import Servers
    from bot.store.switches import Switches


@dataclass(frozen=True, slots=True)
class Gate:
    """What the operator lets through, whoever asks and wherever; None: no bound."""

    refusals: int | None = None
    """By moderation, of one member in one UTC day, wherever they asked; then they wait for the next day."""
    queue: int | None = None
    """Films that wait to be sent: a look at them a moment before, since it only spares the machine."""


OPEN = Gate()
FREE = ServerRules()
"""The rules where nobody made any: in direct messages, and on a server whose admins decided nothing."""
LONGEST_PAUSE = timedelta(days=1)
"""A refusal is looked at for two days, so that no pause after one may be longer."""
_MOST_NAMED = 10
"""Channels."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The door: what operators and a server's admins decided is looked at here, and nowhere else."""

    servers: Servers
    blocks: Blocks
    deeds: Deeds
    pseudonym: Callable[[int], str]
    clock: Callable[[], datetime]
    switches: Switches
    gate: Gate = OPEN

    async def rules(self, guild_id: int | None) -> ServerRules:
        """Return what a server's admins decided."""
        return FREE if guild_id is None else await self.servers.rules(guild_id)

    async def admit(
        self, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> None:
        """Check by the rules of this moment: early, before files are loaded. Raises as `check`."""
        await self.check(await self.rules(place.guild_id), asked, requester, place, standing)

    async def check(
        self, rules: ServerRules, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> None:
        """Raise a `Refused` where this may not be asked by this member in this place.

        Nothing that is decided about members and servers stops an operator; what is turned off does.
        """
        switched = await self.switches.now()
        if switched.everything:
            raise IntakeStopped("paused")
        if switched.draining:
            raise IntakeStopped("draining")
        await self._check_queue()
        if not standing.operator:
            await self._check_rules(rules, asked, requester, place, standing)
        if asked.provider is not None and switched.pauses(asked.provider):
            raise RequestRefused("provider_paused", provider=asked.provider)

    async def _check_queue(self) -> None:
        """Refuse what would only wait behind too many others, whoever asks."""
        most = self.gate.queue
        if most is not None and await Overview(self.servers.engine).waiting(most=most) >= most:
            raise RequestRefused("queue_full", count=most)

    async def _check_rules(
        self, rules: ServerRules, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> None:
        await self._check_person(rules, requester.user_id, place.guild_id)
        _check_place(rules, place, standing)
        if rules.paused:
            raise RequestRefused("paused_here")
        await self._check_words(rules, asked, requester, place.guild_id)
        _check_options(rules, asked)

    async def _check_person(self, rules: ServerRules, user_id: int, guild_id: int | None) -> None:
        now = self.clock()
        written = await self.blocks.of(user_id, guild_id)
        for block in written:
            if stands(block, now):
                raise _blocked(block)
        if self.gate.refusals is None and not rules.strikes.refusals:
            return
        forgiven = {block.guild_id: block.at for block in written}
        since = quotas.next_day(now) - 2 * LONGEST_PAUSE
        refusals = await self.blocks.refusals(self.pseudonym(user_id), since)
        self._check_refusals(refusals, forgiven.get(EVERYWHERE, since))
        of_here = forgiven.get(guild_id, since) if guild_id is not None else since
        until = pause([at for where, at in refusals if where == guild_id and at > of_here], rules.strikes)
        if until is not None and until > now:
            raise RequestRefused("struck", until=until)

    def _check_refusals(self, refusals: Sequence[tuple[int | None, datetime]], since: datetime) -> None:
        """Refuse whom moderation refused too often today, wherever: the whole bot's account pays for it."""
        now = self.clock()
        today = [at for _, at in refusals if at > since and quotas.day_of(at) == quotas.day_of(now)]
        if self.gate.refusals is not None and len(today) >= self.gate.refusals:
            raise RequestRefused("struck_out", until=quotas.next_day(now))

    async def _check_words(
        self, rules: ServerRules, asked: VideoRequest, requester: Requester, guild_id: int | None
    ) -> None:
        """Refuse without the word: it may be a slur. The admins find it in their log, once a day."""
        if not (rules.words.words or rules.words.patterns):
            return
        rule = await asyncio.to_thread(culprit, asked.prompt, rules.words)
        if rule is None:
            return
        now = self.clock()
        same = f"{guild_id}:{requester.user_id}:{quotas.day_of(now)}:{rule}"
        deed = Deed(
            id=hashlib.sha256(same.encode("utf-8", "replace")).hexdigest()[:32],
            guild_id=guild_id,
            at=now,
            actor_id=requester.user_id,
            actor=requester.name,
            action=WORD_RULE,
            detail=rule,
        )
        await self.deeds.add(deed)
        raise RequestRefused("words")


def stands(block: Block, now: datetime) -> bool:
    """Return whether a block is in force; a pardon isn't."""
    return block.until is None or block.until > now


def pause(refusals: Sequence[datetime], strikes: Strikes) -> datetime | None:
    """Return until when a member must pause after these refusals, which are in order; None: not at all.

    Days are UTC, as maxapi counts them for what it keeps of a refused film's price.
    """
    ends = []
    for day in {quotas.day_of(at) for at in refusals}:
        of_day = [at for at in refusals if quotas.day_of(at) == day]
        over = len(of_day) - strikes.refusals
        if strikes.refusals and strikes.pauses and over >= 0:
            ends.append(of_day[-1] + strikes.pauses[min(over, len(strikes.pauses) - 1)])
    return max(ends, default=None)


def _blocked(block: Block) -> RequestRefused:
    """Return the refusal that says where, until when and why, as far as it is known."""
    code = "banned" if block.guild_id == EVERYWHERE else "blocked"
    facts: dict[str, object] = {}
    if block.until is not None:
        code, facts["until"] = f"{code}_until", block.until
    if block.reason:
        code, facts["why"] = f"{code}_because", block.reason
    return RequestRefused(code, **facts)


def _check_place(rules: ServerRules, place: Place, standing: Standing) -> None:
    if rules.channels and not {place.channel_id, place.parent_id} & set(rules.channels):
        raise RequestRefused("channel_not_here", allowed=tuple(map(Channel, rules.channels[:_MOST_NAMED])))
    if rules.age_restricted and not standing.age_restricted:
        raise RequestRefused("age_only")


def _check_options(rules: ServerRules, asked: VideoRequest) -> None:
    if asked.provider in rules.paused_providers:
        raise RequestRefused("provider_paused_here", provider=asked.provider, value=asked.provider)
    for option, value, allowed in (
        ("provider", asked.provider, rules.providers),
        ("model", asked.model, rules.models),
        ("resolution", asked.resolution, rules.resolutions),
    ):
        if value is not None and allowed and value not in allowed:
            raise RequestRefused("not_on_server", option=option, value=value, allowed=allowed)
    if rules.longest is not None and asked.seconds is not None and asked.seconds > rules.longest:
        raise RequestRefused("long_for_server", value=asked.seconds, most=rules.longest)


def narrowed(
    rules: ServerRules, paused: Collection[str] = ()
) -> Callable[[Capabilities], Capabilities | None]:
    """Return what leaves of a model what a server allows: None where it doesn't allow the model at all.

    `paused`: what is turned off everywhere.
    """

    def narrow(model: Capabilities) -> Capabilities | None:
        if model.provider in rules.paused_providers or model.provider in paused:
            return None
        if rules.providers and model.provider not in rules.providers:
            return None
        if rules.models and model.model not in rules.models:
            return None
        resolutions = tuple(
            each for each in model.resolutions if not rules.resolutions or each in rules.resolutions
        )
        seconds = tuple(each for each in model.seconds if rules.longest is None or each <= rules.longest)
        if (model.resolutions and not resolutions) or (model.seconds and not seconds):
            return None
        return replace(model, resolutions=resolutions, seconds=seconds)

    return narrow


def routed(
    route: Callable[..., VideoRequest],
    asked: VideoRequest,
    rules: ServerRules,
    standing: Standing,
    paused: Collection[str] = (),
) -> VideoRequest:
    """Route a request within a server's rules. Raises a `Refused` that says so where they leave nothing.

    `paused`: what is turned off everywhere, for operators too.
    """
    if standing.operator:
        return route(asked, paused=paused)
    try:
        return route(asked, paused=paused, narrow=narrowed(rules))
    except NothingCovers as error:
        if error.reasons:
            raise
        raise RequestRefused("rules_leave_nothing") from error


def placed(place: Place, rules: ServerRules, standing: Standing) -> Place:
    """Return where a film belongs by a server's rules, which hold for it however they change meanwhile."""
    gallery = rules.gallery_id if rules.film_place is FilmPlace.GALLERY else None
    return replace(
        place,
        film_channel_id=None if place.member_only else gallery,
        thread=rules.film_place is FilmPlace.THREAD and not place.member_only,
        spoiler=rules.spoiler,
        age_restricted=rules.age_restricted and not standing.operator,
    )
