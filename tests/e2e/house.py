"""What a whole evening needs: Discord on the wire, the providers' stand-ins, the bot as a process."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import av
from PIL import Image

from .member import Member
from .process import Program, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.stand_ins import StandIns
    from bot.demo.stand_ins.records import Ledger, ProviderName

    from .faults import Fault
    from .wire import Seen, WireDiscord

PROVIDERS: tuple[ProviderName, ...] = ("maxapi", "seedance2ink", "evolink")
SECRET_KEY = "canary-secret-key-4d1f77a0c3"


def key_of(provider: str) -> str:
    """Return the key that a provider's stand-in takes."""
    return f"sk-canary-{provider}-5f0e8b2a"


def settings(
    wire: WireDiscord, stand_ins: StandIns, directory: Path, providers: tuple[ProviderName, ...]
) -> dict[str, str]:
    """Return an environment for a bot that knows nothing but these stand-ins."""
    public = f"127.0.0.1:{free_port()}"
    trusted = [wire.host, public, *(urlsplit(stand_ins.base_url(name)).netloc for name in PROVIDERS)]
    environment = {
        "DISCORD_TOKEN": wire.token,
        "DISCORD_API_URL": wire.api_url,
        "DISCORD_GATEWAY_URL": wire.gateway_url,
        "DATA_DIR": str(directory / "data"),
        "LISTEN": public,
        "ADMIN_LISTEN": f"127.0.0.1:{free_port()}",
        "PUBLIC_URL": f"http://{public}",
        "TRUSTED_HOSTS": ",".join(trusted),
        "SECRET_KEY": SECRET_KEY,
        "POLL_MIN": "0.5s",
        "POLL_MAX": "1s",
        "LOG_LEVEL": "DEBUG",
    }
    for name in providers:
        environment[f"{name.upper()}_API_KEY"] = key_of(name)
        environment[f"{name.upper()}_BASE_URL"] = stand_ins.base_url(name)
    return environment


@dataclass(slots=True)
class House:
    """One bot with its Discord and its providers."""

    wire: WireDiscord
    stand_ins: StandIns
    bot: Program
    directory: Path
    ada: Member = field(init=False)

    def __post_init__(self) -> None:
        self.ada = Member(self.wire)

    @property
    def ledger(self) -> Ledger:
        """What the stand-ins saw and charged."""
        return self.stand_ins.ledger

    @property
    def database(self) -> Path:
        """The bot's SQLite file."""
        return self.directory / "data" / "matinee.db"

    def statuses(self) -> list[str]:
        """Return where each generation stands, oldest first, as the bot has committed it."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as database:
            rows = database.execute("SELECT status FROM generations ORDER BY created_at, id").fetchall()
        return [row[0] for row in rows]

    def sleep(self, seconds: float) -> None:
        """Let time pass for Discord, and for what the stopped bot has written down of its posts."""
        self.wire.clock.advance(seconds)
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute(
                "UPDATE generations SET posting_since = posting_since - ?", (int(seconds * 1e6),)
            )

    async def stands(self, *expected: str, within: float = 30.0) -> None:
        """Wait until the generations stand at these, oldest first."""
        what = f"generations to be {expected}"
        await self.wire.until(lambda: self.statuses() == list(expected), within=within, what=what)

    async def submitted(self, count: int = 1) -> None:
        """Wait until the providers have made so many tasks."""
        await self.wire.until(lambda: len(self.ledger.tasks) >= count, what=f"{count} tasks at a provider")

    async def reached(self, fault: Fault) -> None:
        """Wait until a fault has met a request."""
        await self.wire.until(fault.reached.is_set, what=f"{fault.method} {fault.path}")

    async def film(self, channel_id: int | None = None) -> Seen:
        """Wait for a film and return its message."""
        films = await self.wire.until(lambda: self.wire.films(channel_id), what="a film")
        return films[-1]

    def paid(self) -> tuple[int, int]:
        """Return how often the providers charged, and how often they gave back."""
        kinds = [entry.kind for entry in self.ledger.charges]
        return kinds.count("charge"), kinds.count("refund")

    def asked(self, endpoint: str = "submit") -> list[Any]:
        """Return the requests that reached a provider."""
        return [request for request in self.ledger.requests if request.endpoint == endpoint]

    def evidence(self) -> str:
        """Tell what happened, for a failed test."""
        return f"{self.wire.story()}\n--- the bot\n{self.bot.tail}"


def picture(width: int = 640, height: int = 360) -> bytes:
    """Draw a PNG."""
    file = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(file, "PNG")
    return file.getvalue()


def measured(film: bytes) -> tuple[int, int, float]:
    """Return width, height and seconds of a film, having read every frame."""
    with av.open(io.BytesIO(film), "r") as file:
        video = file.streams.video[0]
        frames = len(list(file.decode(video)))
        return video.width, video.height, round(frames / float(video.average_rate or 1), 1)
