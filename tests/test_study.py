"""A study on disk: what survives cut-off writes, full disks, kills, other runs and newer versions."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import advisor
from hypothesis import given
from hypothesis import strategies as st
from no_room import NEEDS_LIMITS, files_end_at

from advisor.errors import AdvisorError, ExitCode
from advisor.study import TRIALS, Study, require_schema
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult, TimeUse, Wait
from pilots.records import DataSource, Environment, RouteChoice, TrialRecord, TrialSpec
from pilots.rehearsal_records import RehearseResult
from pilots.results import (
    FootprintResult,
    InferBatch,
    InferResult,
    LearnEpoch,
    LearnResult,
    LoadResult,
    ParityCheck,
    ParityResult,
    PipelineLoad,
    RaceBlock,
    RaceResult,
)

SPEC = TrialSpec("learn", "tabular", "smoke", "pytorch", "default", seed=3, launch=0, threads=2)


def record(key: str, text: str = "it broke") -> TrialRecord:
    return TrialRecord(key, SPEC, "failed", "2026-01-01T00:00:00+00:00", 1.5, None, None, text)


numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 10**9)
results = st.one_of(
    st.none(),
    st.builds(
        ParityResult,
        kind=st.just("parity"),
        reference=st.text(),
        parameters=counts,
        passed=st.booleans(),
        checks=st.lists(
            st.builds(ParityCheck, st.sampled_from(["shapes", "steps"]), st.booleans(), *[numbers] * 3, st.text())
        ).map(tuple),
    ),
    st.builds(
        RaceResult,
        kind=st.just("race"),
        session=st.text(),
        batch_size=counts,
        import_s=numbers,
        build_s=numbers,
        first_step_s=numbers,
        warmup_steps=counts,
        warmup_s=numbers,
        steady=st.booleans(),
        blocks=st.lists(st.builds(RaceBlock, counts, counts, numbers, numbers)).map(tuple),
        order=st.lists(counts).map(tuple),
    ),
    st.builds(
        LearnResult,
        kind=st.just("learn"),
        metric_name=st.text(),
        dummy_metric=numbers,
        epochs=st.lists(
            st.builds(LearnEpoch, counts, counts, numbers, numbers, st.none() | numbers, st.none() | numbers)
        ).map(tuple),
        model=st.text(),
        chosen_epoch=st.none() | counts,
        valid_rows=st.none() | counts,
        test_rows=st.none() | counts,
        row_losses=st.none() | st.lists(numbers).map(tuple),
        rows_per_loss=counts,
    ),
    st.builds(
        EpochsResult,
        kind=st.just("epochs"),
        batch_size=counts,
        lengths=st.lists(
            st.builds(
                EpochsOfLength,
                *(numbers, counts, counts, numbers, numbers),
                epochs_s=st.lists(numbers).map(tuple),
                ends=st.lists(st.builds(EpochEnd, numbers, numbers)).map(tuple),
            )
        ).map(tuple),
        time=st.none()
        | st.builds(
            TimeUse,
            *(numbers, numbers),
            idle_s=st.none() | numbers,
            waits=st.lists(st.builds(Wait, numbers, counts, st.lists(st.text()).map(tuple))).map(tuple),
        ),
    ),
    st.builds(
        InferResult,
        kind=st.just("infer"),
        batches=st.lists(st.builds(InferBatch, counts, numbers, st.lists(numbers).map(tuple))).map(tuple),
    ),
    st.builds(
        LoadResult,
        kind=st.just("load"),
        batch_size=counts,
        steps=counts,
        ready_s=st.lists(numbers).map(tuple),
        pipelines=st.lists(
            st.builds(
                PipelineLoad,
                workers=counts,
                setting=st.text(),
                alone_s=st.lists(numbers).map(tuple),
                fed_s=st.lists(numbers).map(tuple),
                error=st.none() | st.text(),
            )
        ).map(tuple),
        difference=st.none() | st.text(),
    ),
    st.builds(FootprintResult, st.just("footprint"), numbers, numbers, numbers, counts),
    st.builds(
        RehearseResult,
        kind=st.just("rehearse"),
        route=st.text(),
        works=st.booleans(),
        failed_stage=st.none() | st.sampled_from(["export", "load", "run", "compare"]),
        error=st.none() | st.text(),
        worked_around=st.lists(st.text()).map(tuple),
        worst_error=st.none() | numbers,
        artifact_bytes=st.none() | counts,
        batches=st.lists(st.builds(InferBatch, counts, numbers, st.lists(numbers).map(tuple))).map(tuple),
    ),
)
specs = st.builds(
    replace,
    st.just(SPEC),
    seed=counts,
    control=st.booleans(),
    data=st.none() | st.builds(DataSource, st.sampled_from(["table", "series"]), *[st.text()] * 2),
    route=st.none() | st.builds(RouteChoice, st.text(), st.lists(st.text()).map(tuple)),
)
environments = st.builds(
    Environment, python=st.text(), versions=st.dictionaries(st.text(), st.text()), device=st.text()
)
records = st.builds(
    TrialRecord,
    key=st.text(),
    spec=specs,
    outcome=st.sampled_from(["ok", "failed", "timed_out"]),
    started_at=st.text(),
    wall_s=numbers,
    environment=st.none() | environments,
    result=results,
    error=st.none() | st.text(),
)


@given(batches=st.lists(st.lists(records, max_size=3), max_size=3))
def test_what_is_appended_is_read_back(batches: list[list[TrialRecord]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        study = Study(Path(folder))
        for batch in batches:
            study.append_trials(batch)
        written = [one for batch in batches for one in batch]
        last = {one.key: one for one in written}
        assert sorted(study.trials(), key=lambda one: one.key) == sorted(last.values(), key=lambda one: one.key)
        lines = study.path("trials.jsonl").read_bytes().splitlines() if batches else []
        assert len(lines) == len(written)


def test_a_study_without_trials_has_none(tmp_path: Path) -> None:
    assert Study(tmp_path).trials() == ()


def test_of_two_records_with_one_key_the_later_counts(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.append_trials([record("a", "first"), record("b")])
    study.append_trials([record("a", "second")])
    assert [(one.key, one.error) for one in study.trials()] == [("b", "it broke"), ("a", "second")]


@pytest.mark.parametrize("keep", [1, 40, -1])
def test_a_torn_last_line_is_passed_over_and_cut_by_the_next_append(tmp_path: Path, keep: int) -> None:
    study = Study(tmp_path)
    study.append_trials([record("a"), record("b")])
    path = study.path("trials.jsonl")
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:keep])
    assert [one.key for one in study.trials()] == ["a"]
    study.append_trials([record("c")])
    assert [one.key for one in study.trials()] == ["a", "c"]
    assert path.read_bytes().startswith(first)
    assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (b"garbage", "not a trial record"),
        (b"", "not a trial record"),
        (b"\xff\xfe", "not a trial record"),
        (b"[1]", "not a trial record"),
        (b'{"schema": 1, "key": "x"}', "spec"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, damage: bytes, why: str) -> None:
    study = Study(tmp_path)
    study.append_trials([record("a"), record("b")])
    path = study.path("trials.jsonl")
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + damage + b"\n" + second)
    with pytest.raises(AdvisorError) as error:
        study.trials()
    assert error.value.where == f"{path}:2"
    assert why in error.value.what
    assert "delete that line" in error.value.next_command
    path.write_bytes(first + second)
    assert len(study.trials()) == 2


def test_trials_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.append_trials([record("a"), replace(record("b"), schema=2)])
    with pytest.raises(AdvisorError, match="newer advisor") as error:
        study.trials()
    assert error.value.where.endswith("trials.jsonl:2")
    assert "pip install --upgrade" in error.value.next_command


@pytest.mark.parametrize("schema", [0, -1, True, "1", None, 1.0])
def test_a_schema_that_is_no_number_is_refused(schema: object) -> None:
    with pytest.raises(AdvisorError, match="schema number"):
        require_schema(schema, 1, "plan.json")


@pytest.mark.parametrize("file", ["plan.json", "machine.json"])
def test_a_newer_file_stops_the_report_and_is_left_alone(study: Path, file: str) -> None:
    path = study / file
    text = json.dumps({**json.loads(path.read_text(encoding="utf-8")), "schema": 2})
    path.write_text(text, encoding="utf-8")
    done = advisor("report", study)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "newer advisor (schema 2, this one knows 1)" in done.stderr
    assert str(path) in done.stderr
    assert path.read_text(encoding="utf-8") == text


def test_newer_answers_stop_the_report(study: Path) -> None:
    path = study / "answers.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("schema = 1", "schema = 2"), encoding="utf-8")
    done = advisor("report", study)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "newer advisor" in done.stderr
    assert f"{path}:" in done.stderr


HOLDER = """
import sys
from pathlib import Path
from advisor.study import Study
with Study(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_runs_never_share_a_study_and_a_kill_frees_it(tmp_path: Path) -> None:
    study = Study(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(AdvisorError, match="Another run") as error, study.lock():
                pass
            assert f"process {holder.pid}" in error.value.where
            assert error.value.exit_code == ExitCode.FAILURE
            done = advisor("ask", tmp_path, "--defaults", "--no-input")
            assert (done.returncode, done.stdout) == (ExitCode.FAILURE, "")
            assert "Another run is working on this study." in done.stderr
            assert not study.path("answers.toml").exists()
        finally:
            holder.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    with study.lock():
        pass


def test_the_lock_is_free_after_an_error_inside(tmp_path: Path) -> None:
    study = Study(tmp_path)
    with pytest.raises(ValueError, match="inside"), study.lock():
        raise ValueError("inside")
    with study.lock():
        pass


def test_writing_replaces_at_once_and_leaves_nothing_else(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.write("plan.json", "old, and longer than the new one")
    assert study.write("plan.json", "neu ü").read_text(encoding="utf-8") == "neu ü"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_path_under_a_file_is_no_place_for_a_study(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AdvisorError, match="cannot be made") as error:
        Study(tmp_path / "file" / "study").create()
    assert error.value.where == str(tmp_path / "file" / "study")
    with pytest.raises(AdvisorError, match="cannot be written"):
        Study(tmp_path / "file").write("plan.json", "text")


#: What is written after the system has stopped to give room: a limit on the size of files stands for a full disk.
FULL = """
import json, resource, sys
from pathlib import Path
from advisor.errors import AdvisorError
from advisor.study import Study
from pilots.records import TrialRecord, TrialSpec
spec = TrialSpec("learn", "tabular", "smoke", "pytorch", "default", 0, 0, 1)
def record(number):
    return TrialRecord(str(number), spec, "failed", "", 1.0, None, None, "x" * 300)
study = Study(Path(sys.argv[1]))
study.append_trials([record(0)])
study.write("plan.json", "old")
size = study.path("trials.jsonl").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]),) * 2)
for action in (
    lambda: study.append_trials([record(number) for number in range(1, int(sys.argv[3]))]),
    lambda: study.write("plan.json", "new" * 100_000),
):
    try:
        action()
    except AdvisorError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
@pytest.mark.parametrize("room", [0, 100, 900])
@pytest.mark.parametrize("records", [4, 10, 100])
def test_a_full_disk_leaves_earlier_work_untouched(tmp_path: Path, room: int, records: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room), str(records)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.count("cannot be written: File too large.") == 2
    assert done.stdout.count("nothing is lost") == 2
    study = Study(tmp_path)
    assert [one.key for one in study.trials()] == ["0"]
    assert study.path("trials.jsonl").read_bytes().count(b"\n") == 1
    assert study.path("trials.jsonl").read_bytes().endswith(b"\n")
    assert study.path("plan.json").read_text(encoding="utf-8") == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"trials.jsonl", "plan.json"}
    study.append_trials([record("later")])
    assert [one.key for one in study.trials()] == ["0", "later"]


@NEEDS_LIMITS
def test_a_file_that_may_not_grow_is_said_and_stays(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.append_trials([record("aa")])
    before = study.path(TRIALS).read_bytes()
    with files_end_at(len(before) + 10), pytest.raises(AdvisorError, match="File too large") as error:
        study.append_trials([record("bb")])
    assert study.path(TRIALS).read_bytes() == before
    assert "make room" in error.value.next_command
    assert error.value.exit_code == ExitCode.FAILURE


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused_with_its_line(tmp_path: Path, number: str) -> None:
    study = Study(tmp_path)
    study.append_trials([record("aa"), record("bb")])
    path = study.path("trials.jsonl")
    first, second = path.read_text(encoding="utf-8").splitlines()
    wall = json.loads(second)["wall_s"]
    spoiled = second.replace(f'"wall_s": {wall}', f'"wall_s": {number}')
    path.write_text(f"{first}\n{spoiled}\n", encoding="utf-8")
    with pytest.raises(AdvisorError, match="not a number that can be measured") as raised:
        study.trials()
    assert "trials.jsonl:2" in str(raised.value)


def test_the_word_nan_in_the_error_of_a_trial_is_no_number(tmp_path: Path) -> None:
    study = Study(tmp_path)
    failed = replace(record("aa"), outcome="failed", result=None, error="the loss is NaN after 3 steps")
    study.append_trials([failed])
    assert study.trials() == (failed,)


def test_only_the_trials_that_are_wanted_are_read(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.append_trials([record("aa"), record("bb"), record("cc")])
    path = study.path("trials.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = '{"key": "bb", "spoiled'
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [found.key for found in study.trials({"cc", "aa", "dd"})] == ["aa", "cc"]
    with pytest.raises(AdvisorError, match="not a trial record"):
        study.trials({"bb"})
    with pytest.raises(AdvisorError, match="not a trial record"):
        study.trials()


def test_a_trial_of_another_revision_is_another_trial() -> None:
    """Those of the first keep the keys that they are stored under, which the studies of earlier versions show."""
    versions = {"python": "3.11.7"}
    assert SPEC.key(versions, "machine") != replace(SPEC, revision=2).key(versions, "machine")
