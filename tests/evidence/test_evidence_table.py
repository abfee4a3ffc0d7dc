"""What measured pilots add to the evidence, and how sure it is."""

from dataclasses import replace

import numpy as np
import pytest
from evidence_tables import ALL, METHOD, fact, steps, table
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_rows import row_losses

from advisor.evidence.from_trials import unmeasured_candidates
from advisor.evidence.scales import value_of
from advisor.evidence.table import Cell, Component, Doubt, Launches, Missing, Triangular, Uniform, ValueScale
from advisor.knowledge.facts import Effect
from advisor.measuring.analysis.series import RowLosses
from advisor.measuring.code.size import CodeSize
from pilots.records import TrialRecord, TrialSpec


def test_measured_where_the_workload_is_the_asked_problem():
    cell = table({"project.problem": "vision"}, [steps("pytorch", 1.0, 2.0, 4.0)]).cell("pytorch", "training_speed")
    (component,) = cell.components
    assert component.kind == "measured"
    assert component.distribution == Launches((0, 1, 2), (1.0, 2.0, 4.0), ValueScale(20.0, 0.2, True))
    assert component.raw == pytest.approx(2.0)
    assert component.raw_low < 2.0 < component.raw_high
    assert component.source == ("pytorch0", "pytorch1", "pytorch2")


@pytest.mark.parametrize(
    ("same", "stand_ins", "doubts"),
    [
        (False, (), ["other_hardware"]),
        (True, ("vision",), ["stand_in"]),
        (False, ("vision",), ["other_hardware", "stand_in"]),
    ],
)
def test_cited_where_it_speaks_for_something_else(same, stand_ins, doubts):
    measured = [steps("pytorch", 2.0, 2.0, 2.0)]
    cell = table(series=measured, same=same, stand_ins=stand_ins).cell("pytorch", "training_speed")
    (component,) = cell.components
    assert component.kind == "cited"
    assert ("other hardware" in component.note, "stands in" in component.note) == (not same, bool(stand_ins))
    assert component.distribution == Launches((0, 1, 2), (2.0, 2.0, 2.0), ValueScale(20.0, 0.2, True))
    assert [doubt.name for doubt in component.doubts] == doubts
    assert {doubt.scope for doubt in component.doubts} == {"cell"}


def pilots_of(criterion, *, answering, standing):
    """What one candidate's pilots count, those that answer first."""
    names = [f"answers{n}" for n in range(answering)] + [f"stands{n}" for n in range(standing)]
    measure = "race.step_ms" if criterion == "training_speed" else ""
    series = [steps("pytorch", 2.0, 2.0, 2.0, measure=measure, workload=name) for name in names] if measure else []
    code = () if measure else [CodeSize(name, "pytorch", 100, ("model.py",)) for name in names]
    evidence = table(
        series=series, code=code, comparable={(name, "pytorch") for name in names}, stand_ins=names[answering:]
    )
    return evidence.cell("pytorch", criterion)


@pytest.mark.parametrize("criterion", ["training_speed", "time_to_baseline"])
@pytest.mark.parametrize(
    ("answering", "standing", "share"), [(2, 6, 0.8), (1, 7, 2 / 3), (3, 1, 6 / 7), (2, 0, 1.0), (0, 3, 0.0)]
)
def test_pilots_that_answer_weigh_more_than_all_stand_ins_together(criterion, answering, standing, share):
    cell = pilots_of(criterion, answering=answering, standing=standing)
    assert sum(cell.shares[:answering]) == pytest.approx(share)
    assert len(set(cell.shares[:answering])) <= 1 and len(set(cell.shares[answering:])) <= 1


def test_nobody_gains_or_loses_by_failing_on_a_stand_in():
    names = ("answers", "stands")
    series = [steps(c, 2.0, 2.0, 2.0, workload=name) for c in ("pytorch", "tensorflow") for name in names]
    passed = {(name, c) for c in ("pytorch", "tensorflow") for name in names} - {("stands", "tensorflow")}
    evidence = table(series=series, comparable=passed, stand_ins=("stands",))
    ours, theirs = (evidence.cell(c, "training_speed") for c in ("pytorch", "tensorflow"))
    assert ours.shares == theirs.shares
    assert (ours.missing_share, theirs.missing_share) == (0.0, pytest.approx(1 / 3))


def test_quality_does_not_depend_on_hardware():
    skill = steps("pytorch", 0.9, 0.91, 0.92, measure="learn.skill")
    cell = table({"project.problem": "vision"}, [skill], same=False).cell("pytorch", "model_quality")
    assert cell.components[0].kind == "measured"
    assert cell.components[0].distribution.rows == ()


