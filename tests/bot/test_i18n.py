"""Laws of `bot.i18n`."""

import gettext
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.i18n import Say, fits, languages, later, speaker

ROOT = Path(__file__).parents[2]
GERMAN = """
# What a translator should know.
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Done."
msgstr "Fertig."

msgid "Hello {name}."
msgstr "Hallo {name}."

msgid "{number} video"
msgid_plural "{number} videos"
msgstr[0] "{number} Film"
msgstr[1] "{number} Filme"

msgctxt "command"
msgid "video"
msgstr "film"

msgid "Half"
msgid_plural "Halves"
msgstr[0] "Hälfte"
msgstr[1] ""

#, fuzzy
msgid "Queued."
msgstr "Vielleicht."

msgid "Sent to {provider}."
msgstr "An {anbieter} gesandt."

msgid "{who} is here."
msgstr "{who.__class__} ist hier."

msgid "{count} left."
msgstr "Noch {count."

msgctxt "language"
msgid "English"
msgstr "Deutsch"
"""


@pytest.fixture
def catalogues(tmp_path):
    """Return a folder with one language in it."""
    (tmp_path / "de.po").write_text(GERMAN, encoding="utf-8")
    return tmp_path


def test_a_sentence_appears_in_the_readers_language(catalogues):
    """With its facts filled in."""
    say = speaker("de", catalogues)

    assert say("Hello {name}.", name="Ann") == "Hallo Ann."


@pytest.mark.parametrize(("number", "words"), [(1, "1 Film"), (2, "2 Filme")])
def test_numbers_have_their_forms(catalogues, number, words):
    """One and several."""
    assert speaker("de", catalogues).many("{number} video", "{number} videos", number) == words


def test_a_name_is_not_the_same_word_in_a_sentence(catalogues):
    """What Discord shows for a command is looked up apart."""
    say = speaker("de", catalogues)

    assert (say.name("command", "video"), say.name("option", "video"), say("video")) == (
        "film",
        "video",
        "video",
    )


def test_a_command_is_told_as_it_is_typed(catalogues):
    """Each of its words by its name in the language, where it has one."""
    assert speaker("de", catalogues).command("video make") == "/film make"


@pytest.mark.parametrize("locale", ["de-AT", "de"])
def test_a_language_serves_all_its_regions(catalogues, locale):
    """Discord's codes may say more than a catalogue does."""
    assert speaker(locale, catalogues)("Done.") == "Fertig."


@pytest.mark.parametrize(("locale", "words"), [("pt-BR", "Pronto."), ("pt-PT", "Done."), ("pt", "Done.")])
def test_a_region_serves_itself_alone(tmp_path, locale, words):
    """Simplified Chinese isn't what readers of Traditional Chinese expect: they get English."""
    (tmp_path / "pt_BR.po").write_text('msgid "Done."\nmsgstr "Pronto."\n', encoding="utf-8")

    assert speaker(locale, tmp_path)("Done.") == words


def test_simplified_chinese_is_there():
    """And is served as such: Traditional Chinese is another file."""
    assert speaker("zh-CN")("Cancel") == "取消"
    assert speaker("zh-TW")("Cancel") == "Cancel"


@pytest.mark.parametrize("locale", ["fr", "", "../../etc/passwd", "/de", "d*"])
def test_a_language_without_a_catalogue_is_english(catalogues, locale):
    """Nobody is left without an answer, and nothing but a catalogue's name finds it."""
    assert speaker(locale, catalogues)("Done.") == "Done."


@pytest.mark.parametrize("sentence", ["Parked.", "Queued."])
def test_a_sentence_without_a_sure_translation_is_english(catalogues, sentence):
    """A new sentence appears before its translation, and a guess of a tool is none."""
    assert speaker("de", catalogues)(sentence) == sentence


