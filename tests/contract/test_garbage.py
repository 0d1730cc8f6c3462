"""A success that isn't one: whatever comes under 2xx, money is never forgotten and nothing crashes."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import OutcomeUnknown, ProviderError, ProviderUnavailable, Rejected, TaskNotFound
from bot.models import ProviderTask
from tests.bot.providers.asking import PROVIDER_NAMES, submission, talking_to

ID = "task-unified-1"
_NAMES = st.sampled_from(
    [
        *("code", "msg", "data", "taskId", "requestId", "id", "status", "success", "error", "result"),
        *("urls", "output", "url", "usage", "progress", "task_info", "input", "creditsCharged", "results"),
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(ID)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=25,
)
BODIES = st.binary(max_size=200) | _JSON.map(lambda body: json.dumps(body).encode())
STATUSES = st.sampled_from([200, 201, 202, 204, 299])


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@settings(deadline=None)
@given(status=STATUSES, body=BODIES)
async def test_a_submit_is_a_task_or_unknown_or_a_clear_no(name, status, body):
    """An id that can be asked for, else `OutcomeUnknown`, unless the body says no in its own words."""
    provider = talking_to(name, lambda _: httpx.Response(status, content=body))
    try:
        task = await provider.submit(submission(provider), key="k")
    except ProviderError as error:
        clear = isinstance(error, Rejected | ProviderUnavailable)
        assert isinstance(error, OutcomeUnknown) or (clear and _says_no(body))  # noqa: PT017 - a law for both
    else:
        assert isinstance(task, ProviderTask)
        assert task.id.encode() in body


def _says_no(body):
    told = json.loads(body)
    return bool(told.get("code") or told.get("success") in {False, "false"} or told.get("error"))


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@settings(deadline=None)
@given(status=STATUSES, body=BODIES)
async def test_an_ask_is_a_task_or_one_of_ours(name, status, body):
    """A fetch never ends in anything but a task or the errors that its interface names."""
    provider = talking_to(name, lambda _: httpx.Response(status, content=body))
    try:
        task = await provider.fetch(ID)
    except ProviderError as error:
        assert isinstance(error, TaskNotFound | ProviderUnavailable | Rejected)  # noqa: PT017
    else:
        assert task.id == ID


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@settings(deadline=None)
@given(body=_JSON)
def test_any_callback_names_a_task_or_none(name, body):
    """Hostile JSON is no more than no name; a name can be put into an address."""
    named = talking_to(name, lambda _: None).named_task(body)
    assert named is None or (named and not set(named) & set("/?#%\\ \r\n"))
