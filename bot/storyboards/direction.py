"""What a cog may ask about storyboards: start, redo a shot, have enough, find."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import quotas
from bot.errors import (
    Conflict,
    IntakeStopped,
    LimitReached,
    NotFound,
    NothingCovers,
    RequestRefused,
    ShotRefused,
    StoreUnavailable,
)
from bot.generations import NOBODY, exceeded
from bot.models import WITHOUT_FILM, Cost
from bot.shots import FEWEST, MOST, NOWHERE, BoardStatus, Storyboard, for_shot, is_broken, is_made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from random import Random

    from bot.generations import Generations
    from bot.models import Generation, Hold, Place, Requester, VideoRequest
    from bot.orders import Standing
    from bot.store.storyboards import Storyboards

Shots = tuple["Generation", ...]
_NUMBERED = re.compile(r"^(?:[0-9]{1,2}[.):]|[-*•])\s+")
"""How people begin the lines of a list: that is no part of a prompt."""
_OF_ONE_SHOT = frozenset({"prompt_empty", "prompt_long", "reference_missing", "words", "mode"})
"""Refusals that are about one shot's own words, or about the frame that it begins with."""
_FASTER = 5
"""Times that the tracker may be faster, before somebody has to press again."""
_UNITS = ("videos", "seconds", "credits")


def lines(text: str) -> tuple[str, ...]:
    """Return the prompts in a text: one per line, without the numbers of a list. Raises `RequestRefused`."""
    prompts = tuple(_NUMBERED.sub("", line.strip()) for line in text.splitlines() if line.strip())
    if not FEWEST <= len(prompts) <= MOST:
        raise RequestRefused("shots_count", count=len(prompts), least=FEWEST, most=MOST)
    return prompts


def merged(holds: Iterable[Hold]) -> list[Hold]:
    """Return holds with those on the same counter as one, so that it is all of them that must fit."""
    found: dict[tuple[str, str, str], list[Hold]] = defaultdict(list)
    for hold in holds:
        found[hold.scope, hold.subject, hold.period].append(hold)
    return [replace(same[0], cost=whole(hold.cost for hold in same)) for same in found.values()]


def whole(costs: Iterable[Cost]) -> Cost:
    """Return what several cost together."""
    every = list(costs)
    return Cost(*(sum(getattr(cost, unit) for cost in every) for unit in _UNITS))


