"""The stream of ``--json``: every line parses and fits the published schema, and the last one says how it ended."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from command_line import EXAMPLE, ROOT, advisor, refused, undescribed
from watched_run import events

from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.running.events import Activity, Stopping, TrialsFinished
from advisor.watching.stream import NAMES, SCHEMA, Finished, Stream, events_schema
from pilots.records import TrialRecord, TrialSpec

PUBLISHED = ROOT / "docs" / "events.schema.json"
FITS = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)


def streamed(tell: Callable[[Stream], object]) -> list[dict[str, object]]:
    """The lines, each parsed and held against the schema."""
    file = io.StringIO()
    ended = (AdvisorError, KeyboardInterrupt, SystemExit, ZeroDivisionError)
    with suppress(*ended), Stream(file, "advisor run", lambda: NOW) as one:
        tell(one)
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    for line in lines:
        FITS.validate(line)
    return lines


def test_the_published_schema_is_the_one_in_force() -> None:
    assert undescribed(json.loads(PUBLISHED.read_text(encoding="utf-8"))) == undescribed(json.loads(events_schema()))


def test_the_page_names_every_event() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert SCHEMA in page
    for name in NAMES.values():
        assert f"| `{name}` |" in page


def test_a_whole_run() -> None:
    told = events(3)
    lines = streamed(lambda stream: [stream(event) for event in told])
    names = [line["event"] for line in lines]
    assert names[0] == "run_started"
    assert names[-2:] == ["run_ended", "finished"]
    assert len(lines) == len(told) + 1
    assert {line["schema"] for line in lines} == {SCHEMA}
    assert lines[0]["at"] == "2026-03-01T12:00:00.250+00:00"


def test_schema_refuses_what_is_no_event() -> None:
    (line,) = streamed(lambda stream: None)
    for wrong in ({**line, "event": "ended"}, {**line, "exit_code": "0"}, {"event": "finished"}):
        with pytest.raises(jsonschema.ValidationError):
            FITS.validate(wrong)


def test_warnings_are_events_and_errors_are_one_line() -> None:
    spec = TrialSpec("race", "tabular", "smoke", "pytorch", "default", 0, 0, 1)
    failed = TrialRecord("k", spec, "failed", "", 1.0, None, None, "Traceback (most\n  at\nValueError: \x1b[2J no")
    stored, warning, _ = streamed(lambda stream: stream(TrialsFinished((failed,), 1, 2, 3.0)))
    assert isinstance(stored["records"], list)
    assert stored["records"][0]["error"] == "ValueError: \x1b[2J no"
    assert warning["text"] == "pytorch, tabular, race: failed: ValueError: \N{REPLACEMENT CHARACTER}[2J no"


def interrupted(stream: Stream) -> None:
    stream(Stopping())
    raise KeyboardInterrupt


def hung_up(stream: Stream) -> None:
    """As the interview ends where its terminal is gone."""
    raise SystemExit(ExitCode.INTERRUPTED)


def mistaken(stream: Stream) -> None:
    raise AdvisorError("No.", where="x:1", allowed="a", next_command="do", exit_code=ExitCode.INPUT_REQUIRED)


@pytest.mark.parametrize(
    ("tell", "last"),
    [
        (lambda stream: None, {"event": "finished", "exit_code": 0, "verdict": None}),
        (interrupted, {"event": "interrupted", "exit_code": 130, "resume": "advisor run"}),
        (hung_up, {"event": "interrupted", "exit_code": 130, "resume": "advisor run"}),
        (mistaken, {"event": "failed", "exit_code": 3, "error": "No.", "where": "x:1", "next_command": "do"}),
        (lambda stream: 1 / 0, {"event": "failed", "exit_code": 1, "error": "ZeroDivisionError: division by zero"}),
        (lambda stream: stream.finish(Finished(5, verdict="insufficient")), {"event": "finished", "exit_code": 5}),
    ],
)
def test_the_last_line_says_how_it_ended(tell: Callable[[Stream], object], last: dict[str, object]) -> None:
    lines = streamed(tell)
    assert lines[-1].items() >= last.items()
    assert [line["event"] for line in lines].count(str(last["event"])) == 1


def test_without_a_file_nothing_is_written() -> None:
    with Stream(None) as stream:
        stream(Activity("pytorch", "training"))
    assert not stream.is_on


def test_a_run_without_pilots_streams_its_plan_and_its_verdict(study: Path) -> None:
    done = advisor("run", study, "--no-input", "--no-pilots", "--json")
    first, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, first["event"], last["event"]) == (0, "planned", "finished")
    assert (first["trials"], last["exit_code"], last["trials"]) == (0, 0, None)
    assert last["report"] == str(study / "report.md")
    decision = json.loads(Path(last["decision"]).read_text(encoding="utf-8"))
    assert (last["verdict"], last["recommended"]) == (decision["verdict"], decision["recommended"])


def test_a_dry_run_streams_its_plan(study: Path) -> None:
    done = advisor("run", study, "--no-input", "--dry-run", "--json", "--quick")
    planned, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert planned["trials"] > 10 and planned["workloads"]
    assert last.items() >= {"event": "finished", "exit_code": 0, "verdict": None}.items()


def test_a_mistake_ends_the_stream_and_is_told_to_people_too(tmp_path: Path) -> None:
    done = advisor("pilot", tmp_path, "--answers-are-missing", "--json")
    assert (done.returncode, done.stdout) == (2, "")  # not even the command line could be read
    done = advisor("run", tmp_path / "study", "--no-input", "--json", "--answers", EXAMPLE, "--budget", "soon")
    (last,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, last["event"], last["where"]) == (2, "failed", "--budget")
    assert "'soon' is not a time." in done.stderr


def test_a_check_has_no_stream() -> None:
    refused(advisor("pilot", "--workload", "tabular", "--check", "--json"), 2, "--check and --json exclude each other")
