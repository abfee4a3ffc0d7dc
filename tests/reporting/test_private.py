"""What must not travel with a report does not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from report_decision import decision
from report_study import records, study_inputs

from advisor.interview.answers import Answers
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import Format, render
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.table import Code
from advisor.userdata.profile import TableProfile
from advisor.workflow import pipeline
from pilots.records import WorkloadFolder

FORMATS: tuple[Format, ...] = ("md", "adr", "brief", "json")


def saying(error: str) -> ReportInputs:
    return replace(study_inputs(decision("too_close")), records=records(error=error), warnings=(error,))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("no file /home/ada/models/x.pt", "no file ~/models/x.pt"),
        ("no file /Users/ada.l/x.pt", "no file ~/x.pt"),
        (r"no file C:\Users\ada\x.pt", r"no file ~\x.pt"),
        (f"no file {Path.home()}/x.pt", "no file ~/x.pt"),
        ("see https://ada:s3cret@example.org/home/x", "see https://[hidden]@example.org/home/x"),
        ("sent ghp_0123456789abcdefghij0123", "sent [hidden]"),
        ("signed in with correct-horse-battery", "signed in with [hidden]"),
        ("42 rows/s in /opt/frameworks/torch", "42 rows/s in /opt/frameworks/torch"),
    ],
)
def test_homes_and_secrets_never_get_in(error: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_API_TOKEN", "correct-horse-battery")
    document = build_document(saying(error))
    assert document.risks is not None
    assert document.risks.warnings == (f"{shown[0].upper()}{shown[1:]}.",)
    assert document.trials.failed is not None
    assert Code(shown) in [row[-1] for row in document.trials.failed.rows]


def written(inputs: ReportInputs, format: Format | Literal["html"], *, redact: bool = False) -> str:
    if format != "html":
        return render(build_document(inputs, redact=redact), format=format)
    # What is packed for the panel are numbers, in which any four letters may stand.
    return re.sub(r"[A-Za-z0-9+/=]{400,}", "", pipeline.html_text(inputs, redact=redact))


@pytest.mark.parametrize("format", [*FORMATS, "html"])
def test_names_titles_and_paths_are_left_out_where_that_is_asked(format: Format | Literal["html"]) -> None:
    made = saying("no file /srv/orders/2026/x.csv")
    table = TableProfile("table", "orders_q3.csv", "fraudulent", 9, 9, 0, 1, 1, (), None, 0.0)
    own = tuple(
        replace(one, spec=replace(one.spec, workload="churn_of_acme", folder=WorkloadFolder("/srv/acme", "ab")))
        for one in made.records
    )
    inputs = replace(
        made,
        study="orders-study",
        title="fraud at ACME",
        data=table,
        records=own,
        series=tuple(replace(one, workload="churn_of_acme") for one in made.series),
        answers=Answers({**made.answers.said, "project.title": "fraud at ACME"}),
        commands=("advisor run --data orders_q3.csv --target fraudulent --seed 7",),
        warnings=("the pilot churn of acme read /srv/orders/2026/x.csv",),
    )
    private = ("orders", "ACME", "acme", "fraud", r"Ada\b", "Grace", "grace", "Lovelace", "/srv")  # an Adam is nobody
    shown = written(inputs, format)
    assert any(re.search(word, shown) for word in private)
    redacted = written(inputs, format, redact=True)
    assert [word for word in private if re.search(word, redacted)] == []
    assert "PyTorch" in redacted
    assert redacted.count("\n## ") <= shown.count("\n## ")


def test_people_stay_apart_without_their_names() -> None:
    people = build_document(study_inputs(decision("too_close")), redact=True).outcome.people
    assert people is not None
    assert [row[0] for row in people.table.rows] == ["Person 1", "Person 2"]
    assert people.agreement.startswith("Person 2 alone")
