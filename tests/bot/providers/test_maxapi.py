"""maxapi.io's wire."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModerationRejected,
    OutcomeUnknown,
    ProviderUnavailable,
    TaskNotFound,
)
from bot.models import ProviderTask, TaskStatus
from tests.bot.providers.asking import CALLBACK, PSEUDONYM, submission, talking_to

ID = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"


def answering(body, status=200):
    """Return a provider that is always answered so."""
    return talking_to("maxapi", httpx.Response(status, json=body))


def task(**data):
    """Return a provider whose task stands so."""
    return answering({"code": 0, "msg": "ok", "data": {"taskId": ID, **data}})


def body_of(kinds="", **said):
    """Return the body for a request."""
    return json.loads(submission(answering({}), kinds, **said).body)


@pytest.mark.parametrize(
    ("kinds", "said", "expected"),
    [
        ("", {}, {"ratio": "16:9", "resolution": "720p", "duration": 5, "fallback": False}),
        ("", {"fallback": True}, {"ratio": "16:9", "resolution": "720p", "duration": 5, "fallback": True}),
        (
            "i",
            {"model": "seedance-1.5-pro", "seconds": 10},
            {
                "mediaUrls": ["https://media.example/1.png"],
                "ratio": "16:9",
                "resolution": "720p",
                "duration": 10,
            },
        ),
        (
            "ii",
            {"model": "jimeng-video-3.0"},
            {
                "imageUrls": ["https://media.example/1.png", "https://media.example/2.png"],
                "ratio": "16:9",
                "duration": 5,
            },
        ),
        ("", {"model": "seedance-2.0-pro", "ratio": "1:1"}, {"ratio": "1:1", "duration": 5}),
    ],
)
def test_every_field_that_the_model_has_is_sent(kinds, said, expected):
    """Explicitly, whether chosen or by default; what it has no field for isn't."""
    expected = {"prompt": "A river in autumn", **expected}
    assert expected == body_of(kinds, **said)["input"]


def test_the_envelope_names_callback_and_member():
    """A callback where we can be reached, a pseudonym always."""
    body = body_of()
    assert (body["model"], body["callBackUrl"], body["user_id"]) == ("seedance-2.0", CALLBACK, PSEUDONYM)


def test_without_a_callback_there_is_no_field():
    """Polling finds it."""
    provider = answering({})
    request = submission(provider)
    assert "callBackUrl" in request.body
    from tests.bot.providers.asking import routed

    bare = provider.prepare(routed("maxapi"), media_urls=(), user=PSEUDONYM, callback_url=None)
    assert "callBackUrl" not in bare.body


def test_mentions_reach_it_in_its_own_words():
    """One spelling for all three, the rest verbatim."""
    assert body_of("iii", prompt="@图1 和 @image2 — «@3»")["input"]["prompt"] == "@1 和 @2 — «@3»"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"status": "PENDING"}, (TaskStatus.QUEUED, None)),
        ({"status": "PROCESSING"}, (TaskStatus.RUNNING, None)),
        ({"status": "SUBMITTED"}, (TaskStatus.RUNNING, None)),
        ({"status": "SUCCESS"}, (TaskStatus.SUCCEEDED, None)),
        ({"status": "FAILURE", "failure_reason": "CONTENT_MODERATION"}, (TaskStatus.REFUSED, "moderation")),
        ({"status": "FAILURE", "failure_reason": "INVALID_PARAMETERS"}, (TaskStatus.FAILED, "input")),
        ({"status": "FAILURE", "failure_reason": "INSUFFICIENT_POINTS"}, (TaskStatus.FAILED, "credit")),
        ({"status": "FAILURE", "failReason": "INVALID_PARAMETERS"}, (TaskStatus.FAILED, "input")),
        ({"status": "FAILURE", "failure_reason": None}, (TaskStatus.FAILED, "provider")),
        ({"status": "FAILURE", "failure_reason": "SOMETHING_NEW"}, (TaskStatus.FAILED, "provider")),
        ({"status": "TIMEOUT"}, (TaskStatus.FAILED, "timeout")),
        ({"status": "CANCELLED"}, (TaskStatus.CANCELLED, None)),
        ({"status": "REVIEWING"}, (TaskStatus.UNKNOWN, None)),
        ({"status": None}, (TaskStatus.UNKNOWN, None)),
        ({"status": {"odd": 1}}, (TaskStatus.UNKNOWN, None)),
    ],
)
async def test_its_states_in_our_words(data, expected):
    """Seven states and a reason; an unknown word keeps the generation running."""
    found = await task(**data).fetch(ID)
    assert expected == (found.status, found.reason)


