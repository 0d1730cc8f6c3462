"""Laws of the tools for translators: what they find, and how they write it down."""

import ast

import pytest

from tests.catalogue import main, update
from tests.limits import limits_of
from tests.sentences import Sentence, is_code, patched, spoken

SOURCE = """
SHARED = later("From elsewhere")
TABLE = {"a": later("From a table"), "b": later("Another"), "c": SHARED}

def buttons(say, kind):
    words = say("Stop")
    words = f"{words} {kind}"
    yield Button(label=words[:80], custom_id=say("No text"))
    yield Button(label=say(TABLE[kind]))
    yield shown(say("Handed on") if kind else say("Or this"))
    yield discord.ui.TextInput[Modal](placeholder=say("Typed"), default=say("Free"))

def shown(label):
    return discord.ui.Button(label=label)

def rows(say):
    yield say("Title"), say("A long text"), True

class Menu(discord.ui.Select["View"]):
    def __init__(self, say):
        super().__init__(placeholder=say("Choose"))

def card(say):
    embed = discord.Embed(title=say("Card"), description=say("Long"))
    for title, value, inline in rows(say):
        embed.add_field(name=title, value=value[:1024], inline=inline)
    say("Title")
    say.many("{number} film", "{number} films", 2)
    catalogue.pgettext("language", "English")
    speaker(locale)("Spoken")
    print("Not said")
    app_commands.Choice(name=later("A choice"), value=1)
"""
PLAIN = Sentence(("Done.",), None, ["bot/a.py"])
NAME = Sentence(("video",), "command", ["bot/a.py", "bot/b.py"], 32)
MANY = Sentence(("{number} film", "{number} films"), None, ["bot/b.py"])


@pytest.fixture
def source():
    """Return a module with every way to say something."""
    return {"bot/example.py": ast.parse(SOURCE)}


def test_what_is_said_is_found(source):
    """In the order of the lines, with what it is the name of."""
    found = [(*each.ids, each.context) for each in spoken(source)]

    assert found[1:5] == [("From a table", None), ("Another", None), ("Stop", None), ("No text", None)]
    assert found[-3:] == [
        ("{number} film", "{number} films", None),
        ("English", "language"),
        ("Spoken", None),
    ]
    assert "Not said" not in str(found)
    assert "A choice" not in str(found)


def test_a_table_of_one_module_is_not_anothers(source):
    """What begins with an underscore is known in its own module alone."""
    source["bot/other.py"] = ast.parse('_WORDS = [later("Theirs")]\nWORDS = [later("For all")]')
    source["bot/mine.py"] = ast.parse(
        '_WORDS = [later("Mine")]\n'
        "def f(): Button(label=say(_WORDS[0]))\n"
        "def g(): Button(label=say(WORDS[0]))"
    )

    found = limits_of(source)
    assert [found.get(text) for text in ("Mine", "Theirs", "For all")] == [80, None, 80]


def test_limits_come_from_where_a_sentence_stands(source):
    """Through variables, parameters, tables, and loops over what a function yields."""
    assert limits_of(source) == {
        "A choice": 100,
        "Stop": 80,
        "From a table": 80,
        "Another": 80,
        "From elsewhere": 80,
        "Handed on": 80,
        "Or this": 80,
        "Typed": 100,
        "Choose": 150,
        "Card": 256,
        "Title": 256,
        "A long text": 1024,
    }


@pytest.mark.parametrize(
    "call", ['say(f"{a} b")', 'say("a" + b)', 'later("a" if b else "c")', 'x.say("%s" % a)']
)
def test_a_patched_sentence_is_found_out(call):
    """Extraction would miss it."""
    assert patched({"bot/a.py": ast.parse(call)}) == ["bot/a.py:1"]


@pytest.mark.parametrize(
    ("choice", "code"), [("16:9", True), ("maxapi", True), ("EvoLink", True), ("adaptive", False)]
)
def test_codes_are_not_translated(choice, code):
    """Figures and providers' names are the same everywhere."""
    assert is_code(choice) is code


def test_an_empty_file_becomes_a_catalogue(tmp_path):
    """With the plural forms of its language, and what translators must know."""
    path = tmp_path / "pl.po"
    path.touch()

    lacking, _ = update(path, [PLAIN, NAME, MANY])

    assert lacking == [PLAIN, NAME, MANY]
    text = path.read_text(encoding="utf-8")
    assert "# Polish." in text
    assert '"Plural-Forms: nplurals=3; plural=(n==1 ? 0' in text
    assert text.endswith(
        """
#. Slash command: lower case, no spaces.
#. 32 characters at most.
#: bot/a.py
#: bot/b.py
msgctxt "command"
msgid "video"
msgstr ""

#: bot/b.py
#, python-brace-format
msgid "{number} film"
msgid_plural "{number} films"
msgstr[0] ""
msgstr[1] ""
msgstr[2] ""
"""
    )


def test_what_is_translated_is_kept(tmp_path):
    """With its comments; what is no longer said goes, and is told."""
    path = tmp_path / "de.po"
    path.write_text(
        '# For friends of film.\nmsgid ""\nmsgstr ""\n\n'
        'msgid "Gone"\nmsgstr "Fort"\n\n'
        '# It is over.\nmsgid "Done."\nmsgstr "Fer\\"tig\\\\.\\n"\n',
        encoding="utf-8",
    )

    lacking, lost = update(path, [NAME, PLAIN])

    assert (lacking, lost) == ([NAME], ["Fort"])
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# For friends of film.\nmsgid")
    assert text.endswith('# It is over.\n#: bot/a.py\nmsgid "Done."\nmsgstr "Fer\\"tig\\\\.\\n"\n')


def test_writing_twice_changes_nothing(tmp_path):
    """No dates, no line numbers, one order."""
    path = tmp_path / "fr.po"
    path.write_text('#, fuzzy\nmsgid "Done."\nmsgstr "Fini."\n', encoding="utf-8")
    update(path, [PLAIN, MANY])
    first = path.read_bytes()
    update(path, [PLAIN, MANY])

    assert path.read_bytes() == first


def test_a_sentence_that_gets_a_number_keeps_its_translation(tmp_path):
    """As the first form; and the other way round."""
    path = tmp_path / "de.po"
    path.write_text('msgid "{number} film"\nmsgstr "{number} Film"\n', encoding="utf-8")
    update(path, [MANY])
    assert 'msgstr[0] "{number} Film"\nmsgstr[1] ""' in path.read_text(encoding="utf-8")

    update(path, [Sentence(("{number} film",), None, ["bot/b.py"])])
    assert 'msgid "{number} film"\nmsgstr "{number} Film"' in path.read_text(encoding="utf-8")


def test_the_command_tells_what_is_left_to_do(tmp_path, capsys):
    """Language by language."""
    (tmp_path / "de.po").write_text('msgid "Gone"\nmsgstr "Fort"\n', encoding="utf-8")

    main(tmp_path)

    said = capsys.readouterr().out
    assert said.startswith("de.po: ")
    assert said.endswith("without a translation\n  no longer said: Fort\n")
