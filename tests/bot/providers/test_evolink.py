"""EvoLink's wire."""

from __future__ import annotations

import json
import re
from datetime import timedelta

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
from bot.models import Mode, TaskStatus
from bot.providers.evolink import idempotency_key
from tests.bot.providers.asking import CALLBACK, PSEUDONYM, submission, talking_to

ID = "task-unified-1774857405-abc123"
FILM = "https://example.com/film.mp4"


def answering(body, status=200, **options):
    """Return a provider that is always answered so."""
    return talking_to("evolink", httpx.Response(status, json=body), **options)


def task(**said):
    """Return a provider whose task stands so."""
    return answering({"id": ID, **said})


def body_of(kinds="", **said):
    """Return the body for a request."""
    return json.loads(submission(answering({}), kinds, **said).body)


@pytest.mark.parametrize("model", ["seedance-2.0", "seedance-2.0-fast"])
@pytest.mark.parametrize(
    ("kinds", "mode", "suffix"),
    [
        ("", Mode.TEXT, "text-to-video"),
        ("i", Mode.FIRST_FRAME, "image-to-video"),
        ("ii", Mode.FIRST_LAST_FRAME, "image-to-video"),
        ("i", Mode.REFERENCE, "reference-to-video"),
        ("iva", Mode.REFERENCE, "reference-to-video"),
    ],
)
def test_six_models_follow_from_mode_and_speed(model, kinds, mode, suffix):
    """The member names the speed, the files and the command name the mode."""
    assert f"{model}-{suffix}" == body_of(kinds, mode=mode, model=model)["model"]


def test_text_sends_every_field():
    """Defaults included, and the web search that only text has."""
    assert body_of() == {
        "model": "seedance-2.0-text-to-video",
        "prompt": "A river in autumn",
        "duration": 5,
        "quality": "720p",
        "aspect_ratio": "16:9",
        "generate_audio": True,
        "model_params": {"web_search": False},
        "callback_url": CALLBACK,
    }


def test_files_go_in_typed_lists():
    """By kind, in order; there is no web search beside files, and no list without a file."""
    body = body_of("ivia", sound=False, ratio="adaptive", prompt="@3 as @2 to @4")
    expected = {
        "prompt": "image 2 as video 1 to audio 1",
        "image_urls": ["https://media.example/1.png", "https://media.example/3.png"],
        "video_urls": ["https://media.example/2.mp4"],
        "audio_urls": ["https://media.example/4.mp3"],
        "aspect_ratio": "adaptive",
        "generate_audio": False,
    }
    assert expected == {name: body[name] for name in expected}
    assert "model_params" not in body
    assert "video_urls" not in body_of("i")


def test_no_pseudonym_where_there_is_no_field():
    """What the page doesn't know isn't sent."""
    assert PSEUDONYM not in submission(answering({}), "iva").body


@pytest.mark.parametrize("key", ["0123456789abcdef", "", "x" * 500, "ключ", "a b"])
def test_the_idempotency_key_has_its_shape(key):
    """The same for the same key, another for another, 16 to 96 allowed characters."""
    made = idempotency_key(key)
    assert re.fullmatch(r"[A-Za-z0-9._-]{16,96}", made)
    assert (made, True) == (idempotency_key(key), made != idempotency_key(key + "1"))


async def test_a_submit_carries_its_key_and_its_body():
    """To the byte, so that a repeat is the same call."""
    seen = []

    def answer(request):
        seen.append((request.url.path, request.headers["idempotency-key"], request.content.decode()))
        return httpx.Response(200, json={"id": ID, "status": "pending"})

    provider = talking_to("evolink", answer)
    prepared = submission(provider, prompt="吹灭蜡烛 🎂 \ud83c")
    for _ in range(2):
        await provider.submit(prepared, key="0123456789abcdef")
    assert seen == [("/v1/videos/generations", "matinee-0123456789abcdef", prepared.body)] * 2
    assert "吹灭蜡烛 🎂 \ufffd" in prepared.body


