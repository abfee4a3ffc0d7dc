"""Reports of small real studies, one for each verdict, say what was decided and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_structure import jargon, links, ragged_rows, raw_html, split_front_matter
from real_studies import REAL, RealStudy, run_study
from said_in_report import missing

from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.words.names import candidate_title


@pytest.mark.parametrize("study", REAL, ids=lambda study: study.verdict)
def test_the_report_of_a_real_study(study: RealStudy, tmp_path: Path) -> None:
    inputs = run_study(study, tmp_path / "study")
    assert inputs.decision.verdict == study.verdict
    document = build_document(inputs)
    report = render(document)
    assert list(missing(report, inputs, document)) == []
    _, body = split_front_matter(report)
    assert ragged_rows(body) == []
    assert all(address.startswith("https://") for address in links(body))
    assert raw_html(render(document, flavor="gitlab")) == []
    brief = render(document, format="brief")
    assert jargon(brief) == []
    recommended = inputs.decision.recommended
    assert recommended is None or candidate_title(recommended) in brief
    assert ("too early" in brief) == (study.verdict == "insufficient")
    assert ("No framework meets every requirement" in brief) == (study.verdict == "none_feasible")
