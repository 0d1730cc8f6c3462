"""Everything that people can touch: as the right person and as the wrong one, in both languages.

What each thing does is proved where it is tested in depth. Here: nothing is left out, nothing raises, an
answer is for its reader's eyes alone and wholly in their language, and who may not is refused.
"""

import re

import pytest

from bot.i18n import CATALOGUES, languages
from bot.media.probe import Prober
from tests.catalogue import catalogue_of, everything, translation
from tests.cogs.exercises import ADMIN, NOTHING, RIGHT, SOMETHING, surface, things
from tests.cogs.exercises.everything import ENTRIES, EXERCISES
from tests.cogs.exercises.stage import Stage, of_message, read, state
from tests.faults.harmless import callable_by, faults, outgoing

BOTH = ["en-US", "zh-CN"]
"""The first of those who may, and of those who may not, in both; whoever comes after in the second."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,.:;]+){2}[A-Za-z]{2,}")
"""Three English words in a row: more than any name has."""
NO_WORDS = re.compile(r"`[^`]*`|https?://\S+|<[^>]*>|matinee-\S+|\*\*|__")
AS_THE_RIGHT_ONE = [
    pytest.param(each, person, language, id=f"{each.name}-{person}-{language}")
    for each in EXERCISES
    for place, person in enumerate(RIGHT[each.who])
    for language in BOTH[place > 0 :]
]
AS_THE_WRONG_ONE = [
    pytest.param(each, person, language, id=f"{each.name}-{person}-{language}")
    for each in EXERCISES
    for place, person in enumerate(each.wrong)
    for language in BOTH[place > 0 :]
]

FROM_ABROAD = [pytest.param(each, id=each.name) for each in EXERCISES if each.who == ADMIN and each.travels]


@pytest.fixture
async def prober():
    """Look into files for real: pictures are pictures."""
    real = Prober()
    yield real
    await real.close()


@pytest.fixture
def stage(home, clip):
    """Return a function that sets the stage for somebody who reads a language."""

    async def set_up(person, language):
        made = Stage(home, person, language, clip)
        await made.prepare()
        return made

    return set_up


def same_in_chinese():
    """Return the English sentences that have a translation of their own."""
    catalogue = catalogue_of(CATALOGUES / "zh_CN.po")
    return {
        text
        for each in everything()
        if each.context is None
        for text in each.ids
        if text not in translation(catalogue, each)
    }


TRANSLATED = same_in_chinese()


def foreign(pieces, language):
    """Return what isn't in the language."""
    plain = [NO_WORDS.sub(" ", piece) for piece in pieces]
    if language == "en-US":
        own_names = set(languages().values())
        return [piece for piece in plain if CHINESE.search(piece) and not any(n in piece for n in own_names)]
    return [piece for piece in plain if ENGLISH.search(piece) or piece.strip() in TRANSLATED]


async def judged(stage):
    """Hold everything that was read to its reader and its language."""
    for result, pressed in stage.notes.results:
        own = pressed and (pressed.flags.ephemeral or pressed.id in stage.forged)
        private = result.ephemeral or result.modal or own
        assert private, f"everybody can read {result}"
    pieces = list(read(stage.notes.results))
    assert foreign(pieces, stage.language) == []
    if stage.language == "zh-CN" and pieces:
        assert CHINESE.search("".join(pieces))
    public = {message.id for message in stage.channel.history() if message.author.bot}
    assert public - stage.posted == set()
    for payload in outgoing(stage.home.env.backend):
        assert faults(payload, called=r"<@&?[0-9]+>|<#[0-9]+>") == []
        assert callable_by(payload) <= {stage.ann.id}
    if stage.log:
        told = [piece for message in stage.log.history() for piece in of_message(message)]
        words = [piece.replace(stage.words, "") for piece in told]
        assert told
        assert foreign(words, stage.public_language) == []


@pytest.mark.parametrize(("each", "person", "language"), AS_THE_RIGHT_ONE)
async def test_whoever_may_is_answered_privately_in_their_language(stage, each, person, language):
    """And whatever the exercise says that it touches, it does; nobody else is called (T-23)."""
    stage = await stage(person, language)
    await each.run(stage)

    assert stage.refusals == []
    assert stage.notes.offered is None or stage.notes.offered
    assert each.touches - stage.notes.touched == set()
    assert stage.notes.shown <= stage.notes.touched
    assert [seen for seen in stage.notes.labels if not _is_described(*seen, stage)] == []
    await judged(stage)


def _is_described(name, label, stage):
    """Return whether a label is one that the page of commands has: of a form's part, too.

    Public ones are in the server's language.
    """
    known = {**things.BUTTONS, **things.MENUS, **things.FORMS}
    thing, _, part = name.partition(": ")
    sentences = [known[thing].parts[part]] if part else known[thing].names
    texts = [say.catalogue.gettext(each) for each in sentences for say in (stage.say, stage.public_say)]
    said = [re.sub(r"\\\{[a-z_]+\\\}", ".+", re.escape(each)) for each in texts]
    return any(re.fullmatch(f"{each}(?: .+)?", label) for each in said)


@pytest.mark.parametrize(("each", "person", "language"), AS_THE_WRONG_ONE)
async def test_whoever_may_not_is_refused_privately_in_their_language(stage, each, person, language):
    """With the reason, and nothing else; of another's film the one for what isn't there (T-26, T-27)."""
    stage = await stage(person, language)
    await each.run(stage)

    if each.wrong[person] in {NOTHING, SOMETHING}:
        assert bool(stage.notes.offered) == (each.wrong[person] == SOMETHING)
    else:
        assert [error.code for error in stage.refusals] == [each.wrong[person]]
    await judged(stage)


@pytest.mark.parametrize("each", FROM_ABROAD)
async def test_an_admin_of_another_server_neither_sees_nor_changes_this_one(stage, each):
    """Who gives the same command there, or presses the same button, decides about their own alone (T-27)."""
    stage = await stage("abroad", "en-US")
    await each.run(stage)
    said = " ".join(read(stage.notes.results))

    assert stage.before is not None
    assert state(stage) == stage.before
    secrets = {stage.words, stage.secret, *(row[0] for row in stage.before["generations"])}
    assert [each for each in secrets - stage.typed if each in said] == []


async def test_everything_has_its_exercise(home):
    """Every command, option, completion, menu entry, button and form; and no exercise outlives its thing."""
    touched = set().union(*(each.touches for each in EXERCISES))
    there = surface.surface(home.client)
    known = {name for name in touched if ": " not in name or name.startswith("/")}

    assert there - touched == set()
    assert known - there == set()


def test_every_entry_of_a_menu_has_its_exercise():
    """Those that are the same for everybody."""
    touched = set().union(*(each.touches for each in EXERCISES))
    there = {f"{menu}: {value}" for menu, values in ENTRIES.items() for value in values}

    assert there - touched == set()


async def test_everything_is_described(home):
    """Every button, menu and form has its line on the page of commands, and every part of a form."""
    touched = set().union(*(each.touches for each in EXERCISES))
    parts = {f"{form}: {part}" for form, thing in things.FORMS.items() for part in thing.parts}

    assert set(surface.items(home.client)) == {*things.BUTTONS, *things.MENUS}
    assert set(surface.forms(home.client)) == set(things.FORMS)
    assert {name for name in touched if ": " in name and name.split(":")[0] in things.FORMS} == parts
