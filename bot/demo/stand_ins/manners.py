"""What the three providers have in common, and where each has manners of its own."""

from __future__ import annotations

import ipaddress
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime, timedelta

    from aiohttp import web

    from bot.demo.stand_ins.material import Material
    from bot.demo.stand_ins.records import Fault, ProviderName, Settings, TaskSeen
    from bot.demo.stand_ins.studio import Studio


class Refusal(Exception):
    """A request is turned away; the provider puts it into its own envelope."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {"Retry-After": retry_after} if retry_after is not None else {}
        self.param = param


MODERATED = "moderation"
"""The `code` of a refusal by content rules."""


FACE_REFUSED = "InputImageSensitiveContentDetected.PrivacyInformation: may contain real person"
SOUND_REFUSED = "OutputAudioSensitiveContentDetected: the output audio may contain sensitive information"
SECOND_LOOK = {"forbidden face": FACE_REFUSED, "forbidden sound": SOUND_REFUSED}


def invalid(message: str, param: str | None = None) -> Refusal:
    """Return the refusal of a bad parameter."""
    return Refusal(400, "invalid", message, param=param)


class Failed(Exception):
    """A task ends without a film. `reason` is one of the provider-neutral words, or a provider's own."""

    def __init__(self, reason: str | None, message: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a task's life."""

    word: str
    share: float
    """Of the whole time."""
    progress: int = 0


@dataclass(frozen=True, slots=True)
class Manners:
    """The fixed side of a provider: its words, and how its results and callbacks go."""

    name: ProviderName
    stages: tuple[Stage, ...]
    succeeded: str
    failed: str
    cancelled: str
    timed_out: str
    reasons: Mapping[str, str | None]
    """Its word for `moderation`, `input`, `credit`, `provider`, `timeout`."""
    result_path: str
    """Of the film, with `{task_id}`."""
    result_life: timedelta
    expired_status: int = 404


@dataclass(frozen=True, slots=True)
class Order:
    """A request that was found good."""

    model: str
    prompt: str
    mode: str
    ratio: str
    resolution: str
    seconds: int
    sound: bool | None
    """None: there is no switch, so a given sound is heard, and else nothing."""
    credits: float
    body: Mapping[str, Any]
    undocumented: tuple[str, ...] = ()
    material: tuple[Material, ...] = ()
    callback_url: str | None = None
    key: str | None = None
    check: Callable[[Task], Awaitable[None]] | None = None
    """What the provider looks at only after accepting; raises `Failed`."""


@dataclass(slots=True)
class Task:
    """A provider's record of one film."""

    id: str
    order: Order
    created_at: datetime
    updated_at: datetime
    word: str
    takes: float
    """Seconds until it is done."""
    mode: str
    material: tuple[Material, ...]
    faults: list[Fault] = field(default_factory=list)
    progress: int = 0
    reason: str | None = None
    message: str = ""
    film: bytes = b""
    ended: bool = False
    downloads: int = 0
    seen: TaskSeen | None = None
    """Its line in the ledger."""

    @property
    def succeeded(self) -> bool:
        """Whether there is a film."""
        return bool(self.film)


class StandIn(ABC):
    """One provider: its paths, what it takes, and how it speaks."""

    manners: ClassVar[Manners]
    settings: ClassVar[Settings]
    open_to_all: ClassVar[frozenset[str]] = frozenset({"result"})
    """Endpoints that ask for no key."""

    studio: Studio

    def join(self, studio: Studio) -> None:
        """Join the studio that keeps the tasks."""
        self.studio = studio

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Return its paths; each route is named after its endpoint."""

    @abstractmethod
    def describe(self, task: Task) -> dict[str, Any]:
        """Return a task as the provider tells it: the query's answer, and the callback's body."""

    @abstractmethod
    def turn_away(self, refusal: Refusal) -> web.Response:
        """Put a refusal into the provider's envelope."""

    def refunded(self, task: Task) -> float:
        """Return the credits given back for a task that ended without a film."""
        del task
        return 0.0


# ---- reading a body


def text_of(body: Mapping[str, Any], name: str, *, needed: bool = False, longest: int = 10_000) -> str:
    """Return a text field, or an empty text. Raises `Refusal`."""
    value = body.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise invalid(f"{name} is required and must be a non-empty string", name)
    if len(value) > longest:
        raise invalid(f"{name} is longer than {longest} characters", name)
    return value


def choice_of(body: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str) -> str:
    """Return one of several words. Raises `Refusal`."""
    value = body.get(name, default)
    if value not in choices:
        raise invalid(f"{name} must be one of {', '.join(choices)}", name)
    return str(value)


def whole_of(body: Mapping[str, Any], name: str, choices: tuple[int, ...], default: int) -> int:
    """Return a whole number; a text or a truth value isn't one. Raises `Refusal`."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value not in choices:
        raise invalid(f"{name} must be an integer, one of {', '.join(map(str, choices))}", name)
    return value


def flag_of(body: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """Return a truth value. Raises `Refusal`."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid(f"{name} must be a boolean", name)
    return value


def addresses_of(body: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """Return a list of web addresses, or None where the field is left out. Raises `Refusal`."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(url, str) for url in value):
        raise invalid(f"{name} must be an array of strings", name)
    if not all(is_address(url) for url in value):
        raise invalid(f"{name} must hold URLs that can be fetched", name)
    return tuple(value)


def callback_of(body: Mapping[str, Any], name: str, longest: int = 2048) -> str | None:
    """Return where to call back, if anywhere. Raises `Refusal`."""
    value = text_of(body, name)
    if not value:
        return None
    if len(value) > longest or not is_address(value):
        raise invalid(f"{name} must be a public https URL of at most {longest} characters", name)
    return value


def is_address(url: str) -> bool:
    """Return whether an address may be called: https outside, http on this machine, no inner networks."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None and parts.password is None
    except ValueError:
        return False
    local, public = reach(parts.hostname or "")
    return named and (local or public) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def reach(host: str) -> tuple[bool, bool]:
    """Return whether a host is this machine, and whether it may be anybody's."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost", host != "localhost"
    return address.is_loopback, address.is_global


def undocumented(body: Mapping[str, Any], known: frozenset[str], prefix: str = "") -> tuple[str, ...]:
    """Return the fields that no page of the provider names."""
    return tuple(f"{prefix}{name}" for name in body if name not in known)


def frames_mode(kinds: list[str]) -> str:
    """Return the mode where the provider infers it from what it is given."""
    if not kinds:
        return "text"
    if set(kinds) == {"image"} and len(kinds) <= 2:  # noqa: PLR2004 - first and last
        return ("first_frame", "first_last_frame")[len(kinds) - 1]
    return "reference"


def banned(prompt: str) -> bool:
    """Return whether the prompt is refused at once."""
    return "forbidden" in prompt.lower() and not banned_later(prompt)


def banned_later(prompt: str) -> bool:
    """Return whether only the second look may refuse it: for a face, or for the sound that was made."""
    return any(words in prompt.lower() for words in SECOND_LOOK)


def second_look(order: Order) -> str | None:
    """Return what the second look says against it, in the words that ByteDance's resellers hand on."""
    said = (why for words, why in SECOND_LOOK.items() if words in order.prompt.lower())
    why = next(said, None)
    return None if why == SOUND_REFUSED and order.sound is False else why


def number_in(request: web.Request, name: str, default: int) -> int:
    """Return a counting number of a query. Raises `Refusal`."""
    text = request.query.get(name, str(default))
    if not text.isdecimal() or not int(text):
        raise invalid(f"{name} must be a positive integer", name)
    return int(text)
