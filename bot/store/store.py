"""Everything that Matinee remembers, in verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.errors import Conflict
from bot.models import Cost, Hold, Status
from bot.store import audit, generations, ledger, orders, storyboards
from bot.store.ledger import Entry
from bot.store.past import took
from bot.store.rows import after, clean, columns, generation_of, micros, moment, primitive
from bot.store.statements import Step
from bot.store.waking import wake_all
from bot.values import but

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from bot.models import Generation
    from bot.servers import Deed
    from bot.store.past import Took
    from bot.store.statements import Engine, Parameters, Statement

END_OF_TIME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Store:
    """Generations, counters and the ledger, in one database.

    Every write is one short transaction, whole or not at all, whatever becomes of the caller. Everything
    raises `StoreUnavailable` when the database can't be reached or can't take a write.
    """

    engine: Engine

    async def start(
        self, generation: Generation, holds: Sequence[Hold], *, press: str | None = None
    ) -> Generation:
        """Write a new generation down, with everything it takes from its limits.

        An interaction that already has a generation gets that one back, and nothing is taken; so does the
        same `press` (whose and on what) within ten seconds. Raises `LimitReached`; then nothing is written.
        """
        try:
            outcomes = await self.engine.write(starting(generation, holds, press))
        except Conflict as error:
            if error.statement != orders.PRESS.name:
                raise
            ((first,),) = await self.engine.read(orders.PRESSED, {"its_id": press})
            (row,) = await self.engine.read(generations.BY_ID, {"its_id": first})
            return generation_of(row)
        if outcomes[0].touched:
            return generation
        (row,) = await self.engine.read(
            generations.BY_INTERACTION, {"its_interaction": generation.interaction_id}
        )
        return generation_of(row)

    async def get(self, id: str) -> Generation | None:  # noqa: A002 - the field's own name
        """Return a generation, or None if there is none of this id."""
        rows = await self.engine.read(generations.BY_ID, {"its_id": clean(id)})
        return generation_of(rows[0]) if rows else None

    async def history(
        self, user_id: int, *, before: datetime | None = None, most: int = 25
    ) -> tuple[Generation, ...]:
        """Return a user's generations, newest first, from before a moment on."""
        end = END_OF_TIME if before is None else micros(before)
        return await _many(
            self.engine, generations.HISTORY, {"its_user": user_id, "before": end, "most": most}
        )

    async def open_of(self, user_id: int) -> tuple[Generation, ...]:
        """Return a user's generations that are still under way, oldest first."""
        return await _many(self.engine, generations.OPEN_OF, {"its_user": user_id})

    async def used(self, holds: Sequence[Hold]) -> tuple[Cost, ...]:
        """Return what each counter stands at."""
        return tuple([ledger.cost(await self.engine.read(*ledger.standing(hold))) for hold in holds])

    async def claim(self, now: datetime, *, lease: timedelta, most: int) -> tuple[Generation, ...]:
        """Take a lease on what is due and nobody works on, longest due first."""
        claimed = await _claim(self.engine, generations.CLAIM, _lease(now, lease, most))
        return tuple(sorted(claimed, key=lambda one: (one.due_at or now, one.id)))

    async def claim_ready(
        self, provider: str, now: datetime, *, lease: timedelta, most: int
    ) -> tuple[Generation, ...]:
        """Take a lease on what may be submitted to a provider, in fair turn.

        A member's turn comes later the more they have at the provider already, and one after the other
        for their own; among equals it is whoever was sent to a provider longest ago, then the oldest.
        """
        parameters = _lease(now, lease, most) | {"its_provider": provider}
        claimed = await _claim(self.engine, generations.CLAIM_READY, parameters)
        if len(claimed) > 1:  # neither database returns updated rows in order
            turns = [row[0] for row in await self.engine.read(generations.TURNS, parameters)]
            claimed.sort(key=lambda one: turns.index(one.id) if one.id in turns else len(turns))
        return tuple(claimed)

    async def move(
        self,
        generation: Generation,
        now: datetime,
        *,
        due_at: datetime | None,
        lease_until: datetime | None = None,
        take: Sequence[Hold] = (),
        give: Sequence[Hold] = (),
        entry: Entry | None = None,
        deed: Deed | None = None,
        patient: bool = False,
        **changes: Any,
    ) -> Generation:
        """Change a generation as it was last seen, with its counters and its ledger entry, and return it.

        `deed`: the action of an admin that it is, for the log. `patient`: with others under way it may wait
        some milliseconds, to be committed with theirs.

        Without `lease_until` the lease is given back. If it was woken since it was seen, it is due now; the
        value returned with a lease then has no wakes, so that they belong to the next step.
        Raises `Conflict` if it was moved since, if more is given back than was taken, or if the entry
        is there already, and `LimitReached` if what it takes doesn't fit. Then nothing is changed.
        """
        written = columns(changes)
        names = frozenset(written)
        seen: Parameters = {
            "its_id": generation.id,
            "its_version": generation.version,
            "its_status": generation.status.value,
            "seen": generation.woken,
            "now": micros(now),
            "due": primitive(due_at),
            "until": primitive(lease_until),
        }
        left = generations.is_left(generation.lease_until, due_at, now)
        statement = generations.move(names, wakes=left, patient=patient)
        change = Step(statement, seen | generations.new(written))
        steps = [change, *ledger.changes(take, give)]
        if entry is not None:
            steps.append(ledger.enter(but(generation, **changes), entry, now))
        steps += audit.entry(deed)
        if generation.storyboard_id is not None:  # last, as everywhere, so that none waits in a ring
            steps.append(storyboards.wake(generation.storyboard_id, now))
        outcomes = await self.engine.write(steps)
        moved = after(generation, generations.returned(names), outcomes[0].rows[0])
        return but(moved, woken=0) if moved.woken and lease_until is not None else moved

    async def note(self, id: str, *, version: int | None = None, **changes: Any) -> None:  # noqa: A002
        """Write small facts that are no change of state, whoever works on it.

        With a `version`, only if it still stands at that.
        """
        written = columns(changes)
        parameters: Parameters = {"its_id": id, "its_version": version}
        await _write(self.engine, generations.note(frozenset(written)), parameters | generations.new(written))

    async def wake(
        self,
        id: str,  # noqa: A002
        at: datetime,
        *,
        provider: str | None = None,
        task_id: str | None = None,
    ) -> bool:
        """Make it due, at once or a second after its provider was last asked. Return whether there is one.

        A task that a callback of its present provider names is noted as `name_task` does.
        """
        (woken,) = await wake_all(self.engine, [(provider, id, task_id)], at)
        return woken

    async def name_task(
        self,
        id: str,  # noqa: A002
        task_id: str | None,
        *,
        provider: str,
        wrong: str | None = None,
    ) -> None:
        """Note the task that a callback of its present provider names, if none is known yet.

        The latest name stands: an earlier one has been asked about, or can't be confirmed. One that turned
        out `wrong` is replaced, by nothing for `None`, unless another has been named meanwhile.
        """
        parameters: Parameters = {
            "its_id": id,
            "its_provider": provider,
            "task": primitive(task_id),
            "wrong": primitive(wrong),
        }
        await _write(self.engine, generations.NAME_TASK, parameters)

    async def wish_cancel(self, id: str, now: datetime) -> None:  # noqa: A002
        """Wish its end and make it due, unless it has ended."""
        await _write(self.engine, generations.WISH_CANCEL, {"its_id": id, "now": micros(now)})

    async def extend(self, ids: Sequence[tuple[str, int]], until: datetime) -> None:
        """Lengthen the leases of generations that are still at the version given."""
        await self.engine.write(
            [
                Step(
                    generations.EXTEND,
                    {"its_id": id_, "its_version": version, "until": micros(until)},
                    rows=None,
                )
                for id_, version in sorted(ids)
            ]
        )

    async def next_due(self, now: datetime) -> datetime | None:
        """Return when something is due next; what is leased not before its lease ends."""
        (row,) = await self.engine.read(generations.NEXT_DUE, {"now": micros(now)})
        found = [int(value) for value in row if value is not None]
        return moment(min(found)) if found else None

    async def place(self, generation: Generation) -> int:
        """Return its place among those that wait for its provider, 1 being next, or 0 if it doesn't wait."""
        rows = await self.engine.read(
            generations.PLACE,
            {"its_provider": generation.request.provider, "its_id": generation.id, "now": END_OF_TIME},
        )
        return int(rows[0][0] or 0) if rows else 0

    async def at_provider(self, provider: str) -> int:
        """Return how many places at a provider are taken: by the counter, however many they are."""
        (taken,) = await self.used([Hold("provider", provider, "now", Cost())])
        return taken.videos

    async def counts(self) -> Mapping[Status, int]:
        """Return how many generations there are in every status."""
        rows = await self.engine.read(generations.COUNTS, {})
        return dict.fromkeys(Status, 0) | {Status(str(name)): int(count or 0) for name, count in rows}

    async def durations(
        self, provider: str, model: str, resolution: str, seconds: int, most: int = 200
    ) -> tuple[Took, ...]:
        """Return how long past ones took from submit to film, newest first."""
        rows = await self.engine.read(
            generations.DURATIONS,
            {
                "its_provider": provider,
                "its_model": model,
                "its_resolution": resolution,
                "its_seconds": seconds,
                "most": most,
            },
        )
        return tuple(took(row) for row in rows)

    async def ping(self) -> None:
        """Return if the database could take a write just now."""
        await self.engine.ping()

    async def close(self) -> None:
        """Finish what was begun, then let go of the database."""
        await self.engine.close()


def starting(generation: Generation, holds: Sequence[Hold], press: str | None = None) -> list[Step]:
    """Return the transition that `Store.start` is."""
    return [
        generations.begin(generation, done_if_none=True),
        *([orders.press(press, generation.id, generation.created_at)] if press else []),
        *ledger.changes(holds),
        ledger.enter(generation, Entry("reserve", generation.cost), generation.created_at),
    ]


def _lease(now: datetime, lease: timedelta, most: int) -> Parameters:
    return {"now": micros(now), "until": micros(now + lease), "most": most}


async def _claim(engine: Engine, statement: Statement, parameters: Parameters) -> list[Generation]:
    outcomes = await engine.write([Step(statement, parameters, rows=None)])
    return [generation_of(row) for row in outcomes[0].rows]


async def _many(engine: Engine, statement: Statement, parameters: Parameters) -> tuple[Generation, ...]:
    return tuple(generation_of(row) for row in await engine.read(statement, parameters))


async def _write(engine: Engine, statement: Statement, parameters: Parameters) -> bool:
    """Run one statement that may find its row or not; return whether it did."""
    (outcome,) = await engine.write([Step(statement, parameters, rows=None)])
    return outcome.touched > 0
