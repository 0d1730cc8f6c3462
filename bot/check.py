"""Is everything set up right? One line each: what was looked at, what is so, and how to mend what isn't.

Nothing is made public and nothing costs money: Discord and the providers are only read from. The database is
brought up to date, as `run` would do.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from bot.callbacks import callback_app
from bot.errors import (
    CreditExhausted,
    KeyRejected,
    MatineeError,
    NotSent,
    ProviderError,
    SettingsError,
    StoreError,
)
from bot.files import Folder, storage_at, trial
from bot.listener import Listener
from bot.log import visible
from bot.metrics import Metrics
from bot.providers import create
from bot.providers.drift import complaint
from bot.roles import EVERYTHING, Duty, lacks_database
from bot.setting_kinds import PROVIDERS
from bot.signatures import Signer
from bot.store import migrate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from bot.files import Files
    from bot.providers.interface import Provider
    from bot.settings import Settings

PERMISSIONS = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Send Messages in Threads": 1 << 38,
}
"""What the bot needs in a server, as Discord's documentation (topics/permissions) numbers it."""
FOR_THREADS = {"Create Public Threads": 1 << 35}
"""What it needs besides only where a server wants each film in a thread of its own."""
ADMINISTRATOR = 1 << 3
NEEDED = sum(PERMISSIONS.values())  # 274878024704
TIGHT = 500 * 1024**2
"""Bytes; with less, films can't be fetched for long."""
LONGEST = 20.0
"""Seconds that one check may take."""
BEST_KEY = 32
"""Characters; a shorter key can be guessed sooner."""
_NAMES_SHOWN = 5


class Verdict(StrEnum):
    """How something is."""

    GOOD = "ok"
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer."""

    subject: str
    verdict: Verdict
    text: str

    def __str__(self) -> str:
        return visible(f"{self.verdict:<5}  {self.subject:<13}  {self.text}")


def invite_link(application_id: str) -> str:
    """Return the address at which the owner of a server invites the bot, with the permissions it needs."""
    query = {"client_id": application_id, "scope": "bot applications.commands", "permissions": NEEDED}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def install_link(application_id: str) -> str:
    """Return the address at which anybody installs the bot for themselves, which gives it no permission.

    (resources/application, "Install Links": `integration_type` 1 is a user's own.)
    """
    query = {"client_id": application_id, "scope": "applications.commands", "integration_type": 1}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def exit_code(findings: list[Finding]) -> int:
    """Return 1 if anything is wrong."""
    return int(any(finding.verdict is Verdict.WRONG for finding in findings))


async def check(
    settings: Settings,
    *,
    make: Callable[..., Provider] = create,
    free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    misspelt: Mapping[str, str] | None = None,
    duty: Duty = EVERYTHING,
) -> list[Finding]:
    """Look at everything and return what was found. Raises nothing: what fails is a finding.

    `make` builds a provider, `free` tells the free bytes of a disk, and `misspelt` maps variables that are
    no settings to those that were probably meant. What a `duty` doesn't need isn't looked at.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONGEST / 2)) as session:
        looks: list[tuple[str, Awaitable[list[Finding]]]] = [
            ("settings", _settings(settings, misspelt or {}, duty)),
            *([("Discord", _discord(settings, session))] if duty.acts else []),
            *((name, _provider(settings, name, make)) for name in settings.providers_on() if duty.acts),
            ("disk", _disk(settings.data_dir, free)),
            ("files", _files(settings)),
            ("database", _database(settings, session)),
            *([("PUBLIC_URL", _public_url(settings, session))] if duty.receives else []),
        ]
        # One after another: the database and PUBLIC_URL both want what a running bot holds.
        return [finding for subject, look in looks for finding in await _safely(subject, look)]


