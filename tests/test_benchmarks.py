"""The benchmarks themselves: what they plant, what they count, and the page that is made of it. No time is asserted."""

from __future__ import annotations

import json
import math
import random
import sys
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import psutil
import pytest

from advisor.measuring.analysis.family import judge
from advisor.measuring.machine import contention
from advisor.method import method
from advisor.reporting.document import build_document
from advisor.reporting.words.table import Code
from benchmarks import __main__ as program
from benchmarks import (
    block_length,
    busy,
    calibration,
    epoch_ends,
    fidelity,
    idle_watch,
    neighbours,
    no_handicap,
    page,
    rendering,
    simulated,
    startup,
    variance,
    watching,
)
from benchmarks.planted_load import LOADS, planted
from benchmarks.processes import PlainLoop, altered, warm_trial
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult, TimeUse, Wait
from pilots.protocol import BlockDone, RunBlock
from pilots.records import TrialSpec

ROOT = Path(__file__).parents[1]


def launch(generator: np.random.Generator, scatter: float) -> calibration.Launch:
    """A launch of copies that scatter between launches, on a machine whose pace drifts."""
    pace = np.exp(generator.uniform(0, 0.5, 20))
    names = (*calibration.COPIES, calibration.SLOWED)
    shift = {name: math.exp(generator.normal(0, scatter / math.sqrt(2))) for name in calibration.COPIES}
    shift[calibration.SLOWED] = 1 + calibration.SLOWDOWN
    step_ms = {name: tuple(2 * shift[name] * pace) for name in names}
    return calibration.Launch(step_ms, names, 0.0, 1.0)


@pytest.mark.parametrize(("scatter", "found_2", "found_10"), [(0.002, 1.0, 1.0), (0.1, 0.0, 0.1)])
def test_what_is_planted_is_judged_as_a_study_would(scatter: float, found_2: float, found_10: float) -> None:
    generator = np.random.default_rng(2)
    launches = [launch(generator, scatter) for _ in range(12)]
    row = calibration.assess(launches, "quick", random.Random(0), studies=20)
    assert row["false_alarms"] in (0.0, 0.05, 0.1)
    assert row["scatter"] == pytest.approx(scatter, rel=0.3)
    found = row["found"]
    assert isinstance(found, dict)
    assert found["0.02"]["among_equals"] == pytest.approx(found_2, abs=0.1)
    assert found["0.1"]["among_equals"] == pytest.approx(found_10, abs=0.1)
    assert all(one["others_apart"] >= one["among_equals"] for one in found.values())


def test_a_difference_that_is_always_there_would_be_a_false_alarm() -> None:
    """Were copies of a recording no equals in truth, drawing who is who anew would hide it: it must show as scatter."""
    generator = np.random.default_rng(2)
    launches = [launch(generator, 0.001) for _ in range(6)]
    uneven = [
        replace(one, step_ms={**one.step_ms, "copy 1": tuple(1.3 * ms for ms in one.step_ms["copy 1"])})
        for one in launches
    ]
    fair, unfair = (calibration.assess(kept, "quick", random.Random(0), studies=5) for kept in (launches, uneven))
    assert float(str(unfair["scatter"])) > 50 * float(str(fair["scatter"]))


@pytest.mark.parametrize("noise", simulated.NOISES)
def test_the_simulation_judges_as_a_study_does(noise: simulated.Noise) -> None:
    measuring = method().measuring
    log_steps = simulated.draw(noise, (40, 6, 4), np.random.default_rng(8)) + np.array([0.04, 0, 0.02, 0.3])
    judged = simulated.judge_all(log_steps)
    assert len(set(judged.shown.ravel())) == 3
    for study, shown in zip(log_steps, judged.shown, strict=True):
        pairs = [dict(enumerate(study[:, a] - study[:, b])) for a, b in combinations(range(4), 2)]
        found = [one.shown if one else "nothing" for one in judge(pairs, measuring, 6)]
        assert [{"first less": -1, "first more": 1}.get(one, 0) for one in found] == list(shown)


