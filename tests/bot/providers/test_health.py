"""When a provider is worth asking."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.providers.health import Health
from tests.fakes import NOON, Clock


@pytest.fixture
def clock():
    """Return a clock to turn."""
    return Clock()


@pytest.fixture
def health(clock):
    """Return a record without an entry."""
    return Health(clock)


def fail(health, times):
    """Count failures."""
    for _ in range(times):
        health.failed("maxapi")


def test_five_failures_open_the_breaker(health):
    """Four in a row are bad luck, five within a minute are an outage; nobody else is blamed."""
    fail(health, 4)
    before = health.healthy("maxapi")
    fail(health, 1)
    assert (before, health.healthy("maxapi"), health.healthy("evolink")) == (True, False, True)


def test_slow_failures_do_not_open_it(health, clock):
    """Five failures over more than a minute are none in a row."""
    for _ in range(9):
        fail(health, 1)
        clock.forward(seconds=16)
    assert health.healthy("maxapi")


def test_a_success_starts_the_count_anew(health):
    """Straight failures only."""
    fail(health, 4)
    health.succeeded("maxapi")
    fail(health, 4)
    assert health.healthy("maxapi")


def test_one_probe_passes_every_half_minute(health, clock):
    """While open, a call may leave after 30 s, and none beside it until another 30 s have passed (P-24)."""
    fail(health, 5)
    clock.forward(seconds=30)
    first = health.healthy("maxapi"), health.out_of_order("maxapi")
    health.trying("maxapi")
    beside = health.healthy("maxapi")
    clock.forward(seconds=30)
    assert (first, beside, health.healthy("maxapi")) == ((True, True), False, True)


def test_a_failed_probe_waits_again_and_a_good_one_closes_it(health, clock):
    """One failure is enough while it is open; one success ends it."""
    fail(health, 5)
    clock.forward(seconds=31)
    fail(health, 1)
    after_failure = health.healthy("maxapi")
    clock.forward(seconds=31)
    health.succeeded("maxapi")
    fail(health, 1)
    assert (after_failure, health.healthy("maxapi")) == (False, True)


def test_trying_while_all_is_well_changes_nothing(health):
    """Calls side by side are normal."""
    health.trying("maxapi")
    assert health.healthy("maxapi")


def test_what_only_the_operator_mends_is_news_once(health, clock):
    """After the pause one submit per 30 s passes, whatever asks succeed, until one is accepted."""
    until = NOON + timedelta(minutes=5)
    news = [health.stop("maxapi", trouble, until) for trouble in ("credit", "credit", "key", "key")]
    paused = health.healthy("maxapi")
    clock.forward(minutes=5)
    health.succeeded("maxapi")
    probed = health.healthy("maxapi"), health.out_of_order("maxapi")
    health.trying("maxapi")
    health.succeeded("maxapi")
    beside = health.healthy("maxapi")
    health.accepted("maxapi")
    mended = health.healthy("maxapi"), health.out_of_order("maxapi"), health.stop("maxapi", "key", until)
    assert ([True, False, True, False], False) == (news, paused)
    assert ((True, True), False, (True, False, True)) == (probed, beside, mended)


def test_who_is_asked_too_often_is_left_alone_until_then(health, clock):
    """That says nothing of submits; a shorter rest never shortens a longer one."""
    until = NOON + timedelta(minutes=2)
    health.ask_later("maxapi", until)
    health.ask_later("maxapi", NOON + timedelta(minutes=1))
    during = health.quiet_until("maxapi"), health.healthy("maxapi")
    clock.forward(minutes=2)
    assert ((until, True), None) == (during, health.quiet_until("maxapi"))


def test_a_clock_that_was_a_day_ahead_leaves_no_pause_behind(health, clock):
    """What was noted before the clock was set back is over, and a new pause counts."""
    fail(health, 5)
    health.pause("maxapi", NOON + timedelta(minutes=5))
    clock.forward(days=-1)
    before = health.healthy("maxapi")
    health.pause("maxapi", clock() + timedelta(minutes=1))
    assert (True, False) == (before, health.healthy("maxapi"))


def test_a_pause_lasts_until_it_ends(health, clock):
    """A success doesn't end it, a shorter one doesn't shorten it, and its end can be told."""
    until = NOON + timedelta(minutes=5)
    health.pause("maxapi", until)
    health.pause("maxapi", NOON + timedelta(minutes=1))
    health.succeeded("maxapi")
    during = (health.healthy("maxapi"), health.paused_until("maxapi"))
    clock.forward(minutes=5)
    assert ((False, until), (True, None)) == (
        during,
        (health.healthy("maxapi"), health.paused_until("maxapi")),
    )
