"""One defence of the program: where it stands, how it is taken out, and which tests must miss it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


class StaleError(Exception):
    """The list no longer fits the program: what it takes out isn't there exactly once."""


@dataclass(frozen=True, slots=True)
class Defence:
    """A defence, and what stands in its place once it is removed."""

    name: str
    """What it defends, in one sentence, with the rows of the fault and threat tables."""
    file: str
    changes: tuple[tuple[str, str], ...]
    """Each old text, found exactly once in the file, and the new one."""
    tests: tuple[str, ...]
    """A few quick tests, of which one must fail without the defence; all pass with it."""

    @property
    def module(self) -> str:
        """The file's name as a module."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def removed(self, root: Path = CHECKOUT) -> str:
        """Return the module's source without the defence. Raises `StaleError`."""
        source = (root / self.file).read_text(encoding="utf-8")
        for old, new in self.changes:
            found = source.count(old)
            if found != 1:
                raise StaleError(f"{self.name}: found {found} times in {self.file}: {old!r}")
            source = source.replace(old, new)
        return source


def defence(name: str, file: str, old: str, new: str, *tests: str) -> Defence:
    """Return a defence that is one place in a file."""
    return Defence(name, file, ((old, new),), tests)