@pytest.mark.parametrize("noise", simulated.NOISES)
def test_simulated_launches_scatter_as_they_say(noise: simulated.Noise) -> None:
    drawn = simulated.draw(noise, (200_000, 2), np.random.default_rng(1))
    assert float((drawn[:, 0] - drawn[:, 1]).std()) == pytest.approx(simulated.SCATTER, rel=0.1)
    assert float(drawn.mean()) == pytest.approx(0, abs=1e-3)


@pytest.mark.long
def test_launches_are_recorded_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "FOLDER", tmp_path)
    monkeypatch.setattr(calibration, "STACKS", (("pytorch", "tabular"),))
    monkeypatch.setattr(calibration, "LAUNCHES", {"smoke": 2})
    monkeypatch.setattr(calibration, "COPIES", ("copy 1", "copy 2"))
    asked = 0

    def is_up() -> bool:
        nonlocal asked
        asked += 1
        return asked == 2

    assert not calibration.record(1, is_up)
    (first,) = calibration.recorded("pytorch", "tabular", "smoke")
    assert sorted(first.opened) == ["copy 1", "copy 2", "slowed"]
    assert {len(rounds) for rounds in first.step_ms.values()} == {4}
    assert min(ms for rounds in first.step_ms.values() for ms in rounds) > 0
    assert calibration.record(1)
    kept = calibration.recorded("pytorch", "tabular", "smoke")
    assert len(kept) == 2
    assert kept[0] == first


def test_components_of_variance_are_told_apart() -> None:
    generator = np.random.default_rng(5)
    pairs = []
    for _ in range(60):
        process = generator.normal(0, 0.08)
        blocks = []
        for rebuild in range(4):
            built = generator.normal(0, 0.02)
            for number in range(30):
                for copy in (0, 1):
                    log = generator.normal(0, 0.01) + (process + built if copy == 0 else 0.0)
                    blocks.append(variance.Block(rebuild, number, copy, math.exp(log), 1.0))
        pairs.append(blocks)
    found = variance.components(pairs, "wall_ms")
    assert found["processes"] == pytest.approx(8, rel=0.3)
    assert found["rebuilds"] == pytest.approx(2, rel=0.3)
    assert found["rounds"] == pytest.approx(math.sqrt(2), rel=0.1)


def test_many_short_blocks_are_worth_what_they_are_worth() -> None:
    generator = np.random.default_rng(5)
    rounds = [
        block_length.Round(pair, length, math.exp(generator.normal(0, 0.1)), 1.0)
        for pair in range(30)
        for length in block_length.LENGTHS_S
        for _ in range(round(block_length.SECONDS / (2 * length)))
    ]
    rows = block_length.summarise("a", "b", rounds)
    assert [row["rounds"] for row in rows] == [80, 32, 11, 4]
    assert rows[0]["scatter_percent"] == pytest.approx(10, rel=0.1)
    assert rows[0]["error_percent"] == pytest.approx(1.2533 * 10 / math.sqrt(80), rel=0.1)


def test_rounds_are_grouped_by_what_was_stolen() -> None:
    shares = [0.0, 0.0, 0.01, 0.02, 0.05, 0.5, 0.9, 1.0]
    rounds = [neighbours.Round((math.exp(share + tilt), math.exp(share)), share) for share in shares for tilt in (0, 1)]
    rows = neighbours.summarise(rounds)
    assert [(row["stolen_up_to"], row["rounds"]) for row in rows] == [(0.0, 4), (0.02, 4), (0.1, 2), (1.0, 6)]
    assert rows[0]["scatter_percent"] == pytest.approx(100 * math.sqrt(1 / 3))
    assert rows[0]["step_s"] < rows[-1]["step_s"]
    assert not neighbours.summarise(rounds[:1])


