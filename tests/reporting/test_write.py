"""Reports on disk: complete or untouched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from markdown_structure import images
from report_decision import decision
from report_study import study_inputs

from advisor.errors import AdvisorError
from advisor.reporting.document import build_document
from advisor.reporting.formats.write import write_report
from advisor.reporting.pictures.pictures import draw_all


def test_every_image_of_the_report_lies_beside_it(tmp_path: Path) -> None:
    inputs = study_inputs(decision())
    figures = draw_all(inputs)
    report = write_report(tmp_path, build_document(inputs, figures), figures)
    assert report == tmp_path / "report.md"
    shown = images(report.read_text(encoding="utf-8"))
    assert len(shown) == 4
    for path, alt in shown:
        assert (tmp_path / path).read_text(encoding="utf-8").startswith("<?xml")
        assert alt
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["best.svg", "evidence.svg", "learning.svg", "race.svg", "report.md"]


def test_the_old_report_stays_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    document = build_document(study_inputs(decision()))
    report = write_report(tmp_path, document, ())
    old = report.read_text(encoding="utf-8")
    (tmp_path / ".report.md.part").mkdir()  # where the new text would be gathered
    with pytest.raises(AdvisorError, match="cannot be written"):
        write_report(tmp_path, replace(document, heading="Another"), ())
    assert report.read_text(encoding="utf-8") == old


def test_a_broken_template_leaves_the_old_report(tmp_path: Path) -> None:
    document = build_document(study_inputs(decision()))
    report = write_report(tmp_path, document, ())
    old = report.read_text(encoding="utf-8")
    template = tmp_path / "mine.j2"
    template.write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(AdvisorError):
        write_report(tmp_path, document, (), template=template)
    assert report.read_text(encoding="utf-8") == old
