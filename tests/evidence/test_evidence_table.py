"""The evidence table: rules of what counts as known, and how sure it is."""

import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_rows import row_losses

from advisor.catalog import CANDIDATES, CRITERIA
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.evidence.from_answers import (
    team_fit_component,
    weeks_of_moving,
    weeks_until_productive,
)
from advisor.evidence.from_facts import route_components
from advisor.evidence.from_trials import unmeasured_candidates
from advisor.evidence.relevance import not_applicable, same_hardware
from advisor.evidence.scales import raw_of, scale_for, value_of
from advisor.evidence.table import Cell, Component, Doubt, Launches, Missing, Triangular, Uniform, ValueScale
from advisor.interview.answers import NOT_SURE, Answers
from advisor.interview.questionnaire import with_defaults
from advisor.interview.questions import load_questions
from advisor.knowledge.computed import ROUTES_READ, TEAM_FIT_READS
from advisor.knowledge.facts import Effect, Fact, load_facts
from advisor.knowledge.routes import load_routes
from advisor.measuring.analysis.series import RowLosses, Series
from advisor.measuring.code.size import CodeSize
from advisor.measuring.machine.fingerprint import Machine
from advisor.method import method
from pilots.records import TrialRecord, TrialSpec

METHOD = method()
TODAY = date(2026, 11, 20)
ALL = tuple(CANDIDATES)


def steps(candidate: str, *values: float, measure="race.step_ms", workload="vision") -> Series:
    launches = tuple(range(len(values)))
    return Series(
        measure, workload, candidate, "default", "ms", launches, values, tuple(f"{candidate}{i}" for i in launches)
    )


def table(
    said=None, series=(), candidates=ALL, facts=None, today=TODAY, same=True, comparable=None, stand_ins=(), code=()
):
    pairs = {("vision", c) for c in ALL} if comparable is None else comparable
    knowledge = Knowledge(load_facts() if facts is None else facts, load_routes(), today)
    pilots = PilotResults(series, pairs, same, stand_ins, code)
    return build_table(Answers(said or {}), knowledge, pilots, candidates, METHOD)


@pytest.mark.parametrize(
    ("raw", "scale", "value"),
    [
        (20.0, ValueScale(20, 0.2, True), 0.0),
        (2.0, ValueScale(20, 0.2, True), 0.5),
        (0.2, ValueScale(20, 0.2, True), 1.0),
        (0.01, ValueScale(20, 0.2, True), 1.0),
        (100.0, ValueScale(20, 0.2, True), 0.0),
        (0.75, ValueScale(0.5, 1.0, False), 0.5),
        (-1.0, ValueScale(0.5, 1.0, False), 0.0),
    ],
)
def test_values_by_hand(raw, scale, value):
    assert value_of(raw, scale) == pytest.approx(value)


@given(st.floats(0, 1), st.booleans())
def test_raw_is_the_inverse_of_value(value, log):
    scale = ValueScale(20.0, 0.2, log)
    assert value_of(raw_of(value, scale), scale) == pytest.approx(value, abs=1e-9)


def test_a_latency_budget_is_the_barely_acceptable_time_and_own_anchors_win():
    answers = Answers({"deployment.latency_ms": 10.0})
    assert scale_for("inference_speed", answers, METHOD) == ValueScale(10.0, pytest.approx(0.1), True)
    own = Answers({"deployment.latency_ms": 10.0, "priorities.anchors": {"inference_speed": (8.0, 4.0)}})
    assert scale_for("inference_speed", own, METHOD) == ValueScale(8.0, 4.0, True)
    assert scale_for("training_speed", own, METHOD).barely_acceptable == 20.0


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ({}, {"scaling", "deployment", "operations"}),
        ({"training.hardware": ("multi_gpu",)}, {"deployment", "operations"}),
        ({"training.hardware": NOT_SURE, "deployment.targets": NOT_SURE}, set()),
        ({"training.hardware": ("cpu",), "deployment.targets": ("android",)}, {"scaling"}),
        ({"training.hardware": ("tpu",), "operations.needs": ("rollback",)}, {"deployment"}),
        ({"training.hardware": ("tpu",), "deployment.serving": "triton"}, {"deployment"}),
        (
            {"project.trains": "no", "training.hardware": ("tpu",), "deployment.targets": ("ios",)},
            {"scaling", "time_to_baseline", "training_speed", "model_quality"},
        ),
        (
            {"architecture.novelty": "standard", "training.hardware": ("tpu",), "deployment.targets": ("ios",)},
            {"flexibility"},
        ),
        (
            {"project.horizon_years": 0.5, "training.hardware": ("tpu",), "deployment.targets": ("ios",)},
            {"longevity"},
        ),
    ],
)
def test_criteria_without_weight(said, left_out):
    reasons = not_applicable(Answers(said), method().default_weights)
    assert set(reasons) == left_out
    assert all(reason.endswith(".") for reason in reasons.values())
    assert set(table(said).criteria) == set(CRITERIA) - left_out


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


