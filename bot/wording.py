"""A server's forbidden words found in what people write, however they dress them up.

A text is read in two ways: *plain* (compatibility forms, case and unseen characters settled) and *normalised*
(accents and look-alike letters settled too). Words are looked for in the normalised text, also written with
digits and signs for letters ("b4d", "b@d"), stretched ("baaad"), cut by markdown ("b**a**d") or spelled out
("b a d", "b.a.d"). Patterns are tried on both readings. What is allowed is looked for in the plain text, so
an allowed "año" excuses nothing but "año".

All matching of rules is done by RE2, whose time grows with the length of the text and the size of the pattern
and never faster: there is no pattern that hangs, so none that has to count as a match or as none for want of
time. What it costs is looking around and back-references, which RE2 doesn't have.
"""

from __future__ import annotations

import re
import sys
import timeit
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Protocol

import re2

from bot.disguises import SIGN_ROW, is_honest, marked, normalised, plain, scripts
from bot.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_PATTERN = 200
"""Characters in a pattern as the admin writes it."""
LARGEST_PROGRAM = 1_500
"""Steps that a pattern may have once RE2 has compiled it: with the text's length, the bound of its time."""
LONGEST_TRIAL = 0.010
"""Seconds that a pattern may take for a text of the worst kind: almost all take less than a tenth of it."""
_TRIAL_TEXTS = ("a" * 6_000, "ab" * 3_000, "世界a" * 2_000, "é ü ab" * 1_000, "0 1." * 1_500)
_MOST_EXCUSES = 2_000
"""Matches that are looked at in one text, and places of allowed phrases. Nobody writes a text with more."""
_PATTERN_MEMORY = 2 << 20
"""Bytes: RE2 takes them only as far as it needs them."""
_BATCH = 1_000
"""Letters of the words that one pattern finds."""

_SIGNS_FOR = {
    "a": "4@", "b": "8", "e": "3", "g": "69", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+", "z": "2",
}  # fmt: skip
_LETTERS = r"0-9A-Za-z\x80-\x{EFFFF}"
_SIGNS = r"\x00-/:-@\[-`{-\x7f\x{F0000}-\x{10FFFF}"
_UNSPACED = (
    r"\x{E00}-\x{EFF}\x{F00}-\x{109F}\x{1780}-\x{17FF}\x{3040}-\x{30FF}\x{3400}-\x{9FFF}\x{20000}-\x{3FFFF}"
)
"""Thai, Lao, Tibetan, Myanmar, Khmer, kana and Han have no spaces between words: any place may be an edge."""
_MARKDOWN = r"[*~`^|\\]*"
_SPELLING = rf"[\s._\-*~`/|\\+\x{{{SIGN_ROW + 0xB7:X}}}\x{{{SIGN_ROW + 0x2022:X}}}]{{1,3}}"
_SHORTEST_SPELLED = 3
"""Letters of a word of a spaced script that is also caught spelled out: "a s" is no "as"."""
_TOKENS = re.compile(
    r"\[:\^?\w+:\]|\\p\{[^}]*\}|\\x\{[0-9A-Fa-f]{1,6}\}|\\.|\[\^?\]?|\]|[^\x00-\x7f]", re.DOTALL
)
"""Of a pattern: what is written otherwise for RE2, and what says whether that is inside brackets."""
_CLASSES = {"w": f"_{_LETTERS}", "d": r"\p{Nd}"}
_BARE = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_NOTHING = r"[^\x00-\x{10FFFF}]"
_EDGE = rf"(?:\b|^|$|[{_SIGNS}])"


@dataclass(frozen=True, slots=True)
class WordRules:
    """What a server forbids in prompts. Stored as JSON.

    Words are found as whole words. A `*` at the beginning or the end of one stands for any letters that go on
    there: `bad*` also finds "badly". In scripts without spaces (Chinese, Japanese, Thai, …) a word is found
    anywhere. Signs for letters count only beside a true letter: "a55" is found, "455" is a number.
    """

    words: tuple[str, ...] = ()
    """Plain words or phrases."""
    patterns: tuple[str, ...] = ()
    """Regular expressions as RE2 has them, in any case, with `\\w`, `\\d`, `\\b` for all scripts."""
    allowed: tuple[str, ...] = ()
    """Words or phrases, `*` as above, that are fine although something in them matches."""


