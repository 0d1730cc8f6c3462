"""Whatever a provider answers, it is one of our errors or a task; a doubtful submit is never called free."""

from __future__ import annotations

import json
import math
from random import Random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import NotSent, OutcomeUnknown, ProviderError, Rejected
from bot.models import ProviderTask, TaskStatus
from bot.tracker.money import credits_charged
from tests.bot.providers.asking import PROVIDER_NAMES, submission, talking_to
from tests.faults.contradictions import answers

TASK = "task-unified-1774857405-abc123"
PER_SEED = 1500
CALLS = {
    "submit": lambda provider, body: provider.submit(body, key="0123456789abcdef"),
    "fetch": lambda provider, _: provider.fetch(TASK),
    "cancel": lambda provider, _: provider.cancel(TASK),
    "upload": lambda provider, _: provider.upload("cat.png", b"cat"),
    "balance": lambda provider, _: provider.balance(),
    "probe": lambda provider, _: provider.probe(),
}
DOUBTFUL = {408, 409, 425, 499}
"""Cut short, or in conflict with a call that is under way: nobody knows."""


class Echo:
    """Answers every call with the same, until it is told another."""

    def __init__(self, name):
        self.response = httpx.Response(204)
        self.provider = talking_to(name, lambda _: self.response)
        self.body = submission(self.provider)

    async def ask(self, call, status, body):
        """Return what came of a call: a value, or an error of ours."""
        self.response = httpx.Response(status, content=body)
        try:
            return await CALLS[call](self.provider, self.body)
        except ProviderError as error:
            return error


def says_no(status, body):
    """Return whether an answer to a submit is a refusal by its status, or in a body that can be read."""
    if 400 <= status < 500:
        return status not in DOUBTFUL
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not 200 <= status < 300 or not isinstance(told, dict):
        return False
    return bool(told.get("code") or told.get("error") or "success" in told)


LIVING = {
    "seedance2ink": ("requestId", {"queued", "processing", "succeeded"}),
    "evolink": ("id", {"pending", "queued", "processing", "completed"}),
}


def lives(name, body):
    """Return whether a body names a task in a state that isn't a bad end, in its provider's own words."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    id_, states = LIVING.get(name, ("", set()))
    return (
        isinstance(told, dict)
        and told.get(id_) in [TASK, "req_1234567890"]
        and str(told.get("status")) in states
    )


def check(name, call, status, body, found):
    """Hold what came of a call against the law of that call."""
    if call == "submit" and isinstance(found, NotSent | Rejected):
        assert says_no(status, body)
        assert not lives(name, body)
    if isinstance(found, ProviderError):
        assert call == "submit" or not isinstance(found, OutcomeUnknown) or call == "cancel"
        assert len(found.detail) <= 2100
    elif isinstance(found, ProviderTask):
        assert found.id
        assert not set(found.id) & set("/?#%\\ \r\n")
        assert isinstance(found.status, TaskStatus)
        assert all(url.startswith(("http://", "https://")) for url in found.urls)
        assert len(found.urls) <= 10
        assert found.model is None or len(found.model.encode("ascii")) <= 64
        assert found.progress is None or 0 <= found.progress <= 100
        charged = credits_charged(found.credits)
        assert charged is None or charged >= -1
    elif call == "balance":
        assert found is None or isinstance(found, float)
    else:
        assert isinstance(found, str | None)


@pytest.mark.parametrize("seed", range(5))
async def test_no_answer_breaks_anything_or_makes_a_doubtful_submit_free(seed):
    """Recorded answers, bent in every way, to every call of every provider (P-06, P-09, P-10, P-18)."""
    echoes = {name: Echo(name) for name in PROVIDER_NAMES}
    dice = Random(seed)
    for _, call, status, body in answers(dice, PER_SEED):
        name = dice.choice(PROVIDER_NAMES)
        asked = dice.choice(["submit", "submit", call if call in CALLS else "fetch", *CALLS])
        if asked == "cancel" and name != "seedance2ink":
            asked = "submit"
        check(name, asked, status, body, await echoes[name].ask(asked, status, body))
        echoes[name].provider.named_task(_read(body))


def _read(body):
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(status=st.integers(200, 599), body=st.binary(max_size=60) | st.text().map(json.dumps).map(str.encode))
async def test_bytes_that_say_nothing_are_never_a_yes_and_never_a_doubtful_no(name, status, body):
    """A submit is unknown, or refused by a status that says so (P-03, P-06)."""
    found = await Echo(name).ask("submit", status, body)
    assert isinstance(found, ProviderError)
    check(name, "submit", status, body, found)
    assert isinstance(found, OutcomeUnknown) is not says_no(status, body)


TASKS = {
    "maxapi": {"code": 400, "msg": "invalid", "data": {"taskId": "790758ee-3675-48fa-a9af-33d33cf84e71"}},
    "seedance2ink": {"success": False, "requestId": "req_1234567890", "status": "queued"},
    "evolink": {"error": {"code": "invalid"}, "id": "task-unified-1", "status": "pending"},
}


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 429, 500])
async def test_a_refusal_that_names_a_living_task_is_no_refusal(name, status):
    """Both can't be true, and one of them costs money: nobody knows (P-06)."""
    found = await Echo(name).ask("submit", status, json.dumps(TASKS[name]).encode())
    assert OutcomeUnknown is type(found)


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize("told", [-1, -1e308, math.nan, math.inf, 1e999, 10**400, "many", [1]])
async def test_absurd_numbers_are_none_or_no_amount(name, told):
    """Whatever stands where a charge or a progress should, nothing overflows (P-06)."""
    state = {"status": "processing", "progress": told, "creditsCharged": told}
    usage = {"usage": {"credits_used": told}, "task_info": {"estimated_time": told}}
    wrapped = {"code": 0, "data": {"taskId": TASK, "status": "SUCCESS", "progress": told}}
    body = json.dumps(wrapped | state | usage | {"success": True, "requestId": TASK, "id": TASK}).encode()
    echo = Echo(name)
    for call in ("submit", "fetch"):
        found = await echo.ask(call, 200, body)
        check(name, call, 200, body, found)
        assert isinstance(found, ProviderTask)
