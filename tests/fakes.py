"""A clock to turn, a provider to script and a channel to look into: what the tracker's tests stand on.

The store is the real one. These stand where the outside world begins.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.delivery import Parcel, Posted, Rung
from bot.errors import ChannelClosed, DiscordUnavailable
from bot.models import (
    Film,
    Generation,
    MediaKind,
    Mode,
    Place,
    ProviderTask,
    Requester,
    TaskStatus,
    VideoRequest,
)
from bot.providers.capabilities import CAPABILITIES
from bot.providers.interface import Pace, Provider, Submission

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANNA = Requester(user_id=1001, name="Anna")
BEN = Requester(user_id=1002, name="Ben")
CINEMA = Place(channel_id=500, guild_id=400)
SUCCESS = ProviderTask("t1", TaskStatus.SUCCEEDED, urls=("https://films.example/t1.mp4",))
RUNNING = ProviderTask("t1", TaskStatus.RUNNING)


class Clock:
    """Time, as the test wants it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.now

    def forward(self, **length: float) -> None:
        """Let time pass."""
        self.now += timedelta(**length)


class FakeProvider(Provider):
    """Answers what it is told to, and remembers what it was asked."""

    pace = Pace(first=timedelta(seconds=60), growth=1.5, slowest=timedelta(seconds=300))

    def __init__(self, name: str = "maxapi", concurrency: int = 5) -> None:
        self.name = name  # type: ignore[misc]
        self.capabilities = CAPABILITIES[name]
        self.concurrency = concurrency
        self.submits: deque[ProviderTask | Exception] = deque()
        self.fetches: deque[ProviderTask | Exception] = deque()
        self.last_fetch: ProviderTask | Exception = SUCCESS
        self.sent: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.on_submit = None
        self.tasks = 0

    def prepare(self, request, *, media_urls, user, callback_url):
        """Write a body that holds everything."""
        return Submission(f'"{request.prompt}" {media_urls} {user} {callback_url}')

    async def submit(self, submission, *, key):
        """Answer the next thing on the list, else accept."""
        self.sent.append((key, submission.body))
        if self.on_submit is not None:
            await self.on_submit()
        self.tasks += 1
        answer = self.submits.popleft() if self.submits else ProviderTask(f"t{self.tasks}", TaskStatus.QUEUED)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def fetch(self, task_id):
        """Answer the next thing on the list, else the last word."""
        self.asked.append(task_id)
        answer = self.fetches.popleft() if self.fetches else self.last_fetch
        if isinstance(answer, Exception):
            raise answer
        return replace(answer, id=task_id)

    async def cancel(self, task_id):
        """Remember it."""
        self.cancelled.append(task_id)
        return ProviderTask(task_id, TaskStatus.CANCELLED)

    async def probe(self):
        """Nothing to prove."""
        return "fine"

    def named_task(self, body):
        """Read the plainest shape."""
        return body.get("id") if isinstance(body, dict) else None

    async def close(self):
        """Nothing is held."""


@dataclass
class Message:
    """What stands in a channel."""

    id: int
    channel_id: int
    kind: str
    generation: Generation
    nonce: str
    at: datetime
    parcel: Parcel | None = None


DM = 900
NONCES = {"card": "c", "film": "f", "copy": "d", "notice": "n"}


def channel_of(generation: Generation, rung: Rung) -> int:
    """Return where a rung is."""
    place = generation.place
    there = {Rung.DM: DM, Rung.GALLERY: place.film_channel_id, Rung.THREAD: generation.card_id}
    return there.get(rung) or place.channel_id


