"""What a seed makes of the answers that providers' own pages show: bent, cut, swollen, self-contradicting."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.contract.recorded import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

RECORDED = [each.values[0] for each in examples("answers")]
STATUSES = (200, 200, 200, 200, 201, 202, 204, 299, 301, 307, 400, 401, 402, 403, 404, 408, 409, 410)
STATUSES += (413, 422, 425, 429, 451, 499, 500, 502, 503, 504, 520, 599)
WORDS = ("", "0", "null", "success", "SUCCESS", "FAILURE", "completed", "failed", "unauthorized", "a/../b")
WORDS += ("insufficient_credits", "content_policy_violation", "https://films.example/1.mp4", "//x", "\ud800")
LEAVES: tuple[Any, ...] = (None, True, False, 0, -1, 1, 400, 1e308, float("nan"), float("inf"), 10**400)
LEAVES += ([], {}, [[]], [None] * 50, {"a": {"b": []}}, *WORDS)


def _places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Yield everything that holds something, with the place in it."""
    if isinstance(body, dict | list):
        for place in list(body) if isinstance(body, dict) else range(len(body)):
            yield body, place
            yield from _places(body[place])


def _leaf(body: Any, dice: Random) -> Any:
    places = list(_places(body))
    if not places:
        return deepcopy(dice.choice(LEAVES))
    holder, place = dice.choice(places)
    holder[place] = deepcopy(dice.choice(LEAVES))
    return body


def _gone(body: Any, dice: Random) -> Any:
    places = [(holder, place) for holder, place in _places(body) if isinstance(holder, dict)]
    if places:
        holder, place = dice.choice(places)
        del holder[place]
    return body


def _wrapped(body: Any, dice: Random) -> Any:
    return dice.choice([{"data": body}, [body], {"error": body}, {"output": body, "status": "failed"}])


def _deep(body: Any, dice: Random) -> Any:
    for _ in range(dice.choice([5, 50, 300])):
        body = {"data": body} if dice.random() < 0.5 else [body]
    return body


def _moved(body: Any, dice: Random) -> Any:
    """Put a part of another provider's answer into this one."""
    other = deepcopy(dice.choice(RECORDED).said["answer"])
    return {**body, **other} if isinstance(body, dict) and isinstance(other, dict) else other


def _refused(body: Any, dice: Random) -> Any:
    """Let a task say no beside."""
    nos = ({"success": False}, {"code": 400}, {"error": {"code": "invalid", "message": "no"}}, {"code": "7"})
    return {**body, **dice.choice(nos)} if isinstance(body, dict) else body


CHANGES: tuple[Callable[[Any, Random], Any], ...] = (
    _leaf,
    _leaf,
    _leaf,
    _gone,
    _gone,
    _wrapped,
    _deep,
    _moved,
    _refused,
)


def _bent(data: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return dice.choice(
        [
            data[:at],
            data[:at] + dice.randbytes(3) + data[at:],
            b"\xef\xbb\xbf" + data,
            data + data,
            b"<html>" + data,
            data.decode("utf-8", "replace").encode("utf-16"),
            b'{"a":' * at + data,
            b"",
        ]
    )


def answers(dice: Random, count: int) -> Iterator[tuple[str, str, int, bytes]]:
    """Yield so many answers: whose page, to what call, with which HTTP status, and the body."""
    for _ in range(count):
        example = dice.choice(RECORDED)
        body = deepcopy(example.said["answer"])
        for _ in range(dice.choice([0, 1, 1, 2, 4])):
            body = dice.choice(CHANGES)(body, dice)
        data = json.dumps(body).encode("utf-8", "surrogatepass")
        if dice.random() < 0.15:
            data = _bent(data, dice)
        status = dice.choice(STATUSES) if dice.random() < 0.7 else example.said.get("status", 200)
        yield example.provider, example.said["call"], status, data
