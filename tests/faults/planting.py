"""One real bot at DEBUG level amid stand-ins, with secrets planted wherever it could get hold of any."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
from simcord.backend import serializers

from bot.demo.stand_ins import StandIns
from bot.demo.stand_ins.records import Fault, FaultKind
from tests.bot.media.files import draw
from tests.e2e.conftest import register
from tests.e2e.house import PROVIDERS, SECRET_KEY, House, key_of, picture, settings
from tests.e2e.member import Member
from tests.e2e.process import Program
from tests.e2e.wire import WireDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

MOVING: Final = {"queued", "submitting", "running", "posting"}
NAME: Final = "Planted-Member-5b1e"
FILE: Final = "planted-file-77ac.png"
FORGED: Final = "planted-token-a1"
ECHO: Final = (
    "<html>Authorization: Bearer {key}; Bot {token}; cookie: planted-cookie-{n}; "
    '{{"api_key": "{key}", "secret": "planted-field-{n}", "url": "https://e.io/a?sig=planted-query-{n}"}} '
    "@everyone https://evil.example planted-words-{n}</html>"
)
AT_SUBMIT: Final = {
    "garbage": Fault(kind=FaultKind.GARBAGE),
    "late garbage": Fault(kind=FaultKind.GARBAGE, charged=True),
    "error": Fault(kind=FaultKind.ERROR, status=500),
    "close": Fault(kind=FaultKind.CLOSE),
    "late close": Fault(kind=FaultKind.CLOSE, charged=True),
    "busy": Fault(kind=FaultKind.RATE_LIMIT, retry_after="1"),
    "moderation": Fault(kind=FaultKind.MODERATION),
    "bad request": Fault(kind=FaultKind.ERROR, status=400),
}
IN_LIFE: Final = {
    "review": Fault(kind=FaultKind.REVIEW),
    "failure": Fault(kind=FaultKind.FAILURE, reason="provider"),
    "odd failure": Fault(kind=FaultKind.FAILURE, reason="planted-words-own https://evil.example"),
    "timeout": Fault(kind=FaultKind.TIMEOUT),
    "unknown status": Fault(kind=FaultKind.UNKNOWN_STATUS, word="planted-words-status"),
    "lost callback": Fault(kind=FaultKind.LOST_CALLBACK),
    "double callback": Fault(kind=FaultKind.DOUBLE_CALLBACK),
    "expired": Fault(kind=FaultKind.EXPIRED_RESULT, status=403, downloads=1),
    "cut": Fault(kind=FaultKind.TRUNCATED_RESULT, downloads=1),
}
AT_ASK: Final = {
    "garbled ask": Fault(kind=FaultKind.GARBAGE, on="query"),
    "failed ask": Fault(kind=FaultKind.ERROR, on="query", status=503),
    "cut ask": Fault(kind=FaultKind.CLOSE, on="query"),
}
LAST: Final = {
    "no key": Fault(kind=FaultKind.ERROR, status=401),
    "no credit": Fault(kind=FaultKind.ERROR, status=402),
}
"""After these a provider is sent nothing for minutes."""


@dataclass
class Theatre:
    """A bot, what surrounds it, and what was planted."""

    place: House
    folder: Path
    prompts: list[str] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    echoes: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    """What health and metrics told."""

    def ask(self, prompt: str, provider: str, **more: Any) -> None:
        """Give a command in words that are a secret in the log, though not in Discord."""
        self.prompts.append(f"planted prompt {len(self.prompts):02d} {prompt}")
        self.answers.append(
            self.place.ada.slash("video", prompt=self.prompts[-1], provider=provider, seconds=4, **more)
        )

    def misbehave(self, faults: dict[str, Fault]) -> None:
        """Ask for a film for each fault, from one provider after another."""
        for name, fault in faults.items():
            provider = PROVIDERS[len(self.prompts) % len(PROVIDERS)]
            number = len(self.echoes)
            self.echoes.append(f"{number:02d}e4")
            body = ECHO.format(key=key_of(provider), token=self.place.wire.token, n=self.echoes[-1])
            self.place.stand_ins.order(
                fault.model_copy(
                    update={"provider": provider, "prompt": f"prompt {len(self.prompts):02d} ", "body": body}
                )
            )
            self.ask(name, provider, image=(FILE, picture()))

    async def rest(self) -> None:
        """Wait until nothing is under way that a minute would change."""

        def resting() -> bool:
            statuses = self.place.statuses()
            return len(statuses) == len(self.prompts) and MOVING.isdisjoint(statuses)

        await self.place.wire.until(resting, within=60, what="everything to come to rest")

    async def look(self) -> None:
        """Read every page that machines may ask, forge callbacks, and call back with a true token."""
        callbacks, machines = (self.place.bot.settings[name] for name in ("LISTEN", "ADMIN_LISTEN"))
        genuine = urlsplit(self.place.ledger.callbacks[0].url).path
        body = {"taskId": "planted-words-callback", "secret": "planted-field-callback", "x": "\n\x1b[31m"}
        headers = {"Authorization": "Bearer planted-header-callback", "Cookie": "planted-cookie-callback"}
        async with aiohttp.ClientSession(headers=headers) as http:
            for path in (
                f"/callbacks/maxapi/{FORGED}",
                "/callbacks/evolink/" + "a" * 48,
                genuine,
                "/films/a",
            ):
                url = f"http://{callbacks}{path}?sig=planted-query-callback"
                async with http.post(url, json=body) as answer:
                    self.pages.append(await answer.text())
            for path in ("/healthz", "/readyz", "/metrics", f"/{FORGED}"):
                async with http.get(f"http://{machines}{path}?sig=planted-query-callback") as answer:
                    self.pages.append(await answer.text())

    # what is looked for

    def keys(self) -> set[str]:
        """Return what may stand nowhere: not in the log, the database, a page or a message."""
        ledger, gateway = self.place.ledger, self.place.wire.gateway
        addresses = [sent.url for sent in ledger.callbacks]
        addresses += [address for task in ledger.tasks for address in _callbacks(task.body)]
        tokens = {urlsplit(address).path.rpartition("/")[2] for address in addresses}
        return {
            self.place.wire.token,
            SECRET_KEY,
            *map(key_of, PROVIDERS),
            *(answer.token for answer in self.answers),
            *(token[16:] for token in tokens if re.fullmatch(r"[0-9a-f]{48}", token)),
            *gateway.sessions,
        }

    def words(self) -> set[str]:
        """Return what belongs into Discord or the database, and never into a log or onto a page."""
        links = [attachment["url"] for message in self._messages() for attachment in message["attachments"]]
        numbers = (*self.echoes, "callback")
        return {
            *(NAME, FILE, FORGED, "planted-header-callback"),
            *self.prompts,
            *(value for link in links for value in parse_qs(urlsplit(link).query).get("hm", [])),
            *(f"planted-{kind}-{number}" for number in numbers for kind in ("cookie", "field", "query")),
            *(f"planted-signature-{name}" for name in PROVIDERS),
            *(path.stem for path in (self.folder / "data").glob("**/media/*")),
        }

    def of_providers(self) -> set[str]:
        """Return what providers said: for the operator's log, and for nobody else."""
        said = {f"planted-words-{n}" for n in self.echoes}
        return said | {"planted-words-own", "planted-words-status", "planted-words-callback", "evil.example"}

    def _messages(self) -> Iterator[Any]:
        backend = self.place.wire.backend
        for channel in backend.messages.values():
            yield from (serializers.message_payload(backend, message) for message in channel.values())

    def posted(self) -> str:
        """Return every message and form that the bot has sent, and what stands in Discord."""
        return repr([call.body for call in self.place.wire.rest.calls]) + repr(list(self._messages()))

    def kept(self) -> bytes:
        """Return the database, byte for byte."""
        return b"".join(path.read_bytes() for path in sorted((self.folder / "data").glob("matinee.db*")))


