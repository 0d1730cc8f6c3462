"""What admins and operators do meanwhile, and what members have deleted."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.administration.accounts import Accounts
from bot.errors import Conflict, RequestRefused
from bot.members.privacy import Privacy
from bot.models import Status, TaskStatus
from bot.store.forgetting import Forgetting
from bot.store.switches import ALL, DRAIN
from bot.tracker.parked import Act, decide, possible
from tests.bot.tracker.ground import NAMES
from tests.bot.tracker.stage import Stage
from tests.bot.tracker.unruly import ENDS, SUBMITS
from tests.fakes import ANNA, BEN


class Nothing:
    """What is known of a member without asking the store."""

    def forget(self, user_id):
        """There was nothing."""


class Operated(Stage):
    """The stage, with people who pause, decide, refund and forget."""

    @rule(data=st.data())
    def decide(self, data):
        """Let a person decide about one that is parked."""
        found = self.some(data, Status.PARKED)
        if found is None:
            return
        act = data.draw(st.sampled_from(possible(found)))
        keyed = found.request.provider == "evolink"
        with contextlib.suppress(Conflict):
            done = self.do(decide(self.world.store, found, act, self.clock(), keyed=keyed)) is not None
            self.resent |= {found.id} if done and act is Act.SEND else set()
            self.given_up |= {found.id} if done and act is Act.GIVE_UP else set()

    @rule(
        data=st.data(),
        why=st.sampled_from(["lost", "vanished", "strange", "absurd", "broken"]),
        called=st.booleans(),
    )
    def park(self, data, why, called):
        """Let one come to where a person must look, perhaps be called back, and be decided about."""
        provider = data.draw(st.sampled_from(self.providers))
        self.switch(ALL, off=False)
        if why in SUBMITS:
            provider.plan.extend([why, why])
        if why == "broken":
            self.world.downloader.faults.extend([ValueError("bug")] * 9)
        self.command(ANNA, provider.name, 1)
        self.wait(61)
        end = ENDS.get(why, ENDS["film"])
        for task in list(provider.truth.values()):
            if task.status in {TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.UNKNOWN}:
                provider.truth[task.id] = replace(end, id=task.id, prompt=task.prompt)
        for seconds in [90_000, 61] if why != "broken" else [700] * 10:
            self.wait(seconds)
        if called:
            for task_id, owner in provider.made_for.items():
                self.do(self._call_back(owner, provider.name, task_id))
        self.decide(data)

    @rule(name=st.sampled_from([ALL, DRAIN, *NAMES]), off=st.booleans())
    def switch(self, name, off):
        """Let an operator pause something, or everything go on."""
        switches = self.world.switches
        self.do(switches.turn_off(name, by=7) if off else switches.turn_on())

    @rule(data=st.data())
    def refund(self, data):
        """Give back what a film cost, as an admin does, whatever is being done with it."""
        found = self.some(data)
        if found:
            accounts = Accounts.over(self.world.store, str, self.clock)
            with contextlib.suppress(RequestRefused):
                done = self.do(accounts.refund(found.id, None))
                assert done is None or done.refunded

    @rule(requester=st.sampled_from([ANNA, BEN]), dies=st.booleans())
    def forget(self, requester, dies):
        """Have everything of a member deleted, or begin to and die."""
        world, of = self.world, requester.user_id
        if dies:
            self.do(Forgetting(world.store.engine).mark(of, self.clock()))
            self.crash()
            return
        privacy = Privacy(world.store, world.hosting, Nothing(), self.clock, world.context.random)
        left = self.do(privacy.forget(of))
        assert left is None or left == sum(row.requester.user_id == of for row in self.rows())