def test_quality_is_as_uncertain_as_its_test_rows():
    """The launches agree to a point; another hundred rows might not."""
    losses = RowLosses(tuple(row_losses(score, 100) for score in (0.9, 0.91, 0.92)), 100, 1.0)
    skill = replace(steps("pytorch", 0.9, 0.91, 0.92, measure="learn.skill"), losses=losses)
    (component,) = table({"project.problem": "vision"}, [skill]).cell("pytorch", "model_quality").components
    assert component.raw_low < 0.86 and component.raw_high > 0.96
    assert np.linalg.norm(component.distribution.rows) == pytest.approx((0.09 * 0.91 / 100) ** 0.5, rel=0.25)
    assert component.distribution.row_step == pytest.approx(1 / 102)


@pytest.mark.parametrize(
    ("series", "comparable", "why"),
    [
        ([], None, "no fact speaks"),
        ([steps("pytorch", 1.0, 1.0)], None, "only 2 launches"),
        ([steps("tensorflow", 1.0, 1.0, 1.0)], None, "no trial of it"),
        ([steps("pytorch", 1.0, 1.0, 1.0)], set(), "same model"),
    ],
)
def test_missing_is_as_wide_as_the_scale(series, comparable, why):
    said = {"project.problem": "vision"}
    cell = table(said, series, comparable=comparable, facts=[]).cell("pytorch", "training_speed")
    assert cell.missing
    assert cell.components[0].distribution == Missing()
    assert why in cell.components[0].note


def test_the_baseline_is_no_measure_of_candidates():
    cell = table({}, [steps("baseline", 1.0, 1.0, 1.0)]).cell("pytorch", "training_speed")
    assert [component.measure for component in cell.components] == ["facts@training_speed"]


def test_a_step_counts_once_with_its_share_of_an_end_where_that_is_known():
    series = [
        steps("pytorch", 1, 1, 1),
        steps("pytorch", 1.5, 1.5, 1.5, measure="epochs.step_ms"),
        steps("pytorch", 2, 2, 2, workload="tabular"),
        replace(steps("pytorch", 0.3, measure="epochs.end_share"), trial_keys=("the ends",)),
    ]
    pairs = {("vision", "pytorch"), ("tabular", "pytorch")}
    cell = table({"project.problem": "vision"}, series, comparable=pairs).cell("pytorch", "training_speed")
    assert [(one.measure, one.raw) for one in cell.components] == [
        ("epochs.step_ms@vision", pytest.approx(1.5)),
        ("race.step_ms@tabular", pytest.approx(2.0)),
    ]
    assert ["the ends" in one.source for one in cell.components] == [True, False]
    alone = table({"project.problem": "vision"}, series[:2]).cell("tensorflow", "training_speed")
    assert [one.measure for one in alone.components] == ["epochs.step_ms@vision"]  # missing once, not twice


def test_workloads_are_components_of_one_criterion():
    both = [steps("pytorch", 1, 1, 1), steps("pytorch", 2, 2, 2, workload="tabular")]
    pairs = {("vision", "pytorch"), ("tabular", "pytorch")}
    cell = table({"project.problem": "vision"}, both, comparable=pairs).cell("pytorch", "training_speed")
    assert [component.measure for component in cell.components] == ["race.step_ms@vision", "race.step_ms@tabular"]


def test_without_training_only_the_memory_of_predicting_counts():
    peaks = [steps("pytorch", 1.0, 1.0, 1.0, measure=f"footprint.{n}_peak_mib") for n in ("train", "predict")]
    cell = table({"project.trains": "no"}, peaks).cell("pytorch", "memory")
    assert [component.measure for component in cell.components] == ["footprint.predict_peak_mib@vision"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.01, 1000), min_size=3 * len(ALL), max_size=3 * len(ALL)),
    st.sets(st.sampled_from(ALL), min_size=1),
)
def test_adding_a_candidate_never_changes_others(values, some):
    """Scaling among the candidates would."""
    series = [steps(c, *values[3 * i : 3 * i + 3]) for i, c in enumerate(ALL)]
    said = {"project.problem": "vision", "deployment.targets": ("browser", "android"), "team.keras": 3}
    everybody = table(said, series)
    few = table(said, series, candidates=tuple(c for c in ALL if c in some))
    assert few.cells == tuple(cell for cell in everybody.cells if cell.candidate in some)


def record(candidate, outcome, error=None):
    spec = TrialSpec("race", "vision", "smoke", candidate, "default", 0, 0, 1)
    return TrialRecord("k", spec, outcome, "2026-11-20T00:00:00", 1.0, None, None, error)


def test_unmeasured_candidates_keep_their_last_error():
    records = [
        record("pytorch", "failed", "once"),
        record("pytorch", "ok"),
        record("tensorflow", "unavailable", "No module named 'tensorflow'"),
        record("keras-torch", "timed_out"),
        record("baseline", "failed", "x"),
    ]
    assert unmeasured_candidates(records) == {
        "tensorflow": "No module named 'tensorflow'",
        "keras-torch": "timed out",
    }


