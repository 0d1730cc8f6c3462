"""Laws of `bot.check`: every fault is one line that names it and how to mend it."""

import asyncio
import fcntl
import socket
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from bot import check as check_
from bot.callbacks import admin_app
from bot.check import NEEDED, Finding, Verdict, check, exit_code, install_link, invite_link
from bot.errors import (
    CreditExhausted,
    KeyRejected,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    SettingsError,
)
from bot.listener import Listener
from bot.metrics import Metrics
from bot.settings import read_settings

from .stage import GIB, TOKEN, Probed, Stage


@pytest.fixture
async def stage(tmp_path):
    """Return the stage, with everything right."""
    async with Stage(tmp_path).open() as it:
        yield it


def verdicts(found):
    """Return each subject's verdict."""
    return {subject: finding.verdict for subject, finding in found.items()}


async def test_all_is_well(stage):
    """With everything right there is nothing wrong, and the code is 0."""
    found = await stage.found()

    good, note = Verdict.GOOD, Verdict.NOTE
    assert verdicts(found) == {
        "settings": good, "DISCORD_TOKEN": good, "commands": good, "permissions": good, "evolink": good,
        "DATA_DIR": good, "database": good, "PUBLIC_URL": note,
    }  # fmt: skip
    assert exit_code(list(found.values())) == 0
    assert stage.closed == ["evolink"]


@pytest.mark.parametrize(("ahead", "words"), [(130, "130 s ahead of"), (-3600, "3600 s behind")])
async def test_a_clock_that_is_wrong(stage, ahead, words):
    """More than two minutes from a provider's are told with the remedy; less is nothing (S-06)."""
    stage.clock_off = timedelta(seconds=ahead / 100)
    assert "clock" not in await stage.found()
    stage.clock_off = timedelta(seconds=ahead)
    found = await stage.found()

    assert (Verdict.WRONG, f"this machine's clock is {words} that of evolink; set it by NTP") == (
        found["clock"].verdict,
        found["clock"].text,
    )


async def test_nothing_is_set(stage):
    """Without token and keys both are asked for, and the code is 1."""
    stage.variables = {"DATA_DIR": stage.variables["DATA_DIR"]}
    found = await stage.found()

    assert "no provider has a key; set one of MAXAPI_API_KEY" in found["settings"].text
    assert "is missing; copy it from" in found["DISCORD_TOKEN"].text
    assert exit_code(list(found.values())) == 1


async def test_a_token_that_discord_refuses(stage):
    """The remedy is a new token; nothing else is asked of Discord."""
    found = await stage.found(DISCORD_TOKEN="another")

    assert found["DISCORD_TOKEN"].verdict is Verdict.WRONG
    assert "reset it in the developer portal" in found["DISCORD_TOKEN"].text
    assert "permissions" not in found


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
@pytest.mark.parametrize(("path", "hint"), [("/api/v10", ""), ("", "; DISCORD_API_URL must end in /api/v10")])
async def test_discord_out_of_order_is_not_a_wrong_token(stage, status, path, hint):
    """Another answer than 401 says nothing about the token; half an address is told."""
    stage.answers["/users/@me"] = status
    address = stage.variables["DISCORD_API_URL"].removesuffix("/api/v10") + path
    text = f"answered {status} when asked who the bot is{hint}"

    assert (await stage.found(DISCORD_API_URL=address))["Discord"] == Finding("Discord", Verdict.WRONG, text)


async def test_discord_cannot_be_reached(stage):
    """A refused connection is one line."""
    found = await stage.found(DISCORD_API_URL="http://127.0.0.1:9/api/v10")

    assert found["Discord"] == Finding("Discord", Verdict.WRONG, "can't be reached (connection refused)")


async def test_commands_that_are_not_registered(stage):
    """The remedy is `matinee sync`."""
    stage.answers["/applications/8/commands"] = []
    found = await stage.found()

    assert found["commands"] == Finding("commands", Verdict.WRONG, "none is registered; run: matinee sync")


async def test_a_permission_that_a_server_does_not_give(stage):
    """Server and permission are named, with the link that asks for it; an administrator has all."""
    stage.answers["/users/@me/guilds"] = [
        {"name": "Cinema\n\u202eevil", "permissions": str(NEEDED & ~(1 << 15))},
        {"name": "Admins", "permissions": "8"},
    ]
    text = (await stage.found())["permissions"].text

    assert "doesn't give Attach Files; give them" in text
    assert "Admins" not in text
    assert invite_link("8") in text


async def test_many_servers_are_one_line(stage):
    """Only the first few of those that lack something are named."""
    stage.answers["/users/@me/guilds"] = [{"name": f"No {n}", "permissions": "0"} for n in range(30)]
    text = (await stage.found())["permissions"].text

    assert "No 4 doesn't" in text
    assert "No 5 doesn't" not in text
    assert "and 25 more" in text


