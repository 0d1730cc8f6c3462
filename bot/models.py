"""The words of the house as frozen values: what is asked, what becomes of it, what a provider can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction


class Mode(StrEnum):
    """What the attached files are for."""

    TEXT = "text"
    FIRST_FRAME = "first_frame"
    FIRST_LAST_FRAME = "first_last_frame"
    REFERENCE = "reference"


class MediaKind(StrEnum):
    """What a file is, read from its bytes."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A member's file, kept by us, with what its bytes say."""

    id: str
    """Ours, unguessable: the file's name in `DATA_DIR` and in its public address, without extension."""
    name: str
    """As the member called it: hostile text, for showing only."""
    kind: MediaKind
    extension: str
    """The true one, with the dot: `.png`, `.jpg`, `.mp4`, …"""
    size: int
    sha256: str
    source_url: str
    """Discord's own signed link, which dies within a day; empty for a picture of our own making."""
    width: int = 0
    height: int = 0
    duration: timedelta = timedelta()
    frame_rate: float = 0.0
    """Frames per second, of a clip."""
    frame_of: str = ""
    """The generation whose film this is the last picture of."""


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What a member asks for. `None` means: not said, so whatever the bot's default or the provider has.

    After routing, `provider`, `model` and every option with a default of ours are filled in.
    """

    prompt: str
    mode: Mode
    media: tuple[MediaFile, ...] = ()
    provider: str | None = None
    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    seconds: int | None = None
    sound: bool | None = None
    fallback: bool | None = None
    web_search: bool | None = None

    def of_kind(self, kind: MediaKind) -> tuple[MediaFile, ...]:
        """Return the files of one kind, in the order in which they were attached."""
        return tuple(file for file in self.media if file.kind is kind)


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a provider takes of one kind of file. Lengths are of one file unless they say total."""

    extensions: tuple[str, ...]
    most: int
    largest: int
    """Bytes."""
    shortest_side: int = 0
    longest_side: int = 0
    narrowest: float = 0.0
    """Least width ÷ height."""
    widest: float = 0.0
    fewest_pixels: int = 0
    most_pixels: int = 0
    shortest: timedelta = timedelta()
    longest: timedelta = timedelta()
    longest_total: timedelta = timedelta()
    slowest: float = 0.0
    """Least frames per second."""
    fastest: float = 0.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one provider's model can do: the only thing that commands and checks may read."""

    provider: str
    model: str
    modes: frozenset[Mode]
    media: dict[MediaKind, MediaLimits]
    """Kinds that are missing can't be used at all."""
    most_files: int
    fewest_pictures_alone: int
    """In reference mode with pictures only: fewer would be taken for frames by the provider."""
    seconds: tuple[int, ...]
    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    longest_prompt: int
    """Characters."""
    sound: bool = False
    """Whether sound can be switched on and off."""
    fallback: bool = False
    """Whether the provider can be allowed to fall back to another model."""
    web_search: frozenset[Mode] = frozenset()
    cancel: bool = False
    progress: bool = False
    """Whether the provider tells a percentage."""
    idempotent: bool = False
    """Whether a submit may be repeated with the same key and body."""
    uploads: bool = False
    """Whether the provider takes files from us directly, so that it needs no address to fetch them from."""
    longest: timedelta = timedelta(hours=1)
    """After this a task that has no end is a person's business."""
    expected: tuple[timedelta, timedelta] = (timedelta(minutes=1), timedelta(minutes=5))
    """The provider's own words: usually, at worst."""


