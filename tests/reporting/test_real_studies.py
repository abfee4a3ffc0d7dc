"""Reports of small real studies, one for each verdict, as golden files; see ``test_render`` for how to renew them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from markdown_structure import jargon, links, ragged_rows, raw_html, split_front_matter
from real_studies import REAL, RealStudy, run_study

from advisor import __version__
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render

GOLDEN = Path(__file__).parent / "golden" / "real"


@pytest.mark.parametrize("one", REAL, ids=lambda one: one.verdict)
def test_the_report_of_a_real_study(one: RealStudy, tmp_path: Path) -> None:
    inputs = run_study(one, tmp_path / "study")
    assert inputs.decision.verdict == one.verdict
    document = build_document(inputs)
    report = render(document).replace(f'"{__version__}"', '"VERSION"')
    _, body = split_front_matter(report)
    assert ragged_rows(body) == []
    assert all(address.startswith("https://") for address in links(body))
    assert raw_html(render(document, flavor="gitlab")) == []
    # Of the method, its numbers change on their own.
    pages = {
        f"{one.verdict}.md": report.partition("\n### Numbers of the method")[0].partition("\n## Pilots")[0],
        f"{one.verdict}_brief.md": render(document, format="brief"),
    }
    assert jargon(pages[f"{one.verdict}_brief.md"]) == []
    for name, text in pages.items():
        file = GOLDEN / name
        if os.environ.get("ADVISOR_WRITE_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), name
