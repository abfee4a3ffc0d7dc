"""Claims in the report and in words: tested ones first, then what the answers make worth knowing, numbers included."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_decision import decision
from report_study import judged, records, series, study_inputs

from advisor.claims.claims import load_claims
from advisor.claims.judge import JudgedClaims
from advisor.interview.answers import Answers
from advisor.measuring.measures import measures
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.sections.claims import build_claims
from advisor.reporting.words.claim_words import finding_lines, rule, what_was_measured

INPUTS = study_inputs(decision())


def said(name: str) -> str:
    return what_was_measured(INPUTS.claims.of(name))


def test_tested_claims_come_first_then_those_that_facts_settle_here() -> None:
    view = build_claims(INPUTS)
    assert view is not None and view.tested is not None and view.cited is not None
    assert [row[2] for row in view.tested.rows] == [
        "refuted here",
        "confirmed here",
        "confirmed here",
        "not resolved here",
    ]
    assert [row[2] for row in view.cited.rows] == ["false", "outdated"]  # not the one about R, which nobody asked for
    assert "1 is refuted here, 2 are confirmed here and 1 is not resolved here" in view.counts
    assert view.rest.startswith("These are 6 of 10 claims.")
    assert view.command == "advisor claims advisor-study"
    assert view.articles == "The articles are S0: One article."


def test_a_claim_is_shown_with_ratio_interval_and_place() -> None:
    assert said("C1") == (
        "Of 2 pairs on vision 2 are as claimed; the time of a training step with PyTorch on vision is "
        "0.65 (0.60 to 0.70) times that with Keras 3 on JAX."
    )
    assert "2 are against it" in said("C2")
    assert said("C6") == ""


def test_what_is_open_says_what_is_missing() -> None:
    assert "No working C++ compiler was found" in said("C3")
    assert "not resolved" in said("C3")


def test_facts_stand_with_source_and_date_and_whether_they_are_stale() -> None:
    view = build_claims(INPUTS)
    assert view is not None and view.cited is not None
    assert [row[-1] for row in view.cited.rows] == [
        "X2: a | page (2026-01-02)",
        "X1: https://example.org/phones (2025-09-01, past its review date)",
    ]


def test_contradictions_stand_side_by_side() -> None:
    view = build_claims(INPUTS)
    assert view is not None and view.contradictions is not None
    assert view.contradictions.rows == (
        (
            "Who?",
            "C1: PyTorch is faster than Keras. (confirmed here)",
            "C2: Keras is faster than PyTorch. (refuted here)",
        ),
    )


def test_without_pilots_facts_are_left() -> None:
    view = build_claims(study_inputs(decision("lean", pilots=False), pilots=False))
    assert view is not None and view.cited is not None
    assert (view.tested, view.contradictions) == (None, None)
    assert "pilots could test 6 claims" in view.counts
    nobody = build_claims(replace(INPUTS, answers=Answers({}), claims=judged((), (), ())))
    assert nobody is not None and nobody.cited is None
    assert nobody.counts.endswith("claims.") and nobody.articles == ""


def test_a_report_without_claims_has_no_section() -> None:
    report = render(build_document(replace(INPUTS, claims=JudgedClaims())))
    assert "Claims you may have read" not in report


def test_every_finding_is_told_beside_its_rule() -> None:
    lines = finding_lines(INPUTS.claims.of("C1"))
    assert lines[0] == (
        "The time of a training step with PyTorch has to be less than that with Keras 3 on TensorFlow and Keras 3 on "
        "JAX, in more than half of the cases. Confirmed."
    )
    assert len(lines) == 3 and all(line.endswith(": as claimed") for line in lines[1:])


@pytest.mark.parametrize("claim", [one for one in load_claims().claims if one.tests], ids=lambda one: one.id)
def test_every_rule_is_one_plain_sentence(claim) -> None:  # type: ignore[no-untyped-def]
    for test in claim.tests:
        text = rule(test)
        assert text[0].isupper() and text.endswith(".") and len(text) < 260
        assert "_" not in text


def test_every_measure_has_a_name() -> None:
    assert all(measure.phrase for measure in measures().values())


def test_one_candidate_less_leaves_claims_open() -> None:
    left = tuple(one for one in records() if one.spec.candidate != "keras-jax")
    pairs = tuple(pair for pair in INPUTS.comparisons if "keras-jax" not in (pair.first, pair.second))
    claims = judged(left, tuple(one for one in series() if one.candidate != "keras-jax"), pairs)
    assert claims.of("C1").verdict == "not resolved here"
    assert "Keras 3 on JAX did not run" in what_was_measured(claims.of("C1"))
