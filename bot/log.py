"""The log: one event is one line, and no line holds a secret, whoever wrote it."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from structlog.typing import EventDict, Processor, WrappedLogger

GONE = "[redacted]"
SHORTEST = 4
"""A known value with fewer characters would blot out half of the log."""
DEEPEST = 6
LARGEST_NUMBER = 2**64
QUIET = {
    # These print links, headers, parameters or whole messages below this level; whoever needs them finds the
    # same facts, without the members' words, in our own events.
    "aiohttp.access": logging.CRITICAL,
    "aiohttp.server": logging.CRITICAL,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncpg": logging.CRITICAL,  # its pool tells each try with a traceback; we tell that nobody answers
    "discord": logging.INFO,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "websockets": logging.WARNING,
}

_SENSITIVE = (
    r"authorization|proxy-authorization|cookie|set-cookie|password|passwd|secret|secret[_-]key|session[ _-]id"
    r"|(?:x-)?api[_-]?key|(?:access|refresh|bot|discord|interaction|callback|bearer)[_-]?token|token"
)
_SIGNED = r"ex|is|hm|sig|signature|expires|policy|key-pair-id|awsaccesskeyid|x-[a-z]+-[a-z-]+"
_BETWEEN = r"(?:[:=,]|=>)\s*(?:b(?=[\"']))?[\"']?"
_CREDENTIAL = r"(?:(?:bearer|bot|basic)\s+)?[^\s\"',;&)}\]]+"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # paths that are keys: our callbacks, members' files and films, Discord's interactions and webhooks
        (r"(/callbacks/[^/\s]{1,64}/)[^/\s\"'?]+", rf"\1{GONE}"),
        (r"(/(?:interactions|webhooks)/[^/\s\"']{1,64}/)[^/\s\"'?]+", rf"\1{GONE}"),
        (r"(/films/[0-9a-f]{16}/)[0-9]+/[0-9a-f]{32}", rf"\1{GONE}"),
        (r"(/media/)[0-9a-f]{32}", rf"\1{GONE}"),
        # links: user names, and every query, since signatures go by many names
        (r"([a-z][a-z0-9+.-]{1,20}://)[^\s/@\"']+@", rf"\1{GONE}@"),
        (r"(\b(?:https?|wss?)://[^\s\"'<>?]+\?)[^\s\"'<>]+", rf"\1{GONE}"),
        (rf"([?&](?:amp;)?(?:{_SIGNED})=)[^&\s\"'<>]+", rf"\1{GONE}"),
        # headers and fields by name, credentials by shape
        (rf"((?<![a-z])(?:{_SENSITIVE})[\"']?\s*{_BETWEEN}){_CREDENTIAL}", rf"\1{GONE}"),
        (r"(\bresumed session )\w+", rf"\1{GONE}"),  # as discord.py says that it goes on with one
        (r"\b(bearer|basic)\s+[^\s\"',;)}\]]{6,}", rf"\1 {GONE}"),
        (r"\b[\w-]{20,32}\.[\w-]{6,7}\.[\w-]{20,}", GONE),  # a Discord bot token
        (r"\baW50ZXJhY3Rpb246[\w=+/-]+", GONE),  # a Discord interaction token: base64 of "interaction:"
        (r"(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])", GONE),  # a callback token of ours
    )
)  # fmt: skip
_SENSITIVE_KEY = re.compile(_SENSITIVE, re.IGNORECASE)


class Redactor:
    """Takes known secrets, and what looks like one, out of anything that is logged."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.add(*values)

    def add(self, *values: str) -> None:
        """Know more secrets, also as they look inside links, JSON and Python's own notation."""
        for value in values:
            if len(value) >= SHORTEST:
                forms = (
                    value,
                    quote(value, safe=""),
                    quote_plus(value),
                    json.dumps(value)[1:-1],
                    repr(value)[1:-1],
                )
                self._values.update(forms)
        longest_first = sorted(self._values, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def clean(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(GONE, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def cleaned(self, value: Any, depth: int = DEEPEST) -> Any:
        """Return a value as JSON knows it, every text in it without secrets."""
        if value is None or isinstance(value, bool) or (type(value) is float and math.isfinite(value)):
            return value
        if type(value) is int and abs(value) < LARGEST_NUMBER:
            digits = str(value)
            return value if self.clean(digits) == digits else GONE
        if isinstance(value, str):
            return self.clean(str(value))
        if depth and isinstance(value, Mapping):
            return {self.clean(str(key)): self._under(str(key), item, depth) for key, item in value.items()}
        if depth and isinstance(value, list | tuple | set | frozenset):
            return [self.cleaned(item, depth - 1) for item in value]
        return self.clean(_told(value))

    def _under(self, key: str, value: Any, depth: int) -> Any:
        return GONE if value and _SENSITIVE_KEY.fullmatch(key) else self.cleaned(value, depth - 1)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Clean a whole event: the last processor but the one that writes it."""
        cleaned = self.cleaned(event)
        assert isinstance(cleaned, dict)
        return cleaned


def _told(value: object) -> str:
    """Return an object in words; one that can't be put into words is named by its kind."""
    try:
        return str(value) if isinstance(value, BaseException) else repr(value)
    except Exception:  # noqa: BLE001  whatever an object's own words do, the event is logged
        return f"<{type(value).__name__}>"


def visible(text: str) -> str:
    """Return the text on one line: whatever doesn't print, or would reorder what does, as its escape."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _for_people(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    known = {name: event.pop(name, "") for name in ("timestamp", "level", "logger", "event", "exception")}
    facts = " ".join(f"{visible(k)}={_fact(v)}" for k, v in event.items() if v is not None)
    parts = (
        known["timestamp"],
        f"{known['level']:8}",
        known["logger"],
        known["event"],
        facts,
        known["exception"],
    )
    return " ".join(visible(str(part)) for part in parts if part)


def _fact(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ",".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[\s\"=]", text) or not text else text


def _for_machines(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=True, allow_nan=False)


class _Lines(logging.StreamHandler[TextIO]):
    """Writes lines. A record that can't be written is named, never quoted, as logging itself would do."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's own name for it
        self.acquire()
        try:
            self.stream.write(
                f'{{"level": "error", "event": "log_failed", "logger": {json.dumps(record.name)}}}\n'
            )
        except (OSError, ValueError):
            return
        finally:
            self.release()


def set_up(*, level: str, form: str, redactor: Redactor, stream: TextIO) -> None:
    """Send everything that structlog and logging are told to `stream`, as `json` or for the `console`.

    Call it once, first of all: logging is the process's own, not ours.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    lines = _Lines(stream)
    lines.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                redactor,
                _for_machines if form == "json" else _for_people,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    logging.captureWarnings(True)