@pytest.mark.long
def test_a_round_tells_what_was_stolen_from_it() -> None:
    if contention.read([]).stolen_s is None:
        pytest.skip("this system does not count stolen time")
    rounds = neighbours.race(0.01, 1, random.Random(0))
    assert rounds
    for one in rounds:
        assert 0 <= one.stolen_share <= 1
        assert min(one.step_s) > 0


@pytest.mark.long
def test_the_quick_run_is_one_that_a_user_can_start(tmp_path: Path) -> None:
    study, spent = fidelity.quick_run(tmp_path, "vision", "--no-pilots")
    assert study.path("report.md").exists()
    assert 0 < spent["parent_cpu_s"] < 2 * spent["wall_s"]


@pytest.mark.long
def test_both_loops_really_train() -> None:
    found = no_handicap.measure("pytorch", "tabular", launches=2, rounds=2, threads=1, rng=random.Random(0))
    assert (found.rounds, len(found.by_launch)) == (4, 2)
    assert 0 < found.low <= found.throughput_ratio <= found.high


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_blocks_run_after_the_screen_was_drawn_and_without(capfd: pytest.CaptureFixture[str]) -> None:
    found = watching.measure("pytorch", launches=2, rounds=2, threads=1, rng=random.Random(0))
    assert (found.candidate, found.rounds, len(found.by_launch)) == ("pytorch", 4, 2)
    assert 0 < found.low <= found.step_ratio <= found.high
    assert capfd.readouterr().out == ""  # it is drawn elsewhere
    table = {"workload": watching.WORKLOAD, "needed": watching.NEEDED, "rows": [asdict(found)], "date": "2026-03-01"}
    where = {"machine": {"cpu": "x", "cores": 2, "memory_mib": 1}, "versions": {}, "advisor": "0"}
    shown = page.render({"tables": {"watching": {**table, **where}}})
    assert "| pytorch | " in shown.partition("## Watching: ")[2]


@pytest.mark.long
@pytest.mark.parametrize("candidate", ["keras-tensorflow", "keras-jax", "keras-torch", "tensorflow"])
def test_the_hand_written_loops_run(candidate: str) -> None:
    loop = PlainLoop(candidate, "tabular", 3, threads=1)
    try:
        assert all(loop.epoch() > 0 for _ in range(2))
    finally:
        loop.close()


@pytest.mark.long
def test_an_altered_trial_runs_blocks_as_any_other() -> None:
    with altered() as python:
        trial, _ = warm_trial(
            "pytorch",
            "tabular",
            1,
            python=python,
            variables={"ADVISOR_PLANTED_SLOWDOWN": "0.05", "ADVISOR_EPOCH_STEPS": "7"},
        )
    try:
        with trial.awake():
            assert trial.request(RunBlock(20), BlockDone).steps == 20
    finally:
        trial.close()


@pytest.mark.long
def test_starts_are_compared_round_by_round() -> None:
    found = startup.run(threads=1, rounds=1)
    assert [row["what"] for row in found["rows"]] == ["the help", "the first question"]
    for row in found["rows"]:
        assert row["by_round"] == [row["by_bare_program"]]
        assert row["by_bare_program"] > 0


def test_ends_of_epochs_stand_in_one_table_by_length() -> None:
    spec = TrialSpec("epochs", "tabular", "quick", "pytorch", "default", 0, 0, 2)
    lengths = (
        EpochsOfLength(0.3, 30, 5, 0.01, 0.01, (), (EpochEnd(0.15, 0.0, 0.0), EpochEnd(0.0, 0.0, 0.0))),
        EpochsOfLength(30.0, 100, 8, 0.01, 0.01, (), (EpochEnd(0.0, 0.0, 0.0),)),
    )
    time = TimeUse(9.0, 8.0, 0.0, idle_s=0.15, waits=(Wait(0.15, 1, ("fit.py:1 fit",)),))
    rows = epoch_ends.rows_of(spec, EpochsResult("epochs", 32, lengths, time))
    assert [(row["wanted_s"], row["waited_at"]) for row in rows] == [(0.3, "fit.py:1 fit"), (30.0, "")]
    failed = rows[0] | {"candidate": "tensorflow", "error": "no memory"}
    _, (table, _) = epoch_ends.section({"rows": [*({**row, "untuned_data": False} for row in (*rows, failed))]})
    short, long = "20.0%; 1 of 2 idle, 0.1 s; longest 50%", "0.0%; 0 of 1 idle; longest 0%, epochs of 1.0 s"
    assert table.splitlines()[2:] == [
        f"| tabular | pytorch | default | {short} | {long} |",
        "| tabular | tensorflow | default | no memory | not run |",
    ]


