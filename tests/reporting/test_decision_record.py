"""The report and the short record as decision-record tools read them: MADR 4, front matter by a YAML library."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_structure import parse
from report_decision import decision
from report_study import study_inputs

from advisor.interview.answers import Answers
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import Flavor, Format, render

VERDICTS = ("clear", "lean", "too_close", "conditional", "none_feasible", "insufficient")
#: What MADR 4 has, in its order; a record may have more in between.
SECTIONS = (
    "Context and Problem Statement",
    "Decision Drivers",
    "Considered Options",
    "Decision Outcome",
    "Consequences",
    "Confirmation",
)


def front_matter(record: str) -> dict[str, object]:
    _, matter, _ = record.split("---\n", 2)
    found = yaml.safe_load(matter)
    assert isinstance(found, dict)
    return found


def section(record: str, title: str) -> str:
    return re.split(r"^#{1,3} ", record.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("flavor", ["github", "gitlab"])
@pytest.mark.parametrize("format", ["md", "adr"])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_it_is_a_decision_record(verdict: str, format: Format, flavor: Flavor) -> None:
    record = render(build_document(study_inputs(decision(verdict))), format=format, flavor=flavor)
    matter = front_matter(record)
    assert matter["status"] == "proposed"  # people decide
    assert matter["date"] == date(2026, 11, 20)
    assert matter["review-by"] == date(2027, 5, 19)
    assert matter["decision-makers"] == ["Ada", "Grace"]
    tokens = parse(record.split("---\n", 2)[2])
    titles = [one.content for one, before in zip(tokens[1:], tokens, strict=False) if before.type == "heading_open"]
    makes_choice = verdict in ("clear", "lean", "conditional")
    wanted = [name for name in SECTIONS if makes_choice or name != "Consequences"]
    assert [name for name in titles if name in SECTIONS] == wanted
    chosen = re.search(r'^Chosen option: "([^"]+)", because .+\.$', section(record, "Decision Outcome"), re.MULTILINE)
    assert chosen is not None
    assert (chosen[1] in section(record, "Considered Options")) is makes_choice


@settings(max_examples=60, deadline=None)
@given(names=st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_names_come_back_from_the_front_matter_as_they_are(names: list[str]) -> None:
    made = study_inputs(decision())
    inputs = replace(made, answers=Answers({**made.answers.said, "priorities.answered_by": tuple(names)}))
    matter = front_matter(render(build_document(inputs), format="adr"))
    found = matter["decision-makers"]
    assert isinstance(found, list)
    assert len(found) == len(names)
    assert list(matter) == [
        "status", "date", "decision-makers", "advisor-version", "inputs-sha256", "review-by",
    ]  # fmt: skip


def test_the_short_record_fits_a_screen_or_two() -> None:
    for verdict in VERDICTS:
        assert len(render(build_document(study_inputs(decision(verdict))), format="adr").splitlines()) < 90
