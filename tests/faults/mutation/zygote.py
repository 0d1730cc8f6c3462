"""A process that has loaded everything but the program, and forks one that runs tests for each line it reads.

So a change of one module costs a second: only the program and the tests in question are loaded anew.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.faults.mutation import mutant

LONGEST = 75
"""Seconds for the tests of one defence; a test that hangs is stopped, which is no failure."""
LONGEST_OF_ALL = 600
"""Seconds for many tests while every defence is in place."""
LIBRARIES = (
    *("aiohttp.web", "aiohttp.resolver", "aiosqlite", "alembic.command", "alembic.config", "asyncpg", "av"),
    *("babel.support", "click", "discord.app_commands", "discord.ext.commands", "discord.ext.tasks"),
    *("hypothesis.strategies", "httpx", "httpx_aiohttp", "idna", "PIL.Image", "prometheus_client", "psutil"),
    *("pydantic", "pydantic_settings", "pytest_asyncio.plugin", "re2", "rich.console", "simcord"),
    *("sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite", "sqlalchemy.ext.asyncio"),
    *("structlog", "_hypothesis_pytestplugin", "xdist.plugin", "_pytest.python", "_pytest.terminal"),
)
PLUGINS = ("pytest_asyncio.plugin", "_hypothesis_pytestplugin", "xdist.plugin")
OPTIONS = (
    *(option for plugin in PLUGINS for option in ("-p", plugin)),
    *("-p", "no:cacheprovider", "-q", "-o", "addopts=--strict-markers"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # the plugins are loaded already
)


class _Witness:
    """Notes what becomes of each test."""

    def __init__(self) -> None:
        self.said: list[dict[str, str]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if report.when == "call" or not report.passed:
            error = call.excinfo
            self.said.append(
                {
                    "test": item.nodeid,
                    "when": report.when,
                    "outcome": report.outcome,
                    "error": type(error.value).__name__ if error else "",
                    "words": str(error.value)[:400] if error else "",
                }
            )
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.note_trouble(f"{report.nodeid} {str(report.longrepr)[-400:]}")

    def note_trouble(self, words: str) -> None:
        """Note what went wrong apart from any test."""
        self.said.append({"test": "", "when": "start", "outcome": "failed", "error": "", "words": words})


def _load() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in LIBRARIES:
            importlib.import_module(name)
    for name in ("PROVE", "SEEDS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTEST_CURRENT_TEST"):
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # finding the plugins takes longer than most tests
    os.environ["DATABASES"] = "sqlite"  # a server for each defence would take longer, too
    hypothesis = importlib.import_module("hypothesis")
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)  # a failure needn't be made small
    hypothesis.settings.register_profile("mutation", database=None, phases=phases)
    hypothesis.settings.load_profile("mutation")
    gc.collect()
    gc.freeze()


def _run(order: dict[str, Any], folder: Path, witness: _Witness) -> None:
    """Run tests in this process, which ends afterwards."""
    if order["module"]:
        mutant.install(order["module"], order["source"], folder)
    at_first = ["-x"] if order["module"] else []
    options = [*OPTIONS, *at_first, f"--basetemp={folder / 'tmp'}"]
    code = pytest.main([*options, *order["tests"]], plugins=[witness])
    if not witness.said:
        told = (folder / "told").read_text(encoding="utf-8", errors="replace")
        wrong = [line for line in told.splitlines() if line.startswith("ERROR")]
        witness.note_trouble(f"pytest ended with {code!r}: {'; '.join(wrong)}")


def _child(order: dict[str, Any], folder: Path, answer: int) -> None:
    signal.alarm(LONGEST if order["module"] else LONGEST_OF_ALL)
    told = folder / "told"
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    if order["module"]:
        gc.disable()  # collecting takes as long as all the rest, and the process ends soon
    witness = _Witness()
    try:
        _run(order, folder, witness)
    except BaseException as error:  # noqa: BLE001 - whoever asked must hear it
        witness.note_trouble(repr(error))
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(json.dumps(witness.said).encode())


def _fork(order: dict[str, Any]) -> list[dict[str, str]]:
    """Return what the tests said in a process of their own; nothing, if it didn't live to tell."""
    ours, theirs = os.pipe()
    with tempfile.TemporaryDirectory(prefix="matinee-mutant-", ignore_cleanup_errors=True) as folder:
        pid = os.fork()
        if pid == 0:
            try:
                os.close(ours)
                os.setpgid(0, 0)
                _child(order, Path(folder), theirs)
            finally:
                os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            told = pipe.read()
        os.waitpid(pid, 0)
    return json.loads(told) if told else []


def main() -> None:
    """Answer until standard input ends."""
    _load()
    for line in sys.stdin:
        print(json.dumps(_fork(json.loads(line))), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
