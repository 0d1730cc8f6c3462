"""Every sentence in the reader's language: gettext catalogues in `locales/`, else the source's English."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CATALOGUES = Path(__file__).parent / "locales"


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


@lru_cache(maxsize=64)
def speaker(locale: str, catalogues: Path = CATALOGUES) -> Say:
    """Return the language for one of Discord's locales (`zh-CN`, `de`, …)."""
    names = [locale.replace("-", "_"), locale.split("-", maxsplit=1)[0]]
    return Say(gettext.translation("matinee", catalogues, languages=names, fallback=True))
