"""What listens: one door for the world, one for the operator's machines."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from bot.callbacks import admin_app, callback_app
from bot.errors import StoreError
from bot.listener import Listener
from bot.store.alarm import takes_writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app.parts import Parts
    from bot.client import Matinee
    from bot.tracker import Tracker


def public(parts: Parts, nudge: Callable[[], None]) -> Listener:
    """Return what faces the world: a callback only makes its generation due, and says which task it means."""
    store, hosting = parts.store, parts.hosting

    async def wake(generation_id: str) -> bool:
        woken = await store.wake(generation_id, parts.clock())
        nudge()
        return woken

    async def name_task(provider: str, generation_id: str, body: bytes) -> None:
        with contextlib.suppress(ValueError, RecursionError, KeyError, StoreError):
            task_id = parts.providers[provider].named_task(json.loads(body))
            if task_id is not None:
                await store.name_task(generation_id, task_id, provider=provider)

    app = callback_app(
        signer=hosting.signer,
        wake=wake,
        name_task=name_task,
        media_dir=hosting.media_dir,
        films_dir=hosting.films_dir,
        clock=parts.clock,
        metrics=parts.metrics,
    )
    return Listener(app, parts.settings.listen)


def admin(parts: Parts, tracker: Tracker, client: Matinee) -> Listener:
    """Return what the operator's machines ask."""
    store, metrics = parts.store, parts.metrics

    async def count() -> None:
        metrics.clocks({name: provider.clock_off for name, provider in parts.providers.items()})
        metrics.standing({status.value: number for status, number in (await store.counts()).items()})

    async def ready() -> list[str]:
        runs = tracker.running and not tracker.stands_still
        reasons = [] if runs else ["the tracker doesn't run"]
        reasons += client.troubles
        try:
            await count()
        except StoreError:
            reasons.append("the database doesn't answer")
        if not await takes_writes(store.engine):
            reasons.append("the database takes no writes; is there room?")
        return reasons

    app = admin_app(ready, count, metrics, lambda: tracker.stands_still)
    return Listener(app, parts.settings.admin_listen, variable="ADMIN_LISTEN")
