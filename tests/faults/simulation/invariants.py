"""What must be true of the world once everything has come to rest, whatever happened before: I1 to I10."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from bot import quotas
from bot.hosting import sweep_here
from bot.models import TERMINAL, WITHOUT_FILM, Notice, Status
from bot.shots import is_joined
from bot.store.forgetting import is_forgotten
from tests.faults.simulation.discord import LIE, REFUSALS, TOKEN
from tests.faults.simulation.process import KEYS, SECRET
from tests.faults.simulation.world import EVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.models import Generation
    from tests.faults.simulation.providers import Task
    from tests.faults.simulation.world import World

UNDECIDED: Final = frozenset(
    {"uncertain", "timeout", "task_unknown", "absurd_charge", "unavailable", "message_refused"}
)
"""Why one may be parked; `unknown` would be a mistake of ours."""
LOST_THERE: Final = frozenset({"result_lost", "join_failed", "frame_lost", "unavailable"})
"""Why one that was paid may end without a film, and cost its member nothing."""
POISONOUS: Final = 5
"""So many deaths in one step look like its own doing."""


@dataclass
class Findings:
    """Looks at a world at rest. `strict`: Discord refused nothing, so everybody was reached."""

    world: World
    strict: bool = True
    deep: bool = True
    """Whether to read through everything that is written, which takes some milliseconds."""
    since: datetime = EVER
    """From when on generations are looked at, and the counters of days after it."""
    found: list[str] = field(default_factory=list)

    def look(self) -> list[str]:
        """Return what is wrong, one sentence each."""
        self.found += self.world.outside.wrongs
        self.found += [f"nobody handled: {each}" for each in self.world.stage.loop.broken]
        for row in self.rows:
            self._comes_to_rest(row)
            self._is_paid_once(row)
            self._is_in_the_ledger(row)
            self._is_told_once(row)
        self._counters()
        self._files()
        if self.deep:
            self._secrets()
            if not self.world.stage.database.is_whole():
                self.found.append("I10: the database is damaged")
        return self.found

    @cached_property
    def rows(self) -> list[Generation]:
        """Every generation that is looked at."""
        return self.world.rows(self.since)

    @cached_property
    def _tasks(self) -> dict[str, list[Task]]:
        found: dict[str, list[Task]] = {}
        for studio in self.world.studios.values():
            for task in studio.tasks.values():
                found.setdefault(task.prompt, []).append(task)
        return found

    def tasks(self, row: Generation) -> list[Task]:
        """Return what providers accepted for a generation."""
        return self._tasks.get(self.world.prompts.get(row.id, ""), [])

    def paid(self, row: Generation) -> list[Task]:
        """Return what is paid for it there."""
        return [task for task in self.tasks(row) if task.charged(self.world.loop.moment)]

    def _wrong(self, number: int, row: Generation, what: object) -> None:
        self.found.append(f"I{number}: {row.id} ({row.status}, {row.reason}, {row.request.provider}): {what}")

    # I3

    def _comes_to_rest(self, row: Generation) -> None:
        if row.status not in TERMINAL | {Status.PARKED} or row.due_at is not None:
            self._wrong(3, row, f"never comes to rest, due {row.due_at}")
        poisoned = row.reason == "unknown" and self.world.deaths >= POISONOUS
        if row.status is Status.PARKED and row.reason not in UNDECIDED and not poisoned:
            self._wrong(3, row, "parked for a mistake of ours")

    # I1

    def _is_paid_once(self, row: Generation) -> None:
        if is_joined(row):
            return
        accepted, paid = Counter(task.provider for task in self.tasks(row)), self.paid(row)
        if len(paid) > 1 or any(number > 1 for number in accepted.values()):
            self._wrong(1, row, f"paid {len(paid)} times, accepted {dict(accepted)}")
        free = row.status in WITHOUT_FILM and not row.counts_in_full
        if paid and free and row.reason not in LOST_THERE and not row.refunded:
            self._wrong(1, row, "paid there, and given back here")
        if quotas.settled(row) and not paid and not row.counts_in_full:
            self._wrong(1, row, "settled here, and never paid there")

    def _is_in_the_ledger(self, row: Generation) -> None:
        entries = self.ledger.get(row.id, {})
        expected = set()
        if not is_joined(row):
            ended = row.status in WITHOUT_FILM and not row.counts_in_full
            given_back = "refund" if "settle" in entries else "release"
            expected = {"reserve"} | ({"settle"} if quotas.settled(row) or "settle" in entries else set())
            expected |= {given_back} if ended or row.refunded else set()
        if expected != set(entries):
            self._wrong(1, row, f"ledger has {sorted(entries)}, not {sorted(expected)}")
        if "settle" in entries and quotas.settled(row) and entries["settle"] != row.cost.credits:
            self._wrong(1, row, f"settled at {entries['settle']}, cost {row.cost.credits}")

    @cached_property
    def ledger(self) -> dict[str, dict[str, int]]:
        """The credits of every entry, by generation and kind."""
        found: dict[str, dict[str, int]] = {}
        for id_, kind, micros in self._select("SELECT generation_id, kind, credits FROM ledger"):
            found.setdefault(id_, {})[kind] = micros
        return found

    def _select(self, text: str) -> list[Any]:
        return self.world.stage.database.select(text)

    # I2

    def _is_told_once(self, row: Generation) -> None:
        if is_forgotten(row):
            return
        places = self._about(row)
        about = Counter({kind: sum(there.values()) for kind, there in places.items()})
        for kind, there in places.items():
            most = max(there.values()) if self._may_be_split else about[kind]
            if most > 1:
                self._wrong(2, row, f"{about[kind]} messages of the kind {kind}")
        unseen = row.reason == "message_refused" and self._may_be_split
        if row.status is not Status.DELIVERED and about["film"] + about["copy"] and not unseen:
            self._wrong(2, row, "a film was posted")
        if row.shot is None:  # a shot is shown in its storyboard's film alone
            self._film_is_there(row, about)
        if row.storyboard_id is None:  # whose messages speak of several
            self._notice_is_there(row, about)

    @property
    def _may_be_split(self) -> bool:
        """Say whether a message may stand in two places, though never twice in one.

        discord.py repeats a post by itself after a 502, and tells us nothing of it: where that answer was a
        lie and the repeat is forbidden, we can't know that the first one stands.
        """
        struck = self.world.outside.struck
        return LIE in struck and any(kind in struck for kind in REFUSALS)

    def _about(self, row: Generation) -> dict[str, Counter[int]]:
        """Return how many messages there are about a generation, by kind and channel."""
        private = self.world.server.backend.dm_channels.values()
        about: dict[str, Counter[int]] = {}
        for message in self.messages:
            kind = _kind(message, row.id) if _names(message, row.id) else None
            if kind == "film" or (kind and row.storyboard_id is None):
                copied = kind == "film" and row.place.deliver == "both" and message.channel_id in private
                about.setdefault("copy" if copied else kind, Counter())[message.channel_id] += 1
        return about

    def _film_is_there(self, row: Generation, about: Counter[str]) -> None:
        if row.status is not Status.DELIVERED:
            return
        if row.posting_place == "kept":
            if self.strict:
                self._wrong(2, row, "kept, though it could be posted")
        elif not about["film"] + about["copy"] and row.message_channel_id not in self.world.server.gone:
            self._wrong(2, row, "delivered, and nowhere to be seen")
        if self.strict and row.place.deliver == "both" and not about["copy"]:
            self._wrong(2, row, "its member has no copy")

    def _notice_is_there(self, row: Generation, about: Counter[str]) -> None:
        telling = row.status in WITHOUT_FILM and row.status is not Status.CANCELLED
        if telling and row.notice is not Notice.TOLD:
            self._wrong(2, row, "its member isn't told")
        if about["notice"] and not telling:
            self._wrong(2, row, "its member is told of no film")
        if self.strict and telling and not about["notice"]:
            self._wrong(2, row, "its member was told nothing")

    @cached_property
    def messages(self) -> list[Any]:
        """Every message of the bot's that stands where people can be."""
        server = self.world.server
        return [message for message in server.posts() if message.channel_id not in server.gone]

    # I6

    def _counters(self) -> None:
        expected: Counter[tuple[str, str, str, str]] = Counter()
        for row in self.rows:
            for hold in quotas.held(row):
                for unit in ("videos", "seconds", "credits"):
                    expected[hold.scope, hold.subject, hold.period, unit] += getattr(hold.cost, unit)
        stands: Counter[tuple[str, str, str, str]] = Counter()
        for scope, subject, period, *used in self._select(
            "SELECT scope, subject, period, videos, seconds, credits FROM counters"
        ):
            for unit, number in zip(("videos", "seconds", "credits"), used, strict=True):
                stands[scope, subject, period, unit] = number
        for key in {*expected, *stands}:
            if _began_since(self.since, key[2]) and expected[key] != stands[key]:
                self.found.append(f"I6: {key} stands at {stands[key]}, held is {expected[key]}")

    # I8

    def _files(self) -> None:
        premises = self.world.stage.premises
        hosting = premises.hosting(premises.settings[self.world.public])
        sweep_here(hosting, self.world.clock() + timedelta(hours=2))
        ids = {id_ for (id_,) in self._select("SELECT id FROM generations")}
        for path in hosting.films_dir.iterdir():
            if path.name.partition(".")[0] not in ids or not path.name.endswith(".mp4"):
                self.found.append(f"I8: {path.name} is left behind")
        for row in self.rows:
            kept = row.status is Status.DELIVERED and row.posting_place == "kept"
            made = row.rendered_at or row.created_at
            young = self.world.clock() + timedelta(days=1) < made + hosting.keep
            if kept and young and row.film is not None and not hosting.film_path(row.film).exists():
                self._wrong(2, row, "kept, and gone from the disk")

    # I4

    def _secrets(self) -> None:
        written = self.world.stage.database.texts()
        said = json.dumps([[m.content, m.embeds, m.components] for m in self.messages], default=str)
        for secret in planted(self.world, self.rows):
            for where, text in (("database", written), ("messages", said)):
                if secret in text:
                    self.found.append(f"I4: {secret[:12]}… in the {where}")


