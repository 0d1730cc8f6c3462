"""Laws of `bot.administration.rules`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.administration.rules import (
    MOST_CHANNELS,
    MOST_WORDS,
    Rules,
    WordKind,
    length_of,
    listed,
    split,
    with_channels,
    with_films,
    with_strikes,
)
from bot.errors import RequestRefused
from bot.servers import FilmPlace, ServerRules, Strikes
from bot.store.servers import Servers
from bot.wording import WordRules
from tests.fakes import CAPABILITIES, Clock

ALL = tuple(model for models in CAPABILITIES.values() for model in models.values())


@pytest.fixture
def rules(store):
    """Return the rules of servers on which nobody decided anything."""
    return Rules(Servers(store.engine), lambda: ALL, Clock())


async def test_no_admin_s_change_is_lost(rules):
    """Whoever was slower decides on top of what the other decided."""
    await asyncio.gather(
        *(rules.change(8, lambda found, n=n: with_channels(found, allow=n)) for n in range(1, 6))
    )

    assert {1, 2, 3, 4, 5} == set((await rules.of(8)).channels)
    assert ServerRules() == await rules.of(9)


async def test_what_is_not_said_stays(rules):
    """And nothing means everything."""
    await rules.allow_models(8, providers=["evolink"], longest=5)
    await rules.allow_models(8, resolutions=["720p", "720p"])
    assert ServerRules(providers=("evolink",), resolutions=("720p",), longest=5) == await rules.of(8)

    await rules.allow_models(8, providers=[], resolutions=[], longest=0)
    assert ServerRules() == await rules.of(8)


async def test_a_paused_provider_may_be_the_only_one_allowed(rules):
    """A pause is over some day."""
    await rules.change(8, lambda found: replace(found, paused_providers=("evolink",)))
    await rules.allow_models(8, providers=["evolink"])

    assert ("evolink",) == (await rules.of(8)).providers


async def test_a_choice_that_leaves_nothing_is_refused(rules):
    """Together with what was decided before."""
    await rules.allow_models(8, providers=["evolink"])
    with pytest.raises(RequestRefused, match="nothing_would_be_left"):
        await rules.allow_models(8, resolutions=["1080p"])

    assert ServerRules(providers=("evolink",)) == await rules.of(8)


@pytest.mark.parametrize("kind", WordKind)
async def test_each_kind_has_its_list_and_its_end(rules, kind):
    """Doubles are one, and what was taken off is gone."""
    await rules.add_words(8, kind, ["one", "two", "one"])
    assert ("one", "two") == listed((await rules.of(8)).words, kind)
    after = await rules.remove_word(8, kind, "one")
    assert ("two",) == listed(after.words, kind)
    with pytest.raises(RequestRefused, match="word_unknown"):
        await rules.remove_word(8, kind, "one")
    with pytest.raises(RequestRefused, match="words_many"):
        await rules.add_words(8, kind, [f"x{n}" for n in range(MOST_WORDS[kind])])

    await rules.remove_word(8, kind, "two")
    assert WordRules() == (await rules.of(8)).words


def test_the_list_of_channels_has_an_end():
    """More can't be shown in a refusal anyway."""
    full = ServerRules(channels=tuple(range(1, MOST_CHANNELS + 1)))
    with pytest.raises(RequestRefused, match="channels_many"):
        with_channels(full, allow=999)

    assert full == with_channels(full, allow=1)
    assert (999,) == with_channels(full, allow=999, anywhere=True).channels


def test_a_gallery_that_is_named_is_meant():
    """And one that is known needn't be named again."""
    gallery = with_films(ServerRules(), gallery=5)
    assert (FilmPlace.GALLERY, 5) == (gallery.film_place, gallery.gallery_id)
    elsewhere = with_films(gallery, films=FilmPlace.THREAD)
    for named in (5, 6):
        moved = with_films(elsewhere, gallery=named)
        assert (FilmPlace.GALLERY, named) == (moved.film_place, moved.gallery_id)
    kept = with_films(ServerRules(film_place=FilmPlace.THREAD, gallery_id=5), films=FilmPlace.GALLERY)
    assert (FilmPlace.GALLERY, 5) == (kept.film_place, kept.gallery_id)


def test_strikes_keep_what_is_not_said():
    """The number without the pauses, and the pauses without the number."""
    after = with_strikes(ServerRules(), refusals=3)
    assert Strikes(3) == after.strikes
    assert Strikes(3, (timedelta(hours=1),)) == with_strikes(after, pauses=[timedelta(hours=1)]).strikes


@pytest.mark.parametrize(
    "pauses",
    [[], [timedelta(hours=1)] * 11, [timedelta(seconds=59)], [timedelta(days=1, minutes=1)]],
    ids=len,
)
def test_pauses_have_bounds(pauses):
    """None would be no rule, and more than a day is a block."""
    with pytest.raises(RequestRefused, match=r"pauses_many|pause_length"):
        with_strikes(ServerRules(), pauses=pauses)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", timedelta(minutes=30)),
        (" 2 Hours ", timedelta(hours=2)),
        ("1d 12h", timedelta(hours=36)),
        ("1d12h30min", timedelta(hours=36, minutes=30)),
        ("2 weeks", timedelta(days=14)),
        ("2小时", timedelta(hours=2)),
        ("1天30分钟", timedelta(days=1, minutes=30)),
        ("3周", timedelta(days=21)),
    ],
)
def test_lengths_of_time_as_people_write_them(text, expected):
    """In English and in Chinese."""
    assert expected == length_of(text)


@pytest.mark.parametrize("text", ["", "soon", "5", "h", "-5m", "5 m x", "1.5h", "999999m", "m5"])
def test_what_is_no_length_of_time(text):
    """It is refused, with what was written."""
    with pytest.raises(RequestRefused, match="length_unreadable") as refused:
        length_of(text)

    assert text == refused.value.facts["value"]


def test_lists_are_split_at_commas_of_any_script():
    """And nothing is made of nothing."""
    assert ("a b", "c", "d", "e") == split(" a  b, c，d、,e;\n")
    assert () == split(" , ")