def test_half_a_translation_is_none(catalogues):
    """All forms of a number, or English in all of them."""
    say = speaker("de", catalogues)

    assert [say.many("Half", "Halves", number) for number in (1, 2)] == ["Half", "Halves"]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Sent to {provider}.", "Sent to A."),
        ("{who} is here.", "A is here."),
        ("{count} left.", "A left."),
    ],
)
def test_a_translation_with_other_facts_is_not_used(catalogues, sentence, said):
    """A wrong name, a look inside, a brace left open: English, and the log names the sentence."""
    with capture_logs() as logs:
        say = speaker("de", catalogues)

    assert say(sentence, provider="A", who="A", count="A") == said
    assert sentence in [line.get("text") for line in logs]


BROKEN = {
    "no catalogue at all": b"<html>",
    "a string without its message": b'"Done."\n',
    "no translation": b'msgid "Done."\n',
    "not UTF-8": b'msgid "Done."\nmsgstr "\xff"\n',
    "plural forms that count nothing": b'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=x; plural=0;\\n"\n',
    "plural forms that run code": (
        b'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=__import__(n);\\n"\n'
    ),
    "more forms than there are": (
        b'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "1"\nmsgstr[1] "2"\nmsgstr[7] "3"\n'
    ),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_catalogue_is_english(tmp_path, content, capsys):
    """It takes nobody's answer: the log says what is wrong with which file, and only the log."""
    (tmp_path / "de.po").write_bytes(content)

    with capture_logs() as logs:
        say = speaker("de", tmp_path)

    assert say("Done.") == "Done."
    assert [(line["event"], line["file"]) for line in logs] == [("catalogue can't be read", "de.po")]
    assert capsys.readouterr().out == ""


def test_a_catalogue_is_read_once(catalogues):
    """Every answer asks for its language."""
    assert speaker("de", catalogues) is speaker("de", catalogues)


def test_languages_call_themselves_by_their_own_names(catalogues):
    """English is always there; a catalogue that can't be read, or doesn't say its name, is none."""
    (catalogues / "fr.po").write_bytes(BROKEN["no translation"])

    assert languages(catalogues) == {"en-US": "English", "de": "Deutsch"}


def test_what_is_shipped_can_be_chosen():
    """By those who speak it."""
    assert languages()["zh-CN"] == "简体中文"


@pytest.mark.parametrize(
    ("text", "kind", "fitting"),
    [
        ("视频", "command", True),
        ("last_image", "option", True),
        ("วิดีโอ", "command", True),
        ("वीडियो", "command", True),
        ("Video", "command", False),
        ("é" + "\u0301", "option", False),
        ("my video", "option", False),
        ("视频！", "command", False),
        ("", "command", False),
        ("x" * 33, "option", False),
        ("Use as reference", "menu", True),
        ("x" * 33, "menu", False),
        ("21:9, the widest", "choice", True),
        ("x" * 101, "choice", False),
        ("x" * 100, None, True),
        ("x" * 101, None, False),
    ],
)
def test_names_keep_to_discords_rules(text, kind, fitting):
    """Letters of any script, lower case where there is a case, and no longer than shown."""
    assert fits(text, kind) is fitting


def test_a_missing_fact_is_an_ellipsis():
    """A forgotten fact breaks no answer."""
    assert Say(gettext.NullTranslations())("Hello {nobody}.") == "Hello …."


def test_facts_are_never_read_as_sentences():
    """Braces in somebody's text stay braces."""
    assert (
        Say(gettext.NullTranslations())("Hello {name}.", name="{name.__class__}") == "Hello {name.__class__}."
    )


def test_a_marked_sentence_is_itself():
    """Marking is for translators, and changes nothing."""
    assert later("Done.") == "Done."


def test_catalogues_are_in_the_wheel(tmp_path):
    """And nothing compiled beside them: what was installed speaks as what was checked out."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "cogs", tmp_path / "cogs", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    build = [
        sys.executable,
        "-c",
        "import setuptools.build_meta as build; print(build.build_wheel('.'))",
    ]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)

    names = zipfile.ZipFile(tmp_path / done.stdout.split()[-1]).namelist()
    assert "bot/locales/zh_CN.po" in names
    assert [name for name in names if name.endswith((".mo", ".pot"))] == []
