"""Removes every defence in turn and says of each whether a test has missed it."""

from __future__ import annotations

import sys

from tests.faults.mutation.defences import DEFENCES
from tests.faults.mutation.surgery import surgery


def main() -> None:
    """Tell all, or those whose name has one of the words given; end with 1 if one wasn't missed."""
    words = sys.argv[1:]
    chosen = [one for one in DEFENCES if not words or any(word in one.name for word in words)]
    survivors = 0
    with surgery() as surgeon:
        unsound = surgeon.unsound([test for one in chosen for test in one.tests])
        for test in unsound:
            print(f"fails or is missing with every defence in place: {test}")  # noqa: T201
        for one in chosen:
            survived = surgeon.survived(one)
            survivors += survived is not None
            print(f"{'SURVIVED' if survived else 'killed':8}  {survived or one.name}", flush=True)  # noqa: T201
    print(f"{len(chosen)} defences; {survivors} without a killing test")  # noqa: T201
    sys.exit(1 if survivors or unsound else 0)


if __name__ == "__main__":
    main()
