"""Calling back: one POST, again where the provider does so, and what faults make of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.demo.stand_ins.records import CallbackSent, FaultKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.demo.stand_ins.manners import Task
    from bot.demo.stand_ins.records import Ledger, ProviderName, Settings


class Caller:
    """Sends one provider's callbacks and writes down what came of each try."""

    def __init__(
        self,
        provider: ProviderName,
        session: aiohttp.ClientSession,
        ledger: Ledger,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._provider = provider
        self._session = session
        self._ledger = ledger
        self._clock = clock
        self._sleep = sleep

    async def tell(self, task: Task, body: dict[str, Any], settings: Settings) -> None:
        """Send a callback as often as faults and the provider's own rule want it."""
        faults = {fault.kind: fault for fault in task.faults}
        if FaultKind.LOST_CALLBACK in faults or not task.order.callback_url:
            return
        if late := faults.get(FaultKind.LATE_CALLBACK):
            await self._sleep(late.seconds)
        copies = 2 if FaultKind.DOUBLE_CALLBACK in faults else 1
        await asyncio.gather(
            *(self._insist(task, task.order.callback_url, body, settings) for _ in range(copies))
        )

    async def _insist(self, task: Task, url: str, body: dict[str, Any], settings: Settings) -> None:
        for attempt, wait in enumerate((0.0, *settings.callback_retries), 1):
            if attempt > 1:
                await self._sleep(wait)
            sent = CallbackSent(
                provider=self._provider,
                task_id=task.id,
                url=url,
                attempt=attempt,
                at=self._clock(),
                body=body,
            )
            self._ledger.callbacks.append(sent)
            if await self._post(sent, settings.callback_timeout):
                return

    async def _post(self, sent: CallbackSent, patience: float) -> bool:
        timeout = aiohttp.ClientTimeout(total=patience)
        try:
            async with self._session.post(
                sent.url, json=sent.body, timeout=timeout, allow_redirects=False
            ) as answer:
                sent.status = answer.status
                return answer.ok and answer.status < 300  # noqa: PLR2004 - 2xx is taken for received
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            sent.error = type(error).__name__
            return False
