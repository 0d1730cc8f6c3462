"""The control API's side of the desk. `control` is the visitor's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.demo.stand_ins.reception import CONTROL, fields_of
from bot.demo.stand_ins.records import End, Fault, Settings, StandingFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.stand_ins.manners import Task
    from bot.demo.stand_ins.records import ProviderName
    from bot.demo.stand_ins.studio import Studio, World

Model = TypeVar("Model", bound=BaseModel)

FAULTS = TypeAdapter(list[StandingFault])


class ControlDesk:
    """Takes orders to misbehave and shows the ledger."""

    def __init__(self, studios: Mapping[ProviderName, Studio], world: World) -> None:
        self._studios = studios
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return its paths."""
        return [
            web.get(CONTROL, self.addresses),
            web.get(f"{CONTROL}/faults", self.faults),
            web.post(f"{CONTROL}/faults", self.add_fault),
            web.delete(f"{CONTROL}/faults", self.remove_fault),
            web.delete(f"{CONTROL}/faults/{{number:\\d+}}", self.remove_fault),
            web.get(f"{CONTROL}/ledger", self.ledger),
            web.delete(f"{CONTROL}/ledger", self.clear_ledger),
            web.get(f"{CONTROL}/settings/{{provider}}", self.settings),
            web.patch(f"{CONTROL}/settings/{{provider}}", self.change_settings),
            web.post(f"{CONTROL}/tasks/{{task_id}}/callback", self.call_back),
            web.post(f"{CONTROL}/tasks/{{task_id}}/end", self.end),
        ]

    async def addresses(self, _: web.Request) -> web.Response:
        """Tell where the three are."""
        return web.json_response({name: studio.origin for name, studio in self._studios.items()})

    async def faults(self, _: web.Request) -> web.Response:
        """List the faults in force."""
        return web.json_response(FAULTS.dump_python(self._world.faults.standing, mode="json"))

    async def add_fault(self, request: web.Request) -> web.Response:
        """Put a fault in force."""
        fault = read(Fault, await read_fields(request))
        return web.json_response({"id": self._world.faults.add(fault)}, status=201)

    async def remove_fault(self, request: web.Request) -> web.Response:
        """Take one fault back, or all."""
        number = request.match_info.get("number")
        self._world.faults.remove(int(number) if number else None)
        return web.Response(status=204)

    async def ledger(self, request: web.Request) -> web.Response:
        """Show what happened, of one provider or of all."""
        wanted = request.query.get("provider")
        ledger = self._world.ledger.of(wanted) if wanted else self._world.ledger
        return answer(ledger)

    async def clear_ledger(self, _: web.Request) -> web.Response:
        """Begin a new page; balances go back to what they were."""
        ledger = self._world.ledger
        for entries in (ledger.requests, ledger.tasks, ledger.charges, ledger.callbacks, ledger.media):
            entries.clear()
        return web.Response(status=204)

    async def settings(self, request: web.Request) -> web.Response:
        """Show how a provider is set up."""
        return answer(self._studio(request).settings)

    async def change_settings(self, request: web.Request) -> web.Response:
        """Change some settings of a provider."""
        studio = self._studio(request)
        changed = studio.settings.model_dump() | await read_fields(request)
        studio.settings = read(Settings, changed)
        return answer(studio.settings)

    async def call_back(self, request: web.Request) -> web.Response:
        """Send a task's callback again, as the task stands."""
        studio, task = self._task(request)
        studio.call_back(task)
        return web.Response(status=204)

    async def end(self, request: web.Request) -> web.Response:
        """End a task now."""
        studio, task = self._task(request)
        end = read(End, await read_fields(request))
        manners = studio.stand_in.manners
        words = {
            "success": manners.succeeded,
            "failure": manners.failed,
            "timeout": manners.timed_out,
            "cancelled": manners.cancelled,
        }
        await studio.end(task, words[end.outcome], end.cause)
        return web.Response(status=204)

    def _studio(self, request: web.Request) -> Studio:
        for name, studio in self._studios.items():
            if name == request.match_info["provider"]:
                return studio
        raise web.HTTPNotFound

    def _task(self, request: web.Request) -> tuple[Studio, Task]:
        for studio in self._studios.values():
            if task := studio.tasks.get(request.match_info["task_id"]):
                return studio, task
        raise web.HTTPNotFound


async def read_fields(request: web.Request) -> dict[str, Any]:
    """Return an order's JSON; an empty body is an order without fields."""
    return await fields_of(request) if request.can_read_body else {}


def read(kind: type[Model], fields: dict[str, Any]) -> Model:
    """Return an order in the right shape. Raises `web.HTTPUnprocessableEntity` that says what is wrong."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=error.json(), content_type="application/json") from error


def answer(model: BaseModel) -> web.Response:
    """Return a value as JSON."""
    return web.Response(text=model.model_dump_json(), content_type="application/json")