@pytest.mark.parametrize("answer", [404, [], {"x": 1}])
async def test_servers_that_are_not_told_are_no_fault(stage, answer):
    """In no server yet, or not told: the link to invite it is shown."""
    stage.answers["/users/@me/guilds"] = answer
    finding = (await stage.found())["permissions"]

    assert finding.verdict is Verdict.NOTE
    assert invite_link("8") in finding.text


def test_the_link_asks_for_what_is_needed_and_no_more():
    """The number is the sum of six permissions, as Discord counts them."""
    assert invite_link("8") == (
        "https://discord.com/oauth2/authorize"
        "?client_id=8&scope=bot+applications.commands&permissions=274878024704"
    )


async def test_own_installs_have_a_link_of_their_own_where_they_are_allowed(stage):
    """It asks for no permission, and is not shown where the operator didn't allow it."""
    assert "own installs" not in await stage.found()
    finding = (await stage.found(ALLOW_USER_INSTALL="true"))["own installs"]

    link = "https://discord.com/oauth2/authorize?client_id=8&scope=applications.commands&integration_type=1"
    assert link == install_link("8")
    assert (Verdict.NOTE, True) == (finding.verdict, f"{link} " in finding.text)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (KeyRejected("evolink", TOKEN), "doesn't accept EVOLINK_API_KEY"),
        (CreditExhausted("evolink"), "no credit left"),
        (NotSent("evolink", TOKEN), "can't be reached just now at https://api.evolink.ai"),
        (ProviderUnavailable("evolink"), "can't be reached just now"),
        (OutcomeUnknown("evolink", TOKEN), "not as documented (OutcomeUnknown); is EVOLINK_BASE_URL right?"),
    ],
)
async def test_a_provider_that_does_not_work(stage, fault, words):
    """Each fault says what to do and nothing of what the provider said; connections are let go of."""
    stage.probes["evolink"] = fault
    finding = (await stage.found())["evolink"]

    assert finding.verdict is Verdict.WRONG
    assert words in finding.text
    assert stage.closed == ["evolink"]


async def test_a_key_that_cannot_be_one(stage, monkeypatch):
    """A provider that can't even be built is a finding like any other."""

    def refuse(name, **_):
        raise SettingsError("EVOLINK_API_KEY: no key looks like this")

    stage.make = refuse
    assert (await stage.found())["evolink"].text == "EVOLINK_API_KEY: no key looks like this"


async def test_a_disk_that_is_nearly_full(stage):
    """Room is asked for before films fail."""
    stage.free = GIB // 4
    finding = (await stage.found())["DATA_DIR"]

    assert finding == Finding(
        "DATA_DIR", Verdict.WRONG, "only 0.2 GiB free; make room, or shorten KEEP_FILMS or KEEP_FILES"
    )


async def test_a_folder_that_cannot_be_written_to(stage, tmp_path):
    """A file in the folder's place: said once for the folder, once for the database, no traceback."""
    (tmp_path / "file").write_text("")
    found = await stage.found(DATA_DIR=str(tmp_path / "file"))

    assert (found["DATA_DIR"].verdict, found["database"].verdict) == (Verdict.WRONG, Verdict.WRONG)
    assert "can't be written to (file exists)" in found["DATA_DIR"].text


async def test_the_check_leaves_no_files_but_the_database(stage, tmp_path):
    """Probes are cleared away."""
    await stage.found(PUBLIC_URL="http://127.0.0.1:9", TRUSTED_HOSTS="127.0.0.1:9", LISTEN="127.0.0.1:0")

    left = {file.name for file in (tmp_path / "data").rglob("*") if file.is_file()}
    assert left <= {"matinee.db", "matinee.db-wal", "matinee.db-shm", "matinee.lock"}


async def test_a_damaged_database(stage, tmp_path):
    """It is named and left as it is."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "matinee.db").write_bytes(b"not a database" * 1000)
    finding = (await stage.found())["database"]

    assert finding.verdict is Verdict.WRONG
    assert "damaged" in finding.text


async def test_a_postgresql_that_cannot_be_reached(stage):
    """One line, without the password."""
    address = f"postgresql+asyncpg://me:{TOKEN}@127.0.0.1:9/x"
    finding = (await stage.found(DATABASE_URL=address, SECRET_KEY="k" * 32))["database"]

    assert finding.verdict is Verdict.WRONG
    assert "PostgreSQL" in finding.text


@asynccontextmanager
async def running_bot(folder, ready):
    """Hold the database's lock and answer on the operator's address, as a running bot does."""
    (folder / "data").mkdir()

    async def reasons():
        return ready

    async def count():
        pass

    listener = Listener(admin_app(reasons, count, Metrics()), "127.0.0.1:0")
    await listener.start()
    with (folder / "data" / "matinee.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield listener.address
    await listener.stop()


@pytest.mark.parametrize(
    ("reasons", "verdict", "said"),
    [([], Verdict.GOOD, "ready"), (["no gateway", "x"], Verdict.WRONG, "no gateway; x")],
)
async def test_a_running_bot_is_asked_instead(stage, tmp_path, reasons, verdict, said):
    """The database is its own then; what it says of itself is shown, and counts."""
    async with running_bot(tmp_path, reasons) as address:
        finding = (await stage.found(ADMIN_LISTEN=address))["database"]

    assert finding == Finding("database", verdict, f"a running Matinee has it; it says: {said}")


async def test_a_running_bot_that_does_not_answer(stage, tmp_path):
    """That is said, too."""
    async with running_bot(tmp_path, []):
        finding = (await stage.found(ADMIN_LISTEN="127.0.0.1:9"))["database"]

    assert finding.text.endswith("it doesn't answer on ADMIN_LISTEN")


def free_address():
    """Return an address that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