def _callbacks(body: dict[str, Any]) -> list[str]:
    return [str(body[name]) for name in ("callBackUrl", "webhookUrl", "callback_url") if body.get(name)]


@asynccontextmanager
async def theatre(folder: Path, **more: str) -> AsyncIterator[Theatre]:
    """Open Discord, the stand-ins and a bot at DEBUG level, which logs for machines."""
    reel = folder / "reel.mp4"
    draw(reel, size=(320, 180), seconds=4.0)
    film = reel.read_bytes()

    async def drawn(_order: Any) -> bytes:
        return film

    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(WireDiscord())
        keys = {name: key_of(name) for name in PROVIDERS}
        stand_ins = await stack.enter_async_context(StandIns(keys=keys, pace=0.2, film=drawn))
        for name, studio in stand_ins.studios.items():
            manners = studio.stand_in.manners
            signed = f"{manners.result_path}?X-Amz-Signature=planted-signature-{name}&Expires=9"
            studio.stand_in.manners = replace(manners, result_path=signed)  # type: ignore[misc]
        bot = await stack.enter_async_context(
            _bot(folder, _trusting(settings(wire, stand_ins, folder, PROVIDERS) | more))
        )
        place = House(wire, stand_ins, bot, folder)
        place.ada = Member(wire, NAME)
        await register(place, [])
        await bot.start()
        yield Theatre(place, folder)


def _trusting(environment: dict[str, str]) -> dict[str, str]:
    storage = urlsplit(environment.get("FILES_ENDPOINT", "")).netloc
    return environment | {"TRUSTED_HOSTS": ",".join(filter(None, [environment["TRUSTED_HOSTS"], storage]))}


def _bot(folder: Path, environment: dict[str, str]) -> Program:
    for name in ("EVOLINK_API_KEY", "SECRET_KEY"):
        secret = folder / name.lower()
        secret.write_text(environment.pop(name))
        environment[f"{name}_FILE"] = str(secret)
    free = dict.fromkeys(["DAILY_VIDEOS", "DAILY_SECONDS", "CONCURRENT", "DAILY_REFUSALS"], "none")
    ready = f"http://{environment['ADMIN_LISTEN']}/readyz"
    return Program(folder, environment | free | {"LOG_FORMAT": "json"}, "-m", "bot", "run", ready=ready)


async def told_by(folder: Path, environment: dict[str, str], *command: str) -> tuple[int, str]:
    """Run a command of the operator's to its end; return its code and all that it said."""
    program = Program(folder, environment, "-m", "bot", *command)
    code = await asyncio.wait_for(program.run(), 40)
    return code, program.said
