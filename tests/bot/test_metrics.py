"""Laws of `bot.metrics`."""

from datetime import timedelta

from bot.metrics import Metrics
from tests.fakes import NOON


def lines(metrics):
    """Return the samples that aren't zero, without the moments at which they began."""
    page = metrics.page().decode().splitlines()
    return [line for line in page if line[0] != "#" and "_created" not in line and not line.endswith(" 0.0")]


def test_every_count_appears_under_its_name():
    """What is counted is found in Prometheus' text, with labels of ours."""
    metrics = Metrics()
    metrics.ended("failed", "maxapi")
    metrics.requested("evolink", "submit", "ok")
    metrics.polled("evolink")
    metrics.uncertain("maxapi")
    metrics.callbacks_accepted("maxapi", 1, NOON)
    metrics.clocks({"evolink": timedelta(seconds=-130), "maxapi": None})
    metrics.callback_refused()
    metrics.delivered("channel")

    assert lines(metrics) == [
        'matinee_generations_ended_total{provider="maxapi",status="failed"} 1.0',
        'matinee_provider_requests_total{call="submit",outcome="ok",provider="evolink"} 1.0',
        'matinee_polls_total{provider="evolink"} 1.0',
        'matinee_uncertain_total{provider="maxapi"} 1.0',
        'matinee_callbacks_accepted_total{provider="maxapi"} 1.0',
        'matinee_last_callback_timestamp_seconds{provider="maxapi"} 1.7952624e+09',
        "matinee_callbacks_refused_total 1.0",
        'matinee_deliveries_total{rung="channel"} 1.0',
        'matinee_clock_ahead_seconds{provider="evolink"} -130.0',
    ]


def test_the_time_to_a_film_falls_into_its_bucket():
    """A film of 90 s counts among those under 120 s, not among those under 60 s."""
    metrics = Metrics()
    metrics.rendered("evolink", timedelta(seconds=90))

    page = metrics.page().decode()
    assert 'matinee_film_seconds_bucket{le="60.0",provider="evolink"} 0.0' in page
    assert 'matinee_film_seconds_bucket{le="120.0",provider="evolink"} 1.0' in page


def test_a_state_that_empties_is_no_longer_shown():
    """The gauge is what stands now, not what once stood."""
    metrics = Metrics()
    metrics.standing({"queued": 3, "running": 1})
    metrics.standing({"running": 2})

    assert lines(metrics) == ['matinee_generations{status="running"} 2.0']


def test_two_bots_in_one_process_count_apart():
    """A registry belongs to its instance."""
    one, other = Metrics(), Metrics()
    one.polled("maxapi")

    assert lines(other) == []


def test_the_last_callback_is_the_provider_s_own():
    """Of one that never called there is none."""
    metrics = Metrics()
    metrics.callbacks_accepted("maxapi", 1, NOON)
    metrics.callbacks_accepted("maxapi", 1, NOON + timedelta(seconds=1))

    assert (NOON + timedelta(seconds=1), None) == tuple(map(metrics.last_callback, ("maxapi", "evolink")))