@pytest.mark.long
def test_the_thread_that_looks_for_idling_runs_in_every_other_block() -> None:
    found = idle_watch.run(threads=1, rounds=2, launches=2, candidates=["pytorch"])
    (row,) = found["rows"]
    assert row["low"] <= row["step_ratio"] <= row["high"]
    assert "| pytorch | " in idle_watch.section(found)[1][0]


def test_every_table_says_where_and_when_it_was_measured() -> None:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text("utf-8"))
    rows = [{"what": "the help", "by_bare_program": 1.5, "by_round": [1.5, 1.25]}]
    machine = {"cpu": "Another CPU", "cores": 64, "memory_mib": 1}
    where = {"date": "2031-01-02", "machine": machine, "versions": {"torch": "9.9"}, "advisor": "7.0"}
    results["tables"]["startup"] = {"rows": rows, **where}
    text = page.render(results)
    assert "| the help | 1.50 | 1.50, 1.25 |" in text
    assert "Measured 2031-01-02 on Another CPU, 64 cores, with advisor 7.0, torch 9.9." in text
    assert text.count("Measured 20") == len(results["tables"])
    assert text.count("Another CPU") == 1


def test_the_page_shows_the_stored_results() -> None:
    folder = ROOT / "benchmarks"
    results = json.loads((folder / "results.json").read_text("utf-8"))
    shown = (folder / "RESULTS.md").read_text("utf-8")
    missing = set(page.NEEDED) - set(results["tables"])
    assert ("## Not measured yet" in shown) is bool(missing)
    assert all(name in shown.partition("## Not measured yet")[2] for name in missing)
    assert shown == page.render(results)


def test_a_table_is_made_anew_and_the_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = json.loads((ROOT / "benchmarks" / "results.json").read_text("utf-8"))
    (tmp_path / "results.json").write_text(json.dumps(stored), encoding="utf-8")
    row = {"candidate": "pytorch", "step_ratio": 1.001, "low": 0.99, "high": 1.012, "rounds": 7}
    table = {"workload": "text", "needed": 1.02, "passed": False, "rows": [row]}
    monkeypatch.setattr(program, "HERE", tmp_path)
    monkeypatch.setitem(program.TABLES, "idle_watch", lambda threads: {"idle_watch": dict(table)})
    monkeypatch.setattr(sys, "argv", ["benchmarks", "idle_watch"])
    assert program.main() == 1  # it misses what it needs
    tables = json.loads((tmp_path / "results.json").read_text("utf-8"))["tables"]
    assert tables["idle_watch"].items() >= table.items()
    assert {name: tables[name] for name in stored["tables"] if name != "idle_watch"} == {
        name: found for name, found in stored["tables"].items() if name != "idle_watch"
    }
    assert "| pytorch | 1.001 |" in (tmp_path / "RESULTS.md").read_text("utf-8")


def test_a_study_grows_by_launches_that_all_stand_in_its_report() -> None:
    inputs = rendering.example()
    grown = rendering.grown(inputs, len(inputs.records) + 500)
    assert len(grown.records) == len(inputs.records) + 500
    assert len({record.key for record in grown.records}) == len(grown.records)
    trail = build_document(grown).trail
    assert trail is not None
    cells = [cell for _, table in trail.pilots for row in table.rows for cell in row if isinstance(cell, Code)]
    assert sum(len(cell.text.split()) for cell in cells) == len(grown.records)
    assert max(len(one.values) for one in grown.series) > max(len(one.values) for one in inputs.series)