@dataclass
class FakeDelivery:
    """A channel and a DM that can be looked into, with Discord's nonce rule, and faults on demand."""

    clock: Clock
    messages: list[Message] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    drafts: list[object] = field(default_factory=list)
    """Every card as it was shown, first or edited."""
    faults: deque[Exception | None] = field(default_factory=deque)
    """For the next calls that post: None lets one through."""
    closed: set[Rung] = field(default_factory=set)
    hidden: set[Rung] = field(default_factory=set)
    """Where nobody may look."""
    lose_answers: int = 0
    """So many posts are accepted, but the answer is lost."""
    remembers: timedelta = timedelta(seconds=180)
    limit: int = 10**7
    unfit: bool = False
    link: str | None = None
    """What is posted where no file can be."""

    def films(self, generation_id: str) -> list[Message]:
        """Return every film message of a generation."""
        return self._of(generation_id, "film")

    def copies(self, generation_id: str) -> list[Message]:
        """Return every copy for the requester of a generation's film."""
        return self._of(generation_id, "copy")

    def notices(self, generation_id: str) -> list[Message]:
        """Return every notice of a generation."""
        return self._of(generation_id, "notice")

    def cards(self, generation_id: str) -> list[Message]:
        """Return every card of a generation."""
        return self._of(generation_id, "card")

    def _of(self, generation_id: str, kind: str) -> list[Message]:
        return [each for each in self.messages if (each.generation.id, each.kind) == (generation_id, kind)]

    def _post(self, generation: Generation, rung: Rung, kind: str, parcel: Parcel | None = None) -> Posted:
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            raise fault
        if rung in self.closed:
            raise ChannelClosed("50013")
        channel_id = channel_of(generation, rung)
        nonce = f"{NONCES[kind]}{generation.id}"
        for message in self.messages:
            same = (message.channel_id, message.nonce) == (channel_id, nonce)
            if same and self.clock() - message.at < self.remembers:
                return Posted(channel_id, message.id)
        message = Message(
            7000 + len(self.messages), channel_id, kind, generation, nonce, self.clock(), parcel
        )
        self.messages.append(message)
        if self.lose_answers:
            self.lose_answers -= 1
            raise DiscordUnavailable("answer lost")
        return Posted(channel_id, message.id)

    async def put_card(self, generation, draft):
        """Post or edit."""
        self.drafts.append(draft)
        if generation.card_id is not None:
            self.edits.append(generation.status)
            return generation.card_id
        found = self.cards(generation.id)
        return found[0].id if found else self._post(generation, Rung.CHANNEL, "card").message_id

    async def pack(self, generation, rung, now):
        """Return a parcel by size alone."""
        learned = generation.upload_limit
        limit = self.limit if learned is None else min(self.limit, learned)
        if limit == 0 or (self.unfit and generation.film.size > limit):
            return Parcel(None, self.link)
        return Parcel(FakePath(min(generation.film.size, limit)), None)

    @staticmethod
    def next_limit(size):
        """Half, down to a thousand bytes."""
        return size // 2 if size > 1000 else 0

    @staticmethod
    async def discard(generation, parcel):
        """Nothing lies on a disk."""

    async def post_film(self, generation, rung, parcel, facts):
        """Post."""
        return self._post(generation, rung, "film", parcel)

    async def post_copy(self, generation, parcel, facts):
        """Post."""
        return self._post(generation, Rung.DM, "copy", parcel)

    async def post_notice(self, generation, rung, facts):
        """Post."""
        return self._post(generation, rung, "notice")

    async def find_film(self, generation, rung):
        """Look."""
        return self._find(generation, rung, "film") or self._find(generation, rung, "copy")

    async def find_notice(self, generation, rung):
        """Look."""
        return self._find(generation, rung, "notice")

    def _find(self, generation, rung, kind):
        if rung in self.hidden or rung in self.closed:
            raise ChannelClosed("50001")
        channel_id = channel_of(generation, rung)
        for message in self._of(generation.id, kind):
            if message.channel_id == channel_id:
                return Posted(channel_id, message.id)
        return None


@dataclass(frozen=True)
class FakePath:
    """A file of a size."""

    size: int

    def stat(self):
        """Return what `Path.stat` would, as far as it is asked."""
        return type("Stat", (), {"st_size": self.size})


@dataclass
class FakeDownloader:
    """Fetches a film of a size, or fails as told."""

    size: int = 5000
    faults: deque[Exception] = field(default_factory=deque)
    fetched: list[str] = field(default_factory=list)

    async def download(self, url, target, *, most):
        """Answer the next fault, else write a small file."""
        self.fetched.append(url)
        if self.faults:
            raise self.faults.popleft()
        target.write_bytes(b"film")
        return type("Downloaded", (), {"size": self.size, "sha256": "0" * 64})


@dataclass
class FakeProber:
    """Says of every file that it is a film."""

    kind: MediaKind = MediaKind.VIDEO
    extension: str = ".mp4"

    async def probe(self, path):
        """Describe it."""
        return type(
            "Probed",
            (),
            {
                "kind": self.kind,
                "extension": self.extension,
                "size": 5000,
                "sha256": "0" * 64,
                "width": 1280,
                "height": 720,
                "duration": timedelta(seconds=5),
                "frame_rate": 24.0,
                "sound": True,
                "video_codec": "h264",
                "pixel_format": "yuv420p",
                "audio_codec": "aac",
            },
        )


def a_request(**said) -> VideoRequest:
    """Return what a member might ask."""
    return VideoRequest(**{"prompt": "a cat on a piano", "mode": Mode.TEXT, **said})


def a_film(size: int = 5000) -> Film:
    """Return a film that is fetched."""
    return Film("films/x.mp4", size, "0" * 64, 1280, 720, timedelta(seconds=5), sound=True)
