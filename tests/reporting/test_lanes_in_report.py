"""Two lanes in one report: the default one scored, the tuned one beside it with what it costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_structure import table_after
from report_decision import decision
from report_study import NO_COMPILER, study_inputs, without_tuned

from advisor.measuring.analysis.comparison import Comparison, Word
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pictures.pictures import draw_all
from advisor.reporting.words.numbers import difference
from advisor.reporting.words.reasons import reasons_for
from pilots.results import Compilation, RaceResult

INPUTS = study_inputs(decision())
REPORT = render(build_document(INPUTS))
FOUR = ["PyTorch", "Keras 3 on TensorFlow", "Keras 3 on JAX", "TensorFlow"]


def report(inputs: ReportInputs) -> str:
    return render(build_document(inputs))


def compiled_as(compilation: Compilation | None) -> ReportInputs:
    """The study in which every tuned race reports this of its compiler."""
    return replace(
        INPUTS,
        records=tuple(
            replace(record, result=replace(record.result, compilation=compilation))
            if isinstance(record.result, RaceResult) and record.spec.lane == "tuned"
            else record
            for record in INPUTS.records
        ),
    )


def with_pairs(*pairs: Comparison) -> ReportInputs:
    others = [pair for pair in INPUTS.comparisons if (pair.lane, pair.between) == ("tuned", "lanes")]
    return replace(INPUTS, comparisons=(*pairs, *others))


def pair(lane: str, word: Word) -> Comparison:
    found = next(one for one in INPUTS.comparisons if one.lane == lane and one.word in ("faster", "equivalent"))
    return replace(found, first="keras-tensorflow", second="keras-jax", between="candidates", word=word)


def test_tables_of_the_pilot_are_about_the_default_lane() -> None:
    steps = table_after(REPORT, "How long a training step takes")
    assert [row["Candidate"] for row in steps] == FOUR
    assert steps[1]["One training step"].startswith("4.00 ms")
    latency = table_after(REPORT, "How long a prediction takes, one row")
    assert [row["Candidate"] for row in latency] == ["PyTorch"]
    default = report(without_tuned(INPUTS))
    for said in ("How long a training step takes", "Who is faster?", "How long a prediction takes", "How well it"):
        assert table_after(default, said) == table_after(REPORT, said)


def test_figures_are_about_the_default_lane() -> None:
    assert draw_all(INPUTS) == draw_all(without_tuned(INPUTS))


def test_pairs_are_counted_by_what_was_found() -> None:
    assert "Who is faster? Of 6 pairs, 2 are resolved, 1 is not resolved and 3 are not comparable." in REPORT
    assert "Who is faster when tuned? Of 3 pairs, 1 is equivalent and 2 are not comparable." in REPORT


def test_a_pair_shows_its_own_level_and_why_it_is_not_resolved() -> None:
    first, *_, last = table_after(REPORT, "Who is faster?")
    assert (first["Interval"], first["Finding"]) == ("0.47 to 0.53 (98.4% interval)", "PyTorch is faster")
    assert last["Interval"] == "0.98 to 1.70 (96.1% interval)"
    neither = "not resolved: neither a difference nor equality within 3% is shown"
    assert last["Finding"] == f"{neither}; anything above 41% would have shown"


def test_a_reason_that_rests_on_a_pair_which_is_not_resolved_says_so_at_once() -> None:
    resolved = replace(pair("default", "faster"), first="pytorch", second="keras-tensorflow")
    left_open = replace(resolved, word="not resolved", smallest_found=0.093)
    on_two = (replace(left_open, workload="tabular"), resolved)
    assert "anything above" not in report(with_pairs(resolved)).partition("## ")[2].partition("## ")[0]
    reasons = [next(iter(reasons_for(with_pairs(*pairs)))) for pairs in ((left_open,), on_two)]
    assert "(measured here); not resolved: anything above 9.3% would have shown." in reasons[0]
    assert "(measured here); not resolved on tabular: anything above 9.3% would have shown." in reasons[1]


def test_a_difference_that_is_shown_and_too_small_to_matter_says_both() -> None:
    small = replace(pair("default", "faster"), first="pytorch", second="keras-jax", word="slower", within_margin=True)
    (row,) = table_after(report(with_pairs(small)), "Who is faster?")
    assert row["Finding"] == "PyTorch is slower, by less than 3%"


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0042, "0.4%"), (0.0214, "2.1%"), (0.0994, "9.9%"), (0.0996, "10%"), (0.31, "31%"), (1.6, "a factor of 2.6")],
)
def test_what_would_have_shown_has_two_digits_that_count(share: float, said: str) -> None:
    assert difference(share) == said


def test_a_pair_without_enough_launches_keeps_its_row_and_reason() -> None:
    few = replace(pair("default", "not resolved"), ratio=None, reason="2 of the 3 launches needed ran")
    (row,) = table_after(report(with_pairs(few)), "Who is faster?")
    assert (row["Interval"], row["Finding"]) == ("none", "not resolved: 2 of the 3 launches needed ran")


def test_pairs_that_share_their_reason_are_one_line() -> None:
    assert (
        "- TensorFlow with PyTorch, Keras 3 on TensorFlow and Keras 3 on JAX: not comparable, because tensorflow "
        "failed a check."
    ) in REPORT
    assert f"in the tuned lane ended as unavailable: {NO_COMPILER}" in REPORT


def test_pairs_with_nothing_in_common_are_listed() -> None:
    one = replace(pair("default", "not comparable"), ratio=None, reason="never checked")
    other = replace(one, first="pytorch", second="tensorflow")
    said = report(with_pairs(one, other))
    assert (
        "- Keras 3 on TensorFlow with Keras 3 on JAX; PyTorch with TensorFlow: not comparable, because never checked."
    ) in said
    assert "Of 2 pairs, 2 are not comparable." in said


def test_each_candidate_is_set_against_itself() -> None:
    no_compiler, faster, equal = table_after(REPORT, "**Tuned**")
    assert faster == {
        "Candidate": "Keras 3 on TensorFlow",
        "Step, default": "4.00 ms (3.76 to 4.26)",
        "Step, tuned": "3.00 ms (2.76 to 3.26)",
        "Tuned divided by default": "faster: 0.75, 0.70 to 0.80 (98.4% interval)",
        "Compiling costs": "3 s",
        "Pays off after": "3,000 steps (2,500 to 3,800)",
    }
    assert (equal["Compiling costs"], equal["Pays off after"]) == ("3 s", "never")
    assert (no_compiler["Candidate"], no_compiler["Step, tuned"]) == ("PyTorch", "not measured")
    assert no_compiler["Tuned divided by default"] == no_compiler["Pays off after"] == "not comparable"


@pytest.mark.parametrize(
    ("reason", "finding"),
    [
        ("", "not resolved: 0.75, 0.70 to 0.80 (98.4% interval)"),
        ("copies differ", "not resolved: 0.75, 0.70 to 0.80 (98.4% interval); copies differ"),
    ],
)
def test_what_is_not_resolved_pays_off_at_no_known_step(reason: str, finding: str) -> None:
    unsure = tuple(
        replace(one, word="not resolved", reason=reason) if (one.between, one.word) == ("lanes", "faster") else one
        for one in INPUTS.comparisons
    )
    row = table_after(report(replace(INPUTS, comparisons=unsure)), "**Tuned**")[1]
    assert (row["Tuned divided by default"], row["Pays off after"]) == (finding, "not resolved")


def test_compilers_tell_their_fall_backs_and_what_they_compiled_late() -> None:
    quiet, late = table_after(REPORT, "What the compilers did")
    assert quiet == {
        "Candidate": "Keras 3 on TensorFlow",
        "Compiler": "XLA",
        "Graphs": "1",
        "Fell back on uncompiled code": "never",
    }
    assert late["Graphs"] == "2; compiled again 3 times while being timed"
    assert late["Fell back on uncompiled code"] == "4 times: ValueError: shapes differ"


@pytest.mark.parametrize(
    ("fall_backs", "shown"),
    [
        (("a\nb (1)", "c"), "1 time: a; 1 time: c"),
        (("a (2)", "a (5)"), "5 times: a"),
        (("f(x) (3)",), "3 times: f(x)"),
        (("Unsupported call (3 times)",), "3 times: Unsupported call"),
        (tuple("abcde"), "1 time: a; 1 time: b; 1 time: c; and for 2 other reasons"),
        (("x" * 200 + " (7)",), f"7 times: {'x' * 120} ..."),
        (("",), "1 time: no reason was given"),
    ],
)
def test_fall_backs_are_counted_by_reason(fall_backs: tuple[str, ...], shown: str) -> None:
    inputs = compiled_as(Compilation("torch.compile", None, None, fall_backs))
    row, _ = table_after(report(inputs), "What the compilers did")
    assert (row["Graphs"], row["Fell back on uncompiled code"]) == ("not told", shown)


def test_without_a_word_from_the_compilers_there_is_no_table_of_them() -> None:
    assert "What the compilers did" not in report(compiled_as(None))


@pytest.mark.parametrize(
    ("default", "tuned", "turns"),
    [
        ("faster", "slower", True),
        ("slower", "faster", True),
        ("faster", "faster", False),
        ("faster", "equivalent", False),
    ],
)
def test_a_pair_that_tuning_turns_round_is_named(default: Word, tuned: Word, turns: bool) -> None:
    said = report(with_pairs(pair("default", default), pair("tuned", tuned)))
    sentence = f"Tuning turns this round: Keras 3 on TensorFlow is {tuned} than Keras 3 on JAX when tuned"
    assert (sentence in said) is turns


def test_where_only_the_default_lane_ran_the_flag_is_named() -> None:
    default = report(without_tuned(INPUTS))
    assert "The tuned lane, compiled by each framework's own tuning guide, was not run" in default
    assert default.count("advisor run --tuned adds it") == 1
    assert "**Tuned**" not in default
    assert "The fast path of each framework" in default
    assert "--tuned" not in REPORT
    assert "The fast path of each framework" not in REPORT
    assert "--tuned" not in report(study_inputs(decision(pilots=False), pilots=False))


def test_predictions_of_the_tuned_lane_have_their_own_table() -> None:
    (row,) = table_after(REPORT, "How long a prediction takes when tuned")
    assert (row["Candidate"], row["Half of the calls within"]) == ("Keras 3 on JAX", "0.310 ms (0.286 to 0.336)")


def test_a_trial_that_failed_names_its_lane() -> None:
    rows = table_after(REPORT, "### Trials that did not finish")
    assert [(row["Candidate"], row["What happened"]) for row in rows] == [
        ("PyTorch (tuned)", "not available here"),
        ("TensorFlow", "crashed"),
    ]
