"""Laws of `bot.callbacks`: what the internet may ask, and what it never learns."""

import asyncio
import gzip
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.callbacks import admin_app
from bot.door.plain import LARGEST_BODY
from bot.errors import StoreUnavailable
from bot.hearing import Patience
from bot.listener import Listener
from bot.metrics import Metrics
from tests.bot.ground import BYTES, FILE, ID, PATH, SIGNER, Ground


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 20_000,
        b'{"a": NaN, "a": 1e999}',
        b'"\\ud800"',
        b"1" * 30_000,
        gzip.compress(b"x" * 10_000_000),
        b"x" * LARGEST_BODY,
    ],
    ids=["empty", "object", "text", "no utf-8", "deep", "nan", "surrogate", "bigint", "gzip", "largest"],
)
async def test_the_right_token_gets_the_same_empty_204_whatever_the_body(ground, body):
    """Any body within the limit wakes the generation once and learns nothing."""
    answer = await ground.answer("POST", PATH, data=body)

    assert answer == (204, {}, b"")
    assert ([ID], [("maxapi", ID, body)]) == (ground.woken, ground.named)
    assert ground.metrics.last_callback("maxapi") is not None


async def test_a_body_that_is_announced_too_long_is_not_waited_for(tmp_path):
    """The answer comes at once, before a byte of it (T-05)."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n"

    async with Ground(tmp_path).serving(Patience(callback=timedelta(seconds=0.3))) as ground:
        answer = await ground.raw(head.encode())

    assert (b"413", []) == (answer.split()[1], ground.woken)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "nonsense"])
async def test_a_packed_body_is_never_unpacked(ground, encoding):
    """Whatever Content-Encoding says, the bytes are taken as they came: a bomb stays small."""
    bomb = gzip.compress(b"\0" * 50_000_000, compresslevel=9)[:LARGEST_BODY]

    async def pieces():
        yield bomb

    for data in (bomb, pieces()):
        status, _, _ = await ground.answer("POST", PATH, data=data, headers={"Content-Encoding": encoding})
        assert (204, bomb) == (status, ground.named.pop()[2])


async def test_a_body_over_64_kb_is_refused_and_wakes_nothing(ground):
    """One byte more is too large, told in advance or not."""

    async def pieces():
        for _ in range(65):
            yield b"x" * 1024

    told = await ground.answer("POST", PATH, data=b"x" * (LARGEST_BODY + 1))
    untold = await ground.answer("POST", PATH, data=pieces())

    assert [(status, body) for status, _, body in (told, untold)] == [(413, b""), (413, b"")]
    assert ground.woken == []


@pytest.mark.parametrize(
    "path",
    [
        f"/callbacks/evolink/{SIGNER.callback_token('maxapi', ID)}",
        f"/callbacks/maxapi/{ID}{'0' * 32}",
        f"/callbacks/maxapi/{SIGNER.callback_token('maxapi', ID).upper()}",
        f"/callbacks/maxapi/{ID}",
        "/callbacks/maxapi/x",
        "/callbacks/MAXAPI/" + SIGNER.callback_token("maxapi", ID),
        "/callbacks/%ff/%ff",
        "/callbacks/maxapi/" + "é" * 48,
        "/callbacks/nobody/" + "0" * 48,
    ],
)
@pytest.mark.parametrize("body", [b"", b"{}", b"x" * (LARGEST_BODY + 1)], ids=["empty", "json", "too large"])
async def test_a_wrong_token_or_provider_gets_the_same_empty_404(ground, path, body):
    """The answer is that of a path that isn't there, whatever the body, and nothing is asked of the house."""
    nothing = await ground.answer("POST", "/callbacks/nobody/nothing", data=b"")
    answer = await ground.answer("POST", path, data=body)

    assert nothing == answer
    assert (answer[0], answer[2]) == (404, b"")
    assert (ground.woken, ground.named) == ([], [])


async def test_a_purged_generation_looks_like_a_wrong_token(ground):
    """A genuine token of a generation that is gone tells no more than a guess."""
    ground.exists = False

    assert await ground.answer("POST", "/callbacks/nobody/x") == await ground.answer("POST", PATH)


async def test_a_fault_in_reading_the_body_does_not_stop_the_wake(ground):
    """Whatever goes wrong with the body, the generation is due."""
    ground.naming_fault = ValueError("nonsense")

    status, _, _ = await ground.answer("POST", PATH, data=b"{")

    assert (status, ground.woken) == (204, [ID])


