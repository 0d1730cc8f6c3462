"""One bot as several processes on one PostgreSQL: each with its role, its addresses and its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from .house import settings
from .member import Member
from .process import Program, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.stand_ins import StandIns
    from bot.demo.stand_ins.records import ProviderName

    from .wire import WireDiscord


@dataclass(slots=True)
class Company:
    """Several processes with their Discord and their providers; the files lie in one folder for all.

    Whoever takes callbacks listens where `PUBLIC_URL` leads, so only one of them may run at a time.
    """

    wire: WireDiscord
    stand_ins: StandIns
    directory: Path
    database_url: str
    providers: tuple[ProviderName, ...] = ("evolink",)
    more: dict[str, str] = field(default_factory=dict)
    """Further settings of all of them."""
    programs: dict[str, Program] = field(default_factory=dict)
    """By name."""
    ada: Member = field(init=False)
    _settings: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.ada = Member(self.wire)
        self._settings = settings(self.wire, self.stand_ins, self.directory, self.providers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for program in self.programs.values():
            await program.__aexit__()

    def hire(self, name: str, role: str | None, *arguments: str, **more: str) -> Program:
        """Return a process that isn't started yet; `arguments` are further words of `matinee run`."""
        admin = f"127.0.0.1:{free_port()}"
        environment = self._settings | {"DATABASE_URL": self.database_url, "ADMIN_LISTEN": admin}
        environment |= self.more | more
        if role == "callbacks":  # it faces the world, and has nothing that is worth stealing
            for secret in [key for key in environment if key.endswith(("_TOKEN", "_API_KEY"))]:
                del environment[secret]
        words = ["-m", "bot", "run", *(["--role", role] if role else []), *arguments]
        program = Program(self.directory / name, environment, *words, ready=f"http://{admin}/readyz")
        self.programs[name] = program
        return program

    async def start(self, name: str, role: str | None, *arguments: str, **more: str) -> Program:
        """Start a process and wait until it is ready."""
        program = self.hire(name, role, *arguments, **more)
        await program.start()
        return program

    def evidence(self) -> str:
        """Tell what happened, for a failed test."""
        logs = [f"--- {name}\n{program.tail}" for name, program in self.programs.items()]
        return "\n".join([self.wire.story(), *logs])