async def _safely(subject: str, look: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(LONGEST):
            return await look
    except TimeoutError:
        return [Finding(subject, Verdict.WRONG, f"no answer within {LONGEST:g} s")]
    except MatineeError as error:
        return [Finding(subject, Verdict.WRONG, str(error))]
    except (aiohttp.ClientError, OSError) as error:
        return [Finding(subject, Verdict.WRONG, f"can't be reached ({_reason(error)})")]
    except Exception as error:  # noqa: BLE001 - the other looks go on
        return [Finding(subject, Verdict.WRONG, f"couldn't be looked at ({type(error).__name__})")]


async def _settings(settings: Settings, misspelt: Mapping[str, str], duty: Duty) -> list[Finding]:
    findings = [
        Finding("settings", Verdict.NOTE, f"{name} is no setting; is {meant} meant?")
        for name, meant in misspelt.items()
    ]
    if settings.secret_key is not None and len(settings.secret_key.get_secret_value()) < BEST_KEY:
        remedy = f"make one of {BEST_KEY} or more, for example with: openssl rand -hex 32"
        findings.append(Finding("settings", Verdict.NOTE, f"SECRET_KEY is short; {remedy}"))
    if duty.acts and not settings.providers_on():
        keys = ", ".join(f"{name}_api_key".upper() for name in PROVIDERS)
        findings.append(Finding("settings", Verdict.WRONG, f"no provider has a key; set one of {keys}"))
    if unshared := lacks_database(settings, duty):
        findings.append(Finding("settings", Verdict.WRONG, unshared))
    return findings or [Finding("settings", Verdict.GOOD, "all can be read and fit together")]


async def _discord(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    if settings.discord_token is None:
        text = "is missing; copy it from Discord's developer portal, page Bot"
        return [Finding("DISCORD_TOKEN", Verdict.WRONG, text)]
    ask = _Discord(session, settings.discord_api_url, settings.discord_token.get_secret_value())
    status, me = await ask("/users/@me")
    if status == HTTPStatus.UNAUTHORIZED:
        remedy = "reset it in the developer portal, page Bot, and set the new one"
        return [Finding("DISCORD_TOKEN", Verdict.WRONG, f"Discord doesn't accept it; {remedy}")]
    if status != HTTPStatus.OK or not isinstance(me, dict):
        hint = "" if settings.discord_api_url.endswith("/v10") else "; DISCORD_API_URL must end in /api/v10"
        return [Finding("Discord", Verdict.WRONG, f"answered {status} when asked who the bot is{hint}")]
    findings = [Finding("DISCORD_TOKEN", Verdict.GOOD, f"belongs to {_short(me.get('username'))}")]
    _, application = await ask("/oauth2/applications/@me")
    identity = str((application if isinstance(application, dict) else me).get("id", ""))
    own = _own_installs(identity) if settings.allow_user_install else []
    return [*findings, await _commands(ask, identity), *await _permissions(ask, identity), *own]


def _own_installs(application_id: str) -> list[Finding]:
    how = f"{install_link(application_id)} (the portal, page Installation, must allow User Install)"
    return [Finding("own installs", Verdict.NOTE, f"members add the bot with {how}")]


class _Discord:
    """Asks Discord's REST API."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, token: str) -> None:
        self._session = session
        self._api_url = api_url
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (matinee check, 1)"}

    async def __call__(self, path: str) -> tuple[int, Any]:
        """Return the status, and the body where it is JSON."""
        async with self._session.get(self._api_url + path, headers=self._headers) as response:
            with suppress(ValueError):
                return response.status, await response.json(content_type=None)
            return response.status, None


async def _commands(ask: _Discord, application_id: str) -> Finding:
    status, commands = await ask(f"/applications/{application_id}/commands")
    if status != HTTPStatus.OK or not isinstance(commands, list):
        return Finding("commands", Verdict.NOTE, "Discord doesn't say which are registered")
    if not commands:
        return Finding("commands", Verdict.WRONG, "none is registered; run: matinee sync")
    names = ", ".join(f"/{_short(command.get('name'))}" for command in commands if isinstance(command, dict))
    return Finding("commands", Verdict.GOOD, names)


async def _permissions(ask: _Discord, application_id: str) -> list[Finding]:
    link = invite_link(application_id)
    status, servers = await ask("/users/@me/guilds")
    if status != HTTPStatus.OK or not isinstance(servers, list):
        return [Finding("permissions", Verdict.NOTE, f"Discord doesn't tell them; they come with {link}")]
    if not servers:
        return [Finding("permissions", Verdict.NOTE, f"the bot is in no server yet; invite it: {link}")]
    lacking = [lack for server in servers if (lack := _lack(server))]
    if lacking:
        more = f" and {len(lacking) - _NAMES_SHOWN} more" if len(lacking) > _NAMES_SHOWN else ""
        text = f"{'; '.join(lacking[:_NAMES_SHOWN])}{more}; give them, or invite it again: {link}"
        return [Finding("permissions", Verdict.WRONG, text)]
    text = f"enough in {len(servers)} server{'s'[: len(servers) != 1]} (channels may still deny them); {link}"
    return [Finding("permissions", Verdict.GOOD, text)]


def _lack(server: Any) -> str:
    """Return what a server's roles don't give the bot, or nothing."""
    try:
        has = int(server["permissions"])
    except (KeyError, TypeError, ValueError):
        return ""
    names = [name for name, bit in PERMISSIONS.items() if not has & (bit | ADMINISTRATOR)]
    return f"{_short(server.get('name'))} doesn't give {', '.join(names)}" if names else ""


async def _provider(settings: Settings, name: str, make: Callable[..., Provider]) -> list[Finding]:
    variable = f"{name}_api_key".upper()
    key = settings.api_key(name)
    address = getattr(settings, f"{name}_base_url")
    provider = make(name, api_key=key.get_secret_value() if key else "", base_url=address)
    try:
        good = Finding(name, Verdict.GOOD, await provider.probe())
        clock = complaint(name, provider.clock_off)
        return [good, Finding("clock", Verdict.WRONG, clock)] if clock else [good]
    except KeyRejected:
        text = f"doesn't accept {variable}; set one that its console shows as active"
    except CreditExhausted:
        text = "the account has no credit left; top it up there"
    except NotSent:
        text = f"can't be reached just now at {address}; try again, or correct {variable[:-8]}_BASE_URL"
    except ProviderError as error:
        text = f"answers, but not as documented ({type(error).__name__}); is {variable[:-8]}_BASE_URL right?"
    finally:
        await provider.close()
    return [Finding(name, Verdict.WRONG, text)]


async def _disk(folder: Path, free: Callable[[Path], int]) -> list[Finding]:
    try:
        left = await asyncio.to_thread(trial.try_to_write, folder, free)
    except OSError as error:
        text = f"can't be written to ({_reason(error)}); give the bot's user rights there, or name another"
        return [Finding("DATA_DIR", Verdict.WRONG, text)]
    size = f"{left / 1024**3:.1f} GiB free"
    if left < TIGHT:
        text = f"only {size}; make room, or shorten KEEP_FILMS or KEEP_FILES"
        return [Finding("DATA_DIR", Verdict.WRONG, text)]
    return [Finding("DATA_DIR", Verdict.GOOD, f"can be written to, {size}")]


async def _files(settings: Settings) -> list[Finding]:
    """Look at the storage that machines share, if there is one."""
    files = storage_at(settings.files_at(), settings.data_dir)
    if files is None:
        text = "lie in DATA_DIR; where several machines share the database, set FILES_URL"
        return [Finding("files", Verdict.NOTE, text)] if settings.database_url else []
    if not (trouble := await trial.fault(files)):
        return [Finding("files", Verdict.GOOD, "can be kept in FILES_URL, read and deleted")]
    remedy = "check FILES_URL and FILES_ENDPOINT, and what FILES_ACCESS_KEY may do: list, read, write, delete"
    return [Finding("files", Verdict.WRONG, f"{trouble}; {remedy}")]


async def _database(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    address = settings.database_url.get_secret_value() if settings.database_url else None
    if address is None and _is_running(settings.data_dir):
        verdict, said = await _readiness(settings, session)
        return [Finding("database", verdict, f"a running Matinee has it; {said}")]
    kind = "SQLite in DATA_DIR" if address is None else "PostgreSQL"
    try:
        revision = await migrate(address, settings.data_dir)
    except StoreError as error:
        return [Finding("database", Verdict.WRONG, f"{kind} can't be opened ({_short(error, 200)})")]
    return [Finding("database", Verdict.GOOD, f"{kind}, tables up to date ({revision})")]


def _is_running(folder: Path) -> bool:
    """Say whether another process holds the lock of this folder's database."""
    try:
        descriptor = os.open(folder / "matinee.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


async def _readiness(settings: Settings, session: aiohttp.ClientSession) -> tuple[Verdict, str]:
    with suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with session.get(f"http://{settings.admin_listen}/readyz") as response:
            said = _short((await response.text()).replace("\n", "; ").strip("; "))
            verdict = Verdict.GOOD if response.status == HTTPStatus.OK else Verdict.WRONG
            return verdict, f"it says: {said}"
    return Verdict.NOTE, "it doesn't answer on ADMIN_LISTEN"


async def _public_url(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    if settings.public_url is None:
        text = "not set: providers are polled, pictures go to them as Discord's own links"
        return [Finding("PUBLIC_URL", Verdict.NOTE, text)]
    name, content = f"{secrets.token_hex(16)}.txt", secrets.token_hex(16)
    files = storage_at(settings.files_at(), settings.data_dir) or Folder(settings.data_dir)
    probe = files.path(f"media/{name}")
    async with AsyncExitStack() as stack:
        probe.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.push_async_callback(files.forget, [f"media/{name}"])
        probe.write_text(content)
        await files.keep(f"media/{name}")
        ours = await _serve(settings, files, stack)
        fault = await _fetched(session, f"{settings.public_url}/media/{name}", content)
    who = "this check, in the bot's place" if ours else "whatever holds LISTEN just now"
    if fault is None:
        good = f"leads to LISTEN, asked from this machine and answered by {who}"
        return [Finding("PUBLIC_URL", Verdict.GOOD, good)]
    remedy = f"its proxy must lead to {settings.listen}, where {who} answers"
    return [Finding("PUBLIC_URL", Verdict.WRONG, f"{fault}; {remedy}")]


async def _serve(settings: Settings, files: Files, stack: AsyncExitStack) -> bool:
    """Serve hosted files on `LISTEN`, if it is free; a running bot does it as well."""

    async def nothing(wakes: Sequence[object]) -> list[bool]:
        return [False for _ in wakes]

    app = callback_app(
        signer=Signer(secrets.token_bytes(32)),
        wake=nothing,
        named_task=lambda *_: None,
        media=lambda name: files.local(f"media/{name}"),
        film=files.local,
        clock=lambda: datetime.now(UTC),
        metrics=Metrics(),
    )
    listener = Listener(app, settings.listen)
    try:
        await listener.start()
    except SettingsError:
        return False
    stack.push_async_callback(listener.stop)
    return True


async def _fetched(session: aiohttp.ClientSession, address: str, content: str) -> str | None:
    """Return what is wrong with an address that should hold `content`, or None."""
    try:
        async with session.get(address, allow_redirects=False) as response:
            body = await response.content.read(1024)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return f"can't be reached from here ({_reason(error)})"
    if response.status != HTTPStatus.OK:
        return f"answers {response.status} for a file that lies here"
    return None if body == content.encode() else "answers, but something else does"


def _reason(error: BaseException) -> str:
    """Return an operating system's or aiohttp's reason without addresses and paths."""
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno).lower()
    return type(error).__name__


def _short(text: object, most: int = 60) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
