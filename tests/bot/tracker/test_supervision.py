"""Laws of `bot.tracker.supervision`: a loop that fails is begun again, and in the end the process ends."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.errors import KeepsFailing
from bot.tracker.supervision import supervised


class Time:
    """Seconds that pass while something sleeps or runs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.slept.append(seconds)
        self.now += seconds


async def watched(failures, *, lasts=0.0):
    """Supervise a loop that fails so often, each time after so many seconds; return the time and the log."""
    time, left = Time(), iter(range(failures))

    async def work() -> None:
        time.now += lasts
        if next(left, None) is not None:
            raise ZeroDivisionError("secret?")

    with capture_logs() as lines:
        try:
            await supervised("tracker", work, clock=lambda: time.now, sleep=time.sleep)
        except KeepsFailing as error:
            lines.append({"event": str(error)})
    return time.slept, [line["event"] for line in lines]


async def test_what_fails_is_begun_again_after_longer_and_longer():
    """Four failures are logged and survived, with 1, 2, 4 and 8 seconds between (S-12)."""
    slept, lines = await watched(4)

    assert ([1, 2, 4, 8], ["a loop failed"] * 4) == (slept, lines)


async def test_the_fifth_failure_within_five_minutes_is_the_last():
    """It ends with one line that names the loop and no detail (S-12)."""
    slept, lines = await watched(5)

    assert "The tracker failed 5 times within 5 minutes; the log says why." == lines[-1]
    assert 4 == len(slept)


@pytest.mark.parametrize(("lasts", "survives"), [(70, False), (80, True)])
async def test_failures_that_are_far_apart_do_not_add_up(lasts, survives):
    """A loop that runs well for long may fail for ever; what counts is five minutes."""
    slept, _ = await watched(20, lasts=lasts)

    assert survives is (20 == len(slept))
