"""A study on disk: nothing lost, nothing half-written, clear words when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError, ExitCode
from advisor.study import TRIALS, Study, require_schema
from pilots.records import (
    Environment,
    FootprintResult,
    InferBatch,
    InferResult,
    LearnEpoch,
    LearnResult,
    Outcome,
    RaceBlock,
    RaceResult,
    Result,
    TrialRecord,
    TrialSpec,
)

SPEC = TrialSpec("race", "tabular", "smoke", "pytorch", "default", seed=1, launch=1, threads=2)
positive = st.floats(min_value=1e-6, max_value=1e6, allow_nan=False)

results: st.SearchStrategy[Result | None] = st.one_of(
    st.none(),
    st.builds(FootprintResult, st.just("footprint"), positive, positive, positive, st.integers(1, 99)),
    st.builds(
        InferResult,
        st.just("infer"),
        st.tuples(st.builds(InferBatch, st.integers(1, 256), positive, st.tuples(positive, positive))),
    ),
    st.builds(
        LearnResult,
        st.just("learn"),
        st.sampled_from(["accuracy", "r2"]),
        positive,
        st.tuples(st.builds(LearnEpoch, st.integers(1, 9), st.integers(0, 9), positive, positive, st.none())),
        st.text(),
    ),
    st.builds(
        RaceResult,
        st.just("race"),
        st.text(),
        st.integers(1, 64),
        positive,
        positive,
        positive,
        st.integers(1, 9),
        positive,
        st.booleans(),
        st.tuples(st.builds(RaceBlock, st.integers(0, 9), st.integers(1, 9), positive, positive)),
        st.tuples(st.integers(0, 3)),
    ),
)
outcomes: st.SearchStrategy[Outcome] = st.sampled_from(["ok", "failed", "crashed", "timed_out", "out_of_memory"])
records = st.builds(
    TrialRecord,
    key=st.text(min_size=1, max_size=8),
    spec=st.builds(
        lambda launch, control: replace(SPEC, launch=launch, control=control), st.integers(0, 9), st.booleans()
    ),
    outcome=outcomes,
    started_at=st.just("2026-11-20T10:00:00+00:00"),
    wall_s=positive,
    environment=st.none() | st.builds(Environment, st.text(), st.just({"torch": "2"}), st.text(), st.just({})),
    result=results,
    error=st.none() | st.text(),
)


def record(key: str = "a", error: str | None = None) -> TrialRecord:
    return TrialRecord(key, SPEC, "failed", "2026-11-20T10:00:00+00:00", 1.0, None, None, error)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = Study(tmp_path / "study")
    made.create()
    return made


@given(st.lists(records, max_size=4, unique_by=lambda one: one.key))
def test_what_was_appended_is_read_back(tmp_path_factory: pytest.TempPathFactory, written: list[TrialRecord]) -> None:
    study = Study(tmp_path_factory.mktemp("round"))
    for one in written:
        study.append_trials([one])
    assert study.trials() == tuple(written)


def test_of_two_with_one_key_the_later_counts(study: Study) -> None:
    study.append_trials([record("a", "first"), record("b")])
    study.append_trials([record("a", "second")])
    assert [(one.key, one.error) for one in study.trials()] == [("b", None), ("a", "second")]


@pytest.mark.parametrize("torn", [b'{"key": "b", "spe', b"\xff\xfe", b"null"])
def test_a_torn_last_line_is_passed_over_and_cut(study: Study, torn: bytes) -> None:
    study.append_trials([record("a")])
    with study.path(TRIALS).open("ab") as file:
        file.write(torn)
    assert [one.key for one in study.trials()] == ["a"]
    study.append_trials([record("c")])
    assert [one.key for one in study.trials()] == ["a", "c"]
    assert torn not in study.path(TRIALS).read_bytes()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"not json", "not a trial record"),
        (b'{"no": "schema"}', "not a trial record"),
        (b'{"schema": 1, "key": 3}', "key"),
        (b'{"schema": 99}', "newer advisor"),
        (b'{"schema": "one"}', "schema number"),
    ],
)
def test_a_damaged_line_is_named(study: Study, line: bytes, said: str) -> None:
    study.append_trials([record("a")])
    with study.path(TRIALS).open("ab") as file:
        file.write(line + b"\n")
    study_text = study.path(TRIALS).read_bytes()
    with pytest.raises(AdvisorError, match=said) as caught:
        study.trials()
    assert caught.value.where == f"{study.path(TRIALS)}:2"
    assert study.path(TRIALS).read_bytes() == study_text


def test_a_record_with_a_number_json_lacks_is_refused_whole(study: Study) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        study.append_trials([replace(record("a"), wall_s=float("nan"))])
    assert study.trials() == ()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_loses_nothing(study: Study) -> None:
    study.append_trials([record("a")])
    kept = study.path(TRIALS).read_bytes()
    study.path(TRIALS).rename(study.path("kept"))
    study.path(TRIALS).symlink_to("/dev/full")
    with pytest.raises(AdvisorError, match="No space left") as caught:
        study.append_trials([record("b")])
    assert caught.value.exit_code == ExitCode.FAILURE
    assert f"advisor run {study.folder}" in caught.value.next_command
    assert study.path("kept").read_bytes() == kept


@pytest.mark.skipif(os.name != "posix", reason="limits as POSIX has them")
def test_a_disk_that_fills_up_while_writing_leaves_whole_lines(study: Study) -> None:
    study.append_trials([record("a")])
    study.write("report.md", "old")
    code = f"""
