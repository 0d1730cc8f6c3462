"""Laws of `bot.i18n`."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from bot.i18n import Say, later, speaker
from bot.messages.phrases import STATES as OF_STATES
from bot.messages.refusals import SENTENCES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def catalogues(tmp_path):
    """Return a folder with one language in it."""
    catalogue = Catalog(locale="de")
    catalogue.add("Done.", "Fertig.")
    catalogue.add("Hello {name}.", "Hallo {name}.")
    catalogue.add(("{number} video", "{number} videos"), ("{number} Film", "{number} Filme"))
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "matinee.mo").open("wb") as file:
        write_mo(file, catalogue)
    return tmp_path


def test_a_sentence_appears_in_the_readers_language(catalogues):
    """With its facts filled in."""
    say = speaker("de", catalogues)

    assert say("Hello {name}.", name="Ann") == "Hallo Ann."


@pytest.mark.parametrize(("number", "words"), [(1, "1 Film"), (2, "2 Filme")])
def test_numbers_have_their_forms(catalogues, number, words):
    """One and several."""
    assert speaker("de", catalogues).many("{number} video", "{number} videos", number) == words


@pytest.mark.parametrize("locale", ["de-AT", "de"])
def test_a_region_finds_its_language(catalogues, locale):
    """Discord's codes may say more than a catalogue does."""
    assert speaker(locale, catalogues)("Done.") == "Fertig."


def test_a_language_without_a_catalogue_is_english(catalogues):
    """Nobody is left without an answer."""
    assert speaker("fr", catalogues)("Done.") == "Done."


def test_a_sentence_without_a_translation_is_english(catalogues):
    """A new sentence appears before its translation."""
    assert speaker("de", catalogues)("Queued.") == "Queued."


def test_a_missing_fact_is_an_ellipsis():
    """A forgotten fact, or a translation with a wrong name, breaks no answer."""
    assert Say(gettext.NullTranslations())("Hello {nobody}.") == "Hello …."


def test_facts_are_never_read_as_sentences():
    """Braces in somebody's text stay braces."""
    assert (
        Say(gettext.NullTranslations())("Hello {name}.", name="{name.__class__}") == "Hello {name.__class__}."
    )


def said_in(path):
    """Return every literal with which anything is called that says or marks."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if re.fullmatch(r"say|later|say\.many|(.*\.)?(say_to|speaker)\(.*\)", called):
                yield node.args[0].value


def test_every_sentence_can_be_found_by_translators():
    """Each one is a literal where it is said or marked, so that extraction misses none."""
    options = {"keywords": {"say": None, "many": (1, 2), "later": None}}
    found = set()
    for folder in ("bot", "cogs"):
        for _, _, sentence, _, _ in extract_from_dir(
            ROOT / folder, method_map=[("**.py", "python")], **options
        ):
            found.update([sentence] if isinstance(sentence, str) else sentence)

    said = {
        text for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py") for text in said_in(path)
    }
    assert "Cancel" in said
    assert {*SENTENCES.values(), *OF_STATES.values(), *said, "{number} video"} - found == set()


def test_a_marked_sentence_is_itself():
    """Marking is for translators, and changes nothing."""
    assert later("Done.") == "Done."
