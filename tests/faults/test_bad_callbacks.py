"""Whatever is sent to the callbacks' door: nothing breaks, nothing is believed, nothing piles up."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from tests.databases import KINDS
from tests.faults.doorstep import Doorstep, doorstep, under_way
from tests.faults.figures import named, pieces
from tests.faults.forgeries import Forger

pytestmark = pytest.mark.usefixtures("on_both")
ROW = "bad callbacks; uncaught errors; accepted"
ANSWERS = {204, 400, 404, 405, 408, 413, 417}
"""204 is for those with a true token alone: what else was woken is counted."""
MORE_MEMORY = 24 << 20
"""Bytes that a process may have more after thousands of requests than after the first thousand."""


def believed(before: list, after: list) -> int:
    """Return how many generations a callback changed in more than what to ask about, and when."""
    same = [
        replace(
            new,
            due_at=old.due_at,
            woken=old.woken,
            version=old.version,
            updated_at=old.updated_at,
            named_task_id=old.named_task_id,
        )
        for old, new in zip(before, after, strict=True)
    ]
    return sum(old != new for old, new in zip(before, same, strict=True))


def memory() -> int:
    """Return the bytes that this process has in use."""
    gc.collect()
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * 4096 if status.exists() else 0


@dataclass(slots=True)
class Siege:
    """What came of many requests."""

    count: int = 0
    believed: int = 0
    asked: int = 0
    """Calls of the database for forged requests."""
    grown: int = 0
    """Bytes of memory that were kept since the first thousand."""
    answers: Counter[int] = field(default_factory=Counter)


async def besieged(step: Doorstep, seeds: range) -> Siege:
    """Send all requests of some seeds: first the forged ones, of which none may leave a trace."""
    siege, first = Siege(), 0
    for genuine in (False, True):
        before, nudges, calls = await step.rows(), step.nudges, step.engine.calls
        for seed in seeds:
            dice = Random(seed)
            for knock in Forger(step.signer, step.ids, seed).knocks():
                address = f"93.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
                parts = dice.choice([1, 1, 1, 3])
                if knock.genuine == genuine:
                    siege.answers.update(await step.knock(knock.data, address, waits=genuine, pieces=parts))
                    siege.count += 1
            first = first or memory()
        await step.quiet()
        after = await step.rows()
        siege.believed += believed(before, after) if genuine else step.nudges - nudges + (before != after)
        siege.asked += 0 if genuine else step.engine.calls - calls
    siege.grown = memory() - first
    return siege


@pytest.mark.parametrize(
    ("database", "seeds"),
    [
        pytest.param(kind, piece, id=f"{kind}-{named(piece)}")
        for piece, kind in zip(pieces(50, each=25), cycle(KINDS), strict=False)
    ],
    indirect=["database"],
)
async def test_no_bad_callback_is_believed(tmp_path, reached, seeds):
    """Forged tokens, odd paths, framings and bodies: nothing wakes, breaks or stays (T-01, T-04, T-06, T-08).

    None of them costs a call of the database either: their answer is known before.
    A true token around a hostile body makes its generation due and changes nothing else (P-11, P-12, P-14).
    A seed makes the same thousand requests every time; `SEEDS=7 make prove` sends those of seed 7 alone.
    Every other piece is sent to a house on PostgreSQL.
    """
    async with doorstep(tmp_path) as step:
        siege = await besieged(step, seeds)
        held, left = len(step.listener._room), under_way()
    uncaught = sum(number for status, number in siege.answers.items() if status >= 500)
    reached(ROW, siege.count, len(step.errors) + uncaught, siege.believed)
    assert ([], 0, 0, 0) == (step.errors, uncaught, siege.believed, siege.asked)
    assert ANSWERS >= siege.answers.keys()
    assert (True, 0, set()) == (siege.grown < MORE_MEMORY, held, left)


async def test_an_honest_callback_passes_the_same_door(tmp_path):
    """What refuses all others lets a true one in: it makes its generation due, and nothing else."""
    async with doorstep(tmp_path) as step:
        before = await step.rows()
        path = f"/callbacks/maxapi/{step.signer.callback_token('maxapi', step.ids[0])}"
        data = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        statuses = await step.knock(data, "93.184.216.34", waits=True)
        after = await step.rows()
    assert ([204], 1, [], 0) == (statuses, step.nudges, step.errors, believed(before, after))
    assert [1, 0, 0, 0, 0] == [new.woken - old.woken for old, new in zip(before, after, strict=True)]


async def test_a_door_that_believes_forged_tokens_is_noticed(tmp_path, monkeypatch):
    """Without the check of signatures the same requests wake what they name, and the proof sees it."""
    monkeypatch.setattr(
        "bot.signatures.Signer.read_callback_token", lambda _self, _provider, token: token[:16]
    )
    async with doorstep(tmp_path) as step:
        siege = await besieged(step, range(1))
    assert siege.believed > 100


async def test_a_door_that_breaks_is_noticed(tmp_path, monkeypatch):
    """An error that nobody foresaw is counted by its answer and by its line in the log."""
    monkeypatch.setattr("bot.signatures.Signer.read_callback_token", lambda *_: 1 // 0)
    async with doorstep(tmp_path) as step:
        siege = await besieged(step, range(1))
    assert (True, True) == (siege.answers[500] > 100, len(step.errors) > 100)


async def test_refusals_look_the_same_on_the_wire(tmp_path, monkeypatch):
    """Over a true socket too, each refusal is empty, and none names the software (T-07, T-08)."""
    async with doorstep(tmp_path) as step:
        host, _, port = step.listener.address.rpartition(":")
        told = set()
        for knock in [knock for knock in Forger(step.signer, step.ids, 0).knocks() if not knock.genuine][
            :200
        ]:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(knock.data)
            writer.write_eof()
            with contextlib.suppress(ConnectionError):
                told.add(await reader.read())
            writer.close()
    assert [] == [answer for answer in told if b"aiohttp" in answer.lower() or b"python" in answer.lower()]
    assert [] == [answer for answer in told if answer and not answer.endswith(b"\r\n\r\n")]
    assert step.nudges == 0  # the first ones are all forged
