"""Members who wait go first, and steps go on all the same."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.precedence import ABOUT, APART, COUNTS, LONGEST, Precedence
from tests.faults.simulation.loop import VirtualLoop


class House:
    """Steps that want to begin, in virtual time, and the moments at which they did."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.precedence = Precedence()
        self.begun: list[float] = []

    def wants(self, steps: int) -> None:
        """Let so many steps wait for their turn."""
        for _ in range(steps):
            self.loop.create_task(self._begin())

    async def _begin(self) -> None:
        await self.precedence.give_way()
        self.begun.append(self.loop.time())

    def visit(self, seconds: float) -> None:
        """Let a member wait for an answer for so long, from now on."""
        self.loop.create_task(self._stay(seconds))
        self.loop.forward(self.loop.time())

    async def _stay(self, seconds: float) -> None:
        with self.precedence.member():
            await _after(self.loop, seconds)

    async def fail(self) -> None:
        """Let a member's command end with an error."""
        with suppress(RuntimeError), self.precedence.member():
            raise RuntimeError


async def _after(loop: VirtualLoop, seconds: float) -> None:
    done = loop.create_future()
    loop.call_later(seconds, done.set_result, None)
    await done


@pytest.fixture
def house():
    """Return a house where nothing has happened."""
    loop = VirtualLoop()
    yield House(loop)
    loop.wipe()
    loop.close()


def test_where_no_member_is_about_steps_begin_at_once(house):
    """A worker without commands, or a quiet night, loses no time."""
    house.wants(3)
    house.loop.forward(0.0)
    assert [0.0, 0.0, 0.0] == house.begun


def test_a_step_begins_when_the_last_member_has_their_answer(house):
    """Of two who wait, the later one counts."""
    house.visit(LONGEST / 4)
    house.visit(LONGEST / 2)
    house.wants(1)
    house.loop.forward(1.0)
    assert [LONGEST / 2] == house.begun


def test_members_who_wait_long_hold_up_each_step_only_so_long(house):
    """A file that takes a minute to load doesn't bring the tracker to a standstill."""
    house.visit(60.0)
    house.wants(3)
    house.loop.forward(1.0)
    assert pytest.approx([LONGEST, 2 * LONGEST, 3 * LONGEST]) == house.begun


def test_who_waits_for_a_file_counts_no_more_after_a_while(house):
    """It isn't turns of the loop that they wait for; and when they leave, nothing changes."""
    house.visit(60.0)
    house.loop.forward(COUNTS + ABOUT)
    house.wants(2)
    house.loop.forward(COUNTS + ABOUT)
    assert [COUNTS + ABOUT] * 2 == house.begun


def test_after_a_command_steps_begin_one_after_the_other(house):
    """The next member soon comes, and finds few steps under way."""
    house.visit(0.0)
    house.loop.forward(0.0)
    house.wants(2)
    house.loop.forward(1.0)
    assert pytest.approx([APART, 2 * APART]) == house.begun


def test_when_members_have_been_gone_for_a_while_steps_begin_at_once_again(house):
    """Nothing is held up for somebody who was here long ago."""
    house.visit(0.0)
    house.loop.forward(ABOUT)
    house.wants(2)
    house.loop.forward(ABOUT)
    assert [ABOUT, ABOUT] == house.begun


def test_whoever_does_something_later_is_told_of_members(house):
    """From the first one's command to the last one's answer."""
    seen = [house.precedence.waited_for()]
    for seconds in (1.0, 2.0):
        house.visit(seconds)
        seen.append(house.precedence.waited_for())
    for moment in (1.0, 2.0):
        house.loop.forward(moment)
        seen.append(house.precedence.waited_for())
    assert [False, True, True, True, False] == seen


def test_a_member_whose_command_fails_is_waited_for_no_longer(house):
    """An error is an answer, too."""
    house.loop.create_task(house.fail())
    house.loop.forward(0.0)
    house.wants(1)
    house.loop.forward(2 * APART)
    assert pytest.approx([APART]) == house.begun