async def test_a_wake_that_is_not_stored_is_not_claimed_to_be(ground):
    """With the database out of order the provider is told to come back, if it ever does."""
    ground.fault = StoreUnavailable("disk full")

    assert (await ground.answer("POST", PATH))[::2] == (503, b"")


async def test_a_fault_of_ours_says_nothing(ground, caplog):
    """An unforeseen error is an empty 500; the words are in the log."""
    ground.fault = RuntimeError("secret words")

    status, headers, body = await ground.answer("POST", PATH)

    assert (status, body) == (500, b"")
    assert "Server" not in headers


async def test_a_callback_is_answered_within_its_deadline(tmp_path):
    """A body that never ends and a database that never answers both meet the deadline."""
    ground = Ground(tmp_path)
    patience = Patience(callback=timedelta(seconds=0.3))
    async with ground.serving(patience):
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n"
        rest = ["Content-Length: 10\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\nA\r\n12345"]
        stalled = [await ground.raw((head + framing).encode()) for framing in rest]
        ground.hold = asyncio.Event()
        stuck = [await ground.answer("POST", path, data=b"{}") for path in (PATH, f"{PATH}?with=words")]
        ground.hold.set()

    assert [b"HTTP/1.1 408"] * 2 == [answer[:12] for answer in stalled]
    assert [(503, b"")] * 2 == [answer[::2] for answer in stuck]
    assert ground.woken == []


async def so(is_so):
    """Wait until something is so."""
    for _ in range(100_000):
        if is_so():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to be")


@pytest.mark.parametrize("framing", ["Content-Length: 10\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nA\r\n"])
async def test_who_hangs_up_within_the_body_is_forgotten(ground, framing):
    """Nothing is woken by half a callback, and it is no error of ours."""
    host, port = ground.listener.address.split(":")
    with capture_logs() as lines:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{framing}12345".encode())
        await writer.drain()
        await so(lambda: ground.listener._room._heard)
        writer.transport.abort()
        await so(lambda: not len(ground.listener._room))
        await ground.answer("POST", "/callbacks/maxapi/x")

    assert ([], []) == (ground.woken, [line for line in lines if line["log_level"] == "error"])


async def test_a_client_that_waits_to_be_asked_is_asked(ground):
    """`Expect: 100-continue` is obeyed, any other expectation ignored."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\nExpect: "
    asked = await ground.raw(f"{head}100-continue\r\n\r\n{{}}".encode())
    other = await ground.raw(f"{head}miracles\r\n\r\n{{}}".encode())

    assert asked.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204")
    assert other.startswith(b"HTTP/1.1 204")


async def test_only_the_documented_requests_get_more_than_a_refusal(ground):
    """200 odd requests get 400, 404 or 405, and wake nothing."""
    paths = [
        "/",
        "/callbacks",
        "/callbacks/",
        "/callbacks//x",
        f"{PATH}/",
        f"/{PATH}",
        f"{PATH}/x",
        "/media/",
        "/media/..%2fsecret_key",
        "/media/../secret_key",
        f"/media/{FILE}",
        "/films/",
        "/metrics",
        "/healthz",
        "/readyz",
        "/favicon.ico",
        "/callbacks/../media",
        "/%00",
        "/*",
        f"/films/{ID}/1/{'0' * 32}.mp4",
    ]
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"]
    seen = set()
    for method in methods:
        for path in paths:
            line = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            seen.add(int((await ground.raw(line.encode())).split()[1]))

    assert {400, 404, 405} >= seen
    assert ground.woken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_a_callback_path_takes_post_alone(ground, method):
    """Another method is 405 whether or not the token is genuine."""
    genuine = await ground.answer(method, PATH)
    guessed = await ground.answer(method, "/callbacks/maxapi/x")

    assert genuine[::2] == (405, b"")
    assert guessed == genuine


async def test_two_lengths_in_one_request_are_refused(ground):
    """Content-Length beside Transfer-Encoding is 400: nobody smuggles a second request in."""
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: x",
        "Content-Length: 4",
        "Transfer-Encoding: chunked",
        "",
        "0",
        "",
        "",
    ]

    answer = await ground.raw("\r\n".join(lines).encode())

    assert answer.split()[1] == b"400"
    assert ground.woken == []


async def test_no_answer_names_the_software(ground):
    """Whatever is asked, no Server header tells which library and version answers."""
    (ground.media / f"{FILE}.png").write_bytes(BYTES)
    asked = [
        ("POST", PATH),
        ("POST", "/callbacks/a/b"),
        ("GET", "/"),
        ("GET", PATH),
        ("GET", f"/media/{FILE}.png"),
    ]

    headers = [(await ground.answer(*request))[1] for request in asked]

    assert [one for one in headers if "Server" in one] == []


async def test_knocking_too_often_costs_the_connection(ground):
    """The answer stays the same 404, but each further guess needs a connection of its own."""
    headers = [(await ground.answer("POST", "/callbacks/maxapi/guess"))[1] for _ in range(40)]

    assert "Connection" not in headers[0]
    assert headers[-1]["Connection"] == "close"
    assert (await ground.answer("POST", PATH))[0] == 204


async def test_callbacks_are_counted(ground):
    """Accepted ones by provider, refused ones together: a guesser's words never become a label."""
    await ground.answer("POST", PATH)
    await ground.answer("POST", "/callbacks/evil/x")

    page = ground.metrics.page().decode()
    assert 'matinee_callbacks_accepted_total{provider="maxapi"} 1.0' in page
    assert "matinee_callbacks_refused_total 1.0" in page
    assert "evil" not in page