async def test_a_public_address_that_leads_to_the_listener(stage):
    """The check serves a file in the bot's place and fetches it from outside."""
    address = free_address()
    finding = (await stage.found(LISTEN=address, PUBLIC_URL=f"http://{address}", TRUSTED_HOSTS=address))[
        "PUBLIC_URL"
    ]

    assert finding.verdict is Verdict.GOOD
    assert "asked from this machine and answered by this check" in finding.text


@asynccontextmanager
async def serving(answer):
    """Serve something else."""

    async def respond(_request):
        return web.Response(**answer)

    app = web.Application()
    app.router.add_get("/{path:.*}", respond)
    listener = Listener(app, "127.0.0.1:0")
    await listener.start()
    yield listener.address
    await listener.stop()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"text": "welcome"}, "answers, but something else does"),
        (
            {"status": 302, "headers": {"Location": "https://elsewhere.example"}},
            "answers 302 for a file that lies here",
        ),
        ({"status": 502}, "answers 502 for a file that lies here"),
    ],
)
async def test_a_public_address_that_leads_elsewhere(stage, answer, words):
    """Whatever else answers there is told apart from us."""
    async with serving(answer) as address:
        more = {"PUBLIC_URL": f"http://{address}", "TRUSTED_HOSTS": address, "LISTEN": free_address()}
        finding = (await stage.found(**more))["PUBLIC_URL"]

    assert finding.verdict is Verdict.WRONG
    assert words in finding.text
    assert f"its proxy must lead to {more['LISTEN']}" in finding.text


async def test_a_public_address_where_nobody_answers(stage):
    """A refused connection is told with its reason."""
    more = {"PUBLIC_URL": "http://127.0.0.1:9", "TRUSTED_HOSTS": "127.0.0.1:9", "LISTEN": "127.0.0.1:0"}

    assert "can't be reached from here (connection refused)" in (await stage.found(**more))["PUBLIC_URL"].text


async def test_a_listener_that_somebody_else_holds(stage):
    """Whoever holds LISTEN answers for it: the text says that it wasn't us."""
    async with serving({"text": "welcome"}) as address:
        more = {"PUBLIC_URL": f"http://{address}", "TRUSTED_HOSTS": address, "LISTEN": address}
        finding = (await stage.found(**more))["PUBLIC_URL"]

    assert "where whatever holds LISTEN just now answers" in finding.text


async def test_a_look_that_takes_too_long(stage, monkeypatch):
    """It is cut and said, and the others go on."""
    monkeypatch.setattr(check_, "LONGEST", 0.2)

    class Slow(Probed):
        async def probe(self):
            await asyncio.Event().wait()

    stage.make = lambda name, **_: Slow(name, "", stage.closed)
    found = await stage.found()

    assert found["evolink"].text == "no answer within 0.2 s"
    assert found["PUBLIC_URL"].verdict is Verdict.NOTE  # the last look, and one that takes no time
    assert stage.closed == ["evolink"]


async def test_what_nobody_thought_of_is_a_finding_too(stage, monkeypatch):
    """By its kind alone, since its words may hold anything; the others are looked at all the same."""
    monkeypatch.setattr(check_, "migrate", "no function")
    found = await stage.found()

    assert found["database"] == Finding("database", Verdict.WRONG, "couldn't be looked at (TypeError)")
    assert found["PUBLIC_URL"].verdict is Verdict.NOTE


async def test_slips_and_short_keys_are_notes(stage):
    """They are worth a line, and no reason to fail."""
    settings = read_settings({**stage.variables, "SECRET_KEY": "short"}, env_file=None)
    findings = await check(settings, make=stage.make, misspelt={"DAILY_VIDEO": "DAILY_VIDEOS"})
    texts = [finding.text for finding in findings if finding.subject == "settings"]

    assert texts[0] == "DAILY_VIDEO is no setting; is DAILY_VIDEOS meant?"
    assert texts[1].startswith("SECRET_KEY is short")
    assert exit_code(findings) == 0


def test_a_finding_is_one_line():
    """Verdict, subject and text stand in columns; nothing in it breaks the line."""
    line = str(Finding("disk", Verdict.WRONG, "a\nb\x1b[2J"))

    assert line == r"WRONG  disk           a\nb\x1b[2J"


def test_aiohttp_names_reasons_without_addresses():
    """An error without a number is named by its kind."""
    assert check_._reason(aiohttp.ServerDisconnectedError("x")) == "ServerDisconnectedError"
