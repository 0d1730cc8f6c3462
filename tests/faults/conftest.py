"""What every proof may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.figures import PROPERTY, ROWS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.faults.killing.theatre import Props, Theatre


@pytest.fixture
def reached(request) -> Callable[..., None]:
    """Return the function that notes a row's numbers, in the row's order: `reached("…; …", 5000, 0)`."""

    def note(what: str, *numbers: float) -> None:
        assert len(ROWS[what]) == len(numbers)
        request.node.user_properties.append((PROPERTY, [what, [float(number) for number in numbers]]))

    return note


@pytest.fixture(scope="session")
def props() -> Iterator[Props]:
    """Keep what evenings of real processes share, so that it is made once."""
    from tests.faults.killing.theatre import Props

    shared = Props()
    yield shared
    shared.nurse.close()


@pytest.fixture
async def theatre(tmp_path: Path, props: Props) -> AsyncIterator[Theatre]:
    """Return what opens evenings of real processes, and closes them after the test."""
    from tests.faults.killing.theatre import Theatre

    async with Theatre(tmp_path, props) as opened:
        yield opened