import resource, signal
from pathlib import Path
from advisor.errors import AdvisorError
from advisor.study import Study
from test_study import record
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
study = Study(Path({str(study.folder)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
for act in (lambda: study.append_trials([record("b", "x" * 5000)]), lambda: study.write("report.md", "y" * 5000)):
    try:
        act()
    except AdvisorError as error:
        print(error.what)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent, check=False
    )
    assert done.stdout.count("cannot be written") == 2, done.stderr
    assert [one.key for one in study.trials()] == ["a"]
    assert study.path(TRIALS).read_bytes().endswith(b"\n")
    assert study.path("report.md").read_text() == "old"
    assert sorted(path.name for path in study.folder.iterdir()) == ["report.md", TRIALS]


def test_only_one_run_at_a_time_and_the_lock_falls_with_its_holder(study: Study) -> None:
    code = (
        "import sys, time; from pathlib import Path; from advisor.study import Study\n"
        f"with Study(Path({str(study.folder)!r})).lock():\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(AdvisorError, match="Another run") as caught, study.lock():
            pass
        assert str(holder.pid) in caught.value.where
        holder.kill()
    with study.lock():
        pass


def test_a_study_is_not_made_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(AdvisorError, match="cannot be made"):
        Study(tmp_path / "taken" / "study").create()


@pytest.mark.parametrize("found", [0, -1, 1.0, "1", None, True])
def test_schema_numbers_are_whole_and_positive(found: object) -> None:
    with pytest.raises(AdvisorError, match="schema number"):
        require_schema(found, 3, "somewhere")


def test_keys_follow_content_and_not_places() -> None:
    from pilots.records import DataSource

    here, there = DataSource("/a/x.csv", "y", "hash"), DataSource("/b/x.csv", "y", "hash")
    other = DataSource("/a/x.csv", "y", "another")
    versions = {"torch": "2.13.0"}
    key = replace(SPEC, data=here).key(versions, "machine")
    assert replace(SPEC, data=there).key(versions, "machine") == key
    assert replace(SPEC, data=other).key(versions, "machine") != key
    assert replace(SPEC, data=here).key({"torch": "2.14.0"}, "machine") != key
    assert replace(SPEC, data=here).key(versions, "another") != key
    assert json.loads(json.dumps(asdict(replace(SPEC, data=here))))["data"]["target"] == "y"