class TaskStatus(StrEnum):
    """A provider task's state, in our words."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    """The provider's content rules."""
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A word we don't know: ask again, until the provider's longest time."""


@dataclass(frozen=True, slots=True)
class ProviderTask:
    """What a provider says of its own record."""

    id: str
    status: TaskStatus
    progress: int | None = None
    """Percent, where the provider tells one."""
    remaining: timedelta | None = None
    """The provider's own estimate."""
    urls: tuple[str, ...] = ()
    """Where the film is, best first."""
    reason: str | None = None
    """Why it ended without a film: `moderation…`, `input`, `credit`, `provider` or `timeout`."""
    retryable: bool = False
    """A failure that the provider doesn't charge and the user's input didn't cause."""
    credits: float | None = None
    """What the provider says it charged, in its own unit."""
    model: str | None = None
    """The model actually used, where the provider says so."""
    prompt: str | None = None
    """The prompt as the provider has it, for comparing before adopting."""
    detail: str = ""
    """Raw words of the provider, for the log only."""


class Status(StrEnum):
    """Where a generation stands. The table in the design says what a crash in each of them leads to."""

    QUEUED = "queued"  # -> submitting, cancelled, expired
    SUBMITTING = "submitting"  # -> running, uncertain, queued, failed, refused
    UNCERTAIN = "uncertain"  # -> running, parked
    RUNNING = "running"  # -> rendered, failed, refused, cancelled, parked, queued
    RENDERED = "rendered"  # -> fetched, failed
    FETCHED = "fetched"  # -> posting, delivered; rendered, if it is gone from the disk
    POSTING = "posting"  # -> delivered, fetched, rendered
    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PARKED = "parked"  # -> whatever a person decides


AT_PROVIDER = frozenset({Status.SUBMITTING, Status.UNCERTAIN, Status.RUNNING})
"""Takes a place at the provider."""
UNTIL_PROVIDER_IS_DONE = AT_PROVIDER | {Status.QUEUED}
"""Takes one of its member's places, and may still be cancelled: from `rendered` on the film comes."""
WITHOUT_FILM = frozenset({Status.FAILED, Status.REFUSED, Status.CANCELLED, Status.EXPIRED})
TERMINAL = WITHOUT_FILM | {Status.DELIVERED}
OPEN = frozenset(Status) - TERMINAL - {Status.PARKED}


class Notice(StrEnum):
    """What a requester is owed when there is no film: the same rules as for a film."""

    NONE = "none"
    OWED = "owed"
    TELLING = "telling"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Discord a command was given, and so where its film belongs."""

    channel_id: int
    guild_id: int | None = None
    parent_id: int | None = None
    """The channel that a thread hangs in."""
    locale: str = "en-US"
    """The server's language, for what everybody reads."""
    film_channel_id: int | None = None
    """The channel that the server's admins chose for films; None: where it was asked."""
    thread: bool = False
    """Whether the film goes into a thread of its own below the card."""
    deliver: str = "here"
    """Where its member wants it: `here`, `dm` or `both`."""
    spoiler: bool = False
    """Whether the film is hidden until somebody clicks on it."""
    age_restricted: bool = False
    """Whether the server wants films in age-restricted channels only."""
    member_only: bool = False
    """Asked through an app that only its member installed: the bot itself can't post there."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked."""

    user_id: int
    name: str
    """Display name, for showing only: hostile text."""
    locale: str = "en-US"


@dataclass(frozen=True, slots=True)
class Film:
    """A fetched film that is kept."""

    path: str
    """Its name where films are kept (see `bot.files`); in a folder of ours, relative to `DATA_DIR`."""
    size: int
    sha256: str
    width: int
    height: int
    duration: timedelta
    sound: bool
    playable: bool = True
    """Whether Discord's clients play it inline as it is."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a generation takes from its limits, or what has been taken."""

    videos: int = 0
    seconds: int = 0
    credits: int = 0
    """Millionths of a provider's credit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of each; None: no limit."""

    videos: int | None = None
    seconds: int | None = None
    credits: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """One counter that a generation takes from, and the limit it must keep to.

    `period` is a UTC day (`2026-11-21`), a month (`2026-11`), or `now` for things at once.
    """

    scope: str
    """`user`, `server`, `bot`, or `provider`."""
    subject: str
    """The member's pseudonym, the server's id, nothing, or the provider's name."""
    period: str
    cost: Cost
    limit: Limit = Limit()