def test_facts_speak_about_what_is_measured_only_where_nobody_measured():
    unmeasured, measured = table({}), table({}, [steps("pytorch", 1.0, 1.0, 1.0)])
    for candidate in ALL:
        assert unmeasured.cell(candidate, "training_speed").components[0].kind == "cited"
    assert [c.measure for c in measured.cell("pytorch", "training_speed").components] == ["race.step_ms@vision"]
    assert measured.cell("tensorflow", "training_speed").missing  # nobody gains by failing


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


def fact(effect, *, when=None, confidence="H", review_by=date(2027, 1, 1), name="X1"):
    return Fact(
        id=name,
        text="Something.",
        as_of=date(2026, 1, 1),
        review_by=review_by,
        source="somewhere",
        confidence=confidence,
        effects=({"criterion": "longevity", "candidates": ("pytorch",), "effect": effect, "when": when or {}},),
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([fact(0.2)], Triangular(pytest.approx(0.7), pytest.approx(0.05 + 0.1))),
        (
            [fact(-0.1), fact(0.3, confidence="L", name="X2")],
            Triangular(pytest.approx(0.7), pytest.approx(0.4081, abs=1e-4)),
        ),
        ([fact(0.3), fact(0.3, name="X2")], Triangular(pytest.approx(1.1), pytest.approx(0.2621, abs=1e-4))),
        ([fact(0.1, review_by=date(2026, 11, 19))], Triangular(pytest.approx(0.6), pytest.approx(0.2))),
        ([fact(0.1, when={"project.stage": ("research",)})], Triangular(pytest.approx(0.6), pytest.approx(0.1))),
        ([fact(0.1, when={"project.stage": ("product",)})], Missing()),
        ([fact(0.1, when={"team.growth": ("hiring",)})], Missing()),
        ([], Missing()),
    ],
)
def test_facts_add_up_where_the_answers_make_them_relevant(facts, expected):
    cell = table({"project.stage": "research"}, facts=facts).cell("pytorch", "longevity")
    assert cell.components[0].distribution == expected


def test_facts_cite_their_ids_and_the_oldest_date():
    (component,) = table(facts=[fact(0.1), fact(0.1, name="X2")]).cell("pytorch", "longevity").components
    assert component.source == ("X1", "X2")
    assert component.as_of == "2026-01-01"


def test_each_target_is_a_component_of_deployment():
    cell = table({"deployment.targets": ("browser", "microcontroller")}, facts=()).cell("pytorch", "deployment")
    assert [c.distribution.mode for c in cell.components] == [0.9, 0.5]
    assert all(c.kind == "cited" and c.source and c.as_of for c in cell.components)


def test_the_doubt_about_facts_on_deployment_is_one_on_all_targets():
    """Drawn once for each of three targets it would shrink by the root of three; how sure a route is stays its own."""
    doubtful = fact(-0.2, confidence="L").model_copy(
        update={"effects": (Effect(criterion="deployment", candidates=("pytorch",), effect=-0.2),)}
    )
    said = {"deployment.targets": ("browser", "android", "ios")}
    cell = table(said, facts=[doubtful]).cell("pytorch", "deployment")
    assert len(cell.components) == 3
    shared = Doubt("facts", "cell", Triangular(0.0, pytest.approx(0.25 + 0.1)))
    assert all(one.doubts == (shared,) for one in cell.components)
    own = table(said, facts=()).cell("pytorch", "deployment")
    assert [one.distribution.half_width for one in cell.components] == [
        one.distribution.half_width for one in own.components
    ]


