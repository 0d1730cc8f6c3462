"""A typed client of the control API, for whoever wants the stand-ins to misbehave from another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import aiohttp

from bot.demo.stand_ins.records import (
    End,
    Fault,
    FaultKind,
    Ledger,
    ProviderName,
    Settings,
    StandingFault,
)

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Control", "ControlRefused", "End", "Fault", "FaultKind", "Ledger", "Settings", "StandingFault"]


class ControlRefused(Exception):
    """The stand-ins didn't understand, or don't know the task; the text is their answer."""


class Control:
    """The stand-ins' control API at `url`, which is `StandIns.control_url`. Use it with `async with`.

    Every method raises `ControlRefused`, or `aiohttp.ClientError` when nobody answers.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def order(self, fault: Fault) -> int:
        """Put a fault in force and return its number."""
        answer = await self._ask("POST", "/faults", fault.model_dump(mode="json"))
        return int(answer["id"])

    async def misbehave(
        self, kind: FaultKind | str, provider: ProviderName | None = None, **more: Any
    ) -> int:
        """Put a fault in force, by its fields; see `Fault`. Returns its number."""
        return await self.order(Fault(kind=FaultKind(kind), provider=provider, **more))

    async def faults(self) -> list[StandingFault]:
        """Return the faults in force."""
        return [StandingFault.model_validate(one) for one in await self._ask("GET", "/faults")]

    async def behave(self, number: int | None = None) -> None:
        """Take one fault back, or all."""
        await self._ask("DELETE", "/faults" if number is None else f"/faults/{number}")

    async def ledger(self, provider: ProviderName | None = None) -> Ledger:
        """Return what happened, with one provider or with all."""
        query = f"?provider={provider}" if provider else ""
        return Ledger.model_validate(await self._ask("GET", f"/ledger{query}"))

    async def clear(self) -> None:
        """Begin a new page of the ledger; tasks and faults stay."""
        await self._ask("DELETE", "/ledger")

    async def settings(self, provider: ProviderName, **changes: Any) -> Settings:
        """Change settings of a provider, and return them all."""
        path = f"/settings/{provider}"
        answer = await (self._ask("PATCH", path, changes) if changes else self._ask("GET", path))
        return Settings.model_validate(answer)

    async def call_back(self, task_id: str) -> None:
        """Send a task's callback again, as the task stands."""
        await self._ask("POST", f"/tasks/{task_id}/callback")

    async def end(self, task_id: str, end: End | None = None) -> None:
        """End a task at once: with a film, unless `end` says otherwise."""
        await self._ask("POST", f"/tasks/{task_id}/end", (end or End()).model_dump())

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        assert self._session is not None, "use it with async with"
        async with self._session.request(method, f"{self._url}{path}", json=body) as answer:
            if not answer.ok:
                raise ControlRefused(await answer.text())
            return await answer.json() if answer.content_type == "application/json" else None
