"""The rows of docs/faults.md, and the tests that name them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[2]
ROW: Final = re.compile(r"^\| ([PDST]-\d\d) \| (.+) \| (.+) \|$", re.MULTILINE)
ID: Final = re.compile(r"\b[PDST]-\d\d\b")


def rows() -> dict[str, str]:
    """Return what goes wrong, by id."""
    page = (CHECKOUT / "docs" / "faults.md").read_text(encoding="utf-8")
    return {found[1]: found[2] for found in ROW.finditer(page)}


def named(source: str) -> dict[str, set[str]]:
    """Return the tests of a module whose docstring names a row, by the row's id."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for row in ID.findall(ast.get_docstring(node) or ""):
                found[row].add(node.name)
    return found


def proofs() -> dict[str, set[str]]:
    """Return the tests that name a row, as pytest calls them, by the row's id."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in (CHECKOUT / "tests").rglob("test_*.py"):
        for row, tests in named(path.read_text(encoding="utf-8")).items():
            found[row] |= {f"{path.relative_to(CHECKOUT)}::{test}" for test in tests}
    return found