def test_levels_are_certain_to_half_a_level_and_unsure_ones_to_a_whole():
    known = weeks_until_productive("pytorch", Answers({"team.pytorch": 2}))
    unsure = weeks_until_productive("pytorch", Answers({"team.pytorch": NOT_SURE}))
    assert (known.low, known.median, known.high) == (3.75, 5.0, 6.5)
    assert (unsure.low, unsure.median, unsure.high) == (5.0, 8.0, 12.0)


@pytest.mark.parametrize("key", METHOD.team_fit.assumed_levels)
def test_the_level_assumed_is_the_default_of_the_interview(key):
    questions = tomllib.loads(files("advisor.interview").joinpath("questions.toml").read_text("utf-8"))
    (question,) = [q for q in questions["question"] if q["id"] == key]
    assert question["default"] == METHOD.team_fit.assumed_levels[key]


def test_team_fit_is_uniform_between_its_ends():
    (component,) = table({"team.pytorch": 5}).cell("pytorch", "team_fit").components
    assert component.kind == "answered" and component.raw == 1.0 and component.unit == "weeks"
    assert isinstance(component.distribution, Uniform)
    assert component.distribution.centre + component.distribution.half_width == pytest.approx(1.0)


def test_a_level_that_nobody_gave_is_not_answered_by_the_team():
    said = with_defaults(load_questions(), Answers({"team.keras": 2})).said
    evidence = table(said)
    for candidate, kind, source in (
        ("keras-jax", "answered", ("team.keras",)),
        ("pytorch", "assumed", ()),
        ("tensorflow", "answered", ("team.keras",)),
    ):
        (component,) = evidence.cell(candidate, "team_fit").components
        assert (component.kind, component.source) == (kind, source)
        assert "nobody answered" in component.note
    whole = (
        table(dict.fromkeys(METHOD.team_fit.assumed_levels, 1)).cell("pytorch", "team_fit").components[0].distribution
    )
    assert evidence.cell("pytorch", "team_fit").components[0].distribution.half_width > whole.half_width


def test_not_sure_what_code_there_is_is_anything_from_none_to_all_of_it_anew():
    unsure = weeks_of_moving("pytorch", Answers({"existing.frameworks": NOT_SURE, "team.people": 3.0}))
    anew = weeks_of_moving("pytorch", Answers({"existing.frameworks": ("in_house",), "team.people": 3.0}))
    assert (unsure.low, unsure.median, unsure.high) == (0.0, anew.median / 2, anew.median)


def test_keras_takes_mostly_keras_and_some_of_its_backend():
    answers = Answers({"team.keras": 4, "team.pytorch": 0, "team.jax": 2, "team.tensorflow": 4})
    weeks = {c: weeks_until_productive(c, answers).median for c in ALL}
    assert weeks["keras-tensorflow"] == weeks["tensorflow"] == 1.5
    assert weeks["keras-torch"] == 2.5  # level 3
    assert weeks["keras-jax"] == 2.0  # level 3.5
    assert weeks["pytorch"] == 5.0  # level 2 carried over from level 4


@given(st.integers(0, 4), st.sampled_from(ALL))
def test_more_skill_never_takes_longer(level, candidate):
    less, more = (Answers(dict.fromkeys(METHOD.team_fit.assumed_levels, n)) for n in (level, level + 1))
    assert weeks_until_productive(candidate, more).median <= weeks_until_productive(candidate, less).median


@pytest.mark.parametrize(
    ("existing", "candidate", "weeks"),
    [
        ({}, "pytorch", 0.0),
        ({"existing.frameworks": ()}, "pytorch", 0.0),
        ({"existing.frameworks": ("pytorch",), "existing.size": "large"}, "pytorch", 0.0),
        ({"existing.frameworks": ("keras2",), "existing.size": "large"}, "pytorch", 10.0),  # 40 weeks of 4 people
        ({"existing.frameworks": ("keras2",), "existing.size": "large"}, "keras-tensorflow", 2.0),
        ({"existing.frameworks": ("keras2",), "existing.size": "small"}, "pytorch", 1.0),
        ({"existing.frameworks": ("keras2", "pytorch"), "existing.size": "small"}, "pytorch", 0.5),
        ({"existing.frameworks": ("other_retired",), "existing.size": "small"}, "keras-jax", 1.0),
        ({"existing.frameworks": ("keras2",), "existing.intent": "rewrite"}, "pytorch", 0.0),
    ],
)
def test_weeks_of_moving_existing_code_by_hand(existing, candidate, weeks):
    assert weeks_of_moving(candidate, Answers({**existing, "team.people": 4.0})).median == pytest.approx(weeks)


