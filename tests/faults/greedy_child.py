"""The probing child with its own bounds, whose decoder takes all that it can get: time, memory, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.media import _child

if TYPE_CHECKING:
    from pathlib import Path

TRUE_ANSWER = _child.answer
PIECE = 1 << 20


def _spin() -> None:
    while True:
        pass


def _hoard() -> None:
    kept = []
    try:
        while True:
            kept.append(b"\1" * PIECE)
    except MemoryError:
        kept.clear()
        raise


def answer(path: Path) -> dict[str, Any]:
    """Do as the file's name says first."""
    try:
        {"spin": _spin, "hoard": _hoard}.get(path.name, dict)()
    except MemoryError:
        return {"code": "too_complex"}
    return TRUE_ANSWER(path)


if __name__ == "__main__":
    _child.answer = answer
    _child.main()
