"""What providers say, as their own pages show it, in our words."""

from __future__ import annotations

import json

import httpx
import pytest

from bot import errors
from bot.models import ProviderTask, TaskStatus
from tests.bot.providers.asking import KEY, PROVIDER_NAMES, submission, talking_to
from tests.contract.recorded import examples

ANSWERS = examples("answers")
RECORDED = [each for each in ANSWERS if each.values[0].said["call"] != "callback"]
GOOD = [each for each in RECORDED if "error" not in each.values[0].said["expected"]]
CALLBACKS = [each for each in ANSWERS if each.values[0].said["call"] == "callback"]


async def ask(example):
    """Make the call that the example answers; return what came of it and the request that left."""
    sent = []

    def answer(request):
        sent.append(request)
        return httpx.Response(example.said["status"], json=example.said["answer"])

    provider = talking_to(example.provider, answer)
    task = example.said.get("task", "")
    try:
        match example.said["call"]:
            case "submit":
                found = await provider.submit(submission(provider), key="0123456789abcdef")
            case "fetch":
                found = await provider.fetch(task)
            case "cancel":
                found = await provider.cancel(task)
    except errors.ProviderError as error:
        found = error
    await provider.close()
    return found, sent


def told(task: ProviderTask):
    """Return what a task says, without what it doesn't, as a file can hold it."""
    found = {
        "id": task.id,
        "status": task.status.value,
        "progress": task.progress,
        "remaining": task.remaining and task.remaining.total_seconds(),
        "urls": list(task.urls) or None,
        "reason": task.reason,
        "credits": task.credits,
        "model": task.model,
        "prompt": task.prompt,
    }
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("example", RECORDED)
async def test_an_answer_means_what_its_file_says(example):
    """A task in our words, or one of our errors."""
    found, _ = await ask(example)
    said = {"error": type(found).__name__} if isinstance(found, errors.ProviderError) else told(found)
    assert example.said["expected"] == said


@pytest.mark.parametrize("example", RECORDED)
async def test_one_call_with_the_key_leaves(example):
    """Once, with the bearer key; it never stands in an address or a body."""
    _, sent = await ask(example)
    assert [f"Bearer {KEY}"] == [request.headers["authorization"] for request in sent]
    assert KEY not in str(sent[0].url) + sent[0].content.decode()


@pytest.mark.parametrize("example", CALLBACKS)
def test_a_callback_names_its_task(example):
    """Nothing but the id is taken from it."""
    provider = talking_to(example.provider, lambda _: None)
    assert example.said["expected"]["id"] == provider.named_task(example.said["answer"])


@pytest.mark.parametrize("provider", PROVIDER_NAMES)
def test_every_provider_has_submit_fetch_and_callback(provider):
    """A provider without one isn't held to anything."""
    calls = {each.values[0].said["call"] for each in ANSWERS if each.values[0].provider == provider}
    assert {"submit", "fetch", "callback"} <= calls


@pytest.mark.parametrize(
    "example", [each for each in RECORDED if "error" not in each.values[0].said["expected"]]
)
@pytest.mark.parametrize("odd", [None, 0, -1, "", "odd", [], {}, [None], {"a": {"b": []}}, True, 1e300])
async def test_no_wrong_type_breaks_a_task(example, odd):
    """Whatever one field of a good answer turns into, it stays a task or becomes an error of ours."""
    whole = example.said["answer"]
    for spoiled in _spoiled(whole, odd):
        changed = type(example)(example.provider, example.name, {**example.said, "answer": spoiled})
        found, _ = await ask(changed)
        assert isinstance(found, ProviderTask | errors.ProviderError)
        if isinstance(found, ProviderTask):
            assert found.id
            assert isinstance(found.status, TaskStatus)


def _spoiled(body, odd):
    for name, value in body.items():
        yield {**body, name: odd}
        yield {other: kept for other, kept in body.items() if other != name}
        if isinstance(value, dict):
            for inner in _spoiled(value, odd):
                yield {**body, name: inner}


@pytest.mark.parametrize("example", RECORDED)
async def test_unknown_fields_change_nothing(example):
    """A provider may add to its answers."""
    grown = json.loads(json.dumps(example.said["answer"]), object_hook=lambda part: {**part, "new": [{}]})
    changed = type(example)(example.provider, example.name, {**example.said, "answer": grown})
    assert repr((await ask(example))[0]) == repr((await ask(changed))[0])
