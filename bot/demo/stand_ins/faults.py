"""The faults in force, and which of them meets a request or a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.stand_ins.records import AT_REQUEST, Fault, StandingFault

if TYPE_CHECKING:
    from collections.abc import Callable


class FaultBook:
    """Faults in the order in which they were set."""

    def __init__(self) -> None:
        self._standing: list[StandingFault] = []
        self._count = 0

    @property
    def standing(self) -> list[StandingFault]:
        """Those that will still strike."""
        return list(self._standing)

    def add(self, fault: Fault) -> int:
        """Put a fault in force and return its number."""
        self._count += 1
        self._standing.append(StandingFault(id=self._count, fault=fault, left=fault.times))
        return self._count

    def remove(self, number: int | None = None) -> None:
        """Take one fault back, or all."""
        self._standing = [one for one in self._standing if number is not None and one.id != number]

    def at_request(self, provider: str, endpoint: str, prompt: str) -> list[Fault]:
        """Use up and return the faults that meet a request."""
        return self._take(
            lambda fault: (
                fault.kind in AT_REQUEST and fault.on in ("any", endpoint) and meets(fault, provider, prompt)
            )
        )

    def at_task(self, provider: str, prompt: str) -> list[Fault]:
        """Use up and return the faults in the life of a new task."""
        return self._take(lambda fault: fault.kind not in AT_REQUEST and meets(fault, provider, prompt))

    def _take(self, wanted: Callable[[Fault], bool]) -> list[Fault]:
        struck = [one for one in self._standing if wanted(one.fault)]
        for one in struck:
            if one.left is not None:
                one.left -= 1
        self._standing = [one for one in self._standing if one.left != 0]
        return [one.fault for one in struck]


def meets(fault: Fault, provider: str, prompt: str) -> bool:
    """Return whether a fault is meant for this provider and prompt."""
    return fault.provider in (None, provider) and (fault.prompt is None or fault.prompt in prompt)
