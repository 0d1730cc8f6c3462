"""What is worked out ahead of whoever takes it, by a thread of its own: both are at work at once."""

from __future__ import annotations

from contextlib import contextmanager
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")


@contextmanager
def ahead(items: Iterable[Item], most: int) -> Iterator[Iterator[Item]]:
    """Offer the same items in the same order, while at most `most` of them wait to be taken.

    What `items` raises is raised where the next item would have been taken. Leaving ends the thread, at the
    latest when it has worked out one more item, and waits for it: what `items` reads from may be closed then.
    """
    made: SimpleQueue[tuple[Item] | BaseException | None] = SimpleQueue()
    room = Semaphore(most - 1)
    left = False

    def work() -> None:
        last: BaseException | None = None
        try:
            for item in items:
                made.put((item,))
                room.acquire()
                if left:
                    return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever takes the items
            last = error
        made.put(last)

    def taken() -> Iterator[Item]:
        while isinstance(item := made.get(), tuple):
            room.release()
            yield item[0]
        if item is not None:
            raise item

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        left = True
        room.release()
        thread.join()
