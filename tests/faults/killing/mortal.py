"""The very bot, but for one thing: it ends itself at a moment that it is told in its environment.

    python -m tests.faults.killing.mortal run         one life, as `python -m bot run`
    python -m tests.faults.killing.mortal nursery     many, one after the other: see `nursery`

MORTAL_AT       `after submit#2`: the second such moment; `#40`: the fortieth of all. Left out: it lives on
MORTAL_LATER    seconds that it goes on after that moment: death then comes in the middle of what follows
MORTAL_SIGNAL   KILL by default; TERM or INT asks it to stop, as a supervisor or Ctrl-C would; or several
MORTAL_DIARY    a file in which the moment is noted, with the time
MORTAL_WITHOUT  defences that are taken away (see `DEFENCES`), to show that they are missed
MORTAL_LEASE    seconds that a lease lasts, so that what a dead process held is soon free again
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import __main__ as program
from bot.client import EXTENSIONS
from bot.delivery import Delivery
from bot.providers.evolink import Evolink
from bot.tracker import submitting
from tests.faults.points import Points, counting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOADED: Final = ("bot.app", "bot.running", "bot.store.migrating", *EXTENSIONS)
PR_SET_PDEATHSIG: Final = 1


@dataclass
class Doom(Points):
    """Counts moments until the one that is told has come."""

    name: str = ""
    """Of the moments that count; empty: all."""
    nth: int = 0
    """From 1; 0: never."""
    seen: int = 0

    def passing(self, name: str) -> None:
        """Count a moment, and die if its turn has come."""
        if self.name in ("", name):
            self.seen += 1
            if self.seen == self.nth:
                self.die(name)


def doom(told: Mapping[str, str]) -> Doom:
    """Return what the environment has in store."""
    name, _, nth = told.get("MORTAL_AT", "").partition("#")
    numbers = [signal.Signals[f"SIG{each}"] for each in told.get("MORTAL_SIGNAL", "KILL").split()]
    later = float(told.get("MORTAL_LATER", "0"))
    diary = told.get("MORTAL_DIARY", os.devnull)

    def end() -> None:
        note(diary, "end")
        for number in numbers:
            os.kill(os.getpid(), number)
            time.sleep(0.01 if len(numbers) > 1 else 0)

    def die(moment: str) -> None:
        note(diary, moment)
        if later:
            timer = threading.Timer(later, end)
            timer.daemon = True
            timer.start()
        else:
            end()

    return Doom(die, name=name, nth=int(nth or 0))


def note(diary: str, what: str) -> None:
    """Write a line that outlives the process."""
    with open(diary, "ab", buffering=0) as file:  # noqa: PTH123  one write, then death
        file.write(f"{time.time():.6f} {what}\n".encode())


async def _found_nothing(*_: object, **__: object) -> None:
    return None


def _new_key(method: Callable[..., Any]) -> Callable[..., Any]:
    async def submit(self: Any, submission: Any, *, key: str) -> Any:
        return await method(self, submission, key=key + secrets.token_hex(2))

    return submit


async def _sent_again(context: Any, generation: Any) -> Any:
    """Send a submit again whose outcome is unknown, whoever the provider is."""
    return await submitting._not_accepted(context, generation, submitting.NotSent("mortal"))


def _any_nonce(method: Callable[..., Any]) -> Callable[..., Any]:
    async def send(self: Any, *arguments: Any, nonce: str, **options: Any) -> Any:
        return await method(self, *arguments, nonce=nonce[:1] + secrets.token_hex(8), **options)

    return send


def _hang(*_: object, **__: object) -> None:
    time.sleep(600)


DEFENCES: Final[Mapping[str, tuple[Any, str, Any]]] = {
    "look": (Delivery, "find_film", _found_nothing),
    "nonce": (Delivery, "_send", _any_nonce(Delivery._send)),
    "key": (Evolink, "submit", _new_key(Evolink.submit)),
    "unknown": (submitting, "_uncertain", _sent_again),
    "names": (socket, "getaddrinfo", _hang),
}
"""Looking before posting again, the nonce, the idempotency key, not repeating what may have been sent; and a
name server that answers."""


def _shorten_leases(lease: timedelta) -> None:
    """Let leases last no longer than this, wherever the tracker says how long."""
    importlib.import_module("bot.app")
    for name, module in list(sys.modules.items()):
        if name.startswith("bot.tracker.") and isinstance(getattr(module, "LEASE", None), timedelta):
            module.LEASE = lease  # type: ignore[attr-defined]


def live(arguments: list[str]) -> None:
    """Be the bot until its end."""
    for without in os.environ.get("MORTAL_WITHOUT", "").split():
        setattr(*DEFENCES[without])
    if seconds := os.environ.get("MORTAL_LEASE"):
        _shorten_leases(timedelta(seconds=float(seconds)))
    fate = doom(os.environ)
    sys.argv = ["matinee", *arguments]
    with counting(lambda: fate):
        program.main()


# a process that has everything loaded, and forks a bot for every life


def nursery() -> None:
    """Read lives from standard input as JSON lines; write each one's process id, then how it ended.

    A fork costs less than loading the bot anew, and what it forks is a process like any other.
    """
    not_longer_than(os.getppid())
    for module in LOADED:
        importlib.import_module(module)
    gc.freeze()
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if not pid:
            become(told)
        print(pid, flush=True)  # noqa: T201
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def become(told: dict[str, Any]) -> None:
    """Become the bot in a place and an environment of its own; never return."""
    not_longer_than(os.getppid())
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.chdir(told["directory"])
    os.environ.clear()
    os.environ.update(told["environment"])
    code = 1
    try:
        live(told["arguments"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def not_longer_than(parent: int) -> None:
    """Die with the process that began this one (prctl(2)), where there is such a thing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    if sys.argv[1:] == ["nursery"]:
        nursery()
    else:
        live(sys.argv[1:])
