"""Other people's text made harmless: nothing pings, links, formats, hides or overflows."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta

    from bot.i18n import Say

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_STACKED_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{2})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_LINK = re.compile(r"(?<=:)/(?=/)|(?<=discord\.gg)/|(?<=discord\.com)/|(?<=discordapp\.com)/", re.IGNORECASE)
"""The stroke that makes an address or an invite of what stands before it."""
_MARKDOWN = re.compile(
    r"[\\*_~|`\[\]<>#]"  # what formats, quotes, mentions, or masks a link
    r"|^[ ]*[-+]"  # lists and small print
    rf"|{_LINK.pattern}",
    re.MULTILINE | re.IGNORECASE,
)
_NUMBERED = re.compile(r"^([ ]*[0-9]+)\.", re.MULTILINE)
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_WHOLE = re.compile(r"`[^`]*`|\\.", re.DOTALL)
"""Code from its beginning to its end, and a sign with the backslash that escapes it."""
ELLIPSIS = "…"
_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB


def width(text: str) -> int:
    """Return the length as Discord may count it: UTF-16 code units, the strictest of the countings."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitting(text: str, most: int) -> int:
    """Return how many characters of the text are at most `most` wide."""
    return bisect_right(range(1, len(text) + 1), most, key=lambda length: width(text[:length]))


def first_lines(lines: Iterable[str], most: int) -> list[str]:
    """Return as many lines of a list as are together at most `most` wide, with a sign that there are more."""
    kept: list[str] = []
    for told in lines:
        most -= width(told) + 1
        if most < 0:
            return [*kept, f"- {ELLIPSIS}"]
        kept.append(told)
    return kept


def beginning(written: str, most: int) -> str:
    """Return a text of ours, cut to `most` where it is longer, and never inside of code or of an escape."""
    if width(written) <= most:
        return written
    kept = written[: fitting(written, most - 1)]
    whole = _WHOLE.sub(lambda found: "x" * len(found[0]), kept)
    return (
        kept[: min(place for place in (whole.find("`"), whole.find("\\"), len(kept)) if place >= 0)]
        + ELLIPSIS
    )


def visible(text: str, most: int) -> str:
    """Return the text without control, direction and other unseen characters, at most `most` long.

    Its markdown is still alive.
    """
    lines = re.sub(r"[\u2028\u2029\x85\r\n\v\f]+", "\n", text)
    seen = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in _INVISIBLE)
    calm = _STACKED_MARKS.sub(r"\1", re.sub(r"[^\S\n]+", " ", seen)).strip()
    return _cut(calm, most, str)


def safe(text: str, most: int) -> str:
    """Return the text as people may read it inside our own markdown, at most `most` long once escaped."""
    return _cut(visible(text, most), most, _escaped)


def line(text: str, most: int) -> str:
    """Return the same as `safe`, on one line."""
    return safe(" ".join(text.split()), most)


def name(text: str, most: int) -> str:
    """Return the text on one line for places where Discord reads no markdown: authors, buttons, choices."""
    return _cut(visible(" ".join(text.split()), most), most, _parted)


def code(text: str, most: int) -> str:
    """Return the text word for word as code, where nothing formats: names of files and values of options."""
    return f"`{name(text, most).replace('`', 'ˋ') or '?'}`"


def moment(time: datetime) -> str:
    """Return a time that every reader's Discord counts down by itself."""
    return f"<t:{int(time.timestamp())}:R>"


def span(length: timedelta, say: Say) -> str:
    """Return a length of time in words: `45 s`, `3 min 12 s`, `3 min`, `2 h 5 min`."""
    total = max(0, int(length.total_seconds()))
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    if hours and minutes:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if hours:
        return say("{hours} h", hours=hours)
    if minutes and not seconds:
        return say("{minutes} min", minutes=minutes)
    if minutes:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=seconds)
    return say("{seconds} s", seconds=seconds)


def size(count: int) -> str:
    """Return a number of bytes in words."""
    if count < _KIB:
        return f"{count} B"
    if count < _MIB:
        return f"{count / _KIB:.0f} KiB"
    number, unit = (count / _MIB, "MiB") if count < _GIB else (count / _GIB, "GiB")
    return f"{number:.1f}".removesuffix(".0") + f" {unit}"


def _escaped(text: str) -> str:
    marked = _MARKDOWN.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)
    return _EVERYBODY.sub("@\u200b", _NUMBERED.sub(r"\1\\.", marked))


def _parted(text: str) -> str:
    return _EVERYBODY.sub("@\u200b", _LINK.sub("\u200b/", text))


def _cut(text: str, most: int, form: Callable[[str], str]) -> str:
    whole = form(text)
    if width(whole) <= most:
        return whole
    fitting = bisect_right(range(len(text)), most - 1, key=lambda length: width(form(text[:length])))
    return form(text[: max(0, fitting - 1)]) + ELLIPSIS