async def test_only_a_failure_for_want_of_credit_may_go_elsewhere():
    """It promises no refund for any other."""
    retryable = []
    for reason in ("INSUFFICIENT_POINTS", None, "INVALID_PARAMETERS"):
        found = await task(status="FAILURE", failure_reason=reason).fetch(ID)
        retryable.append(found.retryable)
    assert retryable == [True, False, False]


async def test_a_success_names_its_film():
    """Only absolute web addresses count, each once, and not ten thousand of them."""
    film = "https://example.com/film.mp4"
    urls = [film, "/relative.mp4", "ftp://example.com/x", 7, None, film, *(f"{film}?{n}" for n in range(50))]
    found = await task(status="SUCCESS", result={"type": "video", "urls": urls}).fetch(ID)
    assert (film, 10) == (found.urls[0], len(found.urls))


@pytest.mark.parametrize("result", [None, {}, {"urls": None}, {"urls": "x"}, {"urls": []}, [], "x"])
async def test_a_success_without_a_film_is_still_one(result):
    """The tracker asks again, and never breaks."""
    found = await task(status="SUCCESS", result=result).fetch(ID)
    assert (found.status, found.urls) == (TaskStatus.SUCCEEDED, ())


async def test_a_submit_returns_its_id():
    """Nothing but the id is told."""
    provider = task()
    assert ProviderTask(ID, TaskStatus.QUEUED) == await provider.submit(submission(provider), key="k")


@pytest.mark.parametrize(
    ("body", "submit", "fetch"),
    [
        ({"code": 400, "msg": "参数错误"}, InputRejected, TaskNotFound),
        ({"code": 401, "msg": "unauthorized"}, KeyRejected, KeyRejected),
        ({"code": 402, "msg": "?"}, CreditExhausted, CreditExhausted),
        ({"code": 400, "msg": "insufficient points"}, CreditExhausted, CreditExhausted),
        ({"code": 404, "msg": "?"}, InputRejected, TaskNotFound),
        ({"code": 429, "msg": "?"}, ProviderUnavailable, ProviderUnavailable),
        ({"code": 500, "msg": "?"}, OutcomeUnknown, ProviderUnavailable),
        ({"code": 1001, "msg": "?"}, InputRejected, TaskNotFound),
        ({"code": 400, "msg": "?", "data": {"taskId": ID}}, OutcomeUnknown, ProviderUnavailable),
        ({"code": 0, "msg": "ok"}, OutcomeUnknown, ProviderUnavailable),
        ({"code": 0, "msg": "ok", "data": {"taskId": "../../models"}}, OutcomeUnknown, ProviderUnavailable),
        ({"code": 0, "msg": "ok", "data": [ID]}, OutcomeUnknown, ProviderUnavailable),
    ],
)
async def test_errors_in_the_body_under_http_200(body, submit, fetch):
    """`code` speaks where HTTP says that all is well."""
    provider = answering(body)
    with pytest.raises(submit):
        await provider.submit(submission(provider), key="k")
    with pytest.raises(fetch):
        await provider.fetch(ID)


@pytest.mark.parametrize("status", [200, 400])
async def test_moderation_at_submit_names_its_categories(status):
    """Told apart from bad input by its words or its flag."""
    data = {"flagged": True, "categories": {"violence": True, "hate": False, "violence/graphic": True}}
    provider = answering({"code": 400, "msg": "content rejected by moderation", "data": data}, status)
    with pytest.raises(ModerationRejected) as caught:
        await provider.submit(submission(provider), key="k")
    assert caught.value.categories == ("violence", "violence/graphic")


async def test_another_task_than_asked_for_is_no_answer():
    """A mixed-up answer never moves a generation."""
    with pytest.raises(ProviderUnavailable):
        await task(status="SUCCESS").fetch("ffffffff-e5f6-7890-abcd-ef1234567890")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"code": 0, "data": {"taskId": ID, "status": "SUCCESS"}}, ID),
        ({"data": {"taskId": "a/../b"}}, None),
        ({"taskId": ID}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_callback_names_its_task(body, expected):
    """The id stands where the query's answer has it."""
    assert expected == answering({}).named_task(body)


async def test_the_key_is_proved_without_spending():
    """A task that can't be is unknown to whoever accepts the key."""
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path))
        return httpx.Response(404, json={"code": 404, "msg": "task not found"})

    assert "accepted" in await talking_to("maxapi", answer).probe()
    assert asked == [("GET", "/api/v1/task/00000000-0000-0000-0000-000000000000")]


async def test_a_wrong_key_fails_the_proof():
    """In either form of its refusal."""
    with pytest.raises(KeyRejected):
        await answering({"code": 401, "msg": "unauthorized"}).probe()
