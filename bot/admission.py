"""Whether a server's rules let a member ask for this here: before anything is loaded, reserved or sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.servers import ServerRules

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.models import Capabilities, Place, Requester, VideoRequest
    from bot.orders import Standing
    from bot.store.servers import Servers

FREE = ServerRules()
"""The rules where nobody made any: in direct messages, and on a server whose admins decided nothing."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The door: what a server's admins decided is looked at here, and nowhere else."""

    servers: Servers
    clock: Callable[[], datetime]

    async def rules(self, guild_id: int | None) -> ServerRules:
        """Return what a server's admins decided."""
        return FREE if guild_id is None else await self.servers.rules(guild_id)

    async def check(
        self, rules: ServerRules, asked: VideoRequest, requester: Requester, place: Place, standing: Standing
    ) -> None:
        """Raise a `Refused` where this may not be asked by this member in this place."""


def narrowed(rules: ServerRules) -> Callable[[Capabilities], Capabilities | None]:
    """Return what leaves of a model what a server allows: None where it doesn't allow the model at all."""

    def narrow(model: Capabilities) -> Capabilities | None:
        if rules.providers and model.provider not in rules.providers:
            return None
        if rules.models and model.model not in rules.models:
            return None
        resolutions = tuple(
            each for each in model.resolutions if not rules.resolutions or each in rules.resolutions
        )
        seconds = tuple(each for each in model.seconds if rules.longest is None or each <= rules.longest)
        if (model.resolutions and not resolutions) or (model.seconds and not seconds):
            return None
        return replace(model, resolutions=resolutions, seconds=seconds)

    return narrow
