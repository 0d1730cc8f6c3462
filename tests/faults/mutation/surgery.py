"""Takes defences out, one at a time, and tells which tests have missed them."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.mutation.defence import CHECKOUT, StaleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.mutation.defence import Defence

NO_PROOF = frozenset({"ImportError", "ModuleNotFoundError", "NameError", "SyntaxError", "UnboundLocalError"})
"""What a program that was only broken raises; a test that fails of it has missed nothing."""
TRIES = 3
"""Without a defence a test may hang now and then, which proves nothing: then it is asked again."""


class Surgery:
    """Asks the zygote."""

    def __init__(self, zygote: subprocess.Popen[str]) -> None:
        self._zygote = zygote

    def _ask(self, module: str, source: str, tests: Sequence[str]) -> list[dict[str, str]]:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        order = {"module": module, "source": source, "tests": tests}
        self._zygote.stdin.write(json.dumps(order) + "\n")
        self._zygote.stdin.flush()
        return json.loads(self._zygote.stdout.readline())

    def unsound(self, tests: Sequence[str]) -> list[str]:
        """Return what is wrong with tests while no defence is removed: each must run and pass."""
        wanted = sorted(set(tests))
        said = self._ask("", "", wanted)
        if not said:
            return ["the tests didn't come to an end"]
        passed = {one["test"] for one in said if (one["when"], one["outcome"]) == ("call", "passed")}
        failed = [one for one in said if one["outcome"] != "passed"]
        wrong = [f"{one['test']}: {one['error']} {one['words']}" for one in failed]
        return wrong or [test for test in wanted if not any(_is_of(one, test) for one in passed)]

    def survived(self, defence: Defence) -> str | None:
        """Return why a removed defence wasn't missed, or None if a test has failed as it should."""
        try:
            source = defence.removed()
        except StaleError as error:
            return f"the list is stale: {error}"
        said: list[dict[str, str]] = []
        for _ in range(TRIES):
            said = said or self._ask(defence.module, source, defence.tests)
        if any(_is_proof(one) for one in said):
            return None
        told = "; ".join(f"{one['when']} {one['outcome']} {one['error']} {one['words']}" for one in said)
        return f"{defence.name}: no test has missed it ({told or 'no test ran to its end'})"


def _is_of(ran: str, test: str) -> bool:
    return ran == test or ran.startswith((f"{test}[", f"{test}::"))


def _is_proof(one: dict[str, str]) -> bool:
    return (one["when"], one["outcome"]) == ("call", "failed") and one["error"] not in NO_PROOF


@contextmanager
def surgery() -> Iterator[Surgery]:
    """Start a zygote, and end it afterwards."""
    command = [sys.executable, "-m", "tests.faults.mutation.zygote"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    ) as zygote:
        yield Surgery(zygote)
        assert zygote.stdin is not None
        zygote.stdin.close()
