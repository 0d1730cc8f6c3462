"""seedance2.ink's wire."""

from __future__ import annotations

import json
import math

import httpx
import pytest

from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    TaskNotFound,
)
from bot.models import TaskStatus
from tests.bot.providers.asking import CALLBACK, PSEUDONYM, submission, talking_to

ID = "req_1234567890"
PATH = f"/api/open/v1/video/generations/{ID}"


def answering(body, status=200):
    """Return a provider that is always answered so."""
    return talking_to("seedance2ink", httpx.Response(status, json=body))


def task(**said):
    """Return a provider whose task stands so."""
    return answering({"success": True, "requestId": ID, **said})


def test_every_field_is_sent():
    """Flat, with ratio, length, resolution, callback and the pseudonym; the prompt untouched."""
    body = json.loads(submission(answering({}), "iva", prompt="@图1 moves like @2").body)
    assert body == {
        "model": "seedance-2.0",
        "prompt": "@图1 moves like @2",
        "mediaUrls": [f"https://media.example/{file}" for file in ("1.png", "2.mp4", "3.mp3")],
        "aspectRatio": "16:9",
        "duration": 5,
        "resolution": "720p",
        "webhookUrl": CALLBACK,
        "metadata": {"user": PSEUDONYM},
    }


def test_text_has_no_media():
    """Leaving the list out is text-to-video."""
    assert "mediaUrls" not in json.loads(submission(answering({})).body)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"status": "queued"}, (TaskStatus.QUEUED, None)),
        ({"status": "processing"}, (TaskStatus.RUNNING, None)),
        ({"status": "succeeded"}, (TaskStatus.SUCCEEDED, None)),
        ({"status": "failed", "error": None}, (TaskStatus.FAILED, "provider")),
        ({"status": "failed", "error": "blocked by content policy"}, (TaskStatus.REFUSED, "moderation")),
        ({"status": "failed", "error": {"code": "moderation_failed"}}, (TaskStatus.REFUSED, "moderation")),
        ({"status": "failed", "error": {"code": "x", "message": "NSFW"}}, (TaskStatus.REFUSED, "moderation")),
        (
            {"status": "failed", "error": "OutputAudioSensitiveContentDetected"},
            (TaskStatus.REFUSED, "moderation_sound"),
        ),
        (
            {
                "status": "failed",
                "error": {"code": "moderation_failed", "message": "real person in the image"},
            },
            (TaskStatus.REFUSED, "moderation_face"),
        ),
        ({"status": "failed", "error": {"code": "upstream_error"}}, (TaskStatus.FAILED, "provider")),
        ({"status": "failed", "error": {"code": "insufficient_credits"}}, (TaskStatus.FAILED, "credit")),
        ({"status": "failed", "error": {"code": "invalid_request"}}, (TaskStatus.FAILED, "input")),
        ({"status": "failed", "error": 7, "success": False}, (TaskStatus.FAILED, "provider")),
        ({"status": "cancelled"}, (TaskStatus.CANCELLED, None)),
        ({"status": "dreaming"}, (TaskStatus.UNKNOWN, None)),
        ({}, (TaskStatus.UNKNOWN, None)),
    ],
)
async def test_its_states_in_our_words(said, expected):
    """Five states; an error in any of three shapes; an unknown word keeps the generation running."""
    found = await task(**said).fetch(ID)
    assert (*expected, False) == (found.status, found.reason, found.retryable)


@pytest.mark.parametrize("charged", [64, 0, -3, 1e308, None, "12.5", [], {}])
async def test_what_it_charged_is_passed_on_as_told(charged):
    """Absurd or not: judging is the tracker's."""
    provider = task(status="queued", creditsCharged=charged)
    found = await provider.submit(submission(provider), key="k")
    told = float(charged) if isinstance(charged, int | float | str) else None
    assert (ID, TaskStatus.QUEUED, told) == (found.id, found.status, found.credits)


async def test_what_it_charged_may_be_no_number():
    """NaN isn't JSON, and still breaks nothing."""
    answer = httpx.Response(200, content=b'{"success": true, "requestId": "req_1", "creditsCharged": NaN}')
    provider = talking_to("seedance2ink", answer)
    assert math.isnan((await provider.submit(submission(provider), key="k")).credits)


