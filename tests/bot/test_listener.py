"""Laws of `bot.listener`: nobody can hold a connection, and stopping is quick."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import ClientTimeout, web

from bot.door.door import UNREAD
from bot.door.plain import LARGEST_BODY
from bot.errors import SettingsError, StoreUnavailable
from bot.hearing import Patience
from bot.listener import Listener
from tests.bot.ground import ID, PATH, Ground
from tests.faults.doorstep import Wire

HEAD = timedelta(seconds=0.4)
LONG = 16 << 20


async def _hello(request):
    return web.Response(text="hello")


async def _endless(request):
    await asyncio.Event().wait()


async def _long(request):
    return web.Response(body=bytes(LONG))


@asynccontextmanager
async def listening(**options):
    """Serve a greeting on loopback and yield the listener."""
    app = web.Application()
    app.router.add_get("/", _hello)
    app.router.add_get("/endless", _endless)
    app.router.add_get("/long", _long)
    listener = Listener(app, "127.0.0.1:0", **options)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


async def connect(listener):
    """Open a socket to it."""
    host, port = listener.address.split(":")
    return await asyncio.open_connection(host, int(port))


async def greet(listener, path="/"):
    """Make an honest request and return the answer."""
    reader, writer = await connect(listener)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


async def seconds_until_cut(reader):
    """Return how long the other side keeps the connection."""
    began = time.monotonic()
    with suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 5)
    return time.monotonic() - began


@pytest.mark.parametrize(
    "words",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["silent", "half a line", "half a head", "idle after a request"],
)
async def test_a_stalled_connection_is_cut(words):
    """Whoever stops talking is disconnected within the deadline and a little."""
    async with listening(head=HEAD) as listener:
        reader, writer = await connect(listener)
        writer.write(words)
        took = await seconds_until_cut(reader)
        writer.close()

    assert 0.2 < took < 2


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux cuts off who takes nothing")
async def test_whoever_takes_nothing_of_what_is_sent_is_cut_by_the_kernel():
    """No deadline of ours sees bytes that wait in the kernel: it is told how long they may (T-05)."""
    async with listening() as listener:
        reader, writer = await connect(listener)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"hello")
        (guest,) = listener._room._heard
        wire = guest._transport.get_extra_info("socket")
        allowed = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        writer.close()

    assert UNREAD == timedelta(milliseconds=allowed)


async def test_dripping_a_head_wins_no_time():
    """A byte now and then doesn't move the deadline."""
    async with listening(head=HEAD) as listener:
        reader, writer = await connect(listener)

        async def drip():
            writer.write(b"GET / HTTP/1.1\r\nX: ")
            while True:
                writer.write(b"a")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        took = await seconds_until_cut(reader)
        dripping.cancel()
        writer.close()

    assert took < 2


async def test_an_honest_request_gets_through_a_crowd_of_stalled_ones():
    """With the room full of the silent, the one who has waited longest makes way for the newcomer."""
    async with listening(most=20) as listener:
        crowd = [await connect(listener) for _ in range(60)]
        answers = [await greet(listener) for _ in range(5)]
        for _, writer in crowd:
            writer.close()

    assert all(answer.endswith(b"hello") for answer in answers)


async def test_a_long_answer_waits_for_who_takes_it():
    """More than the socket holds is sent as it is taken, and arrives whole."""
    async with listening() as listener:
        answer = await greet(listener, "/long")

    assert bytes(LONG) == answer.partition(b"\r\n\r\n")[2]


async def test_a_system_without_that_clock_listens_too(monkeypatch):
    """Only Linux cuts by itself who takes nothing; elsewhere the slowest pace of a file does."""
    monkeypatch.delattr("socket.TCP_USER_TIMEOUT", raising=False)
    async with listening() as listener:
        assert (await greet(listener)).endswith(b"hello")


async def test_who_is_not_let_in_is_cut_at_once(monkeypatch):
    """Above its share an address gets no answer, and those inside keep theirs (T-05)."""
    monkeypatch.setattr("bot.door.room.is_public", lambda _: True)
    async with listening(most_per_address=1) as listener:
        first_reader, first = await connect(listener)
        reader, second = await connect(listener)
        second.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with suppress(ConnectionError):
            assert b"" == await asyncio.wait_for(reader.read(), 2)
        first.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await first_reader.read()
        first.close()
        second.close()

    assert answer.endswith(b"hello")


