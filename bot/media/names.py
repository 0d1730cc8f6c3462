"""Whether a file is what its name says."""

from __future__ import annotations

import re

_SUFFIX = re.compile(r"\.([a-z0-9]{2,5})", re.ASCII)
_SAME = (
    frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    frozenset({"png", "apng"}),
    frozenset({"bmp", "dib"}),
    frozenset({"mp4", "m4v", "mov", "qt", "3gp", "3g2"}),
    frozenset({"wav", "wave"}),
)
"""Suffixes that people and programs use for one format, or for formats that share a container."""


def suits(name: str, extension: str) -> bool:
    """Return whether a file of this true extension may be called so; a name without a suffix says nothing.

    Digits alone, as in `still 2026.11.21`, are no suffix.
    """
    found = _SUFFIX.fullmatch(name[name.rfind(".") :].lower()) if "." in name else None
    if found is None or found[1].isdecimal():
        return True
    true = extension.removeprefix(".")
    return found[1] in next((group for group in _SAME if true in group), {true})
