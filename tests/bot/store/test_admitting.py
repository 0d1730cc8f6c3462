"""A PostgreSQL server that doesn't let us in, or not as the address says it."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import pytest

from bot.errors import SettingsError, StoreUnavailable
from bot.store import migrate, open_store
from bot.store.tables import REVISION
from tests.bot.store.examples import LEASE, NOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROLE = f"guest_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
USED = (
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
)
SHUT, OPEN = "ALTER DATABASE {name} ALLOW_CONNECTIONS false", "ALTER DATABASE {name} ALLOW_CONNECTIONS true"
REVOKED, GRANTED = (
    "REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {name} TO PUBLIC",
)


class House:
    """A server, by its administrator, and the address of a guest's."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("//postgres:@", f"//{ROLE}:@")
        self.name = urlsplit(url).path.removeprefix("/")
        self._url = url.replace("+asyncpg", "")

    async def say(self, *statements: str, name: str = "postgres") -> None:
        """Run statements as the administrator, in a database."""
        connection = await asyncpg.connect(self._url.replace(f"/{self.name}?", f"/{name}?"))
        try:
            for statement in statements:
                await connection.execute(statement.format(name=self.name))
        finally:
            await connection.close()

    async def throw_out(self) -> None:
        """End the guest's connections."""
        await self.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'")


@asynccontextmanager
async def _guest(url: str) -> AsyncIterator[House]:
    house = House(url)
    await house.say(f"CREATE ROLE {ROLE} LOGIN")
    try:
        yield house
    finally:
        await house.say(OPEN, GRANTED)
        await house.say(f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}", name=house.name)


@pytest.fixture
async def house(postgres_url: str) -> AsyncIterator[House]:
    """Give a server on which a guest has everything that the bot needs, besides the tables' making."""
    async with _guest(postgres_url) as it:
        await it.say(*USED, name=it.name)
        yield it


@pytest.mark.parametrize(
    ("refused", "admitted", "words"),
    [
        (f"ALTER ROLE {ROLE} NOLOGIN", f"ALTER ROLE {ROLE} LOGIN", "not permitted to log in"),
        (REVOKED, GRANTED, "permission denied for database"),
        (SHUT, OPEN, "not currently accepting connections"),
    ],
    ids=["role", "right", "database"],
)
async def test_a_server_that_lets_us_in_no_more_is_away(
    house: House, tmp_path: Path, refused: str, admitted: str, words: str
):
    """It did at the start: whoever asks hears that it is away; all goes on once it does again (S-21)."""
    store = await open_store(house.url, tmp_path)
    await house.say(refused)
    await house.throw_out()
    for call in (store.ping, lambda: store.claim(NOON, lease=LEASE, most=1), lambda: store.next_due(NOON)):
        with pytest.raises(StoreUnavailable):
            await call()
    with pytest.raises(StoreUnavailable, match=words):
        await store.ping()
    await house.say(admitted)

    assert await store.next_due(NOON) is None
    await store.close()


async def test_a_database_that_lets_nobody_in_just_now_is_away(house: House, tmp_path: Path):
    """Somebody works on it: later is better, and no setting is wrong."""
    await house.say(SHUT)
    with pytest.raises(StoreUnavailable, match="not currently accepting connections"):
        await open_store(house.url, tmp_path)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require"])
async def test_tls_may_be_asked_for_as_sqlalchemy_does(house: House, tmp_path: Path, mode: str):
    """`ssl=` means what `sslmode=` does; a socket of this machine needs none."""
    assert REVISION == await migrate(f"{house.url}&ssl={mode}", tmp_path)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("&ssl=perhaps", "`sslmode` parameter must be one of: disable, allow, prefer, require, verify"),
        ("&foo=bar", 'PostgreSQL refuses it (unrecognized configuration parameter "foo"); correct it'),
    ],
)
async def test_what_an_address_can_not_ask_for_is_one_line(
    house: House, tmp_path: Path, more: str, words: str
):
    """It names the setting and what is wrong with it, for whoever runs the bot or only migrates."""
    for work in (open_store, migrate):
        with pytest.raises(SettingsError) as told:
            await work(house.url + more, tmp_path)
        assert str(told.value).startswith("DATABASE_URL")
        assert words in str(told.value)
        assert str(told.value).isprintable()


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        (REVOKED, "permission denied for database"),
        (f"REVOKE SELECT ON alembic_version FROM {ROLE}", "permission denied for table alembic_version"),
    ],
    ids=["connect", "read"],  # the role's name is another in each of a run's processes
)
async def test_what_the_user_may_not_do_is_told_at_the_start(
    house: House, tmp_path: Path, lacks: str, words: str
):
    """Trying again changes nothing: it is a wrong setting, in the server's words."""
    await house.say(lacks, name=house.name)
    with pytest.raises(SettingsError, match=rf"^DATABASE_URL: PostgreSQL refuses it \({words}"):
        await open_store(house.url, tmp_path)


async def test_tables_that_may_not_be_made_are_told_in_the_server_s_words(
    bare_postgres_url: str, tmp_path: Path
):
    """Without what the layers in between add."""
    async with _guest(bare_postgres_url) as house:
        with pytest.raises(StoreUnavailable) as told:
            await migrate(house.url, tmp_path)

    assert "permission denied for schema public" == str(told.value)