@pytest.mark.parametrize(
    ("error", "submit"),
    [
        ({"code": "unauthorized", "message": "Invalid API key"}, KeyRejected),
        ({"code": "insufficient_credits"}, CreditExhausted),
        ({"code": "invalid_request"}, InputRejected),
        ({"code": "rate_limited"}, ProviderUnavailable),
        ({"code": "content_policy"}, ModerationRejected),
        ({"code": "internal_error"}, OutcomeUnknown),
        ("no", InputRejected),
        (None, InputRejected),
    ],
)
async def test_errors_in_the_body_under_http_200(error, submit):
    """`success: false` is a failure, and its code says which."""
    provider = answering({"success": False, "error": error})
    with pytest.raises(submit):
        await provider.submit(submission(provider), key="k")


@pytest.mark.parametrize("body", [{"success": True}, {"success": True, "requestId": "a b"}, [], "x", None])
async def test_a_success_without_an_id_is_unknown(body):
    """It may have been charged."""
    provider = answering(body)
    with pytest.raises(OutcomeUnknown):
        await provider.submit(submission(provider), key="k")


async def test_another_task_than_asked_for_is_no_answer():
    """A mixed-up answer never moves a generation."""
    with pytest.raises(ProviderUnavailable):
        await task(status="succeeded").fetch("req_2")


async def test_a_cancel_is_confirmed():
    """One call, and the task is cancelled."""
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path))
        return httpx.Response(200, json={"success": True, "requestId": ID, "status": "cancelled"})

    found = await talking_to("seedance2ink", answer).cancel(ID)
    assert (TaskStatus.CANCELLED, [("POST", f"{PATH}/cancel")]) == (found.status, asked)


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(400, json={"success": False, "error": {"code": "already_finished"}}),
        httpx.Response(409, json={"success": False}),
        httpx.Response(200, json={"success": False, "error": {"code": "already_finished"}}),
        httpx.Response(200, json={"success": True, "requestId": ID, "status": "processing"}),
        httpx.Response(500),
        httpx.Response(204),
    ],
)
async def test_whatever_is_no_clear_yes_is_asked_again(refusal):
    """The real state counts: the film may have been faster."""
    film = {"type": "video", "url": "https://example.com/film.mp4"}

    def answer(request):
        state = {"success": True, "requestId": ID, "status": "succeeded", "output": film}
        return refusal if request.method == "POST" else httpx.Response(200, json=state)

    found = await talking_to("seedance2ink", answer).cancel(ID)
    assert (TaskStatus.SUCCEEDED, (film["url"],)) == (found.status, found.urls)


async def test_a_cancel_of_nothing_is_not_found():
    """As for any ask."""
    with pytest.raises(TaskNotFound):
        await answering({"success": False}, 404).cancel(ID)


async def test_a_cancel_that_never_left_says_so():
    """It may be tried again."""

    def answer(request):
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(NotSent):
        await talking_to("seedance2ink", answer).cancel(ID)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"requestId": ID, "status": "succeeded"}, ID),
        ({"event": "done", "data": {"requestId": ID}}, ID),
        ({"data": {"requestId": 5.5}}, "5.5"),
        ({"data": None}, None),
        ("req_1", None),
    ],
)
def test_a_callback_names_its_task(body, expected):
    """At the top or wrapped: the page doesn't say."""
    assert expected == answering({}).named_task(body)


async def test_the_key_is_proved_without_spending():
    """The models are open to all, so a task that can't be is asked for too."""
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path))
        models = httpx.Response(200, json={"success": True, "data": [{}, {}]})
        missing = httpx.Response(404, json={"success": False, "error": {"code": "not_found"}})
        return models if request.url.path.endswith("models") else missing

    told = await talking_to("seedance2ink", answer).probe()
    assert (told, [method for method, _ in asked]) == ("the key is accepted, 2 models", ["GET", "GET"])
    assert asked[0][1] == "/api/open/v1/models"


async def test_an_answer_about_another_task_is_none():
    """A mix-up over there says nothing of ours: it is asked again."""
    with pytest.raises(ProviderUnavailable):
        await task(requestId="req_0987654321", status="succeeded").fetch(ID)
