"""The commands as people and scripts use them, where no pilot has to run."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest
import sklearn
from command_line import ANSWERS, advisor

from advisor import __version__
from advisor.interview.answers_file import load

NO_PILOTS = ("--answers", ANSWERS, "--no-input", "--no-pilots")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    done = advisor("run", "S", *NO_PILOTS, cwd=folder)
    assert done.returncode in (0, 5), done.stderr
    assert done.stdout.splitlines()[-1] == str(Path("S") / "report.md")
    return folder / "S"


def test_without_a_command_it_runs(tmp_path: Path) -> None:
    done = advisor(cwd=tmp_path)
    assert done.returncode == 3
    assert "project.problem" in done.stderr


def test_version(tmp_path: Path) -> None:
    assert advisor("--version", cwd=tmp_path).stdout == f"advisor {__version__}\n"


def test_decide_prints_what_it_writes(study: Path) -> None:
    done = advisor("decide", "S", cwd=study.parent)
    assert done.stdout == (study / "decision.json").read_text()
    assert json.loads(done.stdout)["schema"] == "advisor.decision/1"


def test_report_goes_where_it_is_told(study: Path) -> None:
    at_home = advisor("report", "S", cwd=study.parent)
    assert at_home.stdout.strip() == str(Path("S") / "report.md")
    plain = advisor("report", "S", "--flavor", "plain", "-o", "-", cwd=study.parent)
    assert plain.stdout.startswith("# ") and "[!" not in plain.stdout
    elsewhere = advisor("report", "S", "-o", "copy.md", cwd=study.parent)
    assert elsewhere.stdout.strip() == "copy.md"
    assert "# " in (study.parent / "copy.md").read_text()
    data = json.loads(advisor("report", "S", "--format", "json", cwd=study.parent).stdout)
    assert data["meta"]["inputs_sha256"]


def test_a_report_says_the_same_again(study: Path) -> None:
    first = (study / "report.md").read_bytes()
    assert advisor("report", "S", cwd=study.parent).returncode == 0
    assert (study / "report.md").read_bytes() == first


def test_a_template_of_ones_own(study: Path) -> None:
    (study.parent / "mine.j2").write_text("Verdict: {{ summary.verdict }}\n")
    done = advisor("report", "S", "--template", "mine.j2", "-o", "-", cwd=study.parent)
    assert done.stdout.startswith("Verdict: ") and len(done.stdout) > 20


def test_answers_come_from_everywhere_in_order(tmp_path: Path) -> None:
    text = Path(ANSWERS).read_text()
    done = advisor("ask", "S", "--answers", "-", "--set", "team.pytorch=5", "--no-input", cwd=tmp_path, stdin=text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(Path("S") / "answers.toml")
    said = load(tmp_path / "S" / "answers.toml")
    assert said.number("team.pytorch") == 5
    assert said.said["project.problem"] == load(Path(ANSWERS)).said["project.problem"]
    # The study's own file is kept where nothing new is said.
    advisor("ask", "S", "--set", "team.keras=1", "--no-input", cwd=tmp_path)
    again = load(tmp_path / "S" / "answers.toml")
    assert (again.number("team.pytorch"), again.number("team.keras")) == (5, 1)


def test_defaults_answer_everything(tmp_path: Path) -> None:
    done = advisor("ask", "S", "--defaults", "--set", "project.problem=vision", "--no-input", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "S" / "answers.toml").text("project.problem") == "vision"


def test_a_plan_is_shown_and_nothing_runs(tmp_path: Path) -> None:
    table = Path(sklearn.__file__).parent / "datasets" / "data" / "iris.csv"
    lines = table.read_text().splitlines()
    # scikit-learn's file has counts and class names where a header is usual.
    (tmp_path / "iris.csv").write_text("\n".join(["a,b,c,d,species", *lines[1:]]) + "\n")
    done = advisor(
        *("run", "S", "--answers", ANSWERS, "--no-input", "--quick", "--dry-run"),
        *("--data", "iris.csv", "--target", "species"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "training_speed" in done.stdout and "trials in all" in done.stdout
    assert not (tmp_path / "S" / "trials.jsonl").exists()
    shown = advisor("plan", "S", "--candidates", "pytorch", cwd=tmp_path)
    assert "trials in all" in shown.stdout
    # The plan remembers size and table.
    plan = json.loads((tmp_path / "S" / "plan.json").read_text())
    assert (plan["settings"]["size"], plan["settings"]["data"]["target"]) == ("quick", "species")


def test_quiet_and_plain(tmp_path: Path) -> None:
    done = advisor("run", "S", *NO_PILOTS, "-q", cwd=tmp_path, env={"NO_COLOR": "1", "FORCE_COLOR": ""})
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_facts_for_people_and_programs(tmp_path: Path) -> None:
    everything = json.loads(advisor("facts", "--json", cwd=tmp_path).stdout)
    some = json.loads(advisor("facts", "--about", "keras-torch", "--json", cwd=tmp_path).stdout)
    assert 0 < len(some) < len(everything)
    for_people = advisor("facts", "--about", "longevity", cwd=tmp_path)
    assert "confidence" in for_people.stdout and for_people.stderr.strip().endswith("facts")


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_an_interview_in_a_terminal_can_be_stopped_and_goes_on(tmp_path: Path) -> None:
    def start() -> pexpect.spawn:
        return pexpect.spawn(
            sys.executable,
            ["-m", "advisor", "ask", "S", "--quick"],
            cwd=str(tmp_path),
            encoding="utf-8",
            timeout=30,
            dimensions=(50, 120),
            env={**os.environ, "TERM": "xterm"},
        )

    terminal = start()
    terminal.expect("What kind of problem is it")
    terminal.send("\r")  # the first choice
    terminal.expect("meant to become")
    terminal.sendcontrol("c")
    terminal.expect("go on with: advisor ask S --quick")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert load(tmp_path / "S" / "answers.toml").said == {"project.problem": "tabular"}

    terminal = start()
    terminal.expect("meant to become")
    answered = 0
    while terminal.expect([r"of \d+ answered|\?.*\(", "answers.toml", pexpect.EOF, pexpect.TIMEOUT], timeout=3) in (
        0,
        3,
    ):
        terminal.send("\r")
        answered += 1
        assert answered < 60, "the interview does not end"
    terminal.close()
    said = load(tmp_path / "S" / "answers.toml").said
    assert {"project.problem", "project.stage", "team.pytorch", "training.hardware"} <= set(said)
