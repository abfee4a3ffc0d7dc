"""The table: its columns, what a record becomes in it, and files that others can read."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import ROOT
from hypothesis import given
from hypothesis import strategies as st

from advisor.exporting.columns import COLUMNS, Exported, Value, rows
from advisor.exporting.parquet import write_parquet
from advisor.exporting.samples import Measurement, samples
from advisor.exporting.spreadsheet import write_csv
from advisor.study import Study
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult, TimeUse, Wait
from pilots.records import Environment, ExperimentName, Result, TrialRecord, TrialSpec
from pilots.rehearsal_records import Figures, RehearseResult
from pilots.results import (
    Contention,
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

TYPES = {"text": str, "integer": int, "number": float, "yes_or_no": bool, "time": str}
NAMES = [column.name for column in COLUMNS]


def record(experiment: ExperimentName, result: Result | None, **changed: object) -> TrialRecord:
    environment = Environment("3.11.9", {"torch": "2.13.0", "python": "3.11.9", "keras": "3.15.1"}, "cpu")
    spec = TrialSpec(experiment, "vision", "quick", "pytorch", "tuned", 7, 2, 4)
    made = TrialRecord("ab12", spec, "ok", "2026-11-20T10:00:00+00:00", 3.5, environment, result)
    return replace(made, **changed)  # type: ignore[arg-type]


RACE = RaceResult(
    "race", "s", 32, 2.5, 0.1, 0.2, 16, 0.5, True, (RaceBlock(3, 50, 0.1, 0.2),), (0,), None, Contention(0.02, None)
)
LEARN = LearnResult(
    "learn",
    "r2",
    -0.1,
    (LearnEpoch(1, 20, 0.5, -0.25, None), LearnEpoch(2, 40, 1.0, 0.75, None, 0.5)),
    "CNN",
    (("naive", 0.5),),
    chosen_epoch=2,
    valid_rows=12,
    row_losses=(0.25, 0.25),
)
LOAD = LoadResult(
    "load", 8, 5, (0.5, 0.6), (PipelineLoad(0, "DataLoader", (0.1,), (0.7,)), PipelineLoad(2, "x", (), ()))
)
PARITY = ParityResult("parity", "pytorch", 1234, True, (ParityCheck("forward", True, 0.02, 1e-4, 1e-5, "-"),))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            RACE,
            [
                Measurement("race.batch_size", 32),
                Measurement("race.import_s", 2.5),
                Measurement("race.build_s", 0.1),
                Measurement("race.first_step_s", 0.2),
                Measurement("race.warmup_steps", 16),
                Measurement("race.warmup_s", 0.5),
                Measurement("race.steady", 1),
                Measurement("race.others_share", 0.02),
                Measurement("race.step_ms", 2.0, 3, batch_rows=32, steps=50),
                Measurement("race.step_cpu_ms", 4.0, 3, batch_rows=32, steps=50),
            ],
        ),
        (
            LEARN,
            [
                Measurement("learn.dummy_metric", -0.1),
                Measurement("learn.chosen_epoch", 2.0),
                Measurement("learn.valid_rows", 12.0),
                Measurement("learn.rows_per_loss", 1.0),
                Measurement("learn.simpler_model", 0.5, of="r2 of naive"),
                Measurement("learn.score", -0.25, 1, "r2", steps=20, train_s=0.5),
                Measurement("learn.score", 0.75, 2, "r2", steps=40, train_s=1.0),
                Measurement("learn.score", 0.5, 2, "r2 on validation rows", steps=40, train_s=1.0),
            ],
        ),
        (
            InferResult("infer", (InferBatch(1, 9.0, (1.0, 2.0)),)),
            [
                Measurement("infer.first_call_ms", 9.0, batch_rows=1),
                Measurement("infer.call_ms", 1.0, 0, batch_rows=1),
                Measurement("infer.call_ms", 2.0, 1, batch_rows=1),
            ],
        ),
        (
            EpochsResult(
                "epochs",
                8,
                (EpochsOfLength(0.3, 20, 8, 0.01, 0.02, (0.5,), (EpochEnd(0.3, 0.1),)),),
                TimeUse(9.0, 2.0, idle_s=3.0, waits=(Wait(3.0, 2, ("fit.py:7 fit", "main.py:1 main")),)),
            ),
            [
                Measurement("epochs.batch_size", 8),
                Measurement("epochs.wall_s", 9.0, of="all that was timed"),
                Measurement("epochs.processor_s", 2.0, of="all that was timed"),
                Measurement("epochs.idle_s", 3.0, of="all that was timed"),
                Measurement("epochs.waited_s", 3.0, of="fit.py:7 fit"),
                Measurement("epochs.inner_step_ms", 10.0, of="epochs of 0.3 s", batch_rows=8, steps=20),
                Measurement("epochs.epoch_s", 0.5, of="epochs of 0.3 s", batch_rows=8, steps=20),
                Measurement("epochs.end_s", 0.3, of="epochs of 0.3 s", batch_rows=8, steps=20),
                Measurement("epochs.end_processor_s", 0.1, of="epochs of 0.3 s", batch_rows=8, steps=20),
            ],
        ),
        (
            LOAD,
            [
                Measurement("load.batch_size", 8),
                Measurement("load.steps", 5),
                Measurement("load.ready_s", 0.5, 0, batch_rows=8, steps=5),
                Measurement("load.ready_s", 0.6, 1, batch_rows=8, steps=5),
                Measurement("load.alone_s", 0.1, 0, "DataLoader", batch_rows=8, steps=5),
                Measurement("load.fed_s", 0.7, 0, "DataLoader", batch_rows=8, steps=5),
            ],
        ),
        (
            RehearseResult(
                "rehearse",
                "onnx",
                True,
                rows=4,
                load_s=0.5,
                batches=(InferBatch(1, 9.0, (1.0,)),),
                figures=Figures(download_bytes=7),
            ),
            [
                Measurement("rehearse.works", 1, of="onnx"),
                Measurement("rehearse.rows", 4, of="onnx"),
                Measurement("rehearse.load_s", 0.5, of="onnx"),
                Measurement("rehearse.download_bytes", 7, of="onnx"),
                Measurement("rehearse.first_call_ms", 9.0, of="onnx", batch_rows=1),
                Measurement("rehearse.call_ms", 1.0, 0, "onnx", batch_rows=1),
            ],
        ),
        (
            FootprintResult("footprint", 100.0, 110.0, 120.0, 30),
            [
                Measurement("footprint.imported_mib", 100.0),
                Measurement("footprint.predict_peak_mib", 110.0),
                Measurement("footprint.train_peak_mib", 120.0),
                Measurement("footprint.train_steps", 30),
            ],
        ),
        (
            PARITY,
            [
                Measurement("parity.parameters", 1234),
                Measurement("parity.passed", 1),
                Measurement("parity.error_over_tolerance", 0.02, 0, "forward"),
            ],
        ),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_what_a_result_becomes(result: Result, expected: list[Measurement]) -> None:
    found = list(samples(record(result.kind, result)))
    assert [replace(one, value=0) for one in found] == [replace(one, value=0) for one in expected]
    assert [one.value for one in found] == pytest.approx([one.value for one in expected])


@pytest.mark.parametrize(
    ("measure", "unit"),
    [("race.step_ms", "ms"), ("race.import_s", "s"), ("footprint.imported_mib", "MiB"), ("race.others_share", "share")],
)
def test_a_measure_ends_in_its_unit(measure: str, unit: str) -> None:
    assert Measurement(measure, 1.0).unit == unit
    assert Measurement("learn.score", 1.0).unit == Measurement("race.warmup_steps", 1.0).unit == ""


def test_every_row_has_every_column_and_no_other_type() -> None:
    failed = record("infer", None, outcome="crashed", error="ValueError: no", environment=None)
    trials = [Exported(record("race", RACE), True), Exported(record("learn", LEARN), True), Exported(failed, False)]
    table = list(rows(trials))
    assert len(table) == 10 + 8 + 1
    for row in table:
        for column, value in zip(COLUMNS, row, strict=True):
            assert value is None or type(value) is TYPES[column.kind], column.name
    last = dict(zip(NAMES, table[-1], strict=True))
    assert (last["outcome"], last["error"], last["in_plan"]) == ("crashed", "ValueError: no", False)
    assert last["measure"] is last["value"] is last["versions"] is None


def test_all_trials_of_a_study_are_in_its_table() -> None:
    records = Study(ROOT / "examples" / "study").trials()
    table = [dict(zip(NAMES, row, strict=True)) for row in rows(Exported(one, True) for one in records)]
    assert {row["trial"] for row in table} == {one.key for one in records}
    assert {row["experiment"] for row in table} >= {"parity", "race", "learn", "infer", "footprint", "load"}
    assert all(isinstance(row["value"], float) and math.isfinite(row["value"]) for row in table if row["measure"])


def as_csv(*trials: Exported) -> list[list[str]]:
    file = io.StringIO(newline="")
    write_csv(trials, file)
    return list(csv.reader(io.StringIO(file.getvalue(), newline="")))


@given(st.one_of(st.text(), st.builds("{}{}".format, st.sampled_from("=+-@\t\r\n\uff1d"), st.text())))
def test_no_text_becomes_a_formula_or_another_row(text: str) -> None:
    trial = record("infer", None, outcome="failed", error=text)
    header, row = as_csv(Exported(trial, True))
    assert (header, len(row)) == (NAMES, len(NAMES))
    cell = row[NAMES.index("error")]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    kept = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    assert cell in (kept, f"'{kept}")


def test_numbers_below_zero_stay_numbers() -> None:
    table = as_csv(Exported(record("learn", LEARN), True))[1:]
    scores = [float(row[NAMES.index("value")]) for row in table if row[NAMES.index("of")] == "r2"]
    assert scores == [-0.25, 0.75]
    assert {row[NAMES.index("in_plan")] for row in table} == {"true"}


def test_parquet_holds_the_same_table_with_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    trials = [
        Exported(record("learn", LEARN), True),
        Exported(record("infer", None, outcome="failed", error="=1+1"), False),
    ]
    path = tmp_path / "t.parquet"
    with path.open("wb") as file:
        write_parquet(trials, file)
    table = parquet.read_table(path)
    assert table.column_names == NAMES
    assert [table.schema.field(one.name).metadata[b"description"].decode() for one in COLUMNS] == [
        one.meaning for one in COLUMNS
    ]
    began = datetime(2026, 11, 20, 10, tzinfo=UTC)

    def stored(column: str, value: Value) -> object:
        return began if column == "started_at" else value

    expected = [{name: stored(name, value) for name, value in zip(NAMES, row, strict=True)} for row in rows(trials)]
    assert table.to_pylist() == expected


def test_the_page_says_what_each_column_means() -> None:
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", page, re.MULTILINE))
    assert described == {column.name: f"{column.kind.replace('_', ' ')} | {column.meaning}" for column in COLUMNS}
