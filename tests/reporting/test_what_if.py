"""What the panel computes with is what the decision was made from."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest
from report_decision import decision
from report_study import study_inputs

from advisor.deciding.decision import Verdict
from advisor.interview.answers import Answers
from advisor.reporting.formats.what_if import WhatIfPanel, build_what_if
from advisor.reporting.inputs import ReportInputs


def built(inputs: ReportInputs) -> WhatIfPanel:
    found = build_what_if(inputs)
    assert found is not None
    return found


def study(verdict: Verdict = "lean") -> ReportInputs:
    """A study in which one person speaks for all."""
    return replace(study_inputs(decision(verdict)), people={})


def test_the_bytes_hold_values_chances_and_weights() -> None:
    panel = built(study())
    candidates, criteria = len(panel.candidates), len(panel.criteria)
    numbers = np.frombuffer(zlib.decompress(base64.b64decode(panel.packed)), np.uint8)
    planes = numbers.reshape(candidates * criteria + 2 * criteria, panel.draws)
    values = planes[: candidates * criteria].reshape(criteria, candidates, -1) / panel.steps
    means = np.array([one.means for one in panel.candidates])
    assert pytest.approx(means, abs=0.005) == values.mean(axis=2).T
    chances, weights = planes[-2 * criteria : -criteria], planes[-criteria:] / panel.weight_steps
    assert chances.max() == panel.chance_steps - 1
    heaviest = np.array([one.heaviest for one in panel.criteria])
    assert (weights * heaviest[:, None]).sum(axis=0) == pytest.approx(1.0, abs=0.03)


def test_sliders_start_where_points_were_given_and_elsewhere_at_the_weights() -> None:
    inputs = study()
    given = {one.id: one.points for one in built(inputs).criteria}
    assert given == {"training_speed": 100, "team_fit": 80, "longevity": 0}
    said = {key: value for key, value in inputs.answers.said.items() if key != "priorities.points"}
    ordered = replace(inputs, answers=Answers({**said, "priorities.order": ("longevity", "team_fit")}))
    points = {one.id: one.points for one in built(ordered).criteria}
    assert points["longevity"] == 100 > points["team_fit"] > points["training_speed"] > 0


def test_the_command_is_left_out_where_several_people_answered() -> None:
    inputs = study()
    assert built(inputs).command == "advisor decide advisor-study"
    assert built(replace(inputs, study="a b; rm")).command == "advisor decide 'a b; rm'"
    several = built(replace(inputs, people={"Ada": inputs.answers, "Grace": inputs.answers}))
    assert several.command == ""


def test_requirements_come_with_their_reasons() -> None:
    panel = built(study("conditional"))
    assert panel.constraints and panel.checks
    assert {check.constraint for check in panel.checks} == set(panel.constraints)
    assert all(0 <= check.candidate < len(panel.candidates) and check.reason for check in panel.checks)
