"""The whole bot but for Discord's gateway, at rest for a while: its memory, and how often it stirs.

Given `directory`, `url` (null: SQLite) and `seconds`. What PostgreSQL does for it is told beside it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from benchmarks.harness import answer, given
from benchmarks.resting import resident, rest
from bot.app import open_app
from bot.settings import Settings, read_settings
from bot.store.postgres import connect
from bot.tracker.watchdog import watched

PLACES = 10**6
"""More than any provider gives, so that every round also looks for something to send."""
SETTLED = 3.0
"""Seconds after which everything that a start does is done."""


async def _servers(url: str | None) -> list[int]:
    """Return the processes of the database's server that work for this one."""
    if url is None:
        return []
    connection = await connect(url)
    try:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    return [row["pid"] for row in rows]


def _settings(asked: dict[str, Any]) -> Settings:
    said = {"DATA_DIR": asked["directory"], "DISCORD_TOKEN": "none"}
    said |= {f"{name}_API_KEY": "key" for name in ("MAXAPI", "SEEDANCE2INK", "EVOLINK")}
    said |= dict.fromkeys(("LISTEN", "ADMIN_LISTEN"), "127.0.0.1:0")
    if asked["url"] is not None:
        said |= {"DATABASE_URL": asked["url"], "SECRET_KEY": "0" * 32}
    return read_settings(said, env_file=None)


async def main(asked: dict[str, Any]) -> None:
    """Rest, and answer."""
    async with open_app(_settings(asked)) as app:
        for provider in app.providers.values():
            provider.concurrency = PLACES
        async with app.serving(), watched():
            await asyncio.sleep(min(SETTLED, asked["seconds"]))
            found = await rest(asked["seconds"], await _servers(asked["url"]))
            answer(memory_mb=resident(), **found)


if __name__ == "__main__":
    asyncio.run(main(given()))