async def test_a_submit_tells_estimate_and_reservation():
    """Everything that the first answer holds."""
    usage = {"billing_rule": "per_second", "credits_reserved": 67.5, "user_group": "default"}
    info = {"can_cancel": True, "estimated_time": 165, "video_duration": 5}
    provider = task(
        status="pending", progress=0, task_info=info, usage=usage, model="seedance-2.0-fast-text-to-video"
    )
    found = await provider.submit(submission(provider), key="k")
    assert (ID, TaskStatus.QUEUED, 0, timedelta(seconds=165), 67.5, "seedance-2.0-fast") == (
        found.id,
        found.status,
        found.progress,
        found.remaining,
        found.credits,
        found.model,
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"status": "pending"}, (TaskStatus.QUEUED, None, False)),
        ({"status": "queued"}, (TaskStatus.QUEUED, None, False)),
        ({"status": "processing"}, (TaskStatus.RUNNING, None, False)),
        ({"status": "running"}, (TaskStatus.RUNNING, None, False)),
        ({"status": "completed"}, (TaskStatus.SUCCEEDED, None, False)),
        ({"status": "cancelled"}, (TaskStatus.CANCELLED, None, False)),
        ({"status": "paused"}, (TaskStatus.UNKNOWN, None, False)),
        ({}, (TaskStatus.UNKNOWN, None, False)),
        *(
            ({"status": "failed", "error": {"code": code, "message": "?"}}, expected)
            for code, expected in {
                "content_policy_violation": (TaskStatus.REFUSED, "moderation", False),
                "invalid_parameters": (TaskStatus.FAILED, "input", False),
                "image_processing_error": (TaskStatus.FAILED, "input", False),
                "image_dimension_mismatch": (TaskStatus.FAILED, "input", False),
                "request_cancelled": (TaskStatus.CANCELLED, None, False),
                "generation_timeout": (TaskStatus.FAILED, "timeout", True),
                "quota_exceeded": (TaskStatus.FAILED, "provider", True),
                "resource_exhausted": (TaskStatus.FAILED, "provider", True),
                "service_error": (TaskStatus.FAILED, "provider", True),
                "service_unavailable": (TaskStatus.FAILED, "provider", True),
                "upstream_error": (TaskStatus.FAILED, "provider", True),
                "generation_failed_no_content": (TaskStatus.FAILED, "provider", False),
                "unknown_error": (TaskStatus.FAILED, "provider", False),
                "channel_something": (TaskStatus.FAILED, "provider", False),
            }.items()
        ),
        ({"status": "failed"}, (TaskStatus.FAILED, "provider", False)),
        ({"status": "failed", "error": {"code": 500}}, (TaskStatus.FAILED, "provider", False)),
        ({"status": "failed", "error": "words"}, (TaskStatus.FAILED, "provider", False)),
        *(
            (
                {"status": "failed", "error": {"code": code, "message": message}},
                (TaskStatus.REFUSED, why, False),
            )
            for code, message, why in [
                ("OutputAudioSensitiveContentDetected", "?", "moderation_sound"),
                ("unknown_error", "x (OutputAudioSensitiveContentDetected)", "moderation_sound"),
                ("content_policy_violation", "Output audio has sensitive content", "moderation_sound"),
                ("InputImageSensitiveContentDetected.PrivacyInformation", "?", "moderation_face"),
                ("content_policy_violation", "the image may contain real person", "moderation_face"),
                ("service_error", "InputTextSensitiveContentDetected: no", "moderation_prompt"),
                ("InputVideoRiskDetection", "?", "moderation_file"),
            ]
        ),
        (
            {"status": "failed", "error": {"code": "service_error", "message": "about a real person"}},
            (TaskStatus.FAILED, "provider", True),
        ),
    ],
)
async def test_its_states_in_our_words(said, expected):
    """Its states and string codes; an unknown one is neither fatal nor tried again."""
    found = await task(**said).fetch(ID)
    assert expected == (found.status, found.reason, found.retryable)


