"""What several tests of the outermost modules stand on."""

import logging
import resource
import signal
import sys

import pytest
import structlog

from bot import __main__ as main_
from bot.log import QUIET
from tests.bot.ground import Ground


@pytest.fixture
async def ground(tmp_path):
    """Return the ground, serving."""
    async with Ground(tmp_path).serving() as it:
        yield it


@pytest.fixture
def process(tmp_path, monkeypatch):
    """Give each test a folder without settings, and put logging, signals and limits back."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in QUIET}
    handlers, level = root.handlers[:], root.level
    signals = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    monkeypatch.chdir(tmp_path)
    for name in ("DISCORD_TOKEN", "EVOLINK_API_KEY", "DATA_DIR", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)
    logging.captureWarnings(False)
    structlog.reset_defaults()
    for number, handler in signals.items():
        signal.signal(number, handler)
    resource.setrlimit(resource.RLIMIT_NOFILE, files)


@pytest.fixture
def matinee(process, monkeypatch, capsys):
    """Return a function that runs a command and returns its code and what it said."""

    def type_(*words, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["matinee", *words])
        with pytest.raises(SystemExit) as ended:
            main_.main()
        said = capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else code), said.out, said.err

    return type_
