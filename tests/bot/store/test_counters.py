"""Counters against a model of counters: any order of starts, moves and ends, on a real file."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.errors import Conflict, LimitReached
from bot.models import Cost, Generation, Status
from bot.store import Entry
from tests.bot.store.examples import NOON, entries, generation, hold, sizes, slot
from tests.databases import here

if TYPE_CHECKING:
    from collections.abc import Coroutine

MEMBERS = ("anna", "ben")
VIDEOS, SECONDS, PLACES = 3, 20, 2
members = st.sampled_from(MEMBERS)
lengths = st.integers(1, 12)
any_of_them = st.integers(0, 99)


class Counters(RuleBasedStateMachine):
    """Starts, sends, settles, releases, refunds and repeats, and knows what every counter must stand at."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = tempfile.TemporaryDirectory()
        self.store = self.do(here().open(Path(self.directory.name)))
        self.number = 0
        self.waiting: list[Generation] = []
        self.sent: list[Generation] = []
        self.settled: list[Generation] = []
        self.ended: list[Generation] = []
        self.kinds: dict[str, list[str]] = {}
        self.videos: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()

    def do(self, call: Coroutine[Any, Any, Any]) -> Any:
        """Run one call of the store."""
        return self.runner.run(call)

    def taken(self, one: Generation) -> Any:
        """Return the hold that a generation has on its member's day."""
        return hold(one.member, videos=VIDEOS, seconds=SECONDS, cost=one.cost)

    @rule(member=members, seconds=lengths)
    def start(self, member: str, seconds: int) -> None:
        """Start one: it gets its place exactly when it fits."""
        self.number += 1
        one = generation(self.number, member=member, cost=Cost(1, seconds))
        fits = self.videos[member] + 1 <= VIDEOS and self.seconds[member] + seconds <= SECONDS
        try:
            self.waiting.append(self.do(self.store.start(one, [self.taken(one)])))
        except LimitReached:
            assert not fits
            return
        assert fits
        self.kinds[one.id] = ["reserve"]
        self.videos[member] += 1
        self.seconds[member] += seconds

    @precondition(lambda self: self.waiting)
    @rule(which=any_of_them)
    def send(self, which: int) -> None:
        """Submit one: it gets a place at the provider exactly when there is one."""
        one = self.waiting[which % len(self.waiting)]
        fits = len(self.sent) < PLACES
        try:
            moved = self.do(
                self.store.move(one, NOON, due_at=None, status=Status.SUBMITTING, take=[slot(PLACES)])
            )
        except LimitReached:
            assert not fits
            return
        assert fits
        self.waiting.remove(one)
        self.sent.append(moved)

    @precondition(lambda self: self.sent)
    @rule(which=any_of_them)
    def settle(self, which: int) -> None:
        """Render one: it is paid, and its place is free."""
        one = self.sent.pop(which % len(self.sent))
        moved = self.do(
            self.store.move(
                one, NOON, due_at=None, status=Status.RENDERED, give=[slot()], entry=Entry("settle", one.cost)
            )
        )
        self.kinds[one.id].append("settle")
        self.settled.append(moved)

    def end(self, one: Generation, kind: str, *places: Any) -> None:
        """Give back all that it holds."""
        give = [self.taken(one), *places]
        moved = self.do(
            self.store.move(
                one, NOON, due_at=None, status=Status.FAILED, give=give, entry=Entry(kind, one.cost)
            )
        )
        self.kinds[one.id].append(kind)
        self.videos[one.member] -= 1
        self.seconds[one.member] -= one.cost.seconds
        self.ended.append(moved)

    @precondition(lambda self: self.sent)
    @rule(which=any_of_them)
    def fail(self, which: int) -> None:
        """No film: everything is released."""
        self.end(self.sent.pop(which % len(self.sent)), "release", slot())

    @precondition(lambda self: self.settled)
    @rule(which=any_of_them)
    def lose(self, which: int) -> None:
        """Lose a film: it is refunded."""
        self.end(self.settled.pop(which % len(self.settled)), "refund")

    @precondition(lambda self: self.ended)
    @rule(which=any_of_them, kind=st.sampled_from(["release", "settle", "refund", "reserve"]))
    def end_again(self, which: int, kind: str) -> None:
        """Try to end one again: it can't, however fresh the value is."""
        one = self.ended[which % len(self.ended)]
        if kind == "refund" and self.kinds[one.id] == ["reserve", "settle"]:
            return
        for value in (one, replace(one, version=one.version - 1)):
            try:
                self.do(self.store.move(value, NOON, due_at=None, entry=Entry(kind, one.cost)))
            except Conflict:
                continue
            raise AssertionError(f"{one.id} ended twice: {kind} after {self.kinds[one.id]}")

    @invariant()
    def counters_agree(self) -> None:
        """Every counter stands where the model says."""
        expected = tuple(Cost(self.videos[member], self.seconds[member]) for member in MEMBERS)
        holds = [hold(member) for member in MEMBERS]
        assert (*expected, Cost(videos=len(self.sent))) == self.do(self.store.used([*holds, slot()]))

    @invariant()
    def the_ledger_agrees(self) -> None:
        """Every generation has the entries of its fate, and nothing else was stored."""
        for id_, kinds in self.kinds.items():
            assert sorted(kinds) == sorted(row[0] for row in self.do(entries(self.store, id_)))
        assert len(self.kinds) == self.do(sizes(self.store))[0]

    def teardown(self) -> None:
        """Close the file."""
        self.do(self.store.close())
        self.runner.close()
        self.directory.cleanup()


@pytest.mark.usefixtures("on_both")
def test_counters_stand_at_what_happened() -> None:
    """In any order."""
    run_state_machine_as_test(
        Counters, settings=settings(max_examples=10, stateful_step_count=25, deadline=None)
    )
