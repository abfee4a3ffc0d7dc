"""The HTML report: the words of the Markdown, nothing loaded, no text of anybody's taken for markup."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import markdown_structure
import pytest
from html_structure import Structure, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from report_decision import decision
from report_study import study_inputs

from advisor.deciding.decision import Verdict
from advisor.interview.answers import Answers
from advisor.measuring.analysis.series import series
from advisor.reporting.document import build_document
from advisor.reporting.formats.html import render_html
from advisor.reporting.formats.render import render
from advisor.reporting.formats.what_if import build_what_if
from advisor.reporting.inputs import ReportInputs
from advisor.study import Study
from advisor.workflow import pipeline
from advisor.workflow.assess import assess
from advisor.workflow.snapshot import load_snapshot

EXAMPLE = Path(__file__).parents[2] / "examples" / "study"
LARGEST_BYTES = 2_000_000
HOSTILE = (
    "<script>document.title='run'</script>",
    "</script><script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "'\"><svg onload=document.title='run'>",
    "[x](javascript:document.title='run')",
    "![x](https://example.org/x.png)",
    "<!--", "]]>", "</title>", "</main>", "&lt;b&gt;", "&#60;i&#62;", "{{ 7 * 7 }}", "{% endraw %}", "\u2028\x00",
    "> [!NOTE]", "| a | b |", "# one", "`code`", "<details open ontoggle=document.title='run'>",
)  # fmt: skip


def page(inputs: ReportInputs) -> str:
    return pipeline.html_text(inputs)


def hostile(inputs: ReportInputs, text: str) -> ReportInputs:
    """The same study with this text wherever somebody or some machine may have written one."""
    result = inputs.decision.candidates
    said = {**inputs.answers.said, "priorities.answered_by": (text, "Ada")}
    return replace(
        inputs,
        study=text,
        title=text,
        answers=Answers(said),
        machine=replace(inputs.machine, cpu=text, accelerators=(text,)),
        records=tuple(replace(record, error=text if record.error else record.error) for record in inputs.records),
        warnings=(text,),
        commands=(text,),
        versions={candidate: dict.fromkeys(known, text) for candidate, known in inputs.versions.items()},
        decision=replace(
            inputs.decision,
            candidates=tuple(
                replace(one, vetoes=tuple(replace(veto, reason=text) for veto in one.vetoes)) for one in result
            ),
        ),
    )


@pytest.fixture(scope="module")
def example() -> ReportInputs:
    return assess(load_snapshot(Study(EXAMPLE)), today=date(2026, 11, 26))


@pytest.fixture(scope="module")
def example_page(example: ReportInputs) -> str:
    return page(example)


@pytest.fixture(scope="module", params=["example", "too_close", "conditional", "none_feasible", "insufficient"])
def structure(request: pytest.FixtureRequest, example_page: str) -> Structure:
    if request.param == "example":
        return parse(example_page)
    verdict: Verdict = request.param
    return parse(page(study_inputs(decision(verdict))))


def test_it_says_what_the_markdown_says(example: ReportInputs, example_page: str) -> None:
    words = [
        word
        for token in markdown_structure.parse(render(build_document(example), flavor="plain"))
        for child in (token.children or [token])
        if child.type in ("text", "code_inline", "fence") and not re.fullmatch(r"[█░]+", child.content)
        for word in child.content.split()
    ]
    shown = iter([word for text in parse(example_page).texts for word in text.split()])
    assert len(words) > 5000
    missing = next((word for word in words if word not in shown), None)  # in this order
    assert missing is None


def test_nothing_is_loaded_and_nothing_else_may_run(structure: Structure) -> None:
    for element in structure.elements:
        assert not {name for name in element.attributes if name.startswith("on") or name == "style"}
        if "src" in element.attributes:
            assert element.tag == "img" and element.attributes["src"].startswith("data:image/svg+xml,")
        if "href" in element.attributes:
            assert element.tag == "a" and re.match(r"#|https?://", element.attributes["href"])
    assert not structure.all("link", "iframe", "object", "embed", "form", "base")
    (policy,) = [one.attributes["content"] for one in structure.all("meta") if "http-equiv" in one.attributes]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    programs = [one for one in structure.all("script") if "type" not in one.attributes]
    for element, rule in ((*programs, "script-src"), (*structure.all("style"), "style-src")):
        digest = base64.b64encode(sha256(element.text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_keyboard_and_screen_reader_find_their_way(structure: Structure) -> None:
    ids = [element.attributes["id"] for element in structure.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    for element in structure.elements:
        for name in ("for", "aria-describedby", "aria-labelledby"):
            assert element.attributes.get(name, ids[0]) in ids
        if element.tag == "a" and element.attributes["href"].startswith("#"):
            assert element.attributes["href"][1:] in ids
    assert [len(structure.all(tag)) for tag in ("main", "nav", "h1", "title", "footer")] == [1, 1, 1, 1, 1]
    assert structure.all("html")[0].attributes["lang"] == "en"
    first = next(element for element in structure.elements if element.tag in ("a", "input", "button"))
    assert first.attributes["href"] == "#report"
    levels = [int(element.tag[1]) for element in structure.all("h1", "h2", "h3", "h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(element.attributes["scope"] in ("col", "row") for element in structure.all("th"))
    assert all(element.attributes["alt"] for element in structure.all("img"))
    labelled = {element.attributes.get("for") for element in structure.all("label")}
    for control in structure.all("input", "textarea"):
        assert control.attributes.get("id") in labelled or "label" in control.parents


def text_alone(inputs: ReportInputs) -> str:
    """The page without figures, in which nothing is written that is not in a table or the panel too."""
    few = replace(inputs.decision.method, draws=500)
    of = replace(inputs, decision=replace(inputs.decision, method=few))
    return render_html(build_document(of), (), build_what_if(of))


@pytest.fixture(scope="module")
def harmless() -> list[str]:
    return parse(text_alone(hostile(study_inputs(decision("conditional")), "words"))).shape()


@given(text=st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)))
@settings(max_examples=30)
def test_no_text_becomes_markup(harmless: list[str], text: str) -> None:
    # A text of nothing but white space leaves out what it stands for.
    found = parse(text_alone(hostile(study_inputs(decision("conditional")), f"a{text}b")))
    assert found.shape() == harmless
    (block,) = [one for one in found.all("script") if one.attributes.get("type") == "application/json"]
    assert not re.search(r"[<>&]", block.text)
    assert any(check["reason"] == f"a{text}b" for check in json.loads(block.text)["checks"])


def test_what_must_not_be_overlooked_stands_out(example_page: str) -> None:
    alerts = [element for element in parse(example_page).all("p") if "alert" in element.attributes.get("class", "")]
    kinds = [element.attributes["class"] for element in alerts]
    assert set(kinds) == {"alert alert-important", "alert alert-note"}  # what to try first, and what stands under it


def test_a_template_of_ones_own_becomes_html_too(tmp_path: Path) -> None:
    template = tmp_path / "ours.md.j2"
    template.write_text(
        "# {{ document.heading }}\n\n![far](https://example.org/x.png)\n\n<b>bold</b>\n\nNo section.\n",
        encoding="utf-8",
    )
    found = parse(pipeline.html_text(study_inputs(decision()), template=template))
    assert not found.all("img")
    assert {"No section.", "far", "<b>bold</b>"} <= set(found.texts)


def test_a_study_of_ten_thousand_trials_fits(example: ReportInputs) -> None:
    launched = [record for record in example.records if record.spec.experiment != "rehearse"]  # which runs once
    times = -(-10_000 // len(launched))
    records = tuple(
        replace(record, spec=replace(record.spec, launch=record.spec.launch + 100 * n, seed=record.spec.seed + 100 * n))
        for n in range(times)
        for record in (launched if n else example.records)
    )
    grown = replace(example, records=records, series=tuple(series(records)))
    assert len(records) >= 10_000
    assert len(page(grown).encode()) < LARGEST_BYTES


def test_there_is_no_panel_where_there_is_nothing_to_weigh() -> None:
    inputs = study_inputs(decision("lean"))
    one = replace(inputs.evidence, candidates=inputs.evidence.candidates[:1])
    assert build_what_if(replace(inputs, evidence=one)) is None
    assert "what-if-study" not in page(replace(inputs, evidence=one)).partition("<script>")[0]


def test_equal_inputs_give_the_same_bytes() -> None:
    inputs = study_inputs(decision("lean"))
    assert page(inputs) == page(inputs)
