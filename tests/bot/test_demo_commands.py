"""Laws of `matinee demo` and `matinee stand-ins`: what is typed arrives, and what lacks is one sentence."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import __main__ as main_


def test_the_demo_without_its_packages_is_one_sentence(matinee, monkeypatch):
    """What is missing is named, with what to do."""
    monkeypatch.setitem(sys.modules, "bot.demo.command", None)
    real = main_.importlib.import_module

    def without(name):
        if name == "bot.demo.command":
            raise ModuleNotFoundError("No module named 'simcord'", name="simcord")
        return real(name)

    monkeypatch.setattr(main_.importlib, "import_module", without)
    assert matinee("demo") == (
        69,
        "",
        "matinee: The demo needs simcord, which isn't installed. From a checkout, use: make demo\n",
    )


def test_a_module_of_ours_that_is_missing_is_a_fault(monkeypatch):
    """A broken installation isn't called a missing extra."""

    def without(name):
        raise ModuleNotFoundError(name, name=name)

    monkeypatch.setattr(main_.importlib, "import_module", without)
    with pytest.raises(ModuleNotFoundError):
        main_._of_the_demo("bot.demo.command")


def test_the_demo_gets_its_options_and_ends_with_its_code(matinee, monkeypatch):
    """What was typed arrives, and the demo's own code is the command's."""
    asked = {}

    async def run_demo(**options):
        asked.update(options)
        return 3

    monkeypatch.setattr(main_, "_of_the_demo", lambda _: SimpleNamespace(run_demo=run_demo))
    typed = ("--once", "--out", "there", "--seed", "7", "--port", "0", "--locale", "zh-CN")
    code, _, _ = matinee("demo", *typed)

    assert code == 3
    assert asked == {"once": True, "out": Path("there"), "seed": 7, "port": 0, "locale": "zh-CN"}


def test_stand_ins_serve_until_a_signal(matinee, monkeypatch):
    """They listen where they are told, and SIGTERM ends them with 0."""
    asked = []

    async def serve(host, port, *, seed, say):
        say("ready")
        asked.append((host, port, seed))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    monkeypatch.setattr(main_, "_of_the_demo", lambda _: SimpleNamespace(serve=serve))

    assert matinee("stand-ins", "--port", "9200") == (0, "ready\n", "")
    assert asked == [("127.0.0.1", 9200, None)]


def test_stand_ins_without_their_ports_are_one_line_and_78(matinee):
    """A port that is taken is named with its remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = matinee("stand-ins", "--port", str(min(port, 65533)))

    assert (code, out, err.count("\n")) == (78, "", 1)
    assert "--port" in err
    assert "choose another" in err
