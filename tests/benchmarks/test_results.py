"""Laws of what a run leaves behind: the file, the table, the page."""

import json
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import machine, results, table
from benchmarks.harness import Figure, Row, Way
from benchmarks.judging import Round, judged
from benchmarks.rounds import Taken

TOLD = {
    "taken": "2026-11-26 10:00 UTC",
    "commit": "abc",
    "machine": {
        "processor": "One",
        "cores": 2,
        "memory_gb": 8.0,
        "system": "Linux 6",
        "flushes_per_s": 7000,
        "flush_median_ms": 0.13,
    },
    "versions": {"python": "3.11.2"},
}
ROW = Row(
    number="2",
    name="law",
    question="?",
    ways=[Way("ours", lambda _: {}), Way("raw", lambda _: {}), Way("theirs", lambda _: {})],
    figures=[
        Figure("theirs", way="theirs", value="per_s", base="raw", peer=True),
        Figure("50 callers", way="ours", value="per_s", base="raw", target=8, better="more"),
    ],
)


def kept(number="2", name="law"):
    """Return a run of one row as it is kept."""
    taken = Taken(
        [Round({"ours": {"per_s": 1234.5}, "raw": {"per_s": 100.0}}, 0.0)], missing={"theirs": "none"}
    )
    one = results.of_row(ROW, taken, judged(ROW, taken.rounds, taken.missing)) | {
        "number": number,
        "name": name,
    }
    return {name: one}


def test_a_run_of_some_rows_takes_their_place_in_the_days_file(tmp_path):
    """The others stay; machine and versions are the last run's."""
    path = results.kept_as(date(2026, 11, 26), "2-cores-x86_64", tmp_path / "new")

    results.keep(path, TOLD, kept("2", "law") | kept("12", "growth"))
    results.keep(path, TOLD | {"commit": "def"}, kept("3", "law"))

    assert path.name == "2026-11-26-2-cores-x86_64.json"
    assert path == results.newest(path.parent)
    found = results.read(path)
    assert ["3", "12"] == [row["number"] for row in table.rows(found)]
    assert "def" == found["commit"]


def test_figures_come_back_as_they_were_kept():
    """What is read from a file is told like what was just measured."""
    row = json.loads(json.dumps(kept()["law"]))

    theirs, ours = results.figures(row)

    assert (12.345, "reached", ROW.figures[1]) == (ours.median, ours.verdict, ours.figure)
    assert ("not measured", "none") == (theirs.verdict, theirs.why)


def test_the_table_has_ours_first_and_peers_beside_it():
    """With target and verdict; what is missing is named."""
    ours, theirs = table.lines(kept()["law"])

    assert ("2", "law: 50 callers", "12.3×", "12.3 – 12.3", "≥ 8×", "reached") == ours
    assert ("", "peer: theirs", "–", "–", "", "not measured: none") == theirs


def test_the_table_is_printed_and_says_where_it_was_taken():
    """Rows, machine and versions."""
    console = Console(width=150, file=StringIO())

    table.show(TOLD | {"rows": kept()}, console)

    said = console.file.getvalue()
    assert all(part in said for part in ("law: 50 callers", "reached", "2 cores of One", "python 3.11.2"))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "", "–"), (0.9, "", "0.9×"), (12345.6, "ms", "12,346 ms"), (0.00412, "%", "0.00412 %")],
)
def test_a_figure_has_three_digits(value, unit, text):
    """With its unit, or as a ratio."""
    assert text == table.number(value, unit)


def test_the_page_gets_the_table_between_its_marks(tmp_path):
    """Everything else stays as it is; a page without marks is refused."""
    page = tmp_path / "page.md"
    page.write_text(f"above\n{table.BEGIN}\nold\n{table.END}\nbelow\n", encoding="utf-8")

    table.write(page, TOLD | {"rows": kept()})

    text = page.read_text(encoding="utf-8")
    assert text.startswith("above\n")
    assert text.endswith("\nbelow\n")
    assert "old" not in text
    assert "| 2 | law: 50 callers | 12.3× | 12.3 – 12.3 | ≥ 8× | reached |" in text
    page.write_text("bare", encoding="utf-8")
    with pytest.raises(ValueError, match="marks"):
        table.write(page, TOLD | {"rows": {}})


def test_the_document_has_the_marks_and_every_row_its_section():
    """Thirteen questions, each explained under its number; no row without a section."""
    text = command.PAGE.read_text(encoding="utf-8")

    assert table.BEGIN in text.partition(table.END)[0]
    assert all(f"\n## {number}. " in text for number in range(1, 14))
    assert {command.row(name).number for name in command.names()} <= {str(number) for number in range(1, 14)}


def test_an_unknown_row_is_refused(capsys):
    """Before anything runs, with the names that there are."""
    with pytest.raises(SystemExit):
        command.arguments(["nothing"])
    assert "no such row: nothing" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what others take")
def test_our_own_work_is_nobody_elses_load():
    """What this process and its children burn isn't told as load by others."""
    before = machine._ours()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.1: pass"], check=True)

    assert machine._ours() - before >= 0.1 * machine.TICKS


def test_the_machine_is_described_without_its_name(tmp_path):
    """Processor, cores, memory and how fast its disk confirms; nothing is left on it."""
    told = machine.described(tmp_path)

    assert told["cores"] > 0
    assert told["flushes_per_s"] > 0
    assert [] == list(Path(tmp_path).iterdir())
    assert {"python", "sqlite", "postgresql", "aiohttp", "dbos", "procrastinate"} <= set(machine.versions())


def test_a_whole_run_is_kept_and_some_rows_only_when_told(tmp_path, monkeypatch, capsys):
    """The page and the file are written by a whole run or --keep; a quick one leaves nothing."""
    monkeypatch.setattr(command, "names", lambda: ["law"])
    monkeypatch.setattr(command, "row", lambda _: ROW)
    monkeypatch.setattr(command, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(results.kept_as, "__defaults__", (tmp_path / "results",))
    monkeypatch.setattr("benchmarks.machine.versions", dict)
    monkeypatch.setattr("benchmarks.harness.PEERS", tmp_path / "nowhere")
    command.PAGE.write_text(f"{table.BEGIN}\n{table.END}\n", encoding="utf-8")
    asked = ["--directory", str(tmp_path), "--rounds", "1"]

    assert 0 == command.main([*asked, "--quick"])
    command.main([*asked, "law"])
    assert not (tmp_path / "results").exists()
    assert 2 == command.main([*asked, "law", "--keep"])
    assert 1 == len(list((tmp_path / "results").iterdir()))
    assert "law: 50 callers" in command.PAGE.read_text(encoding="utf-8")
    assert "law: 50 callers" in capsys.readouterr().out
