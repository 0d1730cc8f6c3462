"""Laws of `bot.tracker.arriving`: what a card tells of a slow download."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.tracker import arriving
from tests.fakes import RUNNING

pytestmark = pytest.mark.usefixtures("on_both")


async def test_a_download_of_which_nothing_has_come_tells_nothing(world, monkeypatch):
    """The card says how much is there once there is something (P-20)."""
    monkeypatch.setattr(arriving, "SLOW", timedelta(milliseconds=5))
    world.providers["maxapi"].last_fetch = RUNNING
    generation = await world.ask()
    await world.rest()
    shown, looks = len(world.delivery.drafts), []

    def nothing(target):
        looks.append(target)
        if len(looks) > 2:
            raise OSError("gone")
        return 0

    monkeypatch.setattr(arriving, "arrived", nothing)
    await arriving.tell(world.context, await world.now(generation), world.data_dir)

    assert (3, shown) == (len(looks), len(world.delivery.drafts))