@dataclass(frozen=True, slots=True)
class Direction:
    """Storyboards, as far as people have a say in them: what moves by itself is the tracker's."""

    generations: Generations
    boards: Storyboards
    clock: Callable[[], datetime]
    random: Random
    nudge: Callable[[], None]

    async def draft(
        self,
        prompts: Sequence[str],
        asked: VideoRequest,
        requester: Requester,
        place: Place,
        *,
        continuous: bool,
        interaction_id: int,
        standing: Standing = NOBODY,
    ) -> tuple[Storyboard, Shots, list[Hold]]:
        """Return a storyboard that nobody has written down yet, and what it would hold; nothing is reserved.

        One model of one provider makes all shots, so that they look alike. Raises a `Refused`.
        """
        now, id_ = self.clock(), f"{self.random.getrandbits(64):016x}"
        requests = {
            number: for_shot(number, replace(asked, prompt=prompt), continuous=continuous)
            for number, prompt in enumerate(prompts, 1)
        }
        shots: dict[int, Generation] = {}
        holds: list[Hold] = []
        maker = (asked.provider, asked.model)
        for number in sorted(requests, key=lambda number: number == 1):  # the first has the fewest needs
            pinned = replace(requests[number], provider=maker[0], model=maker[1])
            drafted, held = await self._drafted(number, pinned, requester, place, standing)
            maker = (drafted.request.provider, drafted.request.model)
            shots[number] = self._shot(drafted, number, id_, asked, released_at=now if number == 1 else None)
            holds += [hold for hold in held if number == 1 or hold.period != quotas.NOW]
            placed = drafted.place
        ordered = tuple(shots[number] for number in requests)
        board = Storyboard(
            id=id_,
            status=BoardStatus.SHOOTING,
            requester=requester,
            member=ordered[0].member,
            place=placed,
            interaction_id=interaction_id,
            created_at=now,
            updated_at=now,
            due_at=now,
            shots=tuple(shot.id for shot in ordered),
            continuous=continuous,
        )
        return board, ordered, merged(holds)

    async def start(
        self, board: Storyboard, shots: Sequence[Generation], holds: Sequence[Hold]
    ) -> tuple[Storyboard, Shots]:
        """Reserve all shots of a drafted storyboard and write it down, all or nothing.

        The same interaction gets the same storyboard back. Raises a `Refused`; then nothing is reserved.
        """
        try:
            started = await self.boards.start(board, shots, holds)
        except LimitReached as error:
            cost = whole(shot.cost for shot in shots)
            raise exceeded(error, replace(shots[0], cost=cost)) from error
        except StoreUnavailable as error:
            raise IntakeStopped("cannot_store") from error
        self.nudge()
        return started, await self.boards.shots(started)

    async def _drafted(
        self, number: int, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> tuple[Generation, list[Hold]]:
        try:
            return await self.generations.drafted(asked, requester, place, standing)
        except NothingCovers as error:
            raise ShotRefused(number, error) from error
        except RequestRefused as error:
            if error.code in _OF_ONE_SHOT:
                raise ShotRefused(number, error) from error
            raise

    def _shot(
        self,
        drafted: Generation,
        number: int,
        board_id: str,
        asked: VideoRequest,
        *,
        released_at: datetime | None,
    ) -> Generation:
        """Return a drafted generation as a shot: it has no card and no film message of its own.

        It answers no interaction of its own either: its number is negative, which none of Discord's is.
        """
        return replace(
            drafted,
            asked=replace(drafted.asked, media=(), provider=asked.provider, model=asked.model),
            request=replace(drafted.request, media=()),
            place=replace(drafted.place, deliver="here", thread=False),
            interaction_id=-1 - self.random.getrandbits(62),
            due_at=None,
            released_at=released_at,
            card_shown=NOWHERE,
            storyboard_id=board_id,
            shot=number,
        )

    async def find(self, id: str) -> tuple[Storyboard, Shots]:  # noqa: A002 -- the field's own name
        """Return a storyboard and its shots, whoever's it is. Raises `NotFound`."""
        board = await self.boards.get(id)
        if board is None:
            raise NotFound("not_found", id=id)
        return board, await self.boards.shots(board)

    async def failed(self, id: str, number: int, user_id: int) -> Generation:  # noqa: A002
        """Return a member's own shot that may be redone. Raises `NotFound` or `RequestRefused`."""
        return _failed(*await self.find(id), number, user_id)

    async def redo(
        self,
        id: str,  # noqa: A002
        number: int,
        prompt: str,
        requester: Requester,
        *,
        interaction_id: int,
        standing: Standing = NOBODY,
    ) -> Generation:
        """Make one failed shot again, with other words perhaps. Raises a `Refused`; then nothing is reserved.

        The same model makes it; where its member named no provider, another one may.
        """
        for _ in range(_FASTER):
            try:
                return await self._redo(id, number, prompt, requester, interaction_id, standing=standing)
            except Conflict:
                continue
        raise RequestRefused("slow")

    async def _redo(
        self,
        id_: str,
        number: int,
        prompt: str,
        requester: Requester,
        interaction_id: int,
        *,
        standing: Standing,
    ) -> Generation:
        board, shots = await self.find(id_)  # one sight of both: the change is refused if either has moved on
        failed = _failed(board, shots, number, requester.user_id)
        asked = for_shot(
            number, replace(failed.asked, prompt=" ".join(prompt.split())), continuous=board.continuous
        )
        pinned = replace(asked, model=failed.request.model)
        drafted, holds = await self._drafted(number, pinned, requester, board.place, standing)
        now = self.clock()
        again = self._shot(drafted, number, id_, failed.asked, released_at=now)
        again = replace(again, interaction_id=interaction_id, parent_id=failed.id)
        ids = tuple(again.id if shot.shot == number else shot.id for shot in shots)
        try:
            await self.boards.put_shot(board, again, holds, now, shots=ids, stuck_since=None, misses=0)
        except LimitReached as error:
            raise exceeded(error, again) from error
        except StoreUnavailable as error:
            raise IntakeStopped("cannot_store") from error
        self.nudge()
        return again

    async def enough(self, id: str, user_id: int, *, moderator: bool = False) -> tuple[Storyboard, Shots]:  # noqa: A002
        """Wish that no more shots are made; the tracker obeys, and joins what there is.

        Raises `NotFound` or `RequestRefused`.
        """
        board, shots = await self.find(id)
        if board.requester.user_id != user_id and not moderator:
            raise RequestRefused("not_yours")
        if board.status is not BoardStatus.SHOOTING:
            raise RequestRefused("shots_over")
        going = [shot.id for shot in shots if not (is_made(shot) or is_broken(shot))]
        await self.boards.enough(id, self.clock(), going)
        self.nudge()
        return await self.find(id)

    def is_charged(self, shots: Iterable[Generation]) -> bool:
        """Return whether ending now counts a shot in full, because its provider wouldn't confirm a cancel."""
        return any(self.generations.cancel_is_charged(shot) for shot in shots)


def _failed(board: Storyboard, shots: Shots, number: int, user_id: int) -> Generation:
    if board.requester.user_id != user_id:  # a moderator neither: it is its member's quota
        raise RequestRefused("not_theirs")
    if board.status is not BoardStatus.SHOOTING or board.enough or number > len(shots):
        raise RequestRefused("shots_over")
    shot = shots[number - 1]
    if is_made(shot):
        raise RequestRefused("shot_made", number=number)
    if shot.status not in WITHOUT_FILM:  # of one that a person must look at, nobody knows what it cost
        raise RequestRefused("shot_going", number=number)
    return shot


def options_of(shot: Generation) -> VideoRequest:
    """Return what was asked for a storyboard besides its prompts."""
    return replace(shot.asked, prompt="", media=())
