"""What the bot writes down for one film, as finished statements: the least that a store with these costs.

One film is made through the bot, and its transitions are kept; for others the same statements bear other ids.
Claims are left out, and so is whatever is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.models import Generation
    from bot.store.statements import Engine, Primitive, Step

OF_A_FILM = frozenset({"start", "move"})
"""What the first statement of its transitions is called."""


class Script:
    """The transitions of one film, for as many others as are wanted."""

    def __init__(self, engine: Engine) -> None:
        self._engine: Any = engine
        self._transitions: list[Sequence[Step]] = []

    async def learn(self, made: Awaitable[object]) -> None:
        """Keep the transitions of the one film that is made meanwhile."""
        write = self._engine.write

        async def noted(steps: Sequence[Step]) -> object:
            if steps[0].statement.name in OF_A_FILM:
                self._transitions.append(steps)
            return await write(steps)

        self._engine.write = noted
        await made
        self._engine.write = write

    def of(self, film: Generation, task: str) -> Callable[[], Awaitable[None]]:
        """Return what writes another film's transitions down, one at a time. Raises as the store does."""
        swaps = self._swaps(film, task)
        prepared = iter(
            [
                [_swapped(step, swaps, version) for step in steps]
                for version, steps in enumerate(self._transitions, start=-1)
            ]
        )

        async def written() -> None:
            await self._engine.write(next(prepared))

        return written

    def _swaps(self, film: Generation, task: str) -> dict[str, str]:
        """Return what stands in the first film's statements, and what in those of this one."""
        start = self._transitions[0][0].parameters
        tasks = [steps[0].parameters.get("new_task_id") for steps in self._transitions]
        new = {
            "id": film.id, "member": film.member, "interaction_id": film.interaction_id,
            "user_id": film.requester.user_id, "guild_id": film.place.guild_id,
        }  # fmt: skip
        swaps = {str(start[name]): str(value) for name, value in new.items()}
        return swaps | {str(next(filter(None, tasks))): task}


def _swapped(step: Step, swaps: dict[str, str], version: int) -> Step:
    """Return the step for another film. Nobody claims it, so that its version grows with its moves alone."""
    parameters = {name: _other(value, swaps) for name, value in step.parameters.items()}
    if "its_version" in parameters:
        parameters["its_version"] = version
    return step._replace(parameters=parameters)


def _other(value: Primitive, swaps: dict[str, str]) -> Primitive:
    if value is None:
        return None
    # All at once: new ids look like old ones.
    text = re.sub("|".join(swaps), lambda old: swaps[old[0]], str(value))
    return text if isinstance(value, str) else int(text)