def culprit(text: str, rules: WordRules) -> str | None:
    """Return the first rule that the text breaks, as the admin wrote it, words before patterns; or `None`.

    A match inside an allowed phrase doesn't count, and neither does a word of one script that only looks like
    a forbidden one of another, in a text truly written in its own: "рот" in Russian, with "pot" forbidden.
    A pattern that RE2 can't read is passed over: `check_pattern` is the place to say so.

    Takes some milliseconds; the first time with 500 words a tenth of a second; and with a list made for
    slowness a second or more: other threads run meanwhile, so call it from one of its own.
    """
    if not (rules.words or rules.patterns):
        return None
    reading = _Reading(text, rules.allowed)
    budget = iter(range(_MOST_EXCUSES))
    return next(chain(_broken_words(reading, rules, budget), _broken_patterns(reading, rules, budget)), None)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that is too long or large, can't be read, or matches every text."""
    if len(pattern) > LONGEST_PATTERN:
        raise RequestRefused("pattern_long", length=len(pattern), most=LONGEST_PATTERN)
    compiled = _compiled_pattern(pattern)
    if compiled is None:
        raise RequestRefused("pattern_unreadable", value=pattern)
    size = max(compiled.programsize, compiled.reverseprogramsize)
    if size > LARGEST_PROGRAM or any(_trial(compiled, text) > LONGEST_TRIAL for text in _TRIAL_TEXTS):
        raise RequestRefused("pattern_large", value=pattern)
    if compiled.search("") or compiled.fullmatch(" "):
        raise RequestRefused("pattern_of_everything", value=pattern)


class _Found(Protocol):
    def span(self, group: int = 0) -> tuple[int, int]: ...


class _Compiled(Protocol):
    """What is used of RE2's patterns, whose package has no types."""

    @property
    def programsize(self) -> int: ...
    @property
    def reverseprogramsize(self) -> int: ...
    def search(self, text: str, pos: int = 0) -> _Found | None: ...
    def fullmatch(self, text: str) -> _Found | None: ...