@dataclass(frozen=True)  # without slots, so that `bot.values` copies it
class Generation:
    """One member's request and its fate: one row."""

    id: str
    """16 hexadecimal digits: fits Discord's nonce (25) and a custom_id (100)."""
    status: Status
    asked: VideoRequest
    """As the member said it: what is None was left to us."""
    request: VideoRequest
    """As it is routed: provider, model and every default filled in."""
    requester: Requester
    member: str
    """The requester's pseudonym, an HMAC: in the ledger and towards providers."""
    place: Place
    cost: Cost
    interaction_id: int
    """Unique: the same press or command never makes two."""
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    """When the tracker looks again; None: at rest."""
    version: int
    """Fencing: grows with every claim and every transition."""
    woken: int = 0
    """Callbacks and wishes since the last step: the next step is at once, whatever `due_at` would say."""
    lease_until: datetime | None = None
    ready_at: datetime | None = None
    """Queued and free to be submitted from this moment on, after a first step that shows its card."""
    cancel_wished: bool = False
    # the provider's side
    attempts: int = 0
    """Submits that may have left."""
    body: str | None = None
    """The exact body of the submit, so that a repeat is the same to the byte."""
    submitted_at: datetime | None = None
    task_id: str | None = None
    named_task_id: str | None = None
    """Named by a callback while the submit's outcome is unknown; checked before it is believed."""
    ask_at: datetime | None = None
    """When the provider is next asked; `due_at` may be earlier, for the card's sake."""
    asked_at: datetime | None = None
    """When it was last asked; once it is rendered: when it last wasn't done yet."""
    asks: int = 0
    """Times the provider was asked for this task."""
    misses: int = 0
    """Asks, downloads or posts in a row that failed."""
    progress: int | None = None
    expected_at: datetime | None = None
    worst_at: datetime | None = None
    """When it should be ready even if it takes as long as it seldom does."""
    task_status: TaskStatus | None = None
    urls: tuple[str, ...] = ()
    rendered_at: datetime | None = None
    charged: int | None = None
    """Millionths of a credit, as the provider reports."""
    reason: str | None = None
    """Why it ended without a film; a code of ours."""
    used_model: str | None = None
    # the film and the channel's side
    film: Film | None = None
    upload_limit: int | None = None
    """Bytes, learned from a 413."""
    card_id: int | None = None
    card_intended_at: datetime | None = None
    card_shown: str | None = None
    """What the card says, as a digest."""
    card_edited_at: datetime | None = None
    posting_since: datetime | None = None
    posting_place: str | None = None
    """The rung of the ladder that is being tried."""
    message_id: int | None = None
    message_channel_id: int | None = None
    removed: bool = False
    """Whether the film's message was deleted by somebody who may; it counts all the same."""
    notice: Notice = Notice.NONE
    notice_since: datetime | None = None
    finished_at: datetime | None = None
    watch: bool = False
    """Cancelled here, but its provider task is still watched to its end."""
    counts_in_full: bool = False
    """Cancelled after it may have been sent, where the provider doesn't confirm a cancel."""
    parent_id: str | None = None
    tried: tuple[str, ...] = ()
    """Providers that surely didn't take it, or failed without charging."""
    storyboard_id: str | None = None
    shot: int | None = None
    """Which of its storyboard's shots it is, from 1; None of a storyboard's: the joined film."""
    released_at: datetime | None = None
    """A shot: since when it takes a place, and may be sent as soon as its first frame is there."""
    refunded: bool = False
    """Whether an admin gave back what it had cost its member."""
    copy: Notice = Notice.NONE
    """The copy of the film for its requester's direct messages, like a notice."""
    copy_since: datetime | None = None
    forget: bool = False
    """Its member wants its words and files deleted; done as soon as it has ended."""
    begun: int = 0
    """Steps that were begun since the last one that came to its end: counted before their work."""


RATIOS: dict[str, Fraction] = {
    ratio: Fraction(ratio.replace(":", "/")) for ratio in ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
}
ADAPTIVE = "adaptive"
RESOLUTIONS = ("480p", "720p", "1080p")
