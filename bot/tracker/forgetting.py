"""Forgets what a member made: its files go from the disk, its row keeps numbers under a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Notice
from bot.store.forgetting import Forgetting, blank
from bot.tracker.cards import NOWHERE

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from bot.hosting import Hosting
    from bot.models import Generation
    from bot.store import Store


async def forget(
    store: Store, hosting: Hosting, random: Random, generation: Generation, now: datetime
) -> Generation:
    """Blank one that has ended, delete its files, and let it rest for good.

    A file that somebody else's film under way begins with stays until files are swept.
    Its card and its notice have said their last word, whoever wakes it. Raises `Conflict` if somebody works
    on it; then nothing is changed.
    """
    changes = blank(generation, random) | {"card_shown": NOWHERE, "notice": Notice.TOLD}
    blanked = await store.move(generation, now, due_at=None, **changes)
    for path in hosting.films_dir.glob(f"{generation.id}*"):
        path.unlink(missing_ok=True)
    forgetting = Forgetting(store.engine)
    for file in generation.asked.media:
        if not await forgetting.is_used(file.id):
            hosting.media_path(file).unlink(missing_ok=True)
    return blanked