def study(word: str = "slower", ratio: float = 2.0, verdict: str = "lean", wall_s: float = 100.0) -> dict[str, object]:
    """A study of one pair, as the benchmark keeps it."""
    pair = {"first": "a", "second": "b", "word": word, "ratio": ratio, "low": 0.9 * ratio, "high": 1.1 * ratio}
    counts = {"launches": 4, "busy_launches": 0, "rounds": 96, "crowded_rounds": 3, "others_share": 0.1}
    return {"pairs": [pair], "verdict": verdict, "recommended": "a", "wall_s": wall_s, "waited_s": 10.0, **counts}


@pytest.mark.parametrize(
    ("beside", "met"),
    [
        (study(), True),
        (study(ratio=2.1), True),
        (study(ratio=0.5, word="faster"), False),  # another sign
        (study(ratio=3.0), False),  # the interval leaves the quiet ratio out
        (study(word="not resolved"), False),  # of no use
        (study(wall_s=201.0), False),
        (study(verdict="clear"), False),
        (study(verdict="too_close"), True),
        (study() | {"recommended": "b"}, False),
        (study(verdict="too_close") | {"recommended": "b"}, True),
    ],
)
def test_a_study_on_a_busy_machine_is_held_against_a_quiet_one(beside: dict[str, object], met: bool) -> None:
    studies = {"tabular": {"none": study(), busy.USEFUL_AT: beside}}
    rows, found = busy.summarise(studies)
    assert found is met
    reading = [{"candidate": "pytorch", "threads": 9, "share": 0.002, "counters_ms": 1.5}]
    heading, lines = busy.section(
        {"rows": rows, "reading": reading, "not_run": [("vision", "none")], "studies": studies}
    )
    assert heading.startswith("Busy")
    assert busy.USEFUL_AT in lines[0] and lines[-1] == "Not run yet: vision none."
    assert lines[1].endswith("Others took 10.0% in the quiet study of tabular.")


def test_without_a_quiet_study_there_is_nothing_to_hold_it_against() -> None:
    assert busy.summarise({"tabular": {busy.USEFUL_AT: study()}}) == ([], False)


def test_what_was_not_shown_is_not_passed() -> None:
    assert busy.summarise({}) == ([], False)
    nothing = study(word="not resolved")
    assert not busy.summarise({"tabular": {"none": nothing, busy.USEFUL_AT: nothing}})[1]
    other_pair = study() | {"pairs": [{**study()["pairs"][0], "first": "c"}, study(word="not resolved")["pairs"][0]]}
    assert not busy.summarise({"tabular": {"none": study(), busy.USEFUL_AT: other_pair}})[1]
    some = {name: {load: study() for load in LOADS} for name in busy.WORKLOADS}
    assert busy.not_run(some) == []
    del some["vision"][busy.USEFUL_AT]
    assert busy.not_run(some) == [("vision", busy.USEFUL_AT)]
    reading = [{"candidate": "pytorch", "threads": 9, "share": 0.002, "counters_ms": 1.5}]
    assert busy._table({"tabular": {"none": study(), busy.USEFUL_AT: study()}}, reading)["passed"] is None
    assert busy._table({"tabular": {"none": study(), busy.USEFUL_AT: nothing}}, reading)["passed"] is False


@pytest.mark.parametrize("load", sorted(LOADS))
def test_a_planted_load_runs_and_ends(load: str) -> None:
    with planted(load) as processes:
        started = [psutil.Process(pid) for pid in processes]
        assert len(started) == len(LOADS[load])
        assert all(process.is_running() for process in started)
    assert not any(process.is_running() for process in started)
