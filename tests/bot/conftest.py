"""What several tests of the outermost modules stand on."""

import pytest

from tests.bot.ground import Ground


@pytest.fixture
async def ground(tmp_path):
    """Return the ground, serving."""
    async with Ground(tmp_path).serving() as it:
        yield it
