"""The world under the tracker's laws: what must hold at every moment, and how everything comes to rest."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis.stateful import invariant

from bot import quotas
from bot.delivery import Rung, wants_copy
from bot.delivery.rungs import ladder
from bot.models import (
    TERMINAL,
    WITHOUT_FILM,
    Notice,
    Status,
    TaskStatus,
)
from bot.store.forgetting import is_forgotten
from bot.tracker.watching import deadline
from tests.bot.tracker.ground import Ground
from tests.bot.tracker.unruly import ENDS
from tests.fakes import CINEMA, channel_of

REST = 5_000
"""Rounds after which whatever isn't at rest spins for ever."""


class Stage(Ground):
    """The ground, what must hold on it at every moment, and how everything comes to rest."""

    @invariant()
    def counters_are_what_the_rows_hold(self):
        """Every counter stands at the sum of what the rows say that they hold, and none below nothing."""
        if self.world is None:
            return
        expected: Counter[tuple[str, str, str, str]] = Counter()
        for row in self.rows():
            for hold in quotas.held(row):
                for unit in ("videos", "seconds", "credits"):
                    expected[hold.scope, hold.subject, hold.period, unit] += getattr(hold.cost, unit)
        found: Counter[tuple[str, str, str, str]] = Counter()
        for scope, subject, period, *amounts in self._sql(
            "SELECT scope, subject, period, videos, seconds, credits FROM counters"
        ):
            for unit, amount in zip(("videos", "seconds", "credits"), amounts, strict=True):
                assert amount >= 0
                found[scope, subject, period, unit] = amount
        assert +expected == +found

    @invariant()
    def the_ledger_is_sound(self):
        """One reserve, at most one end, a refund only after a settle, and what it says is what counts."""
        if self.world is None:
            return
        kinds: dict[str, list[str]] = {}
        for generation_id, kind in self._sql("SELECT generation_id, kind FROM ledger"):
            kinds.setdefault(generation_id, []).append(kind)
        for row in self.rows():
            mine = sorted(kinds[row.id])
            given_back = ["release", "reserve"], ["refund", "reserve", "settle"]
            assert mine in (["reserve"], ["reserve", "settle"], *given_back), (row, mine)
            assert quotas.counts(row) is (mine not in given_back), (row.status, mine)

    @invariant()
    def nothing_is_paid_or_posted_twice(self):
        """One submit that may have left (two with a key, to the byte), one film, copy, notice and card."""
        if self.world is None:
            return
        for row in self.rows():
            for kind in (self.delivery.films, self.delivery.copies, self.delivery.notices):
                assert len(kind(row.id)) <= 1, (row, kind)
            if row.id in self.resent:
                continue
            charged = 0
            for provider in self.providers:
                most = 2 if provider.capabilities["seedance-2.0"].idempotent else 1
                assert provider.unclear[row.id] <= most, row
                assert len(provider.bodies.get(row.id, ())) <= 1, row
                mine = [task for task, owner in provider.made_for.items() if owner == row.id]
                charged += sum(not provider.truth[task].retryable for task in mine)
            assert charged <= 1, row

    @invariant()
    def an_end_is_an_end(self):
        """Terminal states absorb."""
        if self.world is None:
            return
        for row in self.rows():
            assert self.ended.get(row.id, row.status) is row.status, row
            if row.status in TERMINAL:
                self.ended[row.id] = row.status

    def teardown(self):
        """Let everything come to rest, and look at what became of it."""
        try:
            if self.world is not None:
                self._rest()
        finally:
            if self.world is not None:
                self.runner.run(self.world.store.close())
            self.runner.close()
            self.patched.close()
            shutil.rmtree(self.folder)

    def _rest(self):
        """Die once more, in a world where everything works again."""
        self.disk.left = 0
        self.crash()
        delivery = self.delivery
        delivery.faults.clear()
        delivery.closed.clear()
        delivery.hidden.clear()
        delivery.lose_answers, delivery.hang, delivery.stall = 0, False, False
        self.runner.run(self.world.switches.turn_on())
        waiting = self._still_to_be_adopted()
        for provider in self.providers:
            provider.plan.clear()
            provider.asks.clear()
            for task in provider.truth.values():
                if task.status in {TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.UNKNOWN}:
                    provider.truth[task.id] = replace(ENDS["film"], id=task.id, prompt=task.prompt)
            for task_id, owner in provider.made_for.items():
                self.runner.run(self._call_back(owner, provider.name, task_id))
        self.runner.run(self._until_rest())
        self.counters_are_what_the_rows_hold()
        self.the_ledger_is_sound()
        self.nothing_is_paid_or_posted_twice()
        self.an_end_is_an_end()
        for row in self.rows():
            self._at_rest(row)
            adopted = row.status is not Status.PARKED or row.reason == "absurd_charge"
            assert adopted or row.id not in waiting, row

    def _still_to_be_adopted(self) -> set[str]:
        """Return what is unclear, while a callback may still clear it up."""
        owners = {owner for provider in self.providers for owner in provider.made_for.values()}
        return {
            row.id
            for row in self.rows()
            if row.id in owners
            and row.status in {Status.SUBMITTING, Status.UNCERTAIN}
            and self.clock() < deadline(self.world.context, row) - timedelta(hours=1)
        }

    async def _until_rest(self):
        for _ in range(REST):
            await self._round()
            due = await self.world.store.next_due(self.clock())
            if due is None:
                return
            self.clock.now = max(due, self.clock() + timedelta(milliseconds=100))
        raise AssertionError([row for row in self.rows() if row.due_at])

    def _at_rest(self, row):
        assert row.status in TERMINAL or row.status is Status.PARKED, row
        assert not row.watch, row
        films, notices = len(self.delivery.films(row.id)), len(self.delivery.notices(row.id))
        if row.status is Status.DELIVERED:
            assert films == 1 or row.posting_place == Rung.KEPT, row
            assert notices == 0, row
            asked = replace(row, place=self.places[row.id])
            copied = wants_copy(asked, Rung(row.posting_place))
            assert row.copy is (Notice.TOLD if copied else Notice.NONE), row
        elif row.status in WITHOUT_FILM:
            assert films == 0, row
            told = row.status is Status.CANCELLED or row.notice is Notice.TOLD
            assert told, row
        else:
            assert (films, notices) == (0, 0), row
        for message in self.delivery.films(row.id):
            asked = replace(message.generation, place=self.places[row.id])
            assert message.channel_id in {channel_of(asked, rung) for rung in ladder(asked)}, row
        self._film_not_lost(row)
        self._forgotten(row)

    def _forgotten(self, row):
        """Hold that nothing is left of who wanted to be forgotten, but of what a person must look at."""
        if not row.forget or row.status is Status.PARKED:
            return
        files = [path.name for path in self.world.hosting.films_dir.iterdir() if row.id in path.name]
        assert (True, []) == (is_forgotten(row), files), row
        told = repr(row)
        for trace in ("cat ", "Anna", "Ben", f"_id={CINEMA.channel_id}", "https://", "task_id='"):
            assert trace not in told, row

    def _film_not_lost(self, row):
        """Hold that a film which somebody still wants arrives, or that a person is called."""
        made = [
            provider.truth[task]
            for provider in self.providers
            for task, owner in provider.made_for.items()
            if owner == row.id and provider.truth[task].urls
        ]
        if made and not row.counts_in_full and row.id not in self.resent | self.given_up:
            assert row.status in {Status.DELIVERED, Status.PARKED} or row.reason == "result_lost", row
