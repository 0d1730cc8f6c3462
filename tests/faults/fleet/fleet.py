"""A whole fleet: gateway, workers and callbacks processes, and everything that they talk to."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import socket
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from bot.demo.film import FilmOrder, draw
from bot.demo.stand_ins import StandIns
from tests.e2e.house import PROVIDERS, key_of, settings
from tests.e2e.wire import WireDiscord
from tests.faults.fleet.brood import Brood
from tests.faults.fleet.network import CENTRE, Network
from tests.faults.fleet.relay import Relay, to_address, to_socket
from tests.faults.killing.theatre import OPEN_HOUSE
from tests.s3 import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from bot.files import Address
    from tests.faults.fleet.network import Host
    from tests.faults.fleet.relay import Way
    from tests.faults.killing.evening import Fate
    from tests.faults.killing.nursery import Life

GATEWAY: Final = "gateway"
WORKER: Final = "worker"
CALLBACKS: Final = "callbacks"
EVERYTHING: Final = "everything"
"""One process that is all of them, as on SQLite."""
CREW: Final = {GATEWAY: 1, WORKER: 3, CALLBACKS: 2}
"""How many machines there are of each role."""
LOOPBACK: Final = "127.0.0.1"
CALLBACK_PORT: Final = 8080
LASTING: Final = (20_000, 32_000)
"""Ports below those that Linux gives to connections (ip_local_port_range)."""
PATIENCE: Final = 60.0
"""Seconds until somebody must be there."""
CROWD: Final = {
    "QUEUE_VIDEOS": "100000",
    "SERVER_CONCURRENT": "",
    "DAILY_REFUSALS": "",
    "CONCURRENT": "1000",
    "LOG_LEVEL": "INFO",
}
"""Nobody has to wait for a limit: what is proved here is another promise."""


def lasting_port() -> int:
    """Return a free port that no connection is given by chance while nobody listens on it."""
    while True:
        port = random.randrange(*LASTING)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


@dataclass(slots=True)
class Machine:
    """One process of one role, where it stands, and what has befallen it."""

    name: str
    role: str
    host: Host | None
    address: str
    """Where it would listen for callbacks."""
    settings: dict[str, str]
    brood: Brood
    life: Life | None = None
    frozen: bool = False
    cut: bool = False
    alone: bool = False
    """Whether it has been cut off since its process began."""

    @property
    def lives(self) -> bool:
        """Whether its process is there, frozen or not."""
        return self.life is not None and not self.life.over

    async def begin(self, fate: Fate | None = None) -> Life:
        """Start the process."""
        more = fate.environment if fate else {}
        network = self.host.keeper.pid if self.host is not None else 0
        arguments = () if self.role == EVERYTHING else ("--role", self.role)
        self.life = await self.brood.begin(
            self.name, self.settings | more, "run", *arguments, network=network
        )
        self.frozen, self.alone = False, self.cut
        return self.life

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.life is not None:
            self.life.send(number)

    def freeze(self) -> None:
        """Let it do nothing any more, and know nothing of it: as a machine that is put to sleep."""
        self.send(signal.SIGSTOP)
        self.frozen = True

    def thaw(self) -> None:
        """Let it go on as if nothing had been."""
        self.send(signal.SIGCONT)
        self.frozen = False

    def cut_off(self) -> None:
        """Cut its line."""
        assert self.host is not None
        self.host.cut()
        self.cut = self.alone = True

    def mend(self) -> None:
        """Mend its line."""
        assert self.host is not None
        self.host.mend()
        self.cut = False


class Fleet:
    """Everything, from `async with` to its end.

    `address` is that of a PostgreSQL without rows, behind a Unix socket; without one it is SQLite, and there
    is one machine. Many machines have a disk each, and share storage for files. With a `network` each has a
    line of its own; without one they are all on loopback.
    """

    def __init__(
        self,
        directory: Path,
        address: str | None,
        network: Network | None,
        *,
        crew: Mapping[str, int] = CREW,
        pace: tuple[float, float] = (0.2, 2.0),
        **more: str,
    ) -> None:
        self.directory = directory
        self.machines: list[Machine] = []
        self.database = address
        self._network = network
        self._crew = crew
        self._more = more
        self._stack = AsyncExitStack()
        self._film = draw(FilmOrder(prompt="a boat", width=160, height=96, seconds=1))
        self.place = CENTRE if network is not None else LOOPBACK
        self.wire = WireDiscord(listen=self.place)
        keys = {name: key_of(name) for name in PROVIDERS}
        self.stand_ins = StandIns(self.place, keys=keys, pace=pace, film=self._drawn, seed=0)
        self.brood = Brood(directory)
        self.settings: dict[str, str] = {}
        self.s3: Any = None
        """The storage that the machines share, and what was asked of it."""
        self._bucket: Address | None = None

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        await enter(self.wire)
        await enter(self.stand_ins)
        await enter(self.brood)
        front = await enter(Relay(LOOPBACK, self.to_callbacks))
        common = settings(self.wire, self.stand_ins, self.directory, PROVIDERS) | OPEN_HOUSE | CROWD
        if self.database is not None:
            common["DATABASE_URL"] = await self._database(self.database)
            common |= await self._storage()
        common |= {
            "PUBLIC_URL": f"http://{front.address}",
            "TRUSTED_HOSTS": f"{self.place},{LOOPBACK}",
        }
        self.settings = common | self._more
        for role, count in self._crew.items():
            self.machines += [self._machine(role, number + 1) for number in range(count)]
        await self._register()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def crew(self, role: str) -> list[Machine]:
        """Return the machines of a role."""
        return [machine for machine in self.machines if machine.role == role]

    async def _drawn(self, _: FilmOrder) -> bytes:
        return self._film

    async def _database(self, address: str) -> str:
        """Return where the machines reach the database: by the centre, where lines are cut."""
        if self._network is None:
            return address
        parts = urlsplit(address)
        folder = parse_qs(parts.query)["host"][0]
        relay = await self._stack.enter_async_context(
            Relay(CENTRE, lambda: [to_socket(f"{folder}/.s.PGSQL.5432")])
        )
        return f"{parts.scheme}://{parts.username}:@{relay.address}{parts.path}"

    async def _storage(self) -> dict[str, str]:
        """Return where the machines keep files: by the centre, as everything that they talk to."""
        self.s3 = await self._stack.enter_async_context(serving(self.place))
        self._bucket = self.s3.address()
        return {
            "FILES_URL": self._bucket.url,
            "FILES_ENDPOINT": self._bucket.endpoint,
            "FILES_ACCESS_KEY": self._bucket.access_key,
            "FILES_SECRET_KEY": self._bucket.secret_key,
        }

    @property
    def brought(self) -> int:
        """How many films were brought from the storage to a machine that hadn't made them."""
        asked = self.s3.asked if self.s3 is not None else ()
        return sum(method == "GET" and "/films/" in path for method, path in asked)

    def strays(self, ids: Collection[str]) -> list[str]:
        """Return what is kept in the storage and belongs to none of these generations."""
        kept = self.s3.objects(self._bucket) if self.s3 is not None else ()
        return [f"{name} is nobody's" for name in kept if name.split("/")[1] not in ids]

    def _machine(self, role: str, number: int) -> Machine:
        host = self._network.host() if self._network is not None else None
        listen = f"{host.address}:{CALLBACK_PORT}" if host is not None else f"{LOOPBACK}:{lasting_port()}"
        own = {"LISTEN": listen, "ADMIN_LISTEN": f"{LOOPBACK}:{lasting_port()}"}
        name = f"{role}-{number}"
        if self.s3 is not None:
            own["DATA_DIR"] = str(self.directory / name / "data")
        return Machine(name, role, host, listen, self.settings | own, self.brood)

    def to_callbacks(self) -> Sequence[Way]:
        """Return the ways to the callbacks processes in any order, as a balancer tries them."""
        machines = self.crew(CALLBACKS) + self.crew(EVERYTHING)
        random.shuffle(machines)
        return [to_address(machine.address) for machine in machines]

    async def _register(self) -> None:
        """Let `sync` register the commands."""
        life = await self.brood.begin("sync", self.settings, "sync", network=self._anywhere())
        assert await life.end(within=60) == 0, self.brood.tail

    def _anywhere(self) -> int:
        host = self.machines[0].host
        return 0 if host is None else host.keeper.pid

    async def until(self, look: Callable[[], Any], *, within: float, what: str) -> None:
        """Wait until something is so."""
        try:
            await self.wire.until(look, within=within, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.brood.tail}") from None

    def forget_sessions(self) -> None:
        """Let Discord forget those who are gone, as it does after a while."""
        sessions = self.wire.gateway.sessions
        for name in [name for name, one in sessions.items() if one.socket is None or one.socket.closed]:
            del sessions[name]

    async def gateway_is_there(self, besides: frozenset[str] = frozenset()) -> None:
        """Wait until commands are heard, by somebody who has come since."""
        sessions = self.wire.gateway.sessions
        await self.until(lambda: set(sessions) - besides, within=PATIENCE, what="a gateway process")

    async def callbacks_are_heard(self) -> None:
        """Wait until every process that takes callbacks listens."""
        for way in self.to_callbacks():
            deadline = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await way()
                    writer.close()
                    break
                assert time.monotonic() < deadline, f"nobody takes callbacks\n{self.brood.tail}"
                await asyncio.sleep(0.05)
