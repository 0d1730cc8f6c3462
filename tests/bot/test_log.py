"""Laws of `bot.log`: one event is one line, and no line holds a secret."""

import io
import json
import logging
import re
import warnings

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.log import GONE, QUIET, Redactor, set_up, visible

CANARY = "cAnArY-7f3k-9Q2x"
TOKEN = "0123456789abcdef" + "fedcba98" * 4
FILM = "/films/0123456789abcdef/1790000000/" + "ab" * 16 + ".mp4"
BOT_TOKEN = "MTE3NzQ1NjQ2MTk2NDE0MjYw.GhXyZa.abcdefghijklmnopqrstuvwxyz0123456789AB"
FORMS = ["json", "console"]


def fail(words):
    """Raise an error that says so."""
    raise RuntimeError(words)


@pytest.fixture
def logged():
    """Return a function that sets logging up anew and yields what is written; afterwards all is as before."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in QUIET}
    stream = io.StringIO()

    def start(form="json", *secrets):
        stream.seek(0)
        stream.truncate()
        set_up(level="DEBUG", form=form, redactor=Redactor(secrets), stream=stream)
        return stream

    yield start
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:], level, levels = before[0], before[1], before[2]
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "secret",
    [CANARY, 'with"quote\\and', "pass word/with?signs&=", "1234567890123", "ünïcode-käy", "two\nlines"],
)
def test_a_known_secret_is_in_no_line_whatever_it_hides_in(logged, form, secret):
    """Event, fact, key, number, nested value, exception, record's argument, link and JSON are all cleaned."""
    stream = logged(form, secret)
    log = structlog.get_logger("matinee.test")
    log.info(secret, fact=secret, nested={"list": [secret, {"deep": secret}]}, **{f"key {secret}": 1})
    log.info("forms", dumped=json.dumps({"x": secret}), shown=repr(secret), raw=secret.encode())
    log.info("number", number=int(secret) if secret.isdigit() else 0)
    try:
        fail(secret)
    except RuntimeError:
        log.exception("fault")
        logging.getLogger("some.library").exception("library fault: %s", secret)
    logging.getLogger("some.library").debug("%r", {"header": secret})

    text = stream.getvalue()
    assert secret not in text
    assert json.dumps(secret)[1:-1] not in text
    assert repr(secret)[1:-1] not in text
    assert len(text.splitlines()) == 6


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("text", "canary"),
    [
        (f"Authorization: Bearer {CANARY}", CANARY),
        (f"authorization={CANARY}", CANARY),
        (f"{{'Authorization': 'Bot {CANARY}', 'Accept': '*/*'}}", CANARY),
        (f"[(b'Authorization', b'Bearer {CANARY}')]", CANARY),
        (f'{{"token": "{CANARY}", "id": "1"}}', CANARY),
        (f"'session_id': '{CANARY}'", CANARY),
        (f"(Session ID: {CANARY})", CANARY),
        (f"x-api-key: {CANARY}", CANARY),
        (f"bearer {CANARY}", CANARY),
        (f"POST /callbacks/maxapi/{TOKEN} HTTP/1.1", TOKEN),
        (f"POST /callbacks/maxapi/{CANARY}", CANARY),
        (f"a token alone {TOKEN}.", TOKEN),
        (f"https://host/interactions/123/{CANARY}/callback", CANARY),
        (f"PATCH https://discord.com/api/v10/webhooks/123/{CANARY}/messages/@original", CANARY),
        (f"aW50ZXJhY3Rpb246{CANARY}", CANARY),
        (f"https://cdn.discordapp.com/a/b.png?ex=66&is=65&hm={CANARY}&", CANARY),
        (f"GET /a/b.png?ex={CANARY}&is=65", CANARY),
        (f"https://bucket.example/x.mp4?X-Amz-Signature={CANARY}&X-Amz-Expires=9", CANARY),
        (f"/x.mp4?x=1&X-Amz-Credential={CANARY}", CANARY),
        (f"https://films.example/x.mp4?whatever-it-is-called={CANARY}", CANARY),
        (f"https://films.example{FILM}", "ab" * 16),
        (f"GET {FILM}", "ab" * 16),
        (f"/media/{'0f' * 16}.png", "0f" * 16),
        (f"postgresql+asyncpg://matinee:{CANARY}@db/matinee", CANARY),
        (BOT_TOKEN, BOT_TOKEN),
        (f"password={CANARY}", CANARY),
    ],
)
def test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it(logged, form, text, canary):
    """Headers, tokens in paths and signed queries go, in events, records and tracebacks."""
    stream = logged(form)
    structlog.get_logger("matinee.test").info("event", fact=text)
    logging.getLogger("discord.client").info("%s", text)
    try:
        fail(text)
    except RuntimeError:
        structlog.get_logger("matinee.test").exception("fault")

    assert canary not in stream.getvalue()
    assert stream.getvalue().count(GONE) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "moved generation=0123456789abcdef before=queued after=submitting",
        "https://films.example/a/b.mp4",
        "sha256 " + "ab" * 32,
        "GET /readyz 200",
        "at 2026-11-21T12:00:00Z, 3.14 s, 10 of 12",
    ],
)
def test_what_is_no_secret_stays(text):
    """The log remains of use."""
    assert Redactor(["something else"]).clean(text) == text


