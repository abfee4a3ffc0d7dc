"""The command line as scripts and people use it, up to where pilots would start."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from command_line import EXAMPLE, NEEDS_TERMINAL, advisor, advisor_here, terminal

from advisor import __version__
from advisor.interview.answers_file import load
from advisor.interview.questions import load_questions

ESSENTIAL = [question for question in load_questions() if question.essential]


def test_a_run_without_pilots_ends_in_a_report(decided: Path) -> None:
    names = {path.name for path in decided.iterdir()}
    assert names == {
        ".lock",
        "answers.toml",
        "plan.json",
        "machine.json",
        "code.json",
        "decision.json",
        "report.md",
        "report-assets",
    }
    assert "fraud scoring of orders" in (decided / "report.md").read_text(encoding="utf-8")
    assert load(decided / "answers.toml").said == load(EXAMPLE).said


def test_the_verdict_and_the_place_of_the_report_are_the_result(study: Path) -> None:
    done = advisor_here("run", study, "--no-input", "--no-pilots", "-q")
    verdict, place = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert "Keras" in verdict or "PyTorch" in verdict or "TensorFlow" in verdict
    assert place == str(study / "report.md")


def test_no_command_is_the_command_run(tmp_path: Path) -> None:
    done = advisor_here(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "project.problem" in done.stderr
    assert load(tmp_path / "advisor-study" / "answers.toml").said == {}


def test_decide_prints_what_it_writes(study: Path) -> None:
    (study / "decision.json").unlink()
    done = advisor_here("decide", study)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (study / "decision.json").read_text(encoding="utf-8")
    decision = json.loads(done.stdout)
    assert decision["schema"] == "advisor.decision/1"
    assert decision["recommended"] in {candidate["id"] for candidate in decision["candidates"]}
    assert advisor_here("decide", study).stdout == done.stdout


def test_a_study_that_cannot_be_met_has_its_own_exit_code(study: Path) -> None:
    needs = ("deployment.targets=browser", "deployment.required=browser", "deployment.accepts=saved_model")
    options = [word for need in needs for word in ("--set", need)]
    narrowed = advisor_here("run", study, "--no-input", "--no-pilots", "--candidates", "pytorch", *options)
    decided = advisor_here("decide", study)
    assert (narrowed.returncode, decided.returncode) == (4, 4)
    assert json.loads(decided.stdout)["verdict"] == "none_feasible"
    assert narrowed.stdout.endswith(f"{study / 'report.md'}\n")


def test_a_report_goes_where_it_is_wanted(study: Path, tmp_path: Path) -> None:
    (study / "report.md").unlink()
    written = advisor_here("report", study)
    assert (written.returncode, written.stdout, written.stderr) == (0, f"{study / 'report.md'}\n", "")
    text = (study / "report.md").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    plain = advisor_here("report", study, "--flavor", "plain", "-o", "-")
    assert plain.returncode == 0
    assert plain.stdout.startswith("# ")
    assert "> [!" in text
    assert "> [!" not in plain.stdout
    target = tmp_path / "elsewhere.json"
    data = advisor_here("report", study, "--format", "json", "-o", target)
    assert (data.returncode, data.stdout) == (0, f"{target}\n")
    assert target.read_text(encoding="utf-8") == advisor_here("report", study, "--format", "json").stdout
    assert json.loads(target.read_text(encoding="utf-8"))["heading"] in text


def test_a_template_of_ones_own(study: Path, tmp_path: Path) -> None:
    template = tmp_path / "ours.j2"
    template.write_text("verdict: {{ document.summary.verdict }}\n", encoding="utf-8")
    done = advisor_here("report", study, "--template", template, "-o", "-")
    assert (done.returncode, done.stdout.partition(" ")[0]) == (0, "verdict:")


@pytest.mark.parametrize("format", ["adr", "brief"])
def test_short_formats_have_files_of_their_own(study: Path, format: str) -> None:
    written = advisor_here("report", study, "--format", format)
    assert (written.returncode, written.stdout, written.stderr) == (0, f"{study / format}.md\n", "")
    text = (study / f"{format}.md").read_text(encoding="utf-8")
    assert "fraud scoring of orders" in text
    redacted = advisor_here("report", study, "--format", format, "--redact", "-o", "-")
    assert redacted.returncode == 0
    assert "fraud" not in redacted.stdout and "this project" in redacted.stdout


def test_what_a_template_can_use_needs_no_study(tmp_path: Path) -> None:
    done = advisor_here("report", tmp_path / "none", "--show-model")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# What a template can use\n")


def test_a_report_can_be_one_html_file(study: Path) -> None:
    written = advisor_here("report", study, "--format", "html")
    assert (written.returncode, written.stdout, written.stderr) == (0, f"{study / 'report.html'}\n", "")
    text = (study / "report.html").read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") and "fraud scoring of orders" in text
    assert advisor_here("report", study, "--format", "html", "-o", "-").stdout == text


def test_reports_are_the_same_whenever_they_are_made(study: Path) -> None:
    first, second = (advisor_here("report", study, "-o", "-").stdout for _ in range(2))
    assert first == second != ""


def test_the_plan_says_what_would_run_and_for_how_long(study: Path) -> None:
    done = advisor_here("plan", study, "--quick", "--candidates", "pytorch,tensorflow", "--seed", "7")
    assert (done.returncode, done.stderr) == (0, "")
    for part in ("tabular, launch 1", "training_speed", "trials in all", "about"):
        assert part in done.stdout
    settings = json.loads((study / "plan.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["size"], settings["candidates"], settings["seed"]) == ("quick", ["pytorch", "tensorflow"], 7)
    advisor_here("plan", study, "--seed", "8")
    settings = json.loads((study / "plan.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["size"], settings["candidates"], settings["seed"]) == ("quick", ["pytorch", "tensorflow"], 8)


def test_the_tuned_lane_is_asked_for_and_stays_asked_for(study: Path) -> None:
    def planned_lanes(*options: str) -> set[str]:
        assert advisor_here("plan", study, "--quick", "--candidates", "pytorch", *options).returncode == 0
        plan = json.loads((study / "plan.json").read_text(encoding="utf-8"))
        return {trial["lane"] for launch in plan["launches"] for trial in launch["trials"]}

    assert planned_lanes() == {"default"}
    assert planned_lanes("--tuned") == {"default", "tuned"}
    assert planned_lanes() == {"default", "tuned"}
    assert planned_lanes("--no-tuned") == {"default"}


@pytest.mark.parametrize("command", ["run", "plan", "pilot"])
def test_commands_that_measure_take_the_tuned_lane(command: str) -> None:
    assert "--tuned" in advisor_here(command, "--help").stdout


@pytest.mark.parametrize("target", ["sample", "value"])
def test_a_dry_run_with_ones_own_table_measures_nothing(tmp_path: Path, target: str) -> None:
    table = tmp_path / "own.csv"
    rows = [f"{number % 9}.{number % 5},{'abc'[number % 3]},{number * 37 % 101}.25" for number in range(60)]
    table.write_text("\n".join(["size,sample,value", *rows]) + "\n", encoding="utf-8")
    study = tmp_path / "study"
    done = advisor_here(
        "run", study, "--answers", EXAMPLE, "--no-input", "--data", table, "--target", target, "--dry-run"
    )
    said = f"A prepared copy lies in {study / 'data'}; it may be deleted, and is made anew when it is needed."
    assert (done.returncode, done.stderr) == (0, f"Reading own.csv ...\n{said}\n")
    assert "tabular, launch 1" in done.stdout
    assert {path.name for path in study.iterdir()} == {
        ".lock", "answers.toml", "plan.json", "machine.json", "code.json", "data",
    }  # fmt: skip
    assert json.loads((study / "plan.json").read_text(encoding="utf-8"))["settings"]["data"]["target"] == target


def test_a_table_that_a_package_ships(tmp_path: Path) -> None:
    from sklearn import datasets

    table = Path(datasets.__file__).parent / "data" / "iris.csv"
    first, *rows = table.read_text(encoding="utf-8").splitlines()
    names = first.split(",")[2:]
    shaped = tmp_path / "iris.csv"
    header = ",".join([*(f"measure_{number}" for number in range(4)), "species"])
    shaped.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert len(names) == 3
    options = ("--data", shaped, "--target", "species", "--dry-run", "-q")
    done = advisor_here("run", tmp_path / "study", "--answers", EXAMPLE, "--no-input", *options)
    assert (done.returncode, done.stderr) == (0, "")


def test_answers_come_from_standard_input_and_options_win(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    done = advisor("ask", tmp_path, "--answers", "-", "--set", "team.keras=0", "--no-input", stdin=text)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path / 'answers.toml'}\n", "")
    stored = tomllib.loads((tmp_path / "answers.toml").read_text(encoding="utf-8"))
    assert (stored["team"]["keras"], stored["team"]["pytorch"]) == (0, 2)


def test_defaults_answer_everything(tmp_path: Path) -> None:
    done = advisor_here("ask", tmp_path, "--defaults")
    assert (done.returncode, done.stderr) == (0, "")
    said = load(tmp_path / "answers.toml").said
    assert {question.id for question in ESSENTIAL} <= set(said)
    assert advisor_here("ask", tmp_path).returncode == 0


def test_the_version() -> None:
    done = advisor("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"advisor {__version__}\n", "")


@pytest.mark.parametrize(
    "command", ["run", "ask", "plan", "pilot", "decide", "report", "export", "facts", "claims", "doctor"]
)
def test_every_command_explains_itself(command: str) -> None:
    done = advisor_here(command, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Example" in done.stdout
    assert f"advisor {command}" in done.stdout


@NEEDS_TERMINAL
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
def test_colour_is_for_terminals_that_want_it(tmp_path: Path, environment: dict[str, str]) -> None:
    child = terminal("report", tmp_path / "none", **environment)
    screen = child.read()
    child.close()
    assert "There is no such study." in screen
    assert ("\x1b[1;31m" in screen) is not bool(environment)
    assert "31m" not in advisor("report", tmp_path / "none").stderr
