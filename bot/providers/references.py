"""What a prompt names beside words: files, as `@1`, `@image1` or `@图1`, and what Discord knows by number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.models import MediaKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.models import MediaFile

# The three spellings are maxapi's (docs.maxapi.io, Seedance media-to-video). What stands around them is ours:
# `me@1.example`, `<@1234>`, `@1st` and `@1.5` name no file, while Chinese needs no space on either side.
_REFERENCE = re.compile(r"@(?:image|图)?([0-9]+)", re.IGNORECASE)
_RUN = re.compile(rf"(?<![A-Za-z0-9_@<])(?:{_REFERENCE.pattern})+(?![A-Za-z0-9_]|\.[0-9])", re.IGNORECASE)
# Discord's own notations (reference, "Message Formatting"). Their numbers are nobody's business outside.
_OF_DISCORD = (
    (re.compile(r"<@&[0-9]+>"), "@role"),
    (re.compile(r"<@!?[0-9]+>"), "@member"),
    (re.compile(r"<#[0-9]+>"), "#channel"),
    (re.compile(r"<a?(:[A-Za-z0-9_]+:)[0-9]+>"), r"\1"),
    (re.compile(r"<(/[^<>:]+):[0-9]+>"), r"\1"),
)
_DIGITS = 4
"""A longer number names no file that we could count to."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One mention of a file in a prompt: what is written there, where, and which file (1 is the first)."""

    text: str
    start: int
    end: int
    position: int


def find(prompt: str) -> tuple[Reference, ...]:
    """Return every mention, in order."""
    return tuple(
        Reference(match[0], match.start(), match.end(), _number(match[1]))
        for run in _RUN.finditer(prompt)
        for match in _REFERENCE.finditer(prompt, run.start(), run.end())
    )


def _number(digits: str) -> int:
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _DIGITS else 10**_DIGITS


def missing(prompt: str, files: int) -> Reference | None:
    """Return the first mention of a file that isn't there, when there are so many."""
    return next((found for found in find(prompt) if not 1 <= found.position <= files), None)


def without_ids(prompt: str) -> str:
    """Return the prompt with every mention of a member, role, channel, emoji or command in words."""
    for notation, words in _OF_DISCORD:
        prompt = notation.sub(words, prompt)
    return prompt


def as_positions(prompt: str) -> str:
    """Return the prompt with every mention as `@1`."""
    return _rewrite(prompt, lambda position: f"@{position}", spaced=False)


def as_names(prompt: str, media: Sequence[MediaFile]) -> str:
    """Return the prompt with every mention as `image 1`, `video 1` or `audio 1`, counted by kind.

    A mention of a file that isn't there stays as it is.
    """
    names = dict(enumerate(_names(media), start=1))
    return _rewrite(prompt, names.get, spaced=True)


def _names(media: Sequence[MediaFile]) -> list[str]:
    counted = dict.fromkeys(MediaKind, 0)
    names = []
    for file in media:
        counted[file.kind] += 1
        names.append(f"{file.kind} {counted[file.kind]}")
    return names


def _rewrite(prompt: str, word: Callable[[int], str | None], *, spaced: bool) -> str:
    written = ""
    end = 0
    for found in find(prompt):
        written += prompt[end : found.start]
        end = found.end
        name = word(found.position) or found.text
        before = " " if spaced and written[-1:].isalnum() else ""
        after = " " if spaced and prompt[end : end + 1].isalnum() else ""
        written += before + name + after
    return written + prompt[end:]
