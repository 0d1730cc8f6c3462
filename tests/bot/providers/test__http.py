"""From an HTTP answer, or the lack of one, to one of our errors."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    SettingsError,
    TaskNotFound,
)
from bot.providers import create
from bot.providers._http import (
    LARGEST_ANSWER,
    LONGEST_PAUSE,
    Fault,
    Patience,
    fault_of_words,
    retry_after,
)
from tests.bot.providers import faulty
from tests.bot.providers.asking import KEY, PROVIDER_NAMES, submission, talking_to
from tests.fakes import NOON

HASTE = Patience(
    connect=timedelta(seconds=5),
    silence=timedelta(seconds=0.15),
    whole=timedelta(seconds=0.4),
    upload=timedelta(seconds=0.4),
)
IMPATIENT = replace(HASTE, connect=timedelta(seconds=0.2), whole=timedelta(seconds=5))
TASK = "task-1"

CALLS = {
    "submit": lambda provider: provider.submit(submission(provider), key="0123456789abcdef"),
    "fetch": lambda provider: provider.fetch(TASK),
}


async def outcome(address, call, name="maxapi", patience=HASTE):
    """Return what a call over the real transports raises."""
    provider = create(name, api_key=KEY, base_url=address, patience=patience)
    try:
        with pytest.raises(ProviderError) as caught:
            await CALLS[call](provider)
    finally:
        await provider.close()
    return caught.value


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize(("call", "error"), [("submit", NotSent), ("fetch", ProviderUnavailable)])
async def test_a_closed_port_is_surely_not_sent(name, call, error):
    """Nobody listened, so nothing left."""
    assert error is type(await outcome(faulty.closed_port(), call, name))


@pytest.mark.parametrize("behaviour", [faulty.no_tls, faulty.no_handshake])
@pytest.mark.parametrize(("call", "error"), [("submit", NotSent), ("fetch", ProviderUnavailable)])
async def test_a_failed_handshake_is_surely_not_sent(behaviour, call, error):
    """Without TLS no byte of the request leaves."""
    async with faulty.serving(behaviour) as address:
        secure = address.replace("http://", "https://")
        assert error is type(await outcome(secure, call, patience=IMPATIENT))


@pytest.mark.parametrize(("call", "error"), [("submit", NotSent), ("fetch", ProviderUnavailable)])
async def test_an_unknown_host_is_surely_not_sent(call, error, monkeypatch):
    """Without an address there is nowhere to send to."""

    async def nowhere(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nowhere)
    assert error is type(await outcome("http://nobody.example", call))


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize(
    "behaviour",
    [
        faulty.reset_after_body,
        faulty.close_after_body,
        faulty.silence,
        faulty.drip,
        faulty.raw(b"\x00\xff garbage\r\n\r\n"),
        faulty.raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code": 0'),
        faulty.raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
    ],
)
@pytest.mark.parametrize(("call", "error"), [("submit", OutcomeUnknown), ("fetch", ProviderUnavailable)])
async def test_what_breaks_after_bytes_may_have_left_is_unknown(name, behaviour, call, error):
    """A submit may have been accepted; an ask may be repeated."""
    async with faulty.serving(behaviour) as address:
        assert error is type(await outcome(address, call, name))


@pytest.mark.parametrize(
    ("status", "submit", "fetch"),
    [
        (301, OutcomeUnknown, ProviderUnavailable),
        (307, OutcomeUnknown, ProviderUnavailable),
        (400, InputRejected, TaskNotFound),
        (401, KeyRejected, KeyRejected),
        (402, CreditExhausted, CreditExhausted),
        (403, KeyRejected, KeyRejected),
        (404, InputRejected, TaskNotFound),
        (408, OutcomeUnknown, ProviderUnavailable),
        (409, OutcomeUnknown, ProviderUnavailable),
        (413, InputRejected, TaskNotFound),
        (422, InputRejected, TaskNotFound),
        (429, ProviderUnavailable, ProviderUnavailable),
        (500, OutcomeUnknown, ProviderUnavailable),
        (502, OutcomeUnknown, ProviderUnavailable),
        (503, OutcomeUnknown, ProviderUnavailable),
        (599, OutcomeUnknown, ProviderUnavailable),
    ],
)
@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"msg": "?"}'])
async def test_a_status_means_the_same_everywhere(name, status, submit, fetch, body):
    """Whatever the body, a bare HTTP status has one meaning per call."""
    provider = talking_to(name, httpx.Response(status, content=body))
    raised = []
    for call in CALLS.values():
        with pytest.raises(ProviderError) as caught:
            await call(provider)
        raised.append(type(caught.value))
    assert [submit, fetch] == raised


async def test_redirects_are_never_followed():
    """The key goes to the configured address and nowhere else."""
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})

    provider = talking_to("seedance2ink", answer)
    for call in CALLS.values():
        with pytest.raises(ProviderError):
            await call(provider)
    assert [httpx.URL(url).host for url in asked] == ["www.seedance2.ink"] * 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", timedelta()),
        ("60", timedelta(seconds=60)),
        (" 1.5 ", timedelta(seconds=1.5)),
        ("900", LONGEST_PAUSE),
        (str(10**9), LONGEST_PAUSE),
        ("9" * 400, LONGEST_PAUSE),
        (format_datetime(NOON + timedelta(minutes=2), usegmt=True), timedelta(minutes=2)),
        (format_datetime(NOON + timedelta(days=2)), LONGEST_PAUSE),
        (format_datetime(NOON - timedelta(days=2)), timedelta()),
        ("-1", None),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, expected):
    """At most 15 minutes, never negative, and garbage is as good as nothing."""
    assert expected == retry_after(value, NOON)


@given(st.text())
def test_any_retry_after_is_bearable(value):
    """No header breaks anything or stops us for long."""
    wait = retry_after(value, NOON)
    assert wait is None or timedelta() <= wait <= LONGEST_PAUSE


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize("call", CALLS)
async def test_429_says_when_to_come_back(name, call):
    """The wait travels with the error."""
    provider = talking_to(name, httpx.Response(429, headers={"Retry-After": "17"}), now=lambda: NOON)
    with pytest.raises(ProviderUnavailable) as caught:
        await CALLS[call](provider)
    assert timedelta(seconds=17) == caught.value.retry_after


@pytest.mark.parametrize("call", ["submit", "fetch"])
async def test_a_dripping_answer_has_an_end(call):
    """A byte now and then is no silence; the whole call is over in its time all the same (P-05)."""
    async with asyncio.timeout(2), faulty.serving(faulty.drip) as address:
        assert "TimeoutError" in (await outcome(address, call)).detail


async def test_a_submit_goes_over_a_fresh_connection():
    """A kept one may have been closed at the other end: then nobody knows whether the call arrived (P-05)."""
    connections = []

    async def keep_alive(reader, writer):
        connections.append(writer)
        while True:
            await faulty.read_request(reader)
            writer.write(b"HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()

    async with faulty.serving(keep_alive) as address:
        provider = create("maxapi", api_key=KEY, base_url=address, patience=HASTE)
        for _ in range(2):
            with pytest.raises(InputRejected):
                await CALLS["submit"](provider)
        await provider.close()

    assert 2 == len(connections)


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_an_endless_answer_is_cut(name):
    """What is longer than any honest answer is not kept in memory, and is as good as none."""
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 65_536
            yield b" " * 65_536

    provider = talking_to(name, lambda _: httpx.Response(200, content=endless()))
    with pytest.raises(OutcomeUnknown):
        await CALLS["submit"](provider)
    assert read <= LARGEST_ANSWER + 65_536


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_no_secret_in_errors_or_logs(name, status, caplog):
    """A server that echoes everything learns us nothing: key, callback token and file ids stay out."""
    caplog.set_level(logging.DEBUG)
    token = "ab" * 24

    def echo(request):
        said = f"{request.headers['Authorization']} {KEY} https://x.example/callbacks/{token}?sig=abc"
        body = {"code": 400, "msg": said, "success": False, "error": {"code": said, "message": said}}
        return httpx.Response(status, json=body)

    provider = talking_to(name, echo)
    told = ""
    for call in CALLS.values():
        with pytest.raises(ProviderError) as caught:
            await call(provider)
        told += f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    told += caplog.text + repr(provider) + repr(provider._wire)
    assert [secret for secret in (KEY, token, "sig=abc") if secret in told] == []


@pytest.mark.parametrize("key", ["", "  ", "two words", "ключ", "line\nbreak"])
def test_a_key_that_cannot_be_one_is_a_setting_to_mend(key):
    """Said at the start, without the key itself."""
    with pytest.raises(SettingsError) as caught:
        create("evolink", api_key=key)
    assert key.strip() == "" or key not in str(caught.value)


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_every_call_carries_the_key_and_no_cookie(name):
    """Bearer, JSON, no compression, and nothing kept from one answer to the next."""
    seen = []

    def answer(request):
        seen.append(request.headers)
        return httpx.Response(500)

    provider = talking_to(name, answer)
    for call in CALLS.values():
        with pytest.raises(ProviderError):
            await call(provider)
    expected = [(f"Bearer {KEY}", "identity", None)] * 2
    assert expected == [(h["authorization"], h["accept-encoding"], h.get("cookie")) for h in seen]
    assert seen[0]["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("unauthorized", Fault.KEY),
        ("insufficient_credits", Fault.CREDIT),
        ("rate_limited", Fault.BUSY),
        ("InputImageSensitiveContentDetected", Fault.MODERATION),
        ("content_policy_violation", Fault.MODERATION),
        ("Content policy", Fault.MODERATION),
        ("paid_outcome_unknown", Fault.UNCLEAR),
        ("not-found", Fault.MISSING),
        ("upstream_error", Fault.TROUBLE),
        ("content_type", None),
        ("", None),
    ],
)
def test_words_are_read_in_any_spelling(words, fault):
    """Snake, camel or words: what is known is known, all else means nothing."""
    assert fault is fault_of_words(words)