def _began_since(since: datetime, period: str) -> bool:
    """Say whether everything that counts in a period was asked for since then."""
    return since == EVER or period == quotas.NOW or period > quotas.day_of(since)


def planted(world: World, rows: Iterable[Generation]) -> Iterator[str]:
    """Yield every secret that nobody may ever read."""
    yield from (TOKEN, SECRET, *KEYS.values())
    signer = world.stage.premises.signer
    for row in rows:
        yield signer.callback_token(row.request.provider or "", row.id)


def _names(message: Any, id_: str) -> bool:
    return any(id_ in text for text in _texts(message))


def _texts(message: Any) -> Iterator[str]:
    yield message.content
    yield from (attachment["filename"] for attachment in message.attachments)
    yield from ((embed.get("footer") or {}).get("text", "") for embed in message.embeds)
    yield from _custom_ids(message.components)


def _custom_ids(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        yield component.get("custom_id") or ""
        yield from _custom_ids(component.get("components") or ())


def _kind(message: Any, id_: str) -> str:
    """Say what a message is: a film wherever the film or its link is, else a card by its footer."""
    if f"/films/{id_}/" in message.content or any(id_ in each["filename"] for each in message.attachments):
        return "film"
    if any((embed.get("footer") or {}).get("text") == id_ for embed in message.embeds):
        return "card"
    return "notice"
