"""Verdicts in words, numbers as people read them, and findings that must not be lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_decision import decision
from report_study import SCORES, CitedFact, records, study_inputs, without_tuned
from scored_rows import losses_of

from advisor.deciding.decision import FlipDrop
from advisor.measuring.analysis.series import Series, TargetReached, TargetsReached
from advisor.reporting.document import build_document
from advisor.reporting.first_page.stress import stress_lines
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.learning import baseline_notes, build_targets
from advisor.reporting.sections.context import build_context
from advisor.reporting.words import numbers
from advisor.reporting.words.names import joined, sentence
from advisor.reporting.words.table import Code
from pilots.results import LearnResult


@pytest.mark.parametrize(
    ("verdict", "heading", "says"),
    [
        ("clear", "Use PyTorch for the defect classifier", "clear choice: it comes out best in 94%"),
        ("lean", "Use PyTorch for the defect classifier", "not a certain one: it comes out best in 78%"),
        (
            "too_close",
            "Use either PyTorch or Keras 3 on TensorFlow for the defect classifier: too close to call",
            "little is lost by taking either of them",
        ),
        (
            "conditional",
            "Use PyTorch for the defect classifier, if what is open holds",
            "1 question about what you require is still open",
        ),
        (
            "none_feasible",
            "No framework meets every requirement of the defect classifier",
            "All 4 candidates fail at least one of your requirements",
        ),
        ("insufficient", "Not enough evidence yet to choose a framework for the defect classifier", "carries 46%"),
    ],
)
def test_each_verdict_has_its_words(verdict: str, heading: str, says: str) -> None:
    document = build_document(study_inputs(decision(verdict)))
    assert document.heading == heading
    assert says in document.summary.verdict


def test_too_close_names_the_cheapest_tie_breaker() -> None:
    step = build_document(study_inputs(decision("too_close"))).summary.next_step
    assert step is not None
    assert step.text.startswith("The cheapest way to break the tie")
    assert step.command == "advisor pilot advisor-study --budget 10m"


def test_several_open_questions_are_plural() -> None:
    made = decision("conditional")
    first, *others = made.candidates
    twice = replace(first, vetoes=first.vetoes * 2)
    document = build_document(study_inputs(replace(made, candidates=(twice, *others))))
    assert "2 questions about what you require are still open" in document.summary.verdict
    assert len(document.summary.open) == 2


def test_the_family_is_named_first_where_its_members_share_the_first_rank() -> None:
    made = decision("lean")
    keras, *others = (
        replace(made.candidates[1], rank_probability=(0.5, 0.3, 0.2)),
        replace(made.candidates[1], id="keras-torch", rank_probability=(0.3, 0.5, 0.2)),
        made.candidates[3],
    )
    shared = replace(
        made,
        recommended=keras.id,
        family="keras",
        candidates=(keras, *others),
        family_probability={"keras": 0.8, "tensorflow": 0.2},
    )
    verdict = build_document(study_inputs(shared)).summary.verdict
    assert verdict.startswith("Keras 3 is the better choice")
    assert "best in 80%" in verdict
    assert "within Keras 3, Keras 3 on TensorFlow is ahead (50%)" in verdict


def test_the_only_candidate_left_wins_by_no_margin() -> None:
    made = decision("clear")
    first, *others = made.candidates
    failed = tuple(replace(other, status="vetoed", rank_probability=()) for other in others)
    alone = replace(made, candidates=(first, *failed), margin=None, contributions=(), what_would_change=None)
    document = build_document(study_inputs(alone))
    assert document.summary.verdict == "PyTorch is the only candidate that meets every requirement."
    assert document.outcome.because == "no other candidate meets every requirement"


def test_leaving_out_the_winner_is_no_finding() -> None:
    made = decision()
    assert made.what_would_change is not None
    drops = (FlipDrop("pytorch", "tensorflow"), FlipDrop("team_fit", "tensorflow"))
    changed = replace(made, what_would_change=replace(made.what_would_change, drops=drops))
    change = build_document(study_inputs(changed)).outcome.change
    assert change is not None
    assert change.drops == ("team fit is left out (then TensorFlow)",)


def test_a_choice_is_confirmed_by_its_public_versions() -> None:
    confirmation = build_document(study_inputs(decision())).outcome.confirmation
    assert confirmation == "python -m pip install torch==2.13.0\nadvisor decide advisor-study"


@pytest.mark.parametrize("verdict", ["too_close", "insufficient", "none_feasible"])
def test_nothing_is_installed_where_nothing_is_chosen(verdict: str) -> None:
    outcome = build_document(study_inputs(decision(verdict))).outcome
    assert "pip" not in outcome.confirmation
    assert (outcome.good, outcome.bad) == ((), ())


@pytest.mark.parametrize(("score", "matches"), [(0.94, True), (0.927, True), (0.91, False)])
def test_a_baseline_that_matches_is_said_first(score: float, matches: bool) -> None:
    inputs = _with_baseline(score)
    document = build_document(inputs)
    (workload,) = document.workloads
    assert ("matches the networks" in workload.baseline) is matches
    assert document.summary.first == ((workload.baseline,) if matches else ())
    assert workload.learning is not None
    assert workload.learning.rows[0][0] == "scikit-learn baseline"


def _with_baseline(score: float) -> ReportInputs:
    def scored(one: Series) -> Series:
        if (one.measure, one.candidate) != ("learn.metric", "baseline"):
            return one
        return replace(one, values=(score,) * len(SCORES["baseline"]))

    inputs = study_inputs(decision())
    return replace(inputs, series=tuple(scored(one) for one in inputs.series))


def test_a_baseline_near_the_networks_is_told_with_the_luck_of_the_rows() -> None:
    inputs = study_inputs(decision())
    few = [
        replace(one, losses=losses_of(one.values, 100)) if one.measure == "learn.metric" else one
        for one in inputs.series
    ]
    (workload,) = build_document(replace(inputs, series=tuple(few))).workloads
    assert "With 100 test rows that is not resolved: that network may score anything from -0.0" in workload.baseline
    (sure,) = build_document(inputs).workloads
    assert "not resolved" not in sure.baseline


def test_the_general_advice_yields_to_the_measured_one() -> None:
    inputs = study_inputs(replace(decision(), beyond=("boosted_trees_first",)))
    assert build_document(inputs).summary.first[0].startswith("Try boosted trees")
    measured = replace(_with_baseline(0.94), decision=inputs.decision)
    assert [text[:9] for text in build_document(measured).summary.first] == ["On vision"]


def test_equal_failures_are_one_row_and_keep_the_end_of_their_error() -> None:
    inputs = replace(study_inputs(decision()), records=records(error="x" * 500 + " MemoryError: 3 GiB"))
    failed = build_document(inputs).trials.failed
    assert failed is not None
    _, (candidate, happened, trials, error) = failed.rows
    assert (candidate, happened, trials) == ("TensorFlow", "crashed", "2 trials: footprint on vision")
    assert isinstance(error, Code)
    assert error.text.startswith("... x") and error.text.endswith("MemoryError: 3 GiB")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.0, "0"),
        (2.1284, "2.13"),
        (12.0, "12"),
        (1284.4, "1284"),
        (20000.0, "20,000"),
        (73603.2, "73,600"),
        (0.04567, "0.0457"),
        (3e-7, "3e-07"),
        (-1.5, "-1.50"),
    ],
)
def test_numbers_keep_three_digits(number: float, expected: str) -> None:
    assert numbers.significant(number) == expected


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_numbers_are_rounded_by_less_than_one_in_a_hundred(number: float) -> None:
    assert float(numbers.significant(number).replace(",", "")) == pytest.approx(number, rel=0.006)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0%"), (0.0001, "under 1%"), (0.5, "50%"), (0.999, "over 99%"), (1.0, "100%")],
)
def test_only_certainty_reads_as_certainty(share: float, expected: str) -> None:
    assert numbers.percent(share) == expected


def test_shares_that_differ_read_differently() -> None:
    assert numbers.apart(0.46, 0.3333) == ("46%", "33%")
    assert numbers.apart(0.3341, 0.3333) == ("33.4%", "33.3%")


@given(st.floats(min_value=0, max_value=1))
def test_bars_have_ten_characters(share: float) -> None:
    assert len(numbers.bar(share)) == 10


def test_lists_and_sentences() -> None:
    assert [joined(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == ["", "A", "A and B", "A, B and C"]
    assert [sentence(text) for text in ("", "it is", "Is it?")] == ["", "It is.", "Is it?"]
    assert (numbers.counted(1, "launch", "launches"), numbers.counted(2, "trial")) == ("1 launch", "2 trials")
    assert numbers.interval(1.0, 2.5, "ms") == "1 to 2.50 ms"
    assert numbers.money_usd(4200.4) == "4,200 USD"


def test_targets_tell_how_many_runs_got_there_and_what_it_took() -> None:

    study = study_inputs(decision("clear"))
    reached = TargetsReached(
        "vision",
        "pytorch",
        "default",
        "accuracy",
        3,
        1.5,
        (TargetReached(0.95, 3, 44.0, 0.5, 0.066), TargetReached(0.98, 0, None, None, None)),
    )
    table = build_targets(replace(study, targets=(reached,)), "vision")
    assert table is not None
    assert table.rows == (
        ("PyTorch", "0.950", "3 of 3", "44", "0.500 s", "0.0660 s"),
        ("PyTorch", "0.980", "0 of 3", "never", "none", "none"),
    )
    assert build_targets(replace(study, targets=(reached,)), "tabular") is None


@pytest.mark.parametrize(
    ("jax", "rows", "said"),
    [
        (
            (0.931, 0.936, 0.939),
            2000,
            ("All networks reach the same score: each difference is shown to be smaller than 0.01.",),
        ),
        (
            (0.831, 0.836, 0.839),
            2000,
            (
                "PyTorch and Keras 3 on TensorFlow reach the same score",
                "PyTorch and Keras 3 on JAX differ: the first scores 0.100 (0.089 to 0.111 at 90%) higher, which is",
                "Keras 3 on TensorFlow and Keras 3 on JAX differ: the first scores 0.100",
            ),
        ),
        (
            (0.931, 0.936, 0.939),
            100,
            (
                "For 3 pairs of networks it is not resolved whether their scores differ by more than 0.01: with 100 "
                "test rows and 3 trainings each, none is likely to differ by more than 0.023, and a difference from "
                "0.033 on would have shown.",
            ),
        ),
        (
            (0.931, 0.936, 0.939),
            None,
            ("Whether the networks reach the same score is not resolved: what each test row adds to the score",),
        ),
    ],
)
def test_equal_and_different_scores_are_said_once(
    jax: tuple[float, ...], rows: int | None, said: tuple[str, ...]
) -> None:
    study = study_inputs(decision())
    learned = {one.candidate: one for one in study.series if one.measure == "learn.metric"}
    learned["keras-jax"] = replace(learned["pytorch"], candidate="keras-jax", values=jax)
    series = [replace(one, losses=None if rows is None else losses_of(one.values, rows)) for one in learned.values()]
    (workload,) = build_document(replace(study, series=tuple(series))).workloads
    assert len(workload.same_quality) == len(said)
    for sentence_, start in zip(workload.same_quality, said, strict=True):
        assert sentence_.startswith(start)


def test_two_pairs_that_are_not_resolved_are_told_apart() -> None:
    study = study_inputs(decision())
    series = [
        replace(one, losses=losses_of(one.values, 100))
        for one in study.series
        if one.measure == "learn.metric" and one.candidate != "baseline"
    ]
    (workload,) = build_document(replace(study, series=tuple(series))).workloads
    (sentence_,) = workload.same_quality
    assert sentence_.startswith(
        "Whether PyTorch and Keras 3 on TensorFlow reach the same score is not resolved: Keras 3 on TensorFlow scores "
        "0.000 (-0.0"
    )
    assert "would have shown" in sentence_


def test_the_score_at_the_chosen_epoch_stands_beside_that_at_the_end() -> None:
    (workload,) = build_document(study_inputs(decision())).workloads
    assert workload.learning is not None
    rows = [dict(zip(workload.learning.header, row, strict=True)) for row in workload.learning.rows]
    (pytorch,) = (row for row in rows if row["Candidate"] == "PyTorch")
    assert [pytorch[name] for name in ("At the last epoch", "Epoch", "Training time up to it", "Whole training")] == [
        "0.915",
        "2 of 3",
        "0.900 s",
        "1.10 s",
    ]
    assert rows[0]["Epoch"] == "none"  # the baseline has none
    assert workload.how_scored.startswith(
        "Scores are those on 2000 test rows at the first epoch that is best on 300 validation rows."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"valid_rows": 0}, "Scores are those of the last epoch on 2000 test rows: there are too few rows"),
        (
            {"valid_rows": None, "test_rows": None},
            "Scores are those of the last epoch: these trainings were made before",
        ),
        (
            {"test_rows": 9000},
            "Scores are those on 9000 test rows (of which 2000, spread evenly, say how much luck is in them) at",
        ),
        ({"rows_per_loss": 20}, "Scores are those on 2000 test rows (100 stretches of 20 that share no values) at"),
    ],
)
def test_on_which_rows_and_at_which_epoch_was_scored(changes: dict[str, object], said: str) -> None:
    study = study_inputs(decision())
    kept = [
        replace(one, result=replace(one.result, **changes)) if isinstance(one.result, LearnResult) else one
        for one in study.records
    ]
    (workload,) = build_document(replace(study, records=tuple(kept))).workloads
    assert workload.how_scored.startswith(said)


@pytest.mark.parametrize(
    ("result", "kept", "when", "luck"),
    [
        ({}, True, "", ""),
        ({"valid_rows": None}, False, " at their last epoch", "how much luck is in the test rows was not kept."),
    ],
)
def test_a_match_with_scikit_learn_says_what_is_not_known_about_it(
    result: dict[str, object], kept: bool, when: str, luck: str
) -> None:
    study = study_inputs(decision())
    records = [
        replace(one, result=replace(one.result, **result)) if isinstance(one.result, LearnResult) else one
        for one in study.records
    ]
    series = [one if kept else replace(one, losses=None) for one in study.series]
    (note,) = baseline_notes(replace(study, records=tuple(records), series=tuple(series)))
    assert f"networks{when}: " in note.text
    assert ("was not kept" in note.text) == bool(luck) and luck in note.text


def test_candidates_come_in_the_order_of_the_catalog_whatever_came_first() -> None:
    study = study_inputs(decision())
    (workload,) = build_document(study).workloads
    turned = replace(study, series=study.series[::-1], records=study.records[::-1])
    document = build_document(turned)
    (other,) = document.workloads
    assert (other.step_time, other.learning) == (workload.step_time, workload.learning)
    gate, same = (build_document(one).trials.gates[0] for one in (study, turned))
    assert gate == same


@pytest.mark.parametrize(("revision", "but"), [(1, True), (2, False)])
def test_what_ran_as_its_quick_start_has_it_is_what_the_trials_tell(revision: int, but: bool) -> None:
    study = without_tuned(study_inputs(decision()))
    records = [replace(one, spec=replace(one.spec, revision=revision)) for one in study.records]
    (text,) = [
        one for one in build_context(replace(study, records=tuple(records))).not_measured if "quick-start" in one
    ]
    assert ("but for PyTorch" in text) == but


def test_what_the_decision_hangs_on_most_is_told_in_words() -> None:
    study = study_inputs(decision())
    facts = [CitedFact(name, f"`{name}` is so.", "here", study.date) for name in ("K01", "P01", "T06", "X01")]
    text = stress_lines(replace(study, facts=facts))[0]
    # The choice itself hangs on P01, only the word on the others.
    assert text.endswith("P01 says: P01 is so. K01 says: K01 is so. T06 says: T06 is so.")
