"""Laws of `bot/locales`: every language says everything, says the same, and fits where it stands."""

import re
from collections import Counter
from functools import cache
from string import Formatter

import pytest
from babel.messages.plurals import get_plural

from bot.errors import RequestRefused
from bot.i18n import CATALOGUES, fits, languages, speaker
from bot.messages import words_for
from bot.messages.phrases import STATES
from bot.messages.refusals import SENTENCES
from bot.messages.text import width
from tests.catalogue import catalogue_of, everything, translation, written
from tests.sentences import patched, sources

FILES = sorted(CATALOGUES.glob("*.po"))
IN_BACKTICKS = re.compile(r"`([^`{}]+)`")
MARKS = re.compile(r"\*\*|`|~~|\n|\]\(|^-# |^> |^- ", re.MULTILINE)

each_language = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def sentences():
    """Return all there is to translate."""
    return everything()


def told(sentence):
    """Return a sentence as whoever is to mend it looks for it."""
    return f"{sentence.files[0]}: {sentence.context or ''} {sentence.ids[0]!r}"


def pairs(path):
    """Return every sentence with each form of its translation, where it has one."""
    catalogue = catalogue_of(path)
    return [(each, form) for each in sentences() for form in translation(catalogue, each) if form]


@each_language
def test_every_sentence_is_translated(path):
    """`make messages` adds the new ones; whoever speaks the language fills them in."""
    catalogue = catalogue_of(path)

    assert [told(each) for each in sentences() if not all(translation(catalogue, each))] == []


@each_language
def test_nothing_is_translated_that_nobody_says(path):
    """`make messages` drops it."""
    known = {(each.ids[0], each.context) for each in sentences()}
    listed = [
        (message.id[0] if message.pluralizable else message.id, message.context)
        for message in catalogue_of(path)
        if message.id
    ]

    assert [key for key in listed if key not in known] == []


@each_language
def test_a_catalogue_is_as_the_command_writes_it(path):
    """In one order, with one header, and no guess of a tool: `make messages` would change nothing."""
    catalogue = catalogue_of(path)

    assert written(catalogue, sentences(), path.stem) == path.read_text(encoding="utf-8")
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


@each_language
def test_a_translation_has_the_same_facts(path):
    """Each `{name}` of the sentence once or more, and no other."""

    def facts(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert [
        told(each)
        for each, form in pairs(path)
        if facts(form) - facts("".join(each.ids)) or (len(each.ids) == 1 and facts(each.ids[0]) - facts(form))
    ] == []


@each_language
def test_a_translation_is_formatted_alike(path):
    """Bold stays bold, code stays code, and a line ends where it ended."""
    assert [
        told(each)
        for each, form in pairs(path)
        if Counter(MARKS.findall(form)) != Counter(MARKS.findall(each.ids[-1]))
    ] == []


@each_language
def test_numbers_have_as_many_forms_as_the_language(path):
    """As its header says, and as the language has."""
    count = get_plural(path.stem).num_plurals
    numbered = [message for message in catalogue_of(path) if message.pluralizable]

    assert numbered
    assert {len(message.string) for message in numbered} == {count}
    assert catalogue_of(path).num_plurals == count


@each_language
def test_every_name_is_one_for_discord(path):
    """Else the whole registration of commands would be refused."""
    names = [(each, form) for each, form in pairs(path) if each.context not in {None, "language"}]

    assert names
    assert [told(each) for each, form in names if not fits(form, each.context)] == []


@each_language
def test_every_text_fits_where_it_stands(path):
    """On its button, in its title, as its description."""
    tight = [(each, form) for each, form in pairs(path) if each.limit]

    assert tight
    assert [
        f"{told(each)}: {width(form)} > {each.limit}" for each, form in tight if width(form) > each.limit
    ] == []


def test_every_english_text_fits_where_it_stands():
    """The source's own language too."""
    tight = [(text, each.limit) for each in sentences() if each.limit for text in each.ids]

    assert [f"{text!r}: {width(text)} > {limit}" for text, limit in tight if width(text) > limit] == []


@each_language
def test_commands_and_options_are_called_what_they_are_named(path):
    """Whoever reads of a command finds it under that name."""
    say = speaker(path.stem.replace("_", "-"))
    commands, options = (
        {each.ids[0] for each in sentences() if each.context == kind} for kind in ("command", "option")
    )

    def localised(code):
        if not code.startswith("/"):
            return say.name("option", code) if code in options else code
        words = code[1:].split(" ")
        return "/" + " ".join(say.name("command", word) if word in commands else word for word in words)

    wrong = []
    for each, form in pairs(path):
        wanted = Counter(localised(code) for code in IN_BACKTICKS.findall(each.ids[-1]))
        if wanted != Counter(IN_BACKTICKS.findall(form)):
            wrong.append(f"{told(each)} should speak of {', '.join(wanted)}")
    assert wrong == []


@each_language
def test_every_catalogue_can_be_chosen(path):
    """It tells the language's own name."""
    assert path.stem.replace("_", "-") in languages()


def test_a_refused_option_has_its_shown_name():
    """Its name comes as a fact, so no translator can have named it."""
    error = RequestRefused("ratio", option="ratio", value="2:1", allowed=("16:9",))

    assert "`画面比例` 不能是 `2:1`" in words_for(error, "zh-CN")


def test_no_sentence_is_put_together_where_it_is_said():
    """Half a sentence can't be found, nor translated."""
    assert patched(sources()) == []


def test_tables_and_answers_are_found():
    """What the tools find has what we know to be there."""
    said = {text for each in sentences() for text in each.ids}

    assert {*SENTENCES.values(), *STATES.values(), "Cancel", "{number} videos"} <= said
    assert {each.context for each in sentences()} >= {None, "command", "option", "choice", "language"}
