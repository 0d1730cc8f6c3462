"""Laws of `bot.door.deadlines`: whoever is late is told, in time, by one timer."""

from hypothesis import given
from hypothesis import strategies as st

from bot.door.deadlines import Deadlines
from tests.faults.simulation.loop import VirtualLoop

STEPS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["expect", "forget"]), st.integers(0, 5)),
    max_size=40,
    unique_by=lambda step: step[0],
)


@given(STEPS)
def test_whoever_is_expected_and_not_forgotten_is_late_at_the_end(steps):
    """Each exactly so long after it was last expected, whatever happens to the others meanwhile."""
    loop, told, ends = VirtualLoop(), [], {}
    deadlines = Deadlines(7.25, lambda guest: told.append((loop.time(), guest)))
    wanted = []
    for moment, verb, guest in sorted(steps, key=lambda step: step[0]):
        if guest in ends and ends[guest] <= moment:
            wanted.append((ends.pop(guest), guest))
        if verb == "expect":
            ends[guest] = moment + 7.25
        else:
            ends.pop(guest, None)
        loop.call_at(moment, getattr(deadlines, verb), guest)
    loop.forward(99.0)
    loop.close()

    assert sorted([*wanted, *((end, guest) for guest, end in ends.items())]) == sorted(told)
    assert 0 == len(deadlines)


def test_many_have_one_timer():
    """A thousand that are expected again and again leave one timer, and none when it is stopped."""
    loop = VirtualLoop()
    deadlines = Deadlines(5.0, lambda _: None)
    for number in range(3000):
        loop.call_at(number / 1000, deadlines.expect, number % 1000)
    loop.forward(4.0)
    timers = [timer for timer in loop._scheduled if not timer._cancelled]
    loop.call_soon(deadlines.stop)
    loop.call_soon(deadlines.stop)
    loop.forward(4.0)

    assert (1, 0, None) == (len(timers), len(deadlines), loop.next_timer)
    loop.close()