def test_existing_code_widens_and_lengthens_the_weeks_until_productive():
    code = {"team.pytorch": 3, "existing.frameworks": ("tensorflow1",), "team.people": 2.0}
    without, small, unknown = (
        weeks_until_productive("pytorch", Answers(said))
        for said in ({"team.pytorch": 3}, {**code, "existing.size": "small"}, code)
    )
    assert without.median < small.median < unknown.median
    assert unknown.high - unknown.low > small.high - small.low > without.high - without.low
    (component,) = table(code).cell("pytorch", "team_fit").components
    assert "to move the existing code" in component.note and "existing.frameworks" in component.source


def test_newcomers_take_longer_where_the_loop_is_theirs_to_write():
    new, old = (
        Answers({**dict.fromkeys(METHOD.team_fit.assumed_levels, 0), "team.machine_learning": n}) for n in (0, 3)
    )
    extra = {c: weeks_until_productive(c, new).median - weeks_until_productive(c, old).median for c in ALL}
    assert extra == {c: 2 * CANDIDATES[c].novice_weeks for c in ALL}
    assert extra["tensorflow"] > extra["pytorch"] > extra["keras-torch"]


@pytest.mark.parametrize(
    ("deadline_weeks", "worst", "best"), [(1.0, 4.0, 0.5), (6.0, 24.0, 1.5), (0.0, 4.0, 0.5), (100.0, 52.0, 4.0)]
)
def test_a_deadline_says_what_a_week_is_worth(deadline_weeks, worst, best):
    scale = scale_for("team_fit", Answers({"project.baseline_weeks": deadline_weeks}), METHOD)
    assert (scale.barely_acceptable, scale.good_enough) == (worst, best)


class Watched(Answers):
    """Answers that tell which of them were read."""

    def get(self, key):
        self.__dict__.setdefault("read", set()).add(key)
        return super().get(key)


def test_what_is_computed_from_answers_says_which_it_reads():
    said = {
        **dict.fromkeys(METHOD.team_fit.assumed_levels, 2),
        **{"team.machine_learning": 1, "team.people": 3.0, "existing.frameworks": ("keras2",)},
    }
    scales = {"priorities.anchors", "deployment.latency_ms"}  # of all criteria; what a value is worth is no evidence
    team = Watched({**said, "deployment.targets": ("python_package",)})
    for candidate in ALL:
        team_fit_component(candidate, [team], METHOD)
    assert team.__dict__["read"] == {*TEAM_FIT_READS, *scales}
    targets = Watched({"deployment.targets": ("python_package",), "deployment.accepts": ("onnx",)})
    for candidate in ALL:
        route_components(candidate, targets, (), load_routes(), METHOD, TODAY)
    only_which = {"deployment.targets", "project.trains"}  # which routes are looked at
    assert targets.__dict__["read"] == {*ROUTES_READ, *only_which}


def test_people_who_differ_widen_the_range():
    voices = [Answers({"team.pytorch": level}) for level in (1, 4)]
    one, other = (team_fit_component("pytorch", [voice], METHOD) for voice in voices)
    both = team_fit_component("pytorch", voices, METHOD)
    assert (both.raw_low, both.raw_high) == (other.raw_low, one.raw_high)
    assert both.raw == pytest.approx((one.raw + other.raw) / 2)


def test_a_format_that_is_not_taken_makes_the_best_route_a_detour():
    said = {"deployment.targets": ("ios",), "deployment.accepts": ("onnx",)}
    (component,) = table(said, facts=()).cell("pytorch", "deployment").components
    assert component.distribution.mode == 0.5


@pytest.mark.parametrize(
    ("asked", "accelerators", "same"),
    [
        ((), (), True),
        (("cpu",), (), True),
        (("one_gpu",), (), False),
        (("one_gpu",), ("NVIDIA A10",), True),
        (("tpu",), ("NVIDIA A10",), False),
        (("tpu",), ("TPU v5e",), True),
    ],
)
def test_same_hardware(asked, accelerators, same):
    machine = Machine("m", "Linux", "cpu", (), 2, 2, 8192, accelerators, "3.11", None, None, None, None, {}, ())
    assert same_hardware(Answers({"training.hardware": asked}), machine) is same


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