def test_a_fact_called_token_is_cleaned_whatever_it_looks_like(logged):
    """A secret's usual name is enough."""
    stream = logged("json")
    structlog.get_logger("matinee.test").info(
        "event", token="abc", api_key="x1", headers={"Authorization": "y2"}
    )

    event = json.loads(stream.getvalue())
    assert (event["token"], event["headers"]) == (GONE, {"Authorization": GONE})


def test_a_secret_that_is_learned_later_is_cleaned_from_then_on():
    """The key that is made at the first start is known only then."""
    redactor = Redactor([CANARY])
    redactor.add("another-secret")

    assert redactor.clean(f"{CANARY} another-secret") == f"{GONE} {GONE}"


NASTY = st.text(st.characters(), max_size=80) | st.text(
    st.sampled_from("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x1b\x00\u202e\ud800{}\"'=\\ %s"), max_size=40
)


@given(st.lists(st.tuples(NASTY, NASTY, NASTY), min_size=1, max_size=5))
@settings(deadline=None)
def test_no_text_forges_a_line_for_machines(events):
    """Whatever users and providers write, each event is one line of JSON that says exactly that (T-31)."""
    stream, redactor = io.StringIO(), Redactor()
    _write("json", stream, redactor, events)

    lines = stream.getvalue().splitlines()
    assert len(lines) == 2 * len(events)
    for (event, fact, _), line in zip(events, lines[::2], strict=True):
        read = json.loads(line)
        assert (read["event"], read["fact"]) == (redactor.clean(event), redactor.clean(fact))


@given(st.lists(st.tuples(NASTY, NASTY, NASTY), min_size=1, max_size=5))
@settings(deadline=None)
def test_no_text_forges_a_line_for_people(events):
    """On the console too: no line breaks, no terminal codes, nothing that reorders what is read (T-31)."""
    stream = io.StringIO()
    _write("console", stream, Redactor(), events)

    text = stream.getvalue()
    assert len(text.splitlines()) == 2 * len(events)
    assert all(sign.isprintable() or sign == "\n" for sign in text)


def test_people_read_what_there_is(logged):
    """On the console a list is its words, and a fact that there isn't takes no room."""
    stream = logged("console")
    structlog.get_logger("matinee.test").info("moved", reason=None, providers=["maxapi", "evolink"], many=[1])

    assert stream.getvalue().endswith("matinee.test moved providers=maxapi,evolink many=[1]\n")


def _write(form, stream, redactor, events):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up(level="INFO", form=form, redactor=redactor, stream=stream)
    try:
        for event, fact, record in events:
            structlog.get_logger("matinee.test").info(event, fact=fact)
            logging.getLogger("matinee.test").warning("record %s", record)
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()


class Unspeakable:
    """An object whose own words fail."""

    def __repr__(self):
        """Fail."""
        raise RuntimeError(CANARY)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_that_is_logged_loses_its_event(logged, form):
    """Odd numbers, loops, failing objects and deep nests are written somehow."""
    stream = logged(form)
    loop = []
    loop.append(loop)
    structlog.get_logger("matinee.test").info(
        "odd",
        nan=float("nan"),
        inf=float("inf"),
        huge=10**5000,
        loop=loop,
        bad=Unspeakable(),
        data=b"\xff",
        none=None,
    )

    assert len(stream.getvalue().splitlines()) == 1
    assert "odd" in stream.getvalue()
    assert "log_failed" not in stream.getvalue()


def test_a_record_that_cannot_be_written_is_named_and_not_quoted(logged, capsys):
    """Logging would print the record's arguments to stderr: here one line says whose record it was."""
    stream = logged("json")
    logging.getLogger("some.library").warning("%d", CANARY)

    assert json.loads(stream.getvalue())["logger"] == "some.library"
    assert CANARY not in stream.getvalue() + capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "httpx",
        "httpcore.http11",
        "aiohttp.access",
        "discord.http",
        "discord.gateway",
        "websockets.client",
        "aiosqlite",
    ],
)
def test_talkative_libraries_stay_quiet_at_debug(logged, name):
    """They would print links, headers and members' words."""
    stream = logged("json")
    logging.getLogger(name).debug("anything")

    assert stream.getvalue() == ""


def test_warnings_are_lines_too(logged):
    """Python's warnings go the same way as all else."""
    stream = logged("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"old: token={CANARY}", stacklevel=1)

    assert len(stream.getvalue().splitlines()) == 1
    assert CANARY not in stream.getvalue()


@given(st.text(st.characters()))
def test_visible_text_is_printable(text):
    """Only what prints is left, and what prints is left alone."""
    assert visible(text).isprintable()
    assert visible(text) == text or not text.isprintable()


@given(st.text("ab/.:?=&-_ 0123456789", max_size=300))
@settings(deadline=500)
def test_cleaning_takes_no_time_that_grows_wildly(text):
    """No text makes a pattern search for ever."""
    assert isinstance(Redactor([CANARY]).clean(text * 20), str)


def test_a_level_hides_what_is_less_important():
    """At WARNING an INFO is not written."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up(level="WARNING", form="console", redactor=Redactor(), stream=stream)
    structlog.get_logger("matinee.test").info("quiet")
    structlog.get_logger("matinee.test").warning("loud", fact="a b")
    root.handlers[:], level = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()

    assert re.fullmatch(r'\S+Z warning  matinee\.test loud fact="a b"\n', stream.getvalue())
