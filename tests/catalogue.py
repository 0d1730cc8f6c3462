"""Brings every catalogue up to date with what is said: `make messages`.

Translations are kept, what is new is added without one, and what is no longer said is dropped, and told.
The order is that of the source, by file; there are no line numbers and no dates, so that a change of the
file is a change of what is said.
"""

import asyncio
import sys

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import escape, read_po

from bot.i18n import CATALOGUES
from tests.limits import limits_of
from tests.sentences import names, sources, spoken

HINTS = {
    "command": "Slash command: lower case, no spaces.",
    "option": "Option of a slash command: lower case, no spaces.",
    "menu": "Entry of the right-click menu.",
    "choice": "Choice of an option.",
    "language": "The language's own name for itself.",
}
TIGHT = 256
"""Limits up to here are told to translators; a sentence over a greater one is none."""


def everything():
    """Return all there is to translate, by file: the names of commands first, then as the source goes."""
    trees = sources()
    joined = {}
    for each in sorted([*asyncio.run(names()), *spoken(trees)], key=lambda each: each.files):
        kept = joined.setdefault((each.ids[0], each.context), each)
        kept.ids = max(kept.ids, each.ids, key=len)
        kept.limit = min((limit for limit in (kept.limit, each.limit) if limit), default=None)
        kept.files += [file for file in each.files if file not in kept.files]
    for text, limit in limits_of(trees).items():
        for each in [each for each in joined.values() if text in each.ids and each.context is None]:
            each.limit = min(limit, each.limit or limit)
    return list(joined.values())


def catalogue_of(path):
    """Read a catalogue as strictly as a test should."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def translation(catalogue, sentence):
    """Return the forms of a sentence's translation, empty where there is none."""
    found = catalogue.get(sentence.ids[0], sentence.context)
    given = found.string if found else ""
    forms = [given] if isinstance(given, str) else list(given)
    count = catalogue.num_plurals if len(sentence.ids) > 1 else 1
    return [*forms, *[""] * count][:count]


def written(catalogue, sentences, language):
    """Return the text of a catalogue that has these sentences."""
    comment = catalogue.header_comment
    if comment == Catalog(locale=language).header_comment:  # Babel's own words for a file that has none
        comment = (
            f"# {Locale.parse(language).english_name}. README.md beside this file tells how to translate."
        )
    head = [
        comment,
        'msgid ""',
        'msgstr ""',
        rf'"Language: {language}\n"',
        r'"MIME-Version: 1.0\n"',
        r'"Content-Type: text/plain; charset=utf-8\n"',
        r'"Content-Transfer-Encoding: 8bit\n"',
        rf'"Plural-Forms: {get_plural(language).plural_forms.rstrip(";")};\n"',
    ]
    entries = ["\n".join(_entry(catalogue, each)) for each in sentences]
    return "\n\n".join(["\n".join(head), *entries]) + "\n"


def _entry(catalogue, sentence):
    found = catalogue.get(sentence.ids[0], sentence.context)
    yield from (f"# {comment}".rstrip() for comment in (found.user_comments if found else ()))
    if sentence.context:
        yield f"#. {HINTS[sentence.context]}"
    if sentence.limit and sentence.limit <= TIGHT:
        yield f"#. {sentence.limit} characters at most."
    yield from (f"#: {file}" for file in sentence.files)
    if found and found.fuzzy:
        yield "#, fuzzy"
    if "{" in sentence.ids[0]:
        yield "#, python-brace-format"
    if sentence.context:
        yield f"msgctxt {escape(sentence.context)}"
    yield f"msgid {escape(sentence.ids[0])}"
    yield from (f"msgid_plural {escape(several)}" for several in sentence.ids[1:])
    for number, form in enumerate(translation(catalogue, sentence)):
        yield f"msgstr{f'[{number}]' if len(sentence.ids) > 1 else ''} {escape(form)}"


def update(path, sentences):
    """Bring one catalogue up to date; return what it lacks, and the translations that it has lost."""
    catalogue = catalogue_of(path)
    path.write_text(written(catalogue, sentences, path.stem), encoding="utf-8")
    kept = {(each.ids[0], each.context) for each in sentences}
    lost = [
        str(message.string)
        for message in catalogue
        if any(message.string) and (*_first(message.id), message.context) not in kept | {("", None)}
    ]
    return [each for each in sentences if not all(translation(catalogue, each))], lost


def _first(text):
    return [text] if isinstance(text, str) else text[:1]


def main(folder=CATALOGUES):
    """Bring all catalogues up to date, and tell what is left to do."""
    sentences = everything()
    for path in sorted(folder.glob("*.po")):
        lacking, lost = update(path, sentences)
        sys.stdout.write(f"{path.name}: {len(sentences)} sentences, {len(lacking)} without a translation\n")
        sys.stdout.writelines(f"  no longer said: {translation}\n" for translation in lost)


if __name__ == "__main__":
    main()
