"""Laws of `bot.door.door`: what is plain needs no aiohttp, and nobody holds on to the line."""

import asyncio
from http import HTTPStatus

import pytest
from structlog.testing import capture_logs

from bot.door.deadlines import Deadlines
from bot.door.door import Door, House, Letter
from bot.door.room import Room
from tests.faults.doorstep import Wire
from tests.faults.simulation.loop import VirtualLoop

HEAD, PATIENCE = 5.0, 3.0
OPEN = b"GET / HTTP/1.1\r\n\r\n"


class Counter:
    """A reception that takes letters: `!` and how long the body is; `?` for nobody."""

    patience = PATIENCE

    def __init__(self):
        self.taken = []

    def read(self, data):
        """Read `!2ab`."""
        if data[:1] not in {b"!", b"?"}:
            return None
        return Letter("maxapi", "it" if data[:1] == b"!" else None, 2, 2 + int(data[1:2]))

    def take(self, letter, body, line, since=None):
        """Keep it until somebody answers."""
        self.taken.append((body, line, since))

    async def rest(self, seconds):
        """Do nothing."""


class Inner(asyncio.Protocol):
    """What stands in for aiohttp: it keeps what happened to it."""

    def __init__(self, said):
        self._said = said

    def __getattribute__(self, name):
        """Note the call of anything."""
        if name.startswith("_"):
            return super().__getattribute__(name)
        return lambda *given: self._said.append((name, *(one for one in given if isinstance(one, bytes))))


class Line(Wire):
    """A line that keeps whether it is read from, and who hangs up."""

    reading = True

    def pause_reading(self):
        """Note it."""
        self.reading = False

    def resume_reading(self):
        """Note it."""
        self.reading = True


class Street:
    """A house with doors, in virtual time."""

    def __init__(self, reception=True, most=9):
        self.loop = VirtualLoop()
        self.reception = Counter() if reception else None
        self.inner = []
        self.house = House(
            room=Room(most, 9),
            reception=self.reception,
            speaker=lambda: Inner(self.inner),
            heads=Deadlines(HEAD, Door.hang_up),
            bodies=Deadlines(PATIENCE, Door.give_up),
        )

    def knock(self):
        """Connect."""
        door, line = Door(self.house), Line("127.0.0.1")
        self.do(door.connection_made, line)
        return door, line

    def do(self, what, *given):
        """Let something happen now."""
        self.loop.call_soon(what, *given)
        self.until(self.loop.time())

    def until(self, moment):
        """Let time pass."""
        self.loop.forward(moment)
        assert [] == self.loop.broken

    def answer(self, status=HTTPStatus.NO_CONTENT, *, closing=False):
        """Answer the oldest letter."""
        self.do(self.reception.taken.pop(0)[1].say, status, closing)

    @property
    def bodies(self):
        """What was taken and isn't answered."""
        return [body for body, _, _ in self.reception.taken]


@pytest.fixture
def street():
    """Build one."""
    street = Street()
    yield street
    street.loop.close()


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ([], 5),
        ([(4.0, b"GET / HT")], 5),
        ([(1.0, b"\r\n\r\n"), (2.0, b"GET / HT"), (4.5, b"T")], 5),
        ([(4.0, OPEN)], None),
        ([(1.0, OPEN[:-3]), (2.0, OPEN[-3:-1]), (4.0, OPEN[-1:])], None),
        ([(2.0, b"!2ab")], None),
        ([(2.0, b"!2a")], 2 + PATIENCE),
        ([(2.0, b"!2a"), (4.0, b"b")], None),
        ([(2.0, b"!9a"), (3.0, b"b"), (4.0, b"c")], 2 + PATIENCE),
    ],
    ids=[
        *("silent", "half a head", "empty lines first", "a whole head", "a head in pieces"),
        *("a letter", "half a letter", "a letter in pieces", "a dripping letter"),
    ],
)
def test_who_falls_silent_is_cut_in_time(street, words, ends):
    """So long for the first head, and so long for a body; whoever is answered next isn't cut."""
    door, line = street.knock()
    for moment, data in words:
        street.loop.call_at(moment, door.data_received, data)
    cut = None
    for tenth in range(1, 100):
        street.until(tenth / 10)
        cut = tenth / 10 if cut is None and line.cut else cut

    assert ends == cut
    assert ([408] if ends == 2 + PATIENCE and b"!" in b"".join(d for _, d in words) else []) == line.statuses


def test_after_an_answer_it_begins_anew(street):
    """Between two requests as long as before the first."""
    door, line = street.knock()
    street.until(4.0)
    street.do(door.data_received, b"!1a")
    street.until(20.0)
    street.answer()
    street.until(24.9)
    kept = not line.cut
    street.until(25.0)

    assert ([204], True, True) == (line.statuses, kept, line.cut)


def test_what_comes_meanwhile_waits_its_turn(street):
    """While an answer is awaited nothing is read, and afterwards all of it is, in its order."""
    door, line = street.knock()
    for data in (b"!1a", b"!2", b"b"):
        street.do(door.data_received, data)
    waiting = (street.bodies, line.reading)
    street.answer()
    street.do(door.data_received, b"c")
    between = (street.bodies, line.reading)
    street.answer(HTTPStatus.SERVICE_UNAVAILABLE)

    assert ([b"a"], False) == waiting
    assert ([b"bc"], True) == between
    assert ([204, 503], False) == (line.statuses, line.cut)