def test_values_are_finite():
    everything = table({"deployment.targets": ("android",), "training.hardware": ("tpu",), "team.keras": 1})
    modes = [
        c.distribution.mode
        for cell in everything.cells
        for c in cell.components
        if isinstance(c.distribution, Triangular)
    ]
    assert modes and np.isfinite(modes).all()


def test_code_to_own_is_counted_and_shifted_by_facts_about_effort():
    code = (CodeSize("vision", "pytorch", 50, ("model.py",)), CodeSize("vision", "tensorflow", 50, ("model.py",)))
    helpful = fact(0.2).model_copy(
        update={"effects": (Effect(criterion="time_to_baseline", candidates=("pytorch",), effect=0.2),)}
    )
    evidence = table(code=code, facts=[helpful])
    (ours,) = evidence.cell("pytorch", "time_to_baseline").components
    (theirs,) = evidence.cell("tensorflow", "time_to_baseline").components
    assert theirs.distribution == Uniform(pytest.approx(0.5), 0.0)
    assert ours.distribution == Uniform(pytest.approx(0.7), 0.0)
    effort = Doubt("effort", "cell", Uniform(0.0, METHOD.evidence.code_half_width))
    assert theirs.doubts == (effort,)
    assert ours.doubts == (effort, Doubt("facts", "cell", Triangular(0.0, pytest.approx(0.15))))
    assert (ours.kind, ours.raw, ours.unit) == ("counted", 50.0, "operations")
    assert ours.source == ("model.py", helpful.id)


@pytest.mark.parametrize(
    ("busy", "kind", "doubts", "counted"),
    [
        ((), "measured", [], 5),
        ((4,), "measured", [], 4),  # enough were quiet, and only those count
        ((2, 3, 4), "cited", ["busy_machine"], 5),
    ],
)
def test_what_was_timed_on_a_busy_machine_is_in_doubt_where_too_little_else_is_left(busy, kind, doubts, counted):
    raced = replace(steps("pytorch", 2.0, 2.1, 2.0, 2.2, 9.0), busy=busy)
    others = [steps(candidate, 2.0, 2.1, 2.0) for candidate in ALL if candidate != "pytorch"]
    (found,) = table(series=(raced, *others)).cell("pytorch", "training_speed").components
    assert found.kind == kind
    assert [doubt.name for doubt in found.doubts] == doubts
    assert len(found.source) == counted
    assert ("busy machine in 3 of 5 launches" in found.note) == (kind == "cited")


@pytest.mark.parametrize(
    ("series", "stand_ins", "kind"),
    [
        ((), (), "counted"),  # none ran, or no further than the gate
        ((steps("pytorch", 1.0),), (), "measured"),
        ((steps("tensorflow", 1.0),), (), "counted"),
        ((steps("pytorch", 1.0),), ("vision",), "counted"),
    ],
)
def test_code_is_measured_here_where_it_ran_for_the_asked_problem(series, stand_ins, kind):
    code = (CodeSize("vision", "pytorch", 100, ("model.py",)),)
    (component,) = table(series=series, stand_ins=stand_ins, code=code).cell("pytorch", "time_to_baseline").components
    assert component.kind == kind


@pytest.mark.parametrize(
    ("parts", "kind", "raw"),
    [
        ((("cited", 1.0, 0.03), ("measured", 2.0, 0.4), ("measured", 3.0, 0.5)), "measured", 3.0),
        ((("cited", 1.0, 0.2), ("measured", 2.0, 0.3), ("cited", 3.0, 0.2)), "cited", 1.0),
        ((("measured", 1.0, 0.5), ("cited", 2.0, 0.5)), "cited", 2.0),  # of parts as large, the weakest
        ((("missing", None, 0.03), ("measured", 2.0, 0.97)), "measured", 2.0),
    ],
)
def test_a_cell_is_called_by_its_largest_part_and_quotes_what_counts_most_of_it(parts, kind, raw):
    components = tuple(
        Component("m", "m", of_kind, Missing(), number, None, None, "ms", (), None, weight=weight)
        for of_kind, number, weight in parts
    )
    cell = Cell("pytorch", "training_speed", components)
    assert (cell.kind, cell.shown.raw) == (kind, raw)


def test_what_others_may_have_slowed_is_a_doubt_and_stays_measured():
    calm = steps("pytorch", 2.0, 2.1, 2.2)
    (alone,) = table(series=[calm]).cell("pytorch", "training_speed").components
    (among,) = table(series=[replace(calm, slowed=1.25)]).cell("pytorch", "training_speed").components
    assert (alone.kind, alone.doubts) == ("measured", ())
    (doubt,) = among.doubts
    assert among.kind == "measured"
    assert isinstance(doubt.shape, Uniform)
    faster = value_of(2.0, among.scale) - value_of(2.5, among.scale)
    assert doubt.shape.half_width == pytest.approx(faster / 2)
