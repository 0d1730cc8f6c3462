"""Laws of `bot.hearing`: callbacks go to the store together, and each is answered for itself."""

import asyncio
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot import hearing as hearing_
from bot.callbacks import callback_app
from bot.errors import StoreUnavailable
from bot.hearing import Bucket, Hearing, Patience
from bot.listener import RECEPTION, Listener
from bot.metrics import Metrics
from tests.bot.ground import NOW, SIGNER, Ground
from tests.faults.doorstep import Wire
from tests.faults.simulation.loop import VirtualLoop

IDS = [f"{number:016x}" for number in range(200)]


def posted(id_, body=b"{}", extra=b""):
    """Return a plain callback, or with more fields one that isn't."""
    path = f"/callbacks/maxapi/{SIGNER.callback_token('maxapi', id_)}".encode()
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s" % (path, len(body), extra, body)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
FORGED = posted("0" * 16).replace(b"maxapi", b"evolink")


class House:
    """What a hearing asks: it keeps the batches, and answers when it is let."""

    def __init__(self, patience=5.0):
        self.batches = []
        self.fault = lambda wakes: None
        self.unknown = set()
        self.go = asyncio.Event()
        self.go.set()
        self.metrics = Metrics()
        self.hearing = Hearing(
            signer=SIGNER,
            wake=self.wake,
            named_task=lambda _, body: body.decode(),
            clock=lambda: NOW,
            metrics=self.metrics,
            patience=timedelta(seconds=patience),
        )

    async def wake(self, wakes):
        """Note a batch."""
        self.batches.append([wake.generation for wake in wakes])
        await self.go.wait()
        if fault := self.fault(wakes):
            raise fault
        return [wake.generation not in self.unknown for wake in wakes]

    def hear(self, *ids, since=None):
        """Let callbacks come, each on a line of its own, and return the lines."""
        lines = []
        for id_ in ids:
            data = posted(id_)
            letter = self.hearing.read(data)
            lines.append(Said())
            self.hearing.take(letter, data[letter.start :], lines[-1], since)
        return lines


class Said:
    """A line that keeps what is said on it."""

    address = "93.184.216.34"

    def __init__(self):
        self.answers = []

    def say(self, status, closing=False):
        """Keep it."""
        self.answers.append((int(status), closing))


class Again(Said):
    """A line on which the same callback comes again as soon as it is answered, until a moment."""

    def __init__(self, house, id_, until):
        super().__init__()
        self._house, self._data, self._until = house, posted(id_), until

    def ask(self):
        """Let it come."""
        letter = self._house.hearing.read(self._data)
        self._house.hearing.take(letter, self._data[letter.start :], self)

    def say(self, status, closing=False):
        """Keep it, and ask again unless the line is cut."""
        super().say(status, closing)
        if not closing and asyncio.get_running_loop().time() < self._until:
            self.ask()


async def so(is_so):
    """Wait until something is so."""
    for _ in range(10_000):
        if is_so():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to be")


async def rest(house):
    """Wait until nothing is under way."""
    await house.hearing.rest(5.0)


def answers(lines):
    """Return what was said on each."""
    return [line.answers for line in lines]


async def test_what_comes_in_one_turn_is_written_down_together():
    """One hand-over for all of them, in their order, and an answer on each line."""
    house = House()
    lines = house.hear(*IDS[:20])
    await rest(house)

    assert [IDS[:20]] == house.batches
    assert [[(204, False)]] * 20 == answers(lines)
    assert house.metrics.page().count(b'callbacks_accepted_total{provider="maxapi"} 20.0') == 1


async def test_what_comes_meanwhile_goes_together_afterwards():
    """So many hand-overs are under way and no more; no one holds more than it may."""
    house = House()
    house.go.clear()
    lines = []
    for id_ in IDS:
        lines += house.hear(id_)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    before = [*house.batches]
    house.go.set()
    await rest(house)

    assert hearing_.UNDER_WAY == len(before)
    assert IDS == [id_ for batch in house.batches for id_ in batch]
    assert max(map(len, house.batches)) == hearing_.TOGETHER
    assert [[(204, False)]] * len(IDS) == answers(lines)


