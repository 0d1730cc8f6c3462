"""What listens: one door for the world, one for the operator's machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic_core import from_json

from bot.callbacks import admin_app, callback_app
from bot.errors import StoreError
from bot.listener import Listener
from bot.providers import PROVIDERS
from bot.store.alarm import takes_writes
from bot.store.census import Census
from bot.store.waking import wake_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bot.app.parts import Ground
    from bot.hearing import Wake
    from bot.providers.interface import Provider


def public(ground: Ground, nudge: Callable[[], None]) -> Listener:
    """Return what faces the world: a callback only makes its generation due, and says which task it means."""
    store, hosting = ground.store, ground.hosting

    async def wake(wakes: Sequence[Wake]) -> list[bool]:
        found = await wake_all(store.engine, wakes, ground.clock())
        nudge()  # for who gives up waiting for it, its engine does so
        return found

    def named_task(provider: str, body: bytes) -> str | None:
        try:
            return PROVIDERS[provider].named_task(_said(body))
        except (ValueError, RecursionError, KeyError):
            return None

    async def film(generation_id: str) -> Path | None:
        if not hosting.files.shared:
            return await hosting.files.local(f"films/{generation_id}.mp4")
        generation = await store.get(generation_id)  # which it is, and whether it is forgotten, its row says
        return await hosting.film(generation.film) if generation and generation.film else None

    app = callback_app(
        signer=hosting.signer,
        wake=wake,
        named_task=named_task,
        media=lambda name: hosting.files.local(f"media/{name}"),
        film=film,
        clock=ground.clock,
        metrics=ground.metrics,
    )
    return Listener(app, ground.settings.listen)


def _said(body: bytes) -> object:
    """Read JSON. The quick reader takes no half of a surrogate pair, and no other encoding than UTF-8."""
    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)


def admin(
    ground: Ground,
    *,
    troubles: Callable[[], list[str]] = list,
    stands_still: Callable[[], bool] = bool,
    providers: Mapping[str, Provider] | None = None,
) -> Listener:
    """Return what the operator's machines ask.

    `troubles` tells why the process isn't ready, besides the database; `stands_still` whether it needs a new
    start; `providers` are those whose clocks it sees.
    """
    store, metrics, census = ground.store, ground.metrics, Census(ground.store)

    async def count() -> None:
        metrics.clocks({name: provider.clock_off for name, provider in (providers or {}).items()})
        metrics.standing({status.value: number for status, number in (await census.counts()).items()})

    async def ready() -> list[str]:
        reasons = troubles()
        try:
            await store.next_due(ground.clock())
        except StoreError:
            reasons.append("the database doesn't answer")
        if not await takes_writes(store.engine):
            reasons.append("the database takes no writes; is there room?")
        if trouble := await ground.hosting.files.trouble():
            reasons.append(trouble)
        return reasons

    app = admin_app(ready, count, metrics, stands_still)
    return Listener(app, ground.settings.admin_listen, variable="ADMIN_LISTEN")
