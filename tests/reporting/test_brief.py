"""The page for managers: one page, and no word of the method."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_structure import jargon
from report_decision import decision
from report_study import study_inputs

from advisor.deciding.decision import Contribution
from advisor.evidence.table import Cell, Component, Uniform
from advisor.measuring.code.size import CodeSize
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render


def counted(size: CodeSize) -> Component:
    """What the evidence knows of code; that of the pilot that answers weighs most."""
    operations = float(size.operations)
    return Component(
        f"code.operations@{size.workload}", "code to own", "measured", Uniform(0.5, 0.1), operations, None, None,
        "operations", (), None, weight=1.0 if size.workload == "vision" else 0.1,
    )  # fmt: skip


VERDICTS = ("clear", "lean", "too_close", "conditional", "none_feasible", "insufficient")


@pytest.mark.parametrize("pilots", [True, False])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_it_is_one_page_in_plain_words(verdict: str, pilots: bool) -> None:
    page = render(build_document(study_inputs(decision(verdict, pilots=pilots), pilots=pilots)), format="brief")
    assert page.startswith("# A framework for the defect classifier\n\n**")
    assert len(page.split()) < 400
    assert len(page.splitlines()) < 60
    assert jargon(page) == []


@pytest.mark.parametrize(
    ("verdict", "says"),
    [
        ("clear", "Use PyTorch."),
        ("lean", "Use PyTorch."),
        ("too_close", "Either of PyTorch and Keras 3 on TensorFlow will do: neither is clearly better"),
        ("conditional", "Use PyTorch, provided that what is still open turns out well."),
        ("none_feasible", "No framework meets every requirement. Giving way on the required targets lets"),
        ("insufficient", "It is too early to choose"),
    ],
)
def test_each_verdict_has_its_words(verdict: str, says: str) -> None:
    assert build_document(study_inputs(decision(verdict))).brief.recommendation.startswith(says)


def test_what_people_count_is_told_with_its_number() -> None:
    made = decision()
    fit, code = Contribution("team_fit", 0.1), Contribution("time_to_baseline", -0.05)
    inputs = study_inputs(replace(made, contributions=(fit, code)))
    # A stand-in comes first in the cell and weighs less: it is not what the page quotes.
    sizes = (
        *(replace(size, workload="text", operations=40 + size.operations) for size in inputs.code),
        *inputs.code,
    )
    cells = tuple(
        Cell(name, "time_to_baseline", tuple(counted(size) for size in sizes if size.candidate == name))
        for name in ("pytorch", "keras-tensorflow")
    )
    evidence = replace(inputs.evidence, cells=(*inputs.evidence.cells, *cells))
    brief = build_document(replace(inputs, code=sizes, evidence=evidence)).brief
    assert brief.reasons == ("With PyTorch the people get going sooner.",)  # both know them equally well
    assert brief.against == (
        "With Keras 3 on TensorFlow there is less code to write and to look after: 3 operations of code against 5 for "
        "the same small model.",
    )