async def test_each_is_answered_for_itself():
    """One that is unknown among known ones is a stranger's, and counted as such."""
    house = House()
    house.unknown = {IDS[1]}
    lines = house.hear(*IDS[:3])
    await rest(house)

    assert [[(204, False)], [(404, False)], [(204, False)]] == answers(lines)
    assert b"callbacks_refused_total 1.0" in house.metrics.page()


async def test_what_is_not_stored_is_claimed_of_none():
    """All of a hand-over that the database didn't take are told to come back."""
    house = House()
    house.fault = lambda wakes: StoreUnavailable("full")
    with capture_logs() as lines_:
        lines = house.hear(*IDS[:3])
        await rest(house)

    assert [[(503, False)]] * 3 == answers(lines)
    assert IDS[:3] == [line["generation"] for line in lines_]


async def test_the_fault_of_one_is_not_its_neighbours():
    """Where a hand-over breaks, each is tried alone, and only the one that breaks it is told so."""
    house = House()
    house.fault = lambda wakes: (
        ZeroDivisionError() if any(wake.generation == IDS[1] for wake in wakes) else None
    )
    with capture_logs() as lines_:
        lines = house.hear(*IDS[:3])
        await rest(house)

    assert [[(204, False)], [(500, True)], [(204, False)]] == answers(lines)
    assert ["request_failed"] == [line["event"] for line in lines_]


async def test_a_store_that_is_too_slow_is_not_waited_for():
    """Within its time each is answered, and what came last waits for nobody before it."""
    house = House(patience=0.05)
    house.go.clear()
    lines = house.hear(*IDS[:2])
    loop = asyncio.get_running_loop()
    late = house.hear(IDS[2], since=loop.time() - 0.04)
    began = loop.time()
    await so(lambda: all(answers([*lines, *late])))

    assert [[(503, True)]] * 3 == answers([*lines, *late])
    assert [[IDS[2]], IDS[:2]] == sorted(house.batches, key=len)
    assert loop.time() - began < 2
    await rest(house)


def test_where_some_always_wait_each_has_its_own_time():
    """With more lines than can be in hand, whoever came late isn't given up for who came first."""

    async def slow(wakes):
        await asyncio.sleep(0.02)
        return [True] * len(wakes)

    loop, house, waiting = VirtualLoop(), House(patience=0.2), []
    house.hearing._wake = slow
    lines = [Again(house, IDS[number % len(IDS)], until=0.6) for number in range(400)]
    for line in lines:
        loop.call_soon(line.ask)
    for tenth in range(1, 6):
        loop.forward(tenth / 10)
        waiting.append(bool(house.hearing._gathered))
    loop.forward(2.0)
    loop.close()

    assert ([True] * 5, []) == (waiting, loop.broken)
    assert {(204, False)} == {said for line in lines for said in line.answers}
    assert all(len(line.answers) > 10 for line in lines)


async def test_at_the_end_what_hangs_is_given_up():
    """It isn't answered, nothing of it goes on, and what waited behind it is dropped."""
    house = House()
    house.go.clear()
    lines = []
    for id_ in IDS[:9]:
        lines += house.hear(id_)
        await asyncio.sleep(0)
    await house.hearing.rest(0.01)

    assert [[]] * 9 == answers(lines)
    assert (set(), []) == (house.hearing._tasks, house.hearing._gathered)
    assert hearing_.UNDER_WAY == len(house.batches)


async def test_a_stranger_is_answered_at_once():
    """Nothing is asked, and the token is looked at once."""
    house, line, looks = House(), Said(), []
    real = house.hearing.generation
    house.hearing.generation = lambda *given: looks.append(given) or real(*given)
    letter = house.hearing.read(FORGED)
    house.hearing.take(letter, b"{}", line)

    assert ([(404, False)], [], 1) == (line.answers, house.batches, len(looks))


