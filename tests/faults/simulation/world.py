"""The world in which processes begin and end: its time, its people, and what is owed to the bot."""

from __future__ import annotations

import gc
import heapq
import itertools
import logging
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiohttp import web_app

from bot.store import generations as statements
from bot.store.rows import generation_of, micros
from tests.faults.simulation.database import Database, InMemory
from tests.faults.simulation.discord import Server
from tests.faults.simulation.files import edges
from tests.faults.simulation.loop import Died, VirtualLoop
from tests.faults.simulation.process import Premises, Process
from tests.faults.simulation.providers import NAMES, Studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.models import Generation, MediaFile
    from tests.faults.simulation.outside import Outside

START: Final = datetime(2030, 3, 4, 12, tzinfo=UTC)
EVER: Final = START - timedelta(days=365)
"""Before anything, however wrong our clock goes."""
STILL_DUE: Final = (
    "SELECT 1 FROM generations WHERE due_at IS NOT NULL LIMIT 1",
    # one whose film is parked looks now and then whether a person has decided
    """SELECT 1 FROM storyboards WHERE due_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM generations WHERE generations.id = storyboards.id AND generations.status = 'parked'
    ) LIMIT 1""",
)
LONGEST: Final = timedelta(days=10)
"""After this, what hasn't come to rest never will: a storyboard waits a week for its member."""


@dataclass
class Stage:
    """What runs share because it would be made the same anew: time, an empty database, a folder."""

    folder: Path
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    database: Database = field(default_factory=InMemory)
    world: World | None = None
    premises: Premises = field(init=False)

    def __post_init__(self) -> None:
        self.premises = Premises(self.folder, self._now)
        self.premises.hosting(self.premises.settings[True]).prepare()

    def _now(self) -> datetime:
        return self.here.clock()

    @property
    def here(self) -> World:
        """The run that is being made."""
        assert self.world is not None
        return self.world

    @contextmanager
    def set_up(self) -> Iterator[Stage]:
        """Put the edges in place, and take everything down at the end."""
        told = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        gc.freeze()
        try:
            with edges(lambda: self.here.outside, lambda: self.here.clock().timestamp()):
                yield self
        finally:
            structlog.configure(**told)
            gc.unfreeze()
            self.loop.wipe()
            self.loop.close()
            self.world = None

    def cleared(self) -> None:
        """Make time, database and folder as new."""
        self.loop.wipe()
        self.loop.moment = 0.0
        self.loop.broken.clear()
        self.database.clear()
        for name in ("media", "films"):
            for path in (self.folder / name).iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()


class World:
    """One run."""

    def __init__(
        self,
        stage: Stage,
        outside: Outside,
        *,
        providers: Sequence[str] = NAMES,
        public: bool = True,
        gap: float = 1.0,
    ) -> None:
        stage.cleared()
        stage.world = self
        self.stage, self.loop, self.outside = stage, stage.loop, outside
        outside.now = self.loop.time
        self.providers, self.public = tuple(providers), public
        self.gap = gap
        """Seconds from a death to the next start."""
        self.skew = timedelta()
        self.server = Server(self.true_time, outside)
        self.studios = {name: Studio(name, outside) for name in NAMES}
        for name, studio in self.studios.items():
            stage.premises.roads[name].studio = studio
        self.prompts: dict[str, str] = {}
        """What each generation that was ever seen was to show, whatever its row says now."""
        self.deaths = 0
        self._events: list[tuple[float, int, Callable[[], Any]]] = []
        self._numbers = itertools.count(1)
        self.processes = [Process(self)]

    # time

    def true_time(self) -> datetime:
        """Return what Discord's and the providers' clocks say."""
        return START + timedelta(seconds=self.loop.moment)

    def clock(self) -> datetime:
        """Return what our machine's clock says."""
        return self.true_time() + self.skew

    def at(self, moment: float, event: Callable[[], Any]) -> None:
        """Let something happen outside, later; while nobody lives it is for nothing."""
        heapq.heappush(self._events, (moment, next(self._numbers), event))

    def run(self, until: float) -> None:
        """Let time pass."""
        while True:
            self._expect_callbacks()
            following = self._events[0][0] if self._events else until
            following = min(following, until)
            self._live(following)
            self._expect_callbacks()
            if self._events and self._events[0][0] <= self.loop.moment:
                heapq.heappop(self._events)[2]()
                self._live(self.loop.moment)
            elif self.loop.moment >= until:
                return

    def _live(self, until: float) -> None:
        try:
            self.loop.forward(until)
        except Died:
            self.crash()

    def crash(self) -> None:
        """End every process at once, and start another one after the gap."""
        self.deaths += 1
        self.outside.life.dead = True
        self.end_processes()
        self.note_rows()
        self.at(self.loop.moment + self.gap, self._restart)

    def end_processes(self) -> None:
        """End all; nothing of them goes on."""
        for process in self.processes:
            process.breath.dead = True
        self.processes = []
        self.loop.wipe()
        web_app._cached_build_middleware.cache_clear()  # it would keep the last thousand processes

    def _restart(self) -> None:
        if not self.processes:
            self.processes = [Process(self)]

    def second_process(self) -> None:
        """Start another process on the same database, as PostgreSQL allows it."""
        if len(self.processes) == 1:
            self.processes.append(Process(self, alone=False))

    @property
    def process(self) -> Process | None:
        """The process that people reach, if one lives."""
        return self.processes[0] if self.processes else None

    def _expect_callbacks(self) -> None:
        for name, studio in self.studios.items():
            while studio.calls:
                moment, url, task_id = studio.calls.pop()
                self.at(moment, partial(self.call_back, name, url, task_id))

    def call_back(self, name: str, url: str, task_id: str) -> None:
        """Let a provider call back; whoever is dead doesn't hear it."""
        studio = self.studios[name]
        if self.process is not None:
            self.process.called_back(url, studio.told(studio.tasks[task_id]))

    def keep_time(self, file: MediaFile) -> None:
        """Let a file be as old as it is here, not as old as it is on the machine."""
        path = self.stage.premises.hosting(self.stage.premises.settings[self.public]).media_path(file)
        os.utime(path, (self.clock().timestamp(),) * 2)

    # what is there

    def rows(self, since: datetime = EVER) -> list[Generation]:
        """Return every generation that was asked for since then, oldest first."""
        names = ", ".join(column.name for column in statements.COLUMNS)
        text = f"SELECT {names} FROM generations WHERE created_at >= {micros(since)} ORDER BY created_at, id"
        return [generation_of(row) for row in self.stage.database.select(text)]

    def note_rows(self) -> None:
        """Remember what each generation is to show, before somebody has it forgotten."""
        for id_, prompt in self.stage.database.select("SELECT id, prompt FROM generations"):
            if prompt:
                self.prompts.setdefault(id_, prompt)

    def at_rest(self) -> bool:
        """Say whether nothing is due any more."""
        return not self._events and not any(map(self.stage.database.select, STILL_DUE))

    def rest(self) -> bool:
        """Let time pass until everything rests, or say that it doesn't."""
        end = self.loop.moment + LONGEST.total_seconds()
        while self.loop.moment < end:
            self._expect_callbacks()
            if self.processes and self.at_rest():
                self.note_rows()
                return True
            self.run(self.loop.moment + 60.0)
        self.note_rows()
        return False
