"""What every proof may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.figures import PROPERTY, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def reached(request) -> Callable[..., None]:
    """Return the function that notes a row's numbers, in the row's order: `reached("…; …", 5000, 0)`."""

    def note(what: str, *numbers: float) -> None:
        assert len(ROWS[what]) == len(numbers)
        request.node.user_properties.append((PROPERTY, [what, [float(number) for number in numbers]]))

    return note
