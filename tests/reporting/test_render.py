"""The report as Markdown: a golden file, meaning, structure, hostile texts, templates of users.

After a wanted change, write the golden file anew and read the difference:
``ADVISOR_WRITE_GOLDEN=1 python -m pytest tests/reporting/test_render.py``.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_structure import images, links, parse, ragged_rows, raw_html, split_front_matter, structure
from report_decision import decision
from report_study import CitedFact, judged, records, study_inputs
from said_in_report import missing

from advisor import __version__
from advisor.deciding.decision import BackendChoice, Hybrid, PersonResult, Range, Reason
from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.reporting.document import Document, build_document
from advisor.reporting.formats.render import Flavor, Format, render, templates_folder
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pictures.figures import Figure

GOLDEN = Path(__file__).with_name("golden_report.md")
VERDICTS = ("clear", "lean", "too_close", "conditional", "none_feasible", "insufficient")
FLAVORS: tuple[Flavor, ...] = ("github", "gitlab", "plain")
FIGURES = tuple(Figure(f"{name}.svg", "<svg/>", f"what {name} shows") for name in ("best", "race", "evidence"))


def _document(verdict: str = "clear", *, pilots: bool = True) -> Document:
    return build_document(study_inputs(decision(verdict, pilots=pilots), pilots=pilots), FIGURES)


_CLEAR = _document()


def test_the_golden_report() -> None:
    """One report word for word, so that a change of wording is seen; what all have to say is tested by meaning."""
    # The numbers of the method and the version change on their own; what is said about them is tested elsewhere.
    stable = render(_CLEAR).partition("\n## Method")[0].replace(f'"{__version__}"', '"VERSION"')
    if os.environ.get("ADVISOR_WRITE_GOLDEN"):
        GOLDEN.write_text(stable, encoding="utf-8")
    assert stable == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("pilots", [True, False])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_report_says_what_was_decided(verdict: str, pilots: bool) -> None:
    inputs = study_inputs(decision(verdict, pilots=pilots), pilots=pilots)
    document = build_document(inputs, FIGURES)
    assert list(missing(render(document), inputs, document)) == []


def test_the_check_of_meaning_sees_what_a_report_lacks() -> None:
    inputs = study_inputs(decision("lean"))
    document = build_document(inputs, FIGURES)
    report = render(document)
    title = f"{document.summary.reasons_for[0]}"
    for lacking in (title, "Chosen option", "## Considered Options", "is the better choice"):
        assert lacking in report
        assert list(missing(report.replace(lacking, "..."), inputs, document))


#: All the HTML there is: long parts are folded away where the reader can open them.
FOLDS = {"<details>", "</details>"}


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize("pilots", [True, False])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_report_is_well_formed(verdict: str, pilots: bool, flavor: Flavor) -> None:
    body = render(_document(verdict, pilots=pilots), flavor=flavor)
    if flavor != "plain":
        _, body = split_front_matter(body)
    headings = [token.tag for token in parse(body) if token.type == "heading_open"]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2", "h3"}
    assert ragged_rows(body) == []
    assert "hr" not in {token.type for token in parse(body)}
    html = [line for line in raw_html(body) if not re.fullmatch("<summary>[A-Za-z ]+</summary>", line)]
    assert set(html) == (FOLDS if flavor == "github" else set())
    assert html.count("<details>") == html.count("</details>")
    assert all(alt for _, alt in images(body))
    assert all(address.startswith(("https://", "http://")) for address in links(body))
    assert "\n\n\n" not in body
    assert "None" not in body


def test_front_matter_is_that_of_a_decision_record() -> None:
    matter, _ = split_front_matter(render(_document()))
    assert matter == {
        "status": "proposed",
        "date": "2026-11-20",
        "decision-makers": ["Ada", "Grace"],
        "advisor-version": __version__,
        "inputs-sha256": "ab" * 32,
        "review-by": "2027-05-19",
    }


def test_plain_flavor_has_neither_front_matter_nor_alerts() -> None:
    report = render(_document("lean", pilots=False), flavor="plain")
    assert report.startswith("# ")
    assert "[!" not in report
    assert "**Note:** No pilot was run" in report


def test_only_figures_that_were_drawn_are_shown() -> None:
    inputs = study_inputs(decision())
    assert images(render(build_document(inputs))) == []
    shown = images(render(build_document(inputs, FIGURES[:1])))
    assert shown == [("report-assets/best.svg", "what best shows")]


HOSTILE = (
    "a | b\nc || d",
    "<script>alert(1)</script> <!-- x",
    "[x](http://example.org) ![y](z.png)",
    "`a` ```b``` ~~~c",
    "{{ 7*7 }} {% include 'x' %}",
    "# a\n\n## b",
    "- a",
    "1. a",
    "> a",
    "---\nx: y\n---",
    "a\n===",
    "*a* __b__ ~~c~~ $d$ &lt;",
    "a\\",
    "\u202ea\x1b[31m",
)


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_changes_nothing_in_the_structure(text: str, flavor: Flavor) -> None:
    hostile, harmless = (
        render(build_document(_saying(words), FIGURES), flavor=flavor) for words in (text, "plain words")
    )
    if flavor != "plain":
        matter, hostile = split_front_matter(hostile)
        _, harmless = split_front_matter(harmless)
        assert len(matter) == 6
    assert structure(hostile) == structure(harmless)
    assert ragged_rows(hostile) == []
    assert "49" not in hostile


@pytest.mark.parametrize("format", ["md", "adr", "brief"])
@settings(max_examples=8, deadline=None)
@given(text=st.text(st.one_of(st.sampled_from("\\`*_[]<>|~$#-+=&!().:/'\"{%} \n\t"), st.characters()), max_size=30))
def test_no_text_whatever_changes_the_structure(format: Format, text: str) -> None:
    """Beginning with a letter, as text that is blank is left out here and there."""
    drawn, harmless = (
        render(build_document(_saying(words)), format=format, flavor="plain") for words in (f"x{text}", "plain words")
    )
    assert structure(drawn) == structure(harmless)
    assert ragged_rows(drawn) == []
    assert raw_html(drawn) == []


def _saying(text: str) -> ReportInputs:
    """A study in which ``text`` stands wherever text from outside can stand."""
    made = study_inputs(decision("conditional"), title=text)
    first, *others = made.decision.candidates
    open_veto = replace(first.vetoes[0], reason=text, constraint=text, evidence=(f"tried with {text}",))
    dropped = made.decision.what_would_change
    assert dropped is not None
    settings = dict.fromkeys(("threads", "precision", text), text)
    spoken = tuple(
        replace(
            record,
            spec=replace(record.spec, workload=text),
            environment=record.environment and replace(record.environment, device=text, settings=settings),
        )
        for record in records(error=text)
    )
    series = tuple(replace(one, workload=text) for one in made.series)
    comparisons = tuple(replace(one, workload=text, reason=text) for one in made.comparisons)
    cells = tuple(
        replace(cell, components=tuple(replace(part, label=text, note=text) for part in cell.components))
        for cell in made.evidence.cells
    )
    wordy = Reason("longevity", 0.1, text, (text,))
    return replace(
        made,
        study=text,
        answers=Answers({**made.answers.said, "project.title": text, "priorities.answered_by": (text,)}),
        machine=replace(made.machine, cpu=text, system=text, accelerators=(text,), environment={"OMP": text}),
        records=spoken,
        series=series,
        comparisons=comparisons,
        claims=judged(spoken, series, comparisons),
        evidence=replace(made.evidence, cells=cells),
        decision=replace(
            made.decision,
            candidates=(replace(first, vetoes=(open_veto,)), *others),
            reasons=(Reason("longevity", -0.025, text, (text,)),),
            why_not={"tensorflow": (Reason("team_fit", 0.1, text, (text,)),)},
            backend=BackendChoice("keras-jax", "keras-tensorflow", "lean", 0.8, Range(0, 0.1, 0.2), (wordy,)),
            hybrid=Hybrid("pytorch", {"android": text, text: text}, text),
            people=(PersonResult(text, "pytorch", False, {"pytorch": 1.0}),),
            migration="stay",
            migration_because=text,
        ),
        versions={"pytorch": {"torch": text}},
        facts=(CitedFact("keras-releases", text, text, date(2026, 9, 1)),),
        code=tuple(replace(size, workload=text) for size in made.code),
        code_texts=dict.fromkeys(made.code_texts, f"x = {text!r}\n# ``` </details>\n"),
        answering=(text,),
        people={text: Answers({"team.pytorch": 4}), f"{text} ": Answers({"team.pytorch": 1})},
        warnings=(text,),
        commands=(text,),
    )


def test_json_is_the_document_itself() -> None:
    found = json.loads(render(_document(), format="json"))
    assert found["heading"] == "Use PyTorch for the defect classifier"
    assert found["summary"]["reasons_for"][0].startswith("Training speed")


def test_a_template_of_the_user_escapes_too_and_may_use_the_partials(tmp_path: Path) -> None:
    template = tmp_path / "mine.md.j2"
    template.write_text('{{ document.heading }}\n{% include "partials/risks.md.j2" %}\n', encoding="utf-8")
    report = render(build_document(study_inputs(decision(), title="a|b")), template=template)
    assert report.startswith("Use PyTorch for a\\|b\n\n## Risks and open questions\n")


@pytest.mark.parametrize(
    "expression",
    [
        "{{ document.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ document.pictures.clear() }}",
        "{{ document.nothing }}",
        "{{ 1 / 0 }}",
        "{{ 'x' | no_such_filter }}",
        "{% if %}",
        "{% include '../outside.md' %}",
        "{% for i in range(10 ** 9) %}{% endfor %}",
    ],
)
def test_mistakes_and_escapes_in_a_template_name_their_line(tmp_path: Path, expression: str) -> None:
    (tmp_path / "outside.md").write_text("secret", encoding="utf-8")
    template = tmp_path / "inner" / "mine.md.j2"
    template.parent.mkdir()
    template.write_text(f"line 1\n{expression}\n", encoding="utf-8")
    with pytest.raises(AdvisorError) as caught:
        render(_document(), template=template)
    assert caught.value.where == f"{template}:2"


@settings(max_examples=40, deadline=None)
@given(
    owner=st.sampled_from(["document", "flavor", "document.summary", "document.risks.table", "cycler", "''", "(1, 2)"]),
    attribute=st.sampled_from(["__class__", "__init__", "__globals__", "__dict__", "__subclasses__", "__mro__"]),
    way=st.sampled_from(["{{ %s.%s }}", "{{ %s['%s'] }}", "{{ %s|attr('%s') }}", "{%% set x = %s.%s %%}{{ x }}"]),
)
def test_no_way_leads_from_a_value_to_what_python_is_made_of(owner: str, attribute: str, way: str) -> None:
    with TemporaryDirectory() as folder:
        template = Path(folder) / "mine.md.j2"
        template.write_text(way % (owner, attribute), encoding="utf-8")
        with pytest.raises(AdvisorError, match="cannot be rendered"):
            render(_CLEAR, template=template)


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="no such template"):
        render(_document(), template=tmp_path / "none.md.j2")


def test_a_template_that_is_no_text_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "binary.md.j2"
    template.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AdvisorError, match="cannot be rendered"):
        render(_document(), template=template)


def test_templates_are_found() -> None:
    assert (templates_folder() / "report.md.j2").is_file()
