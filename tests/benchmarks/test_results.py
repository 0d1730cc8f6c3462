"""Laws of what a run leaves behind: the file, the table, the page."""

import json
import subprocess
import sys
from dataclasses import replace
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

RUN = {"taken": "2026-11-26 10:00 UTC", "commit": "abc", "flushes_per_s": 7000, "flush_median_ms": 0.13}
LATER = RUN | {"taken": "2026-11-26 11:00 UTC", "commit": ""}
TOLD = {
    "machine": {"processor": "One", "cores": 2, "memory_gb": 8.0, "system": "Linux 6"},
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


def kept(number="2", name="law", run=RUN):
    """Return a run of one row as it is kept."""
    taken = Taken(
        [Round({"ours": {"per_s": 1234.5}, "raw": {"per_s": 100.0}}, 0.0)], missing={"theirs": "none"}
    )
    one = results.of_row(ROW, taken, judged(ROW, taken.rounds, taken.missing), run)
    one |= {"number": number, "name": name}
    return {name: one}


def test_a_run_of_some_rows_takes_their_place_in_the_days_file(tmp_path):
    """The others stay, and say when they were taken; machine and versions are the last run's."""
    path = results.kept_as(date(2026, 11, 26), "2-cores-x86_64", tmp_path / "new")

    results.keep(path, TOLD, kept("2", "law") | kept("12", "growth"))
    newer = TOLD | {"versions": {"python": "3.11.7"}}
    results.keep(path, newer, kept("3", "law", LATER))

    assert path.name == "2026-11-26-2-cores-x86_64.json"
    assert path == results.newest(path.parent)
    found = results.read(path)
    assert ["3", "12"] == [row["number"] for row in table.rows(found)]
    assert [LATER["taken"], RUN["taken"]] == [row["taken"] for row in table.rows(found)]
    assert newer["versions"] == found["versions"]


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
    parts = (
        "law: 50 callers",
        "reached",
        "2 cores of One",
        "python 3.11.2",
        "Row 2: 2026-11-26 10:00 UTC at abc",
    )
    assert [] == [part for part in parts if part not in said]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "", "–"),
        (0.9, "×", "0.9×"),
        (12345.6, "ms", "12,346 ms"),
        (0.00412, "%", "0.00412 %"),
        (65.4, "", "65.4"),
    ],
)
def test_a_figure_has_three_digits(value, unit, text):
    """With its unit, or with none."""
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


def test_what_is_no_ratio_says_what_it_is_measured_in():
    """A ratio is one to a base, or says by what it is divided; anything else has a unit."""
    figures = [figure for name in command.names() for figure in command.row(name).figures]

    assert [] == [each.name for each in figures if not (each.base or each.unit or "÷" in each.name)]


def test_each_run_is_told_with_the_rows_that_are_left_of_it():
    """Rows are kept one by one: each says when and at which commit, and how fast the disk was then."""
    rows = kept("3", "a") | kept("12", "b", LATER) | kept("4", "c")

    first, second = table.runs(TOLD | {"rows": rows})

    disk = "the disk confirming 7,000 writes of 4 KiB a second."
    assert f"Rows 3, 4: 2026-11-26 10:00 UTC at abc, {disk}" == first
    assert f"Row 12: 2026-11-26 11:00 UTC at no commit, {disk}" == second
    assert table.markdown(TOLD | {"rows": rows}).endswith(f"|\n\n- {first}\n- {second}")


@pytest.mark.parametrize("rows", [[], ["start", "--keep"]])
def test_what_is_kept_has_five_rounds(rows, capsys):
    """Fewer are refused before anything runs; some rows may have fewer where they are only printed."""
    with pytest.raises(SystemExit):
        command.arguments([*rows, "--rounds", "4"])
    assert "5 rounds or more" in capsys.readouterr().err
    assert command.arguments([*rows, "--rounds", "5"]).keep
    assert not command.arguments(["start", "--rounds", "1"]).keep
    assert not command.arguments([*rows, "--rounds", "1", "--quick"]).keep


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what others take")
def test_our_own_work_is_nobody_elses_load():
    """What this process and its children burn isn't told as load by others."""
    before = machine._ours()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.1: pass"], check=True)

    assert machine._ours() - before >= 0.1 * machine.TICKS


def test_the_machine_is_described_without_its_name(tmp_path):
    """Processor, cores, memory and how fast its disk confirms; nothing is left on it."""
    assert machine.described()["cores"] > 0
    assert machine.disk(tmp_path)["flushes_per_s"] > 0
    assert [] == list(Path(tmp_path).iterdir())
    assert {"python", "sqlite", "postgresql", "aiohttp", "dbos", "procrastinate"} <= set(machine.versions())


def test_what_takes_a_row_apart_is_only_taken_by_its_name(tmp_path, monkeypatch):
    """A whole run is without it."""
    rows = {"law": ROW, "apart": replace(ROW, named=True)}
    monkeypatch.setattr(command, "names", lambda: list(rows))
    monkeypatch.setattr(command, "row", rows.__getitem__)
    monkeypatch.setattr("benchmarks.harness.PEERS", tmp_path / "nowhere")
    kept = [
        list(command.run(command.arguments([*asked, "--quick"]), tmp_path)[0]) for asked in ([], ["apart"])
    ]
    assert [["law"], ["apart"]] == kept


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
    command.main([*asked, "law", "--keep", "--quick"])
    assert not (tmp_path / "results").exists()
    assert 2 == command.main([*asked[:2], "law", "--keep"])
    assert 1 == len(list((tmp_path / "results").iterdir()))
    assert "law: 50 callers" in command.PAGE.read_text(encoding="utf-8")
    assert "law: 50 callers" in capsys.readouterr().out