class _Reading:
    """One text with its readings, and where they lie in one another."""

    def __init__(self, text: str, allowed: tuple[str, ...]) -> None:
        self.plain = plain(text)
        self.normalised = normalised(self.plain)
        self._allowed = allowed

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """For each character of the normalised text, from where to where it lies in the plain one."""
        places: list[tuple[int, int]] = []
        for found in re.finditer(r"[^ ]+", self.plain):
            pieces = [letter if letter.isascii() else _normalised_letter(letter) for letter in found[0]]
            whole = normalised(found[0])
            if whole and places:
                places.append((found.start() - 1, found.start()))
            if "".join(pieces) == whole:
                own = ((found.start() + place, len(piece)) for place, piece in enumerate(pieces))
                places += [(start, start + 1) for start, length in own for _ in range(length)]
            else:
                places += [found.span()] * len(whole)
        return places

    @cached_property
    def _excused_to(self) -> list[int]:
        """For each place of the plain text, where the allowed phrase ends that begins there or before."""
        ends = [0] * (len(self.plain) + 1)
        phrases = filter(None, map(_compiled_phrase, self._allowed))
        text = marked(self.plain)
        found = chain.from_iterable(_occurrences(phrase, text, group=1) for phrase in phrases)
        for start, end in islice(found, _MOST_EXCUSES):
            ends[start] = max(ends[start], end)
        for before, place in pairwise(range(len(ends))):
            ends[place] = max(ends[before], ends[place])
        return ends

    def in_plain(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the normalised text lies in the plain one."""
        if start == end:
            return (0, 0)
        return self.places[start][0], self.places[end - 1][1]

    def excused(self, start: int, end: int) -> bool:
        """Return whether a part of the plain text lies inside an allowed phrase."""
        return self._excused_to[start] >= end

    @cached_property
    def _words_by_script(self) -> Counter[str]:
        """How many words are honestly of one script, by script, and under no name how many there are."""
        return _census(self.plain)

    def foreign(self, word: str, start: int, end: int) -> bool:
        """Return whether a part of the plain text is an honest word of another script than `word`.

        It is when all of it is of one script, and a third of the other words are surely of that one too.
        """
        own = self.plain[start:end]
        written_in = scripts(own)
        if len(written_in) != 1 or written_in & scripts(word):
            return False
        others = self._words_by_script - _census(own)
        honest = others[written_in.pop()]
        return honest > 0 and 3 * honest >= others[""]


def _trial(compiled: _Compiled, text: str) -> float:
    """Return the seconds that a search takes: the best of three, as the machine may be busy."""
    return min(timeit.repeat(lambda: compiled.search(text), repeat=3, number=1))


def _broken_words(reading: _Reading, rules: WordRules, budget: Iterator[int]) -> Iterator[str]:
    text = marked(reading.normalised)
    likely = (words for words in _batches(rules.words) if _may_be_in(text, words))
    for word in chain.from_iterable(likely):
        compiled = _compiled_word(word)
        spans = _occurrences(compiled, text, group=1) if compiled else ()
        wanted = plain(word)
        for span in spans:
            found = reading.in_plain(*span)
            number = _has_letter(wanted) and not _has_letter(reading.normalised[slice(*span)])
            innocent = number or reading.excused(*found) or reading.foreign(wanted, *found)
            if not innocent or next(budget, None) is None:
                yield word
                break


def _batches(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the words in batches that RE2 compiles in some milliseconds: no other thread runs meanwhile."""
    batch: tuple[str, ...] = ()
    for word in dict.fromkeys(words):
        if sum(map(len, batch)) + len(word) > _BATCH:
            yield batch
            batch = ()
        batch += (word,)
    yield batch


def _may_be_in(text: str, words: tuple[str, ...]) -> bool:
    any_word = _any_word(words)
    return any_word is None or bool(any_word.search(text))


def _broken_patterns(reading: _Reading, rules: WordRules, budget: Iterator[int]) -> Iterator[str]:
    as_written, folded = marked(reading.plain), marked(reading.normalised)
    for pattern in rules.patterns:
        compiled = _compiled_pattern(pattern)
        if compiled is None:
            continue
        spans = _occurrences(compiled, as_written)
        if folded != as_written:
            found = _occurrences(compiled, folded)
            spans = chain(spans, (reading.in_plain(*span) for span in found))
        for span in spans:
            if not reading.excused(*span) or next(budget, None) is None:
                yield pattern
                break


@lru_cache(maxsize=4_096)
def _normalised_letter(letter: str) -> str:
    return normalised(letter)


def _has_letter(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _census(text: str) -> Counter[str]:
    words = [word for word in text.split() if _has_letter(word)]
    return Counter({"": len(words)}) + Counter(scripts(word).pop() for word in words if is_honest(word))


def _occurrences(compiled: _Compiled, text: str, *, group: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where the pattern matches: a group of it wherever one begins, or all of it one after another.

    A whole match is without the signs around it, which an edge may have taken in.
    """
    place = 0
    while found := compiled.search(text, place):
        start, end = found.span(group)
        if group == 0 and (bare := _BARE.search(text, start, end)):
            start, end = bare.span()
        yield start, end
        place = max(place + 1, start + 1 if group else end)


@lru_cache(maxsize=1_024)
def _any_word(words: tuple[str, ...]) -> _Compiled | None:
    """Return a pattern that finds any of the words, for the most frequent answer: none."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for left, core, right in filter(None, map(_word_pattern, words)):
        alike[left, right].append(core)
    every = "|".join(f"{left}(?:{'|'.join(cores)}){right}" for (left, right), cores in alike.items())
    return _compiled(every or _NOTHING, _PATTERN_MEMORY)


@lru_cache(maxsize=4_096)
def _compiled_word(word: str) -> _Compiled | None:
    return _compiled("".join(_word_pattern(word) or _NOTHING), _PATTERN_MEMORY)


@lru_cache(maxsize=4_096)
def _compiled_phrase(phrase: str) -> _Compiled | None:
    return _compiled("".join(_phrase_pattern(phrase) or _NOTHING), _PATTERN_MEMORY)


@lru_cache(maxsize=1_024)
def _compiled_pattern(pattern: str) -> _Compiled | None:
    return _compiled(_for_re2(pattern), _PATTERN_MEMORY, cased=False)


def _compiled(pattern: str, memory: int, *, cased: bool = True) -> _Compiled | None:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.case_sensitive = cased
    try:
        compiled: _Compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeError):
        return None
    finally:
        re2.purge()  # it would keep them a second time, and too many
    return compiled


def _word_pattern(word: str) -> tuple[str, str, str] | None:
    """Return the pattern of a forbidden word in all its disguises, with its edges, or `None` for no word."""
    written = marked(normalised(word))
    core = written.strip("* ")
    parts = [_MARKDOWN.join(map(_dressed, part)) for part in core.split()]
    letters = core.replace(" ", "")
    ways = [f"[{_SIGNS}]+".join(parts)]
    if len(letters) >= _SHORTEST_SPELLED or (len(letters) > 1 and all(map(_is_unspaced, letters))):
        ways.append(_SPELLING.join(map(_signed, letters)))
    return _edged(written, core, "|".join(ways))


def _phrase_pattern(phrase: str) -> tuple[str, str, str] | None:
    """Return the pattern of an allowed phrase just as it is written, and of its edges."""
    written = marked(plain(phrase))
    core = written.strip("* ")
    return _edged(written, core, f"[{_SIGNS}]+".join(map(re2.escape, core.split())))


def _edged(written: str, core: str, pattern: str) -> tuple[str, str, str] | None:
    if not core:
        return None
    left = f"(?:^|[{_SIGNS}{_UNSPACED}])" if _has_edge(core[0]) else ""
    right = f"(?:$|[{_SIGNS}{_UNSPACED}])" if _has_edge(core[-1]) else ""
    before = f"[{_LETTERS}]*" if written.startswith("*") else ""
    after = f"[{_LETTERS}]*" if written.endswith("*") else ""
    return f"{left}({before}", f"(?:{pattern})", f"{after}){right}"


def _has_edge(letter: str) -> bool:
    """Return whether a word may not go on beside this letter of it."""
    return unicodedata.category(letter)[0] in "LMN" and not _is_unspaced(letter)


@lru_cache(maxsize=4_096)
def _is_unspaced(letter: str) -> bool:
    return re2.fullmatch(f"[{_UNSPACED}]", letter) is not None


@lru_cache(maxsize=4_096)
def _signed(letter: str) -> str:
    """Return what may stand for one letter of a word: itself or a sign for it."""
    return f"[{re2.escape(letter + _SIGNS_FOR.get(letter, ''))}]"


def _dressed(letter: str) -> str:
    """Return what may stand for one letter of a word, once or, stretched, three times and more."""
    one = _signed(letter)
    return f"{one}(?:{one}{one}+)?" if letter.isalpha() and not _is_unspaced(letter) else one


def _for_re2(pattern: str) -> str:
    """Return an admin's pattern with classes for all scripts and its letters as a marked plain text has."""
    inside = False
    pieces = []
    place = 0
    pattern = unicodedata.normalize("NFC", pattern)
    for found in _TOKENS.finditer(pattern):
        piece = found[0]
        pieces += [pattern[place : found.start()], _rewritten(piece, inside=inside)]
        place = found.end()
        if piece[0] == "[" and piece[1:2] != ":":
            inside = not (inside and piece.endswith("]"))
        elif piece == "]":
            inside = False
    return "".join(pieces) + pattern[place:]


def _rewritten(piece: str, *, inside: bool) -> str:
    if not piece.isascii():
        return " " if piece[-1].isspace() else re2.escape(marked(plain(piece[-1])))
    if piece.startswith(r"\x{") and (code := int(piece[3:-1], 16)) <= sys.maxunicode:
        return f"\\x{{{ord(marked(chr(code))):X}}}"
    letters = _CLASSES.get(piece[1:].lower()) if piece[0] == "\\" else None
    if letters and piece[1].islower():
        return letters if inside else f"[{letters}]"
    if letters and not inside:
        return f"[^{letters}]"
    return _EDGE if piece == r"\b" and not inside else piece
