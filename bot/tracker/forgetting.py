"""Forgets what a member made: its files are deleted, its row keeps numbers under a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Notice
from bot.shots import NOWHERE
from bot.store.forgetting import Forgetting, blank

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from bot.hosting import Hosting
    from bot.models import Generation
    from bot.store import Store


async def forget(
    store: Store, hosting: Hosting, random: Random, generation: Generation, now: datetime
) -> Generation:
    """Delete the files of one that has ended, blank it, and let it rest for good.

    The files go first: whoever dies in between is asked again by the row, which still names them.
    One that another film under way, or parked, begins with stays until files are swept.
    Its card and its notice have said their last word, whoever wakes it. Raises `Conflict` if somebody works
    on it, and `FilesUnavailable`; then its row is unchanged.
    """
    await hosting.forget_films(generation)
    forgetting = Forgetting(store.engine)
    for file in generation.asked.media:
        if not await forgetting.is_used(file.id):
            await hosting.forget_media(file)
    changes = blank(generation, random) | {"card_shown": NOWHERE, "notice": Notice.TOLD}
    return await store.move(generation, now, due_at=None, **changes)