@pytest.mark.parametrize(
    "words",
    [[OPEN], [b"!1ab"], [b"!2a", b"bc"], [b"?2a", b"b"], [b"!1a", b"!1bOPEN"], [b"G", b"E"]],
    ids=[
        "foreign",
        "more than one",
        "more than one in pieces",
        "for nobody, in pieces",
        "later",
        "in pieces",
    ],
)
def test_what_is_not_a_letter_goes_on_unchanged(street, words):
    """Aiohttp gets each byte that wasn't answered before, in its order, and keeps the connection."""
    door, _ = street.knock()
    answered = b""
    for data in words:
        street.do(door.data_received, data)
        if street.bodies and len(words) > 1 and words[1].endswith(b"OPEN"):
            answered = data
            street.answer()
    street.do(door.data_received, b"!1a")
    street.do(door.pause_writing)
    street.do(door.resume_writing)
    street.do(door.eof_received)
    street.do(street.house.close)
    street.do(street.house.clear)
    street.do(door.connection_lost, None)
    given = b"".join(one[1] for one in street.inner if one[0] == "data_received")

    assert b"".join(words).removeprefix(answered) + b"!1a" == given
    assert "connection_made" == street.inner[0][0]
    ends = ["pause_writing", "resume_writing", "eof_received", "connection_lost"]
    assert ends == [name for name, *_ in street.inner][-4:]
    assert [] == street.bodies


def test_without_a_reception_all_is_for_aiohttp():
    """A listener of another application has none."""
    street = Street(reception=False)
    door, _ = street.knock()
    street.do(door.data_received, b"!1a")
    street.loop.close()

    assert ("data_received", b"!1a") == street.inner[-1]


def test_who_takes_no_answer_asks_nothing_more(street):
    """As long as what was said isn't taken, nothing more is read."""
    door, line = street.knock()
    street.do(door.data_received, b"!1a")
    street.do(door.pause_writing)
    street.answer()
    street.do(door.data_received, b"!1b")
    deaf = (street.bodies, line.reading)
    street.do(door.resume_writing)

    assert ([], False) == deaf
    assert ([b"b"], True) == (street.bodies, line.reading)


def test_at_the_end_who_waits_is_answered_and_nobody_else(street):
    """Who waits for an answer gets it, without a new turn; the others go at once, and in the end all."""
    (idle, _), (asking, line), (late, _) = doors = [street.knock() for _ in range(3)]
    for door in (asking, late):
        street.do(door.data_received, b"!1a")
    street.do(street.house.close)
    first = [wire.cut for _, wire in doors]
    street.answer()
    second = [wire.cut for _, wire in doors]
    street.do(street.house.clear)

    assert ([True, False, False], [True, True, False]) == (first, second)
    assert ([True] * 3, [204]) == ([wire.cut for _, wire in doors], line.statuses)
    assert (0, None) == (len(street.house.heads), street.loop.next_timer)
    assert idle is not late


def test_what_breaks_one_line_leaves_the_others_alone(street, monkeypatch):
    """Where aiohttp fails on what came meanwhile, this line is cut, and whoever answers goes on."""
    (breaking, first), (other, second) = street.knock(), street.knock()
    monkeypatch.setattr(Inner, "data_received", lambda *_: 1 // 0, raising=False)
    monkeypatch.setattr(Inner, "__getattribute__", object.__getattribute__)
    for door in (breaking, other):
        street.do(door.data_received, b"!1a")
    street.do(breaking.data_received, OPEN)
    lines = [line for _, line, _ in street.reception.taken]
    with capture_logs() as told:
        street.do(lambda: [line.say(HTTPStatus.NO_CONTENT) for line in lines])

    assert ([204], [204]) == (first.statuses, second.statuses)
    assert [True, False] == [first.cut, second.cut]
    assert ["connection_failed"] == [line["event"] for line in told]


def test_an_answer_for_who_is_gone_is_not_given(street):
    """Neither after the line was lost nor a second time; and the room has its place again."""
    door, line = street.knock()
    street.do(door.data_received, b"!1a")
    ((_, asked, since),) = street.reception.taken
    street.do(door.eof_received)
    street.do(door.connection_lost, None)
    street.answer()
    street.do(asked.say, HTTPStatus.NO_CONTENT)

    assert ([], None, 0) == (line.statuses, since, len(street.house.room))


def test_a_closing_answer_is_the_last(street):
    """Whoever is told so is cut after it, and nothing more is read."""
    door, line = street.knock()
    street.do(door.data_received, b"!1a")
    street.do(door.data_received, b"!1b")
    street.answer(HTTPStatus.NOT_FOUND, closing=True)

    assert ([404], True, []) == (line.statuses, line.cut, street.bodies)


def test_a_body_that_came_late_brings_its_time_along(street):
    """What was waited for it is no time of the answer's any more."""
    door, _ = street.knock()
    street.until(1.0)
    street.do(door.data_received, b"!1")
    street.until(2.0)
    street.do(door.data_received, b"a")

    assert [(b"a", door, 1.0)] == street.reception.taken


def test_who_finds_no_room_is_cut():
    """In a full house the silent make way, and who made a request doesn't."""
    street = Street(most=2)
    (heard, first), (_, second) = street.knock(), street.knock()
    street.do(heard.data_received, b"!1a")
    _, third = street.knock()
    street.loop.close()

    assert [False, True, False] == [line.cut for line in (first, second, third)]