@pytest.mark.parametrize("nonsense", [b"POST POST /secret HTTP/1.1", b"GET / HTTP/1.1\r\nContent-Length: -1"])
async def test_nonsense_is_answered_without_a_word(nonsense):
    """What isn't HTTP is refused with an empty body, and nothing tells which software refused."""
    async with listening() as listener:
        reader, writer = await connect(listener)
        writer.write(nonsense + b"\r\n\r\n")
        answer = await reader.read()
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (b"400", b"") == (head.split()[1], body)
    assert b"aiohttp" not in head.lower()


async def test_stopping_is_quick_whoever_hangs_on():
    """Silent, half-spoken and unanswered connections don't hold up the stop."""
    async with listening() as listener:
        crowd = [await connect(listener) for _ in range(9)]
        for number, (_, writer) in enumerate(crowd):
            writer.write((b"", b"GET / HT", b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")[number % 3])
        await greet(listener)
        began = time.monotonic()
        await listener.stop()
        took = time.monotonic() - began
        for _, writer in crowd:
            writer.close()

    assert took < 2


async def test_an_address_in_use_is_a_setting_to_correct():
    """The error names the variable and why."""
    async with listening() as listener:
        with pytest.raises(SettingsError, match=r"ADMIN_LISTEN: .*address already in use"):
            await Listener(web.Application(), listener.address, variable="ADMIN_LISTEN").start()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("203.0.113.1:0", "the host isn't one of this machine's addresses"),
        ("256.1.1.1:80", "the host isn't one of this machine's addresses"),
        ("[2001:db8::1]:0", "the host isn't one of this machine's addresses"),
        ("127.0.0.1:65536", "there is no such port"),
    ],
)
async def test_an_address_of_nobody_here_is_a_setting_to_correct(address, why):
    """The one sentence says in plain words what is wrong with it."""
    with pytest.raises(SettingsError) as caught:
        await Listener(web.Application(), address).start()

    assert f"LISTEN: can't be listened on ({why})" == str(caught.value)


async def test_stopping_twice_is_harmless():
    """What is stopped stays stopped."""
    async with listening() as listener:
        await listener.stop()


async def test_who_comes_in_while_it_stops_is_cut_at_once():
    """A connection that was accepted just before gets no place, neither meanwhile nor afterwards."""
    async with listening() as listener:
        (first, early), (second, late) = [(listener.let_in(), Wire("127.0.0.1")) for _ in range(2)]
        stopping = asyncio.create_task(listener.stop())
        await asyncio.sleep(0)
        first.connection_made(early)
        seen = [early.cut, len(listener._room)]
        await stopping
        second.connection_made(late)
        seen += [late.cut, len(listener._room), len(listener._house.heads)]
        for door in (first, second):
            door.connection_lost(None)

    assert [True, 0, True, 0, 0] == seen


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (204, {}),
        (404, {"exists": False}),
        (503, {"fault": StoreUnavailable("disk full")}),
        (503, {"hold": asyncio.Event()}),
        (500, {"fault": RuntimeError("secret words")}),
    ],
    ids=["taken", "gone", "not stored", "too late", "fault"],
)
async def test_a_plain_callback_is_answered_like_any_other(tmp_path, status, state):
    """The shorter way says what the application says, to the name of each header."""
    answers = []
    async with Ground(tmp_path).serving(Patience(callback=timedelta(seconds=0.3))) as ground:
        vars(ground).update(state)
        for path in (PATH, f"{PATH}?with=words"):
            async with ground.session.post(path, data=b"{}", timeout=ClientTimeout(5)) as response:
                answers.append((response.status, response.reason, set(response.headers), response.version))

    assert answers[0] == answers[1]
    assert answers[0][0] == status


async def test_a_plain_callback_goes_the_shorter_way(tmp_path, monkeypatch):
    """It is answered without a route; a body that isn't there at once takes the longer way."""

    async def longer(*_):
        raise web.HTTPConflict

    async def pieces():
        yield b"{}"

    monkeypatch.setattr("bot.callbacks._Doors.callback", longer)
    async with Ground(tmp_path).serving() as ground:
        bodies = [b"{}", pieces(), b"x" * (LARGEST_BODY + 1)]
        seen = [(await ground.answer("POST", PATH, data=body))[0] for body in bodies]

    assert ([204, 409, 409], [ID]) == (seen, ground.woken)