@pytest.mark.parametrize(
    "said",
    [
        {"results": [FILM]},
        {"result_data": [{"video_url": FILM}]},
        {"result_data": {"video_url": FILM}},
        {"output": {"video_url": FILM}},
        {"results": [None, "/x"], "output": {"video_url": FILM}},
        {"results": [FILM], "result_data": "odd", "output": []},
    ],
)
async def test_the_film_is_found_where_it_was_seen(said):
    """`results` first, then what its clients read."""
    assert (await task(status="completed", **said).fetch(ID)).urls == (FILM,)


@pytest.mark.parametrize(
    ("told", "expected"), [(45, 45), ("45", 45), (45.7, 45), (-5, 0), (250, 100), (None, None), ("x", None)]
)
async def test_progress_is_a_percentage_or_nothing(told, expected):
    """Never an invented one."""
    assert expected == (await task(status="processing", progress=told).fetch(ID)).progress


@pytest.mark.parametrize("told", [0, -1, 1e9, 1e400, "x", None, []])
async def test_an_absurd_estimate_is_none(told):
    """Only what can be a time is one."""
    answer = httpx.Response(200, content=json.dumps({"id": ID, "task_info": {"estimated_time": told}}))
    provider = talking_to("evolink", answer)
    assert (await provider.submit(submission(provider), key="k")).remaining is None


async def test_only_the_first_estimate_counts():
    """It is for the whole film: repeated later, it would move the end away with every ask."""
    assert (await task(status="processing", task_info={"estimated_time": 165}).fetch(ID)).remaining is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"status": "completed", "usage": {"credits_reserved": 9, "credits_used": 7}}, 7),
        ({"status": "completed", "usage": {"credits_reserved": 9, "cost": {"credits": 6}}}, 6),
        ({"status": "completed", "usage": {"credits_reserved": 9}, "billing": {"charged_credits": 5}}, 5),
        ({"status": "completed", "usage": {"credits_reserved": 9}}, 9),
        ({"status": "failed", "usage": {"credits_reserved": 9}}, None),
        ({"status": "failed", "usage": {"credits_reserved": 9}, "billing": {"charged_credits": 0}}, 0),
        ({"status": "completed", "usage": "?"}, None),
    ],
)
async def test_what_was_charged_goes_before_what_is_set_aside(said, expected):
    """A failed task gives its reservation back."""
    assert expected == (await task(**said).fetch(ID)).credits


@pytest.mark.parametrize(
    ("status", "error", "submit"),
    [
        (400, {"code": "invalid_parameters", "type": "invalid_request_error"}, InputRejected),
        (400, {"code": "content_policy_violation"}, ModerationRejected),
        (403, {"code": "content_policy_violation"}, ModerationRejected),
        (400, {"code": 400, "message": "Content blocked"}, ModerationRejected),
        (400, {"code": "model_unavailable"}, InputRejected),
        (400, {"code": "paid_outcome_unknown"}, OutcomeUnknown),
        (409, {"code": "idempotency_conflict"}, OutcomeUnknown),
        (401, {"code": 401, "type": "authentication_error"}, KeyRejected),
        (402, {"code": 402, "type": "insufficient_quota_error"}, CreditExhausted),
        (403, {"code": 403, "type": "permission_error"}, KeyRejected),
        (404, {"code": "model_not_found", "type": "not_found_error"}, InputRejected),
        (429, {"code": 429, "type": "rate_limit_error"}, ProviderUnavailable),
        (503, {"code": 503, "type": "service_unavailable_error"}, OutcomeUnknown),
        (200, {"code": 402, "type": "insufficient_quota_error"}, CreditExhausted),
        (200, {"code": "odd"}, InputRejected),
        (200, "odd", OutcomeUnknown),
    ],
)
async def test_errors_at_submit(status, error, submit):
    """The HTTP status, and the code where it knows better."""
    provider = answering({"error": error}, status)
    with pytest.raises(submit):
        await provider.submit(submission(provider), key="k")


