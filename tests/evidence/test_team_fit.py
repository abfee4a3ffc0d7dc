"""Team fit and its evidence, which are computed from answers."""

import tomllib
from importlib.resources import files

import pytest
from evidence_tables import ALL, METHOD, TODAY, table
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import CANDIDATES
from advisor.evidence.from_answers import (
    team_fit_component,
    weeks_of_moving,
    weeks_until_productive,
)
from advisor.evidence.from_facts import route_components
from advisor.evidence.scales import scale_for
from advisor.evidence.table import Uniform
from advisor.interview.answers import NOT_SURE, Answers
from advisor.interview.questionnaire import with_defaults
from advisor.interview.questions import load_questions
from advisor.knowledge.computed import ROUTES_READ, TEAM_FIT_READS
from advisor.knowledge.routes import load_routes


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