async def test_a_fault_in_reading_a_token_is_left_to_the_application():
    """It runs into the same, answers and tells it."""
    house = House()
    house.hearing.generation = lambda *_: 1 // 0

    assert house.hearing.read(FORGED) is None


async def answered(listener, pieces):
    """Send pieces on a line; return the statuses in their order, once nothing more happens."""
    wire, door = Wire("93.184.216.34"), listener.let_in()
    door.connection_made(wire)
    for piece in pieces:
        if not wire.cut:
            door.data_received(piece)
            await asyncio.sleep(0)
    for _ in range(40):
        await asyncio.sleep(0)
    door.connection_lost(None)
    return wire.statuses


async def test_however_it_is_cut_it_is_answered_the_same(tmp_path):
    """In any pieces, one or several on a line: the answers and the wakes are those of aiohttp alone."""
    dice, ground = Random(5), Ground(tmp_path)
    kinds = [
        *(posted(IDS[1]), posted(IDS[2], b"x" * 500), posted(IDS[3]), FORGED, posted(IDS[4], b"")),
        *(posted(IDS[5], extra=b"X: y\r\nx: z\r\n"), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ]
    broken = [
        posted(IDS[6], extra=b"Content-Length: 2\r\n"),
        posted(IDS[7], extra=CHUNKED),
        b"POST /\r\n\r\n",
    ]
    async with ground.serving():
        plain_app = callback_app(
            signer=SIGNER, wake=ground.wake, named_task=ground.named_task, media=ground.find_media,
            film=ground.find_film, clock=lambda: NOW, metrics=ground.metrics,
        )  # fmt: skip
        del plain_app._state[RECEPTION]
        alone = Listener(plain_app, "127.0.0.1:0")
        await alone.start()
        for _ in range(150):
            good = dice.choices(kinds, k=dice.choice([1, 1, 2, 3]))
            data = dice.choice(broken) if dice.random() < 0.1 else b"".join(good)
            cuts = sorted(dice.sample(range(1, len(data)), dice.choice([0, 1, 2, 5])))
            pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
            seen = []
            for listener, given_ in ((ground.listener, pieces), (alone, [data])):
                ground.named.clear()
                seen.append((await answered(listener, given_), [*ground.named]))
            assert seen[1] == seen[0], pieces
        await alone.stop()


async def test_stopping_answers_what_is_under_way(tmp_path):
    """Who waits for the database gets a moment, and then the answer; who says nothing gets none."""
    ground = Ground(tmp_path)
    async with ground.serving(Patience(callback=timedelta(seconds=9))):
        ground.hold = asyncio.Event()
        host, port = ground.listener.address.split(":")
        lines = [await asyncio.open_connection(host, int(port)) for _ in range(2)]
        lines[0][1].write(posted(IDS[1]))
        await so(lambda: ground.listener._reception._tasks)
        stopping = asyncio.create_task(ground.listener.stop())
        silent = await lines[1][0].read()
        ground.hold.set()
        said = await lines[0][0].read()
        await stopping
        for _, writer in lines:
            writer.close()

    assert (b"", b"HTTP/1.1 204 No Content") == (silent, said.split(b"\r\n")[0])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=60))
@settings(deadline=None)
def test_a_bucket_gives_no_more_than_its_rate(takes):
    """Over any span an address gets at most its size and what trickled in."""
    bucket = Bucket(rate=2, size=3)
    now, given = 0.0, {"a": 0, "b": 0, "c": 0}
    for address, wait in takes:
        now += wait
        given[address] += bucket.take(address, now)

    assert all(number <= 3 + 2 * now + 1e-6 for number in given.values())


def test_a_bucket_remembers_only_so_many_addresses():
    """Memory stays bounded: the address that was seen longest ago starts anew."""
    bucket = Bucket(rate=0, size=1, most=2)
    answers = [bucket.take(address, 0.0) for address in ("a", "a", "b", "c", "a")]

    assert answers == [True, False, True, True, True]
