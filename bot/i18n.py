"""Every sentence in the reader's language: a catalogue in `locales/`, else the source's English."""

from __future__ import annotations

import gettext
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Literal, TypeAlias

import structlog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

CATALOGUES = Path(__file__).parent / "locales"
ENGLISH = "en-US"
"""The source's own language, as Discord calls it."""

Kind: TypeAlias = Literal["command", "menu", "option", "choice"]
"""Of a name: of a slash command, of an entry in a right-click menu, of an option, of a choice."""

_LONGEST_NAME = 32
_LONGEST_TEXT = 100
"""Of a description, or of a choice."""

log = structlog.get_logger(__name__)


def later(text: str) -> str:
    """Mark a sentence of a table for translators; it is looked up when it is said."""
    return text


class _Facts(dict[str, object]):
    """A fact that a sentence wants and nobody gave reads as an ellipsis, rather than breaking the answer."""

    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Say:
    """Says sentences in one language. The sentence is always ours; only the facts may be somebody's text."""

    catalogue: gettext.NullTranslations

    def __call__(self, sentence: str, /, **facts: object) -> str:
        """Return the sentence with `{name}` filled in from `facts`."""
        return self.catalogue.gettext(sentence).format_map(_Facts(facts))

    def many(self, one: str, several: str, number: int, /, **facts: object) -> str:
        """Return the form that goes with `number`, which is also the fact `{number}`."""
        return self.catalogue.ngettext(one, several, number).format_map(_Facts(facts, number=number))

    def name(self, kind: Kind, name: str, /) -> str:
        """Return what Discord shows for a name in the command tree."""
        return self.catalogue.pgettext(kind, name)

    def command(self, names: str, /) -> str:
        """Return a command as its reader would type it: `/admin limits` from `admin limits`."""
        return "/" + " ".join(self.name("command", name) for name in names.split())


@lru_cache(maxsize=64)
def speaker(locale: str, catalogues: Path = CATALOGUES) -> Say:
    """Return the language for one of Discord's locales (`zh-CN`, `de`, …).

    `de.po` serves every locale of its language, `zh_CN.po` that one alone: its script or words may be
    foreign to the others. A catalogue that can't be read is as good as none, and the log says so.
    """
    names = [locale.replace("-", "_"), locale.partition("-")[0]]
    files = {path.stem: path for path in catalogues.glob("*.po")}
    found = next((files[name] for name in names if name in files), None)
    return Say(_read(found) if found else gettext.NullTranslations())


def languages(catalogues: Path = CATALOGUES) -> dict[str, str]:
    """Return the languages that there are: Discord's code for each, and what it calls itself."""
    codes = [path.stem.replace("_", "-") for path in sorted(catalogues.glob("*.po"))]
    named = {code: speaker(code, catalogues).catalogue.pgettext("language", "English") for code in codes}
    return {ENGLISH: "English"} | {code: name for code, name in named.items() if name != "English"}


def fits(text: str, kind: Kind | None = None) -> bool:
    """Return whether Discord takes a text as such a name, or as a description where `kind` is None.

    Its rules are in interactions/application-commands, "Application Command Naming"; Devanagari and Thai
    write vowels as marks, which count as letters.
    """
    if kind in {"command", "option"}:
        letters = all(character in "-_'" or _is_letter(character) for character in text)
        return letters and text == text.lower() and 1 <= len(text) <= _LONGEST_NAME
    return 1 <= len(text) <= (_LONGEST_NAME if kind == "menu" else _LONGEST_TEXT)


def _is_letter(character: str) -> bool:
    of_marks = unicodedata.name(character, "").startswith(("DEVANAGARI", "THAI"))
    return unicodedata.category(character)[0] in ("LNM" if of_marks else "LN")


def _read(path: Path) -> gettext.NullTranslations:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem, abort_invalid=True)
        _leave_out_unusable(catalogue)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return gettext.GNUTranslations(compiled)
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, people get their answers
        log.warning("catalogue can't be read", file=path.name, problem=f"{type(error).__name__}: {error}")
        return gettext.NullTranslations()


def _leave_out_unusable(catalogue: Catalog) -> None:
    """Drop what would break an answer, or show half of it in English."""
    for message in list(catalogue):
        if not message.id or not all(_forms(message.string)):
            complete = not message.id
        else:
            complete = has_same_facts(message)
            if not complete:
                log.warning("translation has other facts", language=str(catalogue.locale), text=message.id)
        if not complete:
            catalogue.delete(message.id, message.context)


def has_same_facts(message: Message) -> bool:
    """Return whether each form of the translation names no other `{facts}` than its sentence."""
    try:
        known = set().union(*map(_facts, _forms(message.id)))
        return all(_facts(form) <= known for form in _forms(message.string))
    except ValueError:  # a brace too many
        return False


def _facts(text: str) -> set[tuple[str, str | None, str | None]]:
    return {
        (name, form, conversion) for _, name, form, conversion in Formatter().parse(text) if name is not None
    }


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)
