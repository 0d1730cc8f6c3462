"""Laws of the whole tracker, whatever happens in whatever order: nothing lost, nothing twice, nothing leaked.

A machine of rules drives the real tracker on the real store of either kind: commands, rounds, crashes, time,
callbacks that are late, doubled or wrong, and every kind of answer from providers and Discord.
`LAW_EXAMPLES=1000` looks for longer, and at other examples each time.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from bot.errors import (
    LimitReached,
    ProviderUnavailable,
    StoreUnavailable,
    TaskNotFound,
)
from bot.models import (
    AT_PROVIDER,
    Status,
    TaskStatus,
)
from bot.store.orders import TWICE
from bot.tracker import Tracker
from bot.tracker.budget import Budget
from tests.bot.tracker.ground import NAMES
from tests.bot.tracker.mishaps import Mishaps
from tests.bot.tracker.unruly import ENDS, SUBMITS
from tests.fakes import ANNA, BEN, CINEMA
from tests.faults.figures import in_full

PLACES = (
    replace(CINEMA, film_channel_id=501),
    replace(CINEMA, thread=True),
    replace(CINEMA, deliver="dm"),
    replace(CINEMA, deliver="both"),
    replace(CINEMA, film_channel_id=501, deliver="both"),
    replace(CINEMA, member_only=True),
)
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "500" if in_full() else "15"))


class Laws(Mishaps):
    """Everything that can happen, in any order."""

    @rule(
        requester=st.sampled_from([ANNA, BEN]),
        provider=st.sampled_from([None, None, *NAMES]),
        n=st.integers(1, 2),
        place=st.sampled_from([CINEMA, *PLACES]),
    )
    def command(self, requester, provider, n, place=CINEMA):
        """Ask for a film, to be brought to some place."""
        named = provider if provider in self.world.providers else None
        for _ in range(n):
            self._ask(requester, place, provider=named)

    def _ask(self, requester, place, **how):
        """Ask for a film; return its id, or None where a limit is reached."""
        asking = self.world.ask(requester, place=place, prompt=f"cat {self.world.number}", **how)
        with contextlib.suppress(LimitReached, StoreUnavailable):
            asked = self.runner.run(asking)
            self.places.setdefault(asked.id, place)
            return asked.id
        return None

    @rule(requester=st.sampled_from([ANNA, BEN]), seconds=st.sampled_from([0, 3, 9.9, 10, 60]))
    def press_twice(self, requester, seconds):
        """Press a button twice: within ten seconds it is one film, then another one."""
        before = len(self.rows())
        press = f"{requester.user_id}:again:{self.world.number}"
        first = self._ask(requester, CINEMA, press=press)
        self.clock.forward(seconds=seconds)
        second = self._ask(requester, CINEMA, press=press)
        made = {each for each in (first, second) if each is not None}
        assert before + len(made) == len(self.rows())
        if first is not None and second is not None:
            assert (first == second) is (seconds < TWICE.total_seconds())

    @rule(data=st.data())
    def cancel(self, data):
        """Wish an end, where the button would be there."""
        found = self.some(data, Status.QUEUED, *AT_PROVIDER)
        if found:
            self.do(self.world.store.wish_cancel(found.id, self.clock()))

    # what time does

    @rule()
    def tick(self):
        """Run rounds until nothing is due."""
        self.runner.run(self._round())

    @rule(seconds=st.sampled_from([0.5, 2, 11, 61, 61, 150, 300, 3600, 90_000]))
    def wait(self, seconds):
        """Let time pass."""
        self.clock.forward(seconds=seconds)
        self.runner.run(self._round())

    @rule()
    def crash(self):
        """Die and start anew on the same folder."""

        async def anew():
            await self._die()
            await self.world.store.close()
            await self._open(self.world.number)

        self.runner.run(anew())

    @rule(seconds=st.sampled_from([61, 61, 300]))
    def lose_leases(self, seconds):
        """Let another process take over what this one has held for too long."""
        self.clock.forward(seconds=seconds)
        other = Tracker(replace(self.world.context, leases={}, budget=Budget()))
        self.others.append(other)
        self.runner.run(self._round(other))

    @rule(seconds=st.sampled_from([0, 61, 600]), lost=st.booleans())
    def pack_slowly(self, seconds, lost):
        """Take long to make a film ready for its place; perhaps another process brings it meanwhile."""
        self.delivery.stall = True
        self.wait(61)
        if lost:
            self.lose_leases(61)
        self.clock.forward(seconds=seconds)
        self.hangs.end()
        self.wait(2)

    # what providers do

    @rule(data=st.data(), outcome=st.lists(st.sampled_from(SUBMITS), min_size=1, max_size=3))
    def submits(self, data, outcome):
        """Plan the next answers to submits."""
        data.draw(st.sampled_from(self.providers)).plan.extend(outcome)

    @rule(data=st.data(), which=st.sampled_from(["busy", "unknown"]), times=st.integers(1, 4))
    def asks(self, data, which, times):
        """Plan failures of the next asks."""
        provider = data.draw(st.sampled_from(self.providers))
        fault = TaskNotFound(provider.name) if which == "unknown" else ProviderUnavailable(provider.name)
        provider.asks.extend([fault] * times)

    @rule(data=st.data(), end=st.sampled_from([*ENDS, "film", "film"]))
    def goes_on(self, data, end):
        """Let a provider task get somewhere."""
        self._move_task(data, end)

    def _move_task(self, data, end):
        open_ = [
            (provider, task.id)
            for provider in self.providers
            for task in provider.truth.values()
            if task.status in {TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.UNKNOWN}
        ]
        if open_:
            provider, task_id = data.draw(st.sampled_from(open_))
            prompt = provider.truth[task_id].prompt
            provider.truth[task_id] = replace(ENDS[end], id=task_id, prompt=prompt)

    @rule(data=st.data(), right=st.booleans(), times=st.integers(1, 3))
    def callback(self, data, right, times):
        """Somebody calls a generation's own address, with the right task or another."""
        found = self.some(data)
        if found is None:
            return
        provider = data.draw(st.sampled_from(self.providers))
        tasks = [task for task, owner in provider.made_for.items() if (owner == found.id) is right]
        named = data.draw(st.sampled_from(tasks)) if tasks else "nonsense" if not right else None
        self.do(self._call_back(found.id, provider.name, named, times))

    async def _call_back(self, generation_id, provider, named, times=1):
        for _ in range(times):
            if named is not None:
                await self.world.store.name_task(generation_id, named, provider=provider)
            await self.world.store.wake(generation_id, self.clock())

    # what goes wrong where it hurts most

    @rule(
        data=st.data(),
        outcome=st.sampled_from(["hang", "bug", "lost", "vanished"]),
        requester=st.sampled_from([ANNA, BEN]),
        named=st.booleans(),
    )
    def die_submitting(self, data, outcome, requester, named):
        """Lose the answer to a submit, die, and perhaps be called back with the task."""
        provider = data.draw(st.sampled_from(self.providers))
        provider.plan.appendleft(outcome)
        self.command(requester, provider.name, 1)
        self.tick()
        self.crash()
        self.wait(2)
        if named:
            for task_id, owner in list(provider.made_for.items()):
                self.do(self._call_back(owner, provider.name, task_id))
            self.wait(2)

    @rule(data=st.data(), what=st.sampled_from(["hang", "lose"]), later=st.sampled_from([2, 61, 600]))
    def die_posting(self, data, what, later):
        """Lose the answer to a post, die, and come back when Discord may have forgotten it."""
        for _ in range(3):
            self._move_task(data, "film")
        self.delivery.faults.clear()
        self.channel("open")
        self.channel(what)
        self.wait(300)
        self.crash()
        self.wait(later)


@pytest.mark.usefixtures("on_both")
def test_whatever_happens_in_whatever_order_the_laws_hold():
    """On a file and on a server, whose other processes' leases run on."""
    run_state_machine_as_test(
        Laws,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            derandomize="LAW_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