async def nothing():
    """Answer nothing: there is nothing to count, or no reason why not."""


@asynccontextmanager
async def administering(ready, metrics=None, count=nothing, *, stands_still=False):
    """Serve the operator's application and yield a session."""
    app = admin_app(ready, count, metrics or Metrics(), lambda: stands_still)
    listener = Listener(app, "127.0.0.1:0", variable="ADMIN_LISTEN")
    await listener.start()
    try:
        async with aiohttp.ClientSession(f"http://{listener.address}") as session:
            yield session
    finally:
        await listener.stop()


async def test_a_check_that_hangs_is_a_reason(monkeypatch):
    """Whoever asks whether the bot is ready hears in time that it isn't."""
    monkeypatch.setattr("bot.callbacks.ADMIN_PATIENCE", 0.05)
    async with administering(asyncio.Event().wait) as session, session.get("/readyz") as response:
        assert (503, "the check itself takes too long\n") == (response.status, await response.text())


@pytest.mark.parametrize(("reasons", "status"), [([], 200), (["no gateway", "disk full"], 503)])
async def test_readyz_says_why_not(reasons, status):
    """Ready is 200; otherwise 503 with one reason per line."""

    async def ready():
        return reasons

    async with administering(ready) as session, session.get("/readyz") as response:
        assert (status, "".join(f"{line}\n" for line in reasons or ["ready"])) == (
            response.status,
            await response.text(),
        )


async def test_healthz_and_metrics_need_nothing_else():
    """The process is alive and can be measured even while it isn't ready."""

    async def ready():
        return ["starting"]

    metrics = Metrics()
    metrics.polled("evolink")
    async with administering(ready, metrics) as session:
        async with session.get("/healthz") as response:
            assert response.status == 200
        async with session.get("/metrics") as response:
            assert 'matinee_polls_total{provider="evolink"} 1.0' in await response.text()


async def test_healthz_says_when_only_a_restart_helps():
    """A process whose rounds stand still isn't healthy, whatever else it answers (S-07)."""
    async with administering(nothing, stands_still=True) as session, session.get("/healthz") as response:
        assert (503, "the tracker stands still\n") == (response.status, await response.text())


async def test_metrics_are_counted_anew_for_every_page():
    """What the page shows is how many there are now, not when somebody last asked for something else."""
    metrics, standing = Metrics(), iter([1, 2])

    async def count():
        metrics.standing({"queued": next(standing)})

    told = []
    async with administering(nothing, metrics, count) as session:
        for _ in range(2):
            async with session.get("/metrics") as response:
                told.append((await response.text()).partition('matinee_generations{status="queued"} ')[2][:3])

    assert ["1.0", "2.0"] == told


async def _away():
    raise StoreUnavailable("away")


@pytest.mark.parametrize("count", [_away, asyncio.Event().wait], ids=["refuses", "never answers"])
async def test_metrics_are_told_without_a_database(monkeypatch, count):
    """The last counts stand, and the page comes all the same."""
    monkeypatch.setattr("bot.callbacks.ADMIN_PATIENCE", 0.05)
    metrics = Metrics()
    metrics.standing({"queued": 3})
    async with administering(nothing, metrics, count) as session, session.get("/metrics") as response:
        said = await response.text()

    assert (200, True) == (response.status, 'matinee_generations{status="queued"} 3.0' in said)
