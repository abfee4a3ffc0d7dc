"""Each number leads to its trials, and the page on templates says all there is."""

from __future__ import annotations

from dataclasses import fields

from report_decision import decision
from report_study import study_inputs

from advisor.reporting.document import Document, build_document
from advisor.reporting.formats.render import filters
from advisor.reporting.formats.template_model import describe_model
from advisor.reporting.sections.trail import KEY_CHARACTERS
from advisor.reporting.words.table import Code


def test_every_trial_stands_behind_a_number() -> None:
    inputs = study_inputs(decision())
    trail = build_document(inputs).trail
    assert trail is not None
    ((pilot, table),) = trail.pilots
    assert pilot == "vision"
    shown = [key for row in table.rows if isinstance(row[2], Code) for key in row[2].text.split()]
    assert sorted(shown) == sorted(record.key[:KEY_CHARACTERS] for record in inputs.records)
    assert table.rows[0][:2] == ("whether it is the same model", "PyTorch")


def test_without_trials_there_is_nothing_to_trace() -> None:
    assert build_document(study_inputs(decision("lean", pilots=False), pilots=False)).trail is None


def test_the_page_on_templates_names_every_field_and_filter() -> None:
    page = describe_model()
    assert all(f"| `{one.name}` |" in page for one in fields(Document))
    introduction = page.partition("\n## ")[0]
    for name in filters("github"):
        assert f"| `{name}" in introduction
    for kind in ("Summary", "Outcome", "PilotSection", "Table", "Link"):
        assert page.count(f"\n## {kind}\n") == 1
