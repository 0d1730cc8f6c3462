"""One text in the forms in which it is compared, whatever its letters are dressed up as."""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile("[\\s\u115f\u1160\u2800\u3164\uffa0]+")
_UNSEEN = re.compile(
    "[\u034f\u17b4\u17b5\u180b-\u180f\u2065\ufdd0-\ufdef\ufe00-\ufe0f\ufff0-\ufff8\ufffe\uffff"
    "\U000e0000-\U000e0fff]+"
)
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""Accents and strokes over, under and through letters, and the optional vowels of Hebrew and Arabic."""
LOOK_ALIKES = {
    "a": "аαɑᴀⱥꭺꓮᎪ",
    "b": "вβʙɓƀᏼꓐᏴ",
    "c": "сᴄƈȼꓚⲥᏟ",
    "d": "ԁđɗᴅꓓᎠ",
    "e": "еεєəɛǝɇᴇҽꓰᎬ",
    "f": "ƒꜰꞙꓝ",
    "g": "ɡցɠɢǥԍꓖᏀ",
    "h": "нһհħɦʜꓧᎻ",
    "i": "іιıɩɪɨӏꓲ",
    "j": "јյɉᴊϳꓙᎫ",
    "k": "кκƙᴋқꓗᏦ",
    "l": "łլʟƚꓡᏞ",
    "m": "мᴍɱꓟᎷ",
    "n": "пηոɴŋɲꓠ",
    "o": "оοσøօᴏɵөⲟꓳ",
    "p": "рρᴘƥⲣꓑᏢ",
    "q": "ԛզʠ",
    "r": "гʀɾɍꓣᏒ",
    "s": "ѕꜱʂꓢᏚ",
    "t": "тτŧƭʈᴛꓔᎢ",
    "u": "υμսʉᴜꓴ",
    "v": "νѵʋᴠꓦᏙ",
    "w": "ԝωɯᴡѡꓪᎳ",
    "x": "хχⲭꓫ",
    "y": "уγүʏƴɏꓬ",
    "z": "ζᴢƶȥꓜᏃ",
    "ae": "æ",
    "oe": "œ",
}
"""Small letters that pass for a Latin one: a choice from Unicode's list of confusables, not all of it."""
_LETTER_ROWS = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
"""Where Unicode has A to Z in squares, in discs, in filled squares, and as the halves of flags."""
_FOLDING = str.maketrans(
    {alike: letter for letter, those in LOOK_ALIKES.items() for alike in those}
    | {chr(row + place): chr(ord("a") + place) for row in _LETTER_ROWS for place in range(26)}
)
SIGN_ROW = 0xF0000
"""From here on lie, in a marked text, the signs that aren't ASCII: below, all but ASCII is letters."""
_ROWS_MOVED = 0x20000


def plain(text: str) -> str:
    """Return the text in compatibility form and one case, with single spaces and nothing unseen in it."""
    while (settled := _settled(text)) != text:
        text = settled
    return text


def normalised(text: str) -> str:
    """Return the plain text with accents taken off and look-alike letters as the Latin ones they pass for.

    Digits and signs that stand for letters are left alone.
    """
    text = plain(text)
    while (folded := plain(_folded(text))) != text:
        text = folded
    return text


def scripts(text: str) -> set[str]:
    """Return the scripts of the text's letters, by the first word of Unicode's names for them."""
    return {unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()}


def is_honest(word: str) -> bool:
    """Return whether the word is of one script and some letter of it passes for none of another."""
    alone = len(scripts(word)) == 1
    return alone and any(c.isalpha() and (c.isascii() or not _folded(c).isascii()) for c in word)


def marked(text: str) -> str:
    """Return the text with its signs where matching wants them, each character in its old place."""
    signs = {ord(c) for c in set(text) if not c.isascii() and unicodedata.category(c)[0] not in "LMN"}
    return text.translate({sign: SIGN_ROW + sign for sign in signs if sign < _ROWS_MOVED})


def _settled(text: str) -> str:
    wide = _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    seen = wide if wide.isprintable() else "".join(filter(_is_seen, wide))
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", seen)).strip()


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}


def _folded(text: str) -> str:
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare.translate(_FOLDING))
