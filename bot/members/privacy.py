"""What is held of a member: all of it to read, and all of it to delete but what bills and limits need."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import Conflict, FilesUnavailable, IntakeStopped, StoreUnavailable
from bot.members.ordering import files_of
from bot.store.forgetting import Forgetting
from bot.store.members import Members
from bot.store.searching import Searching
from bot.tracker.forgetting import forget

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from random import Random

    from bot.hosting import Hosting
    from bot.members.preferences import OwnDefaults
    from bot.models import Generation
    from bot.store import Store

AT_ONCE = 100
"""Generations that are read at a time."""
_INNER = ("version", "woken", "lease_until", "body", "card_shown", "due_at")
"""What says nothing of the member: how the bot keeps its turns, and the request once more as it was sent."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """Reads and deletes what is held of one member. Everything raises `StoreUnavailable`."""

    store: Store
    hosting: Hosting
    own_defaults: OwnDefaults
    clock: Callable[[], datetime]
    random: Random

    async def export(self, user_id: int, *, most: int) -> AsyncIterator[bytes]:
        """Give everything held of a member, as JSON files of at most `most` bytes if one video fits.

        The first one holds what isn't about a single video.
        """
        member = self.hosting.signer.pseudonym(user_id)
        held = await Forgetting(self.store.engine).held(user_id, member)
        members = Members(self.store.engine)
        content: dict[str, Any] = {
            "exported_at": self.clock(),
            "user_id": str(user_id),
            "pseudonym": member,
            "preferences": asdict(await members.preferences(user_id)),
            "presets": [asdict(preset) for preset in await members.presets(user_id)],
            **held,
            "videos": [],
        }
        taken = len(_json(content))
        async for generation in self._every(user_id):
            video = _told(generation)
            size = len(_json(video)) + 2  # with its comma and line
            if content["videos"] and taken + size > most:
                yield _json(content)
                content = {"user_id": str(user_id), "videos": []}
                taken = len(_json(content))
            content["videos"].append(video)
            taken += size
        yield _json(content)

    async def _every(self, user_id: int) -> AsyncIterator[Generation]:
        searching = Searching(self.store.engine)
        page = await searching.page(user_id, most=AT_ONCE)
        while page:
            for generation in page:
                yield generation
            page = await searching.page(user_id, beyond=page[-1], most=AT_ONCE)

    async def forget(self, user_id: int) -> int:
        """Delete what is held of a member; return how many of their videos are finished first.

        Those are forgotten by the tracker as soon as they have ended. Raises `IntakeStopped` where files
        can't be deleted just now; then nothing is.
        """
        if await self.hosting.files.trouble():
            raise IntakeStopped("files_unavailable")
        forgetting = Forgetting(self.store.engine)
        later, unanswered = await forgetting.mark(user_id, self.clock())
        for order in unanswered:
            for file in await files_of(order, self.store):
                await self.hosting.forget_media(file)
        self.own_defaults.forget(user_id)
        while page := await forgetting.marked(user_id, later, most=AT_ONCE):
            if not any([await self._blank(generation) for generation in page]):
                break
        await forgetting.blank_boards(user_id, self.random)
        with suppress(StoreUnavailable):  # it is deleted all the same, and scrubbed within an hour
            await self.store.engine.scrub()
        return await forgetting.left(user_id)

    async def _blank(self, generation: Generation) -> bool:
        try:
            await forget(self.store, self.hosting, self.random, generation, self.clock())
        except (Conflict, FilesUnavailable):  # the tracker was faster, or is more patient: it does the same
            return False
        return True


def _told(generation: Generation) -> dict[str, Any]:
    return {name: value for name, value in asdict(generation).items() if name not in _INNER}


def _json(content: Any) -> bytes:
    return json.dumps(content, default=_plain, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else str(value)
