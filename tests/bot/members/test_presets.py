"""Laws of `bot.members.presets`."""

from __future__ import annotations

import pytest

from bot.errors import RequestRefused
from bot.members import presets
from bot.members.presets import LONGEST_NAME, LONGEST_PROMPT, MOST, Presets
from bot.models import Mode, VideoRequest
from bot.preferences import Preset
from bot.store.members import Members
from tests.bot.store.examples import FULL_REQUEST, generation
from tests.fakes import Clock


@pytest.fixture
def made(store):
    """Return presets on a real store."""
    return Presets(Members(store.engine), Clock())


async def code_of(work):
    """Return why it is refused."""
    with pytest.raises(RequestRefused) as refused:
        await work
    return refused.value.code


async def test_a_saved_preset_is_found(made):
    """Its spaces don't count, when saving or asking, nor what nobody sees."""
    saved = await made.save(1001, Preset("  my  \u200b night\u202e ", " At night: ", ratio="21:9"))

    assert saved == Preset("my night", "At night:", ratio="21:9")
    assert saved == await made.find(1001, "my night  ")
    assert (saved,) == await made.every(1001)


@pytest.mark.parametrize(
    ("preset", "code"),
    [
        (Preset(" ", "x"), "preset_nameless"),
        (Preset("\u200b\x00", "x"), "preset_nameless"),
        (Preset("x" * (LONGEST_NAME + 1), "x"), "preset_name_long"),
        (Preset("x", "x" * (LONGEST_PROMPT + 1)), "preset_prompt_long"),
        (Preset("x"), "preset_empty"),
    ],
)
async def test_what_is_no_preset_is_refused(made, preset, code):
    """With a sentence of its own."""
    assert code == await code_of(made.save(1001, preset))


async def test_there_is_room_for_twenty(made):
    """One more is refused, saving one of them anew is not."""
    for number in range(MOST):
        await made.save(1001, Preset(f"p{number}", "x"))

    assert "presets_many" == await code_of(made.save(1001, Preset("one more", "x")))
    assert Preset("p3", "y") == await made.save(1001, Preset("p3", "y"))


async def test_others_have_their_own(made):
    """A preset can't be used, found or deleted by anybody else."""
    await made.save(1001, Preset("night", "x"))

    assert "preset_unknown" == await code_of(made.find(1002, "night"))
    assert "preset_unknown" == await code_of(made.delete(1002, "night"))
    assert () == await made.every(1002)


async def test_a_deleted_preset_is_gone(made):
    """Deleting it twice says so."""
    await made.save(1001, Preset("night", "x"))
    await made.delete(1001, "night")

    assert "preset_unknown" == await code_of(made.delete(1001, "night"))


def test_a_preset_of_a_film_has_what_it_was_made_with():
    """Every option, as it was routed."""
    made = presets.of_film(generation(1, request=FULL_REQUEST), "this", "In snow:")

    assert made == Preset("this", "In snow:", "evolink", "seedance-2.0", "21:9", "1080p", 15, sound=True)


def test_what_is_said_stands_over_a_films_options():
    """The others are the film's."""
    film = Preset("n", "p", "evolink", "m", "21:9", "1080p", 15, sound=True)
    said = Preset("n", "p", seconds=5, sound=False)

    assert presets.over(film, said) == Preset("n", "p", "evolink", "m", "21:9", "1080p", 5, sound=False)


def test_a_presets_words_come_before_ones_own():
    """And its options are asked for."""
    asked = presets.request(Preset("n", "At night:", ratio="21:9", sound=False), " a boat ")

    assert asked == VideoRequest("At night: a boat", Mode.TEXT, ratio="21:9", sound=False)
    assert presets.request(Preset("n"), "a boat") == VideoRequest("a boat", Mode.TEXT)
