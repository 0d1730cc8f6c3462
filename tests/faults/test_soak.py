"""A soak finds what grows, strikes as often as it says, and ends by itself."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.demo.stand_ins.faults import FaultBook
from tests.faults.killing.books import Verdict
from tests.faults.killing.pulse import BOUNDS, WARMING, Beat, judged, slope
from tests.faults.killing.weather import Weather
from tests.faults.soak import length, soak, told

STILL = Beat(at=0, age=0, memory=150, files=25, threads=9, open_rows=3, half_done=0)
HOUR = 3600


def hour(**growth):
    """Return an hour's looks, a minute apart; `growth` is that of the whole hour."""
    return [
        replace(
            STILL,
            at=minute * 60,
            age=minute * 60,
            **{what: getattr(STILL, what) + much * minute / 60 for what, much in growth.items()},
        )
        for minute in range(61)
    ]


@pytest.mark.parametrize("steepness", [-2.0, 0.0, 0.5])
def test_a_straight_line_has_its_slope(steepness):
    """The slope of points on a line is that line's."""
    assert steepness == pytest.approx(slope([(x, 7 + steepness * x) for x in range(10)]))


def test_what_stays_is_flat():
    """Looks that are all alike are within every bound."""
    assert [True] * len(BOUNDS) == [finding.flat for finding in judged(hour())]


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.what)
def test_what_grows_is_found(bound):
    """Anything that grows by more than its bound in the second half is named, and nothing else is."""
    beats = hour(**{bound.what: 2.2 * bound.growth})
    assert [bound.what] == [finding.bound.what for finding in judged(beats) if not finding.flat]


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.what)
def test_what_is_too_much_is_found(bound):
    """One look over the ceiling is enough, however flat the rest is."""
    beats = hour()
    beats[5] = replace(beats[5], **{bound.what: bound.ceiling + 1})
    assert [bound.what] == [finding.bound.what for finding in judged(beats) if not finding.flat]


def test_a_young_life_may_grow():
    """What a process takes in its first minute isn't held against it."""
    beats = hour()
    young = [replace(beat, at=1800 + beat.at / 60, age=beat.at / 60, memory=beat.at) for beat in hour()]
    assert WARMING == young[-1].age
    assert [] == [f for f in judged(beats[:30] + young[:-1] + beats[31:]) if f.growth > f.bound.growth]


@pytest.mark.parametrize("fault", ["lost", "doubled", "paid_twice", "wrong"])
def test_one_film_too_few_or_too_many_is_not_well(fault):
    """However flat everything is, the verdict is bad."""
    one = SimpleNamespace(beats=hour(), asks=9, kills=1, weather=SimpleNamespace(struck=3))
    assert told(one, Verdict())[1]
    lines, well = told(one, Verdict(**{fault: ["a film of boat 3"]}))
    assert (False, True) == (well, "a film of boat 3" in lines)


@pytest.mark.parametrize(("words", "seconds"), [("90s", 90), ("60m", HOUR), ("1.5h", 1.5 * HOUR)])
def test_a_length_has_a_unit(words, seconds):
    """Seconds, minutes or hours."""
    assert seconds == length(words)


@pytest.mark.parametrize("words", ["", "60", "m", "an hour", "-1m"])
def test_a_length_without_one_is_none(words):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="write a number"):
        length(words)


@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
def test_the_weather_strikes_as_often_as_it_says(share):
    """Of many requests and tasks that share meets a fault."""
    stand_ins = SimpleNamespace(faults=FaultBook())
    weather = Weather(share, random.Random(1))
    weather.over_providers(stand_ins)
    met = sum(len(stand_ins.faults.at_request("maxapi", "submit", "a boat")) for _ in range(2000))
    met += sum(len(stand_ins.faults.at_task("maxapi", "a boat")) for _ in range(2000))
    assert weather.struck == met
    assert share == pytest.approx(met / 4000, abs=0.01)


async def test_a_short_soak_ends_well(props):
    """Some seconds of bad weather with a kill: every film is there once, and it stops by itself."""
    said = []
    well = await soak(6, seed=1, address=None, say=said.append, props=props)
    assert well, "\n".join(said)
