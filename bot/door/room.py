"""Who is connected, and who has to go."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.media.addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

Guest = TypeVar("Guest")


class Room(Generic[Guest]):
    """Who is connected, and who has to go when it is full: the oldest who hasn't said a word yet.

    The limit per address is for public ones. A private one is a proxy in front of us, behind which is
    everybody.
    """

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._silent: dict[Guest, str] = {}
        self._heard: dict[Guest, str] = {}
        self._addresses: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._silent) + len(self._heard)

    def __iter__(self) -> Iterator[Guest]:
        yield from [*self._silent, *self._heard]

    def enter(self, guest: Guest, address: str) -> Guest | None:
        """Let a guest in and return who must leave for it: nobody, another, or the guest itself."""
        if self._addresses[address] >= self._most_per_address and is_public(address):
            return guest
        leaver = next(iter(self._silent or self._heard)) if len(self) >= self._most else None
        if leaver is not None:
            self.leave(leaver)
        self._silent[guest] = address
        self._addresses[address] += 1
        return leaver

    def hear(self, guest: Guest) -> None:
        """Note that a guest has made a whole request."""
        if guest in self._silent:
            self._heard[guest] = self._silent.pop(guest)

    def leave(self, guest: Guest) -> None:
        """Forget a guest; one who is unknown has left already."""
        address = self._silent.pop(guest, None) or self._heard.pop(guest, None)
        if address is not None:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
