"""How a run ends in a terminal: what suffices for a decision, where the whole is, and what to do next."""

from __future__ import annotations

import io
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest
from command_line import COMMAND, ROOT
from rich.console import Console

from advisor.commands.first_screen import tell_outcome
from advisor.deciding.decision import NextMeasurement
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.commands import with_study
from advisor.study import Study
from advisor.watching.stream import Stream
from advisor.workflow.assess import assess
from advisor.workflow.snapshot import load_snapshot
from pilots.results import Contention, RaceResult

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, ReportInputs]:
    """The study that the README shows, with real trials of every candidate."""
    study = Study(Path(shutil.copytree(ROOT / "examples" / "study", tmp_path_factory.mktemp("example") / "study")))
    return study, assess(load_snapshot(study), today=TODAY)


def told(
    study: Study,
    inputs: ReportInputs,
    *,
    terminal: bool = True,
    width: int = 100,
    environment: Mapping[str, str] | None = None,
) -> str:
    file = io.StringIO()
    plain = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": True}  # as the commands print
    out = Console(file=file, force_terminal=terminal, width=width, color_system=None, **plain)
    tell_outcome(study, inputs, out, Stream(None), environment or {})
    return file.getvalue()


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_scripts_get_two_lines(example: tuple[Study, ReportInputs]) -> None:
    study, inputs = example
    summary = build_document(inputs).summary
    assert told(study, inputs, terminal=False).splitlines() == [summary.verdict, str(study.path("report.md"))]


def test_people_get_the_first_screen_of_the_report(example: tuple[Study, ReportInputs]) -> None:
    study, inputs = example
    document = build_document(inputs)
    shown = in_one_line(told(study, inputs))
    summary = document.summary
    for part in (document.heading, summary.verdict, *summary.reasons_for, *summary.reasons_against, *summary.flips):
        assert in_one_line(part) in shown
    for row in summary.candidates.rows:
        assert str(row[0]) in shown
    assert "█" in shown
    assert str(study.path("report.md")) in shown
    step = summary.next_step
    assert step is not None and step.text in shown


def test_a_next_measurement_is_a_command_for_this_study(example: tuple[Study, ReportInputs]) -> None:
    study, inputs = example
    step = NextMeasurement("training_speed", 0.1, "advisor run --budget 30m")
    shown = told(study, replace(inputs, decision=replace(inputs.decision, next_measurement=step)), width=60)
    assert f"    advisor run {study.folder} --budget 30m\n" in shown  # in one piece
    nothing = told(study, replace(inputs, decision=replace(inputs.decision, next_measurement=None)))
    assert "--budget" not in nothing
    assert "--what-if KEY=VALUE" in nothing


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("advisor run --budget 30m", "advisor run 'our study' --budget 30m"),
        ("advisor ask", "advisor ask 'our study'"),
        ("advisor facts --about longevity", "advisor facts --about longevity"),
        ("", ""),
    ],
)
def test_commands_name_the_study(command: str, expected: str) -> None:
    assert with_study(command, "our study") == expected


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_it_fits_the_terminal(example: tuple[Study, ReportInputs], width: int) -> None:
    study, inputs = example
    lines = told(study, inputs, width=width).splitlines()
    assert max(len(line) for line in lines if str(study.folder) not in line) <= width


def test_who_listens_hears_no_bars(example: tuple[Study, ReportInputs]) -> None:
    study, inputs = example
    shown = told(study, inputs, environment={"ACCESSIBLE": "1"})
    assert not set("█░") & set(shown)
    assert "66%" in shown or "%" in shown


def test_nothing_that_people_wrote_is_obeyed(example: tuple[Study, ReportInputs]) -> None:
    study, inputs = example
    shown = told(study, replace(inputs, title="[red]x[/nothing] \x1b[2J :smile:"))
    assert "[red]x[/nothing] \N{REPLACEMENT CHARACTER}[2J :smile:" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_the_end_of_a_real_run(study: Path) -> None:
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", f"exec {shlex.join([*COMMAND, 'run', str(study), '--no-input', '--no-pilots'])}"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": "1", "LANG": "C.UTF-8"},
        dimensions=(24, 60),
        encoding="utf-8",
        timeout=240,
    )
    try:
        child.expect(pexpect.EOF)
        screen = child.before
    finally:
        child.close()
    assert child.exitstatus == 0, screen
    assert "What next" in screen
    assert f"{study}/report.md" in screen.replace("\r\n", "")
    assert "\x1b[3" not in screen  # no colour


def test_a_busy_machine_is_told_first_and_what_helps(example: tuple[Study, ReportInputs]) -> None:
    study, inputs = example
    busy = Contention(0.37, None, busy=True, cores=2)
    records = [
        replace(one, result=replace(one.result, contention=busy))
        if isinstance(one.result, RaceResult) and one.spec.launch == 0
        else one
        for one in inputs.records
    ]
    beside_others = replace(inputs, records=tuple(records))
    summary = build_document(beside_others).summary
    assert "others took 37% of the processor's time" in summary.busy
    shown = in_one_line(told(study, beside_others))
    after_verdict = shown.split(in_one_line(summary.verdict), 1)[1]
    assert after_verdict.strip().startswith(in_one_line(summary.busy))
    assert summary.next_step is not None
    assert "Close other programs" in summary.next_step.text
    assert f"advisor run {study.folder}" in shown
    assert summary.next_step.command == "advisor run study"  # in a report, which may be read elsewhere
    report = render(build_document(beside_others))
    assert 0 < report.index("Measured on a busy machine") - report.index(summary.verdict) < 1000
    assert "Measured on a busy machine" not in render(build_document(inputs))