async def test_a_malformed_id_is_no_task():
    """Its 400 for an id that can't be one."""
    error = {"code": "invalid_task_id", "type": "invalid_request_error", "param": "task_id"}
    with pytest.raises(TaskNotFound):
        await answering({"error": error}, 400).fetch("x")


async def test_another_task_than_asked_for_is_no_answer():
    """A mixed-up answer never moves a generation."""
    with pytest.raises(ProviderUnavailable):
        await task(status="completed").fetch("task-unified-1-x")


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "files-api.evolink.ai"),
        ({"base_url": "https://api.evolink.ai/"}, "files-api.evolink.ai"),
        ({"base_url": "http://127.0.0.1:9000"}, "127.0.0.1"),
        ({"base_url": "http://127.0.0.1:9000", "files_url": "https://files.example/"}, "files.example"),
    ],
)
async def test_a_file_is_uploaded_unchanged(options, host):
    """One multipart field with the very bytes, at the files address that belongs to the base address."""
    seen = []

    def answer(request):
        seen.append((request.url.host, request.url.path, request.content))
        return httpx.Response(200, json={"success": True, "data": {"file_url": FILM}})

    data = bytes(range(256)) * 10
    provider = talking_to("evolink", answer, **options)
    assert await provider.upload('ab"c\n.png', data) == FILM
    assert (host, "/api/v1/files/upload/stream") == seen[0][:2]
    assert b'name="file"; filename="ab_c_.png"\r\nContent-Type: image/png\r\n\r\n' + data in seen[0][2]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"success": False, "msg": "file too large"}, InputRejected),
        (200, {"success": True, "data": {}}, ProviderUnavailable),
        (200, {"success": True, "data": {"file_url": "relative"}}, ProviderUnavailable),
        (413, {}, InputRejected),
        (500, {}, ProviderUnavailable),
        (401, {}, KeyRejected),
    ],
)
async def test_a_failed_upload_has_sent_nothing_that_costs(status, body, error):
    """It may be tried again, or it is the file's fault."""
    with pytest.raises(error):
        await answering(body, status).upload("a.png", b"x")


@pytest.mark.parametrize(
    ("token", "user", "expected"),
    [
        ({"remaining_credits": 5, "unlimited_credits": False}, {"remaining_credits": 9}, 5),
        ({"remaining_credits": 5, "unlimited_credits": True}, {"remaining_credits": 9}, 9),
        ({"remaining_credits": 50}, {"remaining_credits": 9.5}, 9.5),
        ({}, {"remaining_credits": 0}, 0),
        (None, None, None),
    ],
)
async def test_the_balance_is_what_ends_first(token, user, expected):
    """The key's own limit or the account's credits."""
    body = {"success": True, "data": {"token": token, "user": user}}
    assert expected == await answering(body).balance()


async def test_the_key_is_proved_by_the_balance():
    """A read-only call, and a fact for the operator."""
    body = {"success": True, "data": {"user": {"remaining_credits": 1234.5}}}
    assert await answering(body).probe() == "the key is accepted, 1234.5 credits left"


@pytest.mark.parametrize(("body", "expected"), [({"id": ID}, ID), ({"id": "a/b"}, None), ([ID], None)])
def test_a_callback_names_its_task(body, expected):
    """It has the shape of a task."""
    assert expected == answering({}).named_task(body)


@pytest.mark.parametrize(
    ("param", "reason"),
    [
        ("prompt", "moderation_prompt"),
        ("image_urls", "moderation_file"),
        ("video_urls[1]", "moderation_file"),
        ("quality", "moderation"),
        (None, "moderation"),
    ],
)
async def test_a_refusal_names_the_parameter(param, reason):
    """Prompt or file, where it says so."""
    error = {"code": "content_policy_violation", "message": "no", "type": "invalid_request_error"}
    provider = answering({"error": error | ({"param": param} if param else {})}, status=400)
    with pytest.raises(ModerationRejected) as refused:
        await provider.submit(submission(provider), key="k")
    assert reason == refused.value.reason
