"""The what-if panel in a real browser: what it shows is what ``decide`` says, and nothing leaves the page."""

from __future__ import annotations

import json
import random
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from browser import CHROMIUM, Page, browser
from report_decision import decision
from report_study import study_inputs
from test_html import HOSTILE, hostile

from advisor.deciding.decide import Case, decide
from advisor.deciding.decision import Decision
from advisor.interview.answers import Answers
from advisor.interview.answers_file import load, replaced
from advisor.method import method
from advisor.reporting.inputs import ReportInputs
from advisor.study import Study
from advisor.workflow.assess import WhatIf, assess, case_of, what_if
from advisor.workflow.pipeline import html_text
from advisor.workflow.snapshot import load_snapshot

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")

EXAMPLE = Path(__file__).parents[2] / "examples" / "study"
TODAY = date(2026, 11, 26)
#: The page promises this much agreement with the program.
NEAR = 0.01
_SET = """
(points) => {
  for (const [id, value] of Object.entries(points)) {
    const slider = document.getElementById(`points-${id}`);
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
"""
_SETTLED = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
)
_STATE = """
(() => {
  const panel = document.getElementById("what-if");
  const parts = {};
  for (const part of panel.querySelectorAll("[data-part]")) {
    parts[part.dataset.part] = part.value === undefined ? part.textContent : part.value;
  }
  return { verdict: panel.dataset.verdict, ...parts };
})()
"""


def opened(page: Page, path: Path, html: str) -> None:
    path.write_text(html, encoding="utf-8")
    page.open(path)
    page.wait_for("document.getElementById('what-if').hidden === false")


def set_points(page: Page, points: dict[str, int]) -> dict[str, str]:
    page.evaluate(f"({_SET})({json.dumps(points)})")
    return state(page)


def state(page: Page) -> dict[str, str]:
    page.evaluate(_SETTLED)
    found: dict[str, str] = page.evaluate(_STATE)
    return found


def click(page: Page, selector: str) -> dict[str, str]:
    page.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
    return state(page)


def with_points(case: Case, points: dict[str, int], *lifted: str) -> Decision:
    """What is decided by these points, all else as it is."""
    answers = replaced(case.given.answers, Answers({"priorities.points": points}))
    return decide(replace(case, given=replace(case.given, answers=answers, lifted=frozenset(lifted))), method())


def agrees(shown: dict[str, str], said: Decision) -> None:
    """Assert that the panel shows what was decided; a verdict only where no rounding could turn it."""
    for result in said.candidates:
        best = result.rank_probability[0] if result.rank_probability else 0.0
        assert float(shown[f"meter-{result.id}"]) == pytest.approx(best, abs=NEAR), result.id
        assert (shown[f"share-{result.id}"] == "ruled out") == (not result.rank_probability)
    if said.verdict in ("none_feasible", "insufficient", "conditional") or on_no_edge(said):
        assert shown["verdict"] == said.verdict

    change = said.what_would_change
    if change is None or said.verdict != shown["verdict"]:
        return
    for flip in change.weights:
        assert share(shown[f"weight-{flip.criterion}"]) == pytest.approx(flip.weight_now, abs=NEAR)
        told = shown[f"flip-{flip.criterion}"]
        if flip.weight_at_flip is not None and 0.01 < flip.weight_at_flip < 0.99:
            assert share(told.removeprefix("ties at ")) == pytest.approx(flip.weight_at_flip, abs=NEAR)


def share(text: str) -> float:
    """A share as the page writes it."""
    return {"under 1%": 0.0025, "over 99%": 0.9975}.get(text) or float(text.rstrip("%")) / 100


def on_no_edge(said: Decision) -> bool:
    limits, margin = said.method.thresholds, said.margin
    likely = max(said.family_probability.values())
    near = any(abs(likely - edge) < NEAR for edge in (limits.clear_probability, limits.lean_probability))
    return not near and margin is not None and abs(margin.median - limits.margin) > 0.002


@pytest.fixture(scope="module")
def example() -> ReportInputs:
    return assess(load_snapshot(Study(EXAMPLE)), today=TODAY)


@pytest.fixture(scope="module")
def example_html(example: ReportInputs) -> str:
    return html_text(example)


def random_points(chance: random.Random, criteria: tuple[str, ...]) -> dict[str, int]:
    points = {name: chance.choice((0, chance.randint(1, 100), chance.randint(1, 100))) for name in criteria}
    points[chance.choice(criteria)] = 100
    return points


def test_any_points_give_what_the_program_decides(example: ReportInputs, example_html: str, tmp_path: Path) -> None:
    chance, case = random.Random(7), case_of(load_snapshot(Study(EXAMPLE)), today=TODAY)
    verdicts = set()
    with browser() as page:
        opened(page, tmp_path / "report.html", example_html)
        agrees(state(page), example.decision)
        for _ in range(8):
            points = random_points(chance, example.evidence.criteria)
            shown = set_points(page, points)
            agrees(shown, with_points(case, points))
            verdicts.add(shown["verdict"])
        assert page.problems == []
    assert len(verdicts) > 1


def test_a_moved_slider_turns_the_answer_and_can_be_taken_along(
    example: ReportInputs, example_html: str, tmp_path: Path
) -> None:
    with browser() as page:
        opened(page, tmp_path / "report.html", example_html)
        before = state(page)
        assert before["verdict"] == example.decision.verdict != "clear"
        assert before["toml"] == before["command"] == ""
        points = {**dict.fromkeys(example.evidence.criteria, 0), "longevity": 100, "deployment": 90, "memory": 20}
        after = set_points(page, points)
        assert after["verdict"] == "clear"
        assert "PyTorch is the clear choice" in after["sentence"] and after["sentence"] in after["announced"]
        page.evaluate("document.getElementById('points-memory').focus()")
        page.press("ArrowRight", 39)
        assert state(page)["points-memory"] == "21"

        answers = tmp_path / "answers.toml"
        answers.write_text(f"schema = 1\n\n{state(page)['toml']}", encoding="utf-8")
        assert load(answers).get("priorities.points") == {"longevity": 100, "deployment": 90, "memory": 21}
        page.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        assert click(page, "[data-part=toml-copy]")["copied"]
        page.wait_for("document.querySelector('[data-part=copied]').textContent === 'Copied.'")
        assert page.evaluate("navigator.clipboard.readText()") == state(page)["toml"]
        command = shlex.split(state(page)["command"].replace("\\\n", " "))
        assert command[:2] == ["advisor", "decide"]
        changes = [change for option, change in zip(command[3::2], command[4::2], strict=True) if option == "--what-if"]
        snapshot = load_snapshot(Study(EXAMPLE))
        asked = what_if(snapshot.answers, changes)
        agrees(state(page), decide(case_of(snapshot, today=TODAY, what_if=asked), method()))

        back = click(page, "[data-part=reset]")
        assert {name: back[name] for name in before if name not in ("announced", "copied")} == {
            name: before[name] for name in before if name not in ("announced", "copied")
        }
        weightless = set_points(page, dict.fromkeys(example.evidence.criteria, 0))
        assert weightless["verdict"] == back["verdict"]
        assert page.evaluate("document.querySelector('[data-part=weightless]').hidden") is False

        assert page.problems == []
        assert {address.partition(":")[0] for address in page.requests} <= {"file", "data"}
        assert len([address for address in page.requests if address.startswith("file:")]) == 1
        refused = page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'refused')")
        assert refused == "refused"
        assert any("Content Security Policy" in problem for problem in page.problems)


def test_lifted_requirements_let_candidates_back_in(study: Path, tmp_path: Path) -> None:
    kept = Study(study)
    answers = study / "answers.toml"
    text = answers.read_text(encoding="utf-8").replace('python = "3.11"', 'python = "3.14"')
    answers.write_text(text, encoding="utf-8")
    inputs = assess(load_snapshot(kept), today=TODAY)
    constraints = {veto.constraint for result in inputs.decision.candidates for veto in result.vetoes}
    assert len(constraints) > 1 and inputs.vetoed
    points = random_points(random.Random(3), inputs.evidence.criteria)
    with browser() as page:
        opened(page, tmp_path / "report.html", html_text(inputs))
        agrees(state(page), inputs.decision)
        lifted: tuple[str, ...] = ()
        for constraint in sorted(constraints):
            shown = click(page, f"[data-constraint={constraint}]")
            lifted += (constraint,)
            assert f"--lift {constraint}" in shown["command"]
            case = case_of(load_snapshot(kept), today=TODAY, what_if=WhatIf(lifted=frozenset(lifted)))
            agrees(shown, decide(case, method()))
        agrees(set_points(page, points), with_points(case_of(load_snapshot(kept), today=TODAY), points, *lifted))
        assert page.problems == []


def test_no_text_runs(tmp_path: Path) -> None:
    inputs = study_inputs(decision("conditional"))
    with browser() as page:
        opened(page, tmp_path / "report.html", html_text(hostile(inputs, "words")))
        harmless = page.evaluate("document.querySelectorAll('body *').length")
        for text in ("".join(HOSTILE), HOSTILE[1], HOSTILE[3]):
            opened(page, tmp_path / "report.html", html_text(hostile(inputs, text + "x")))
            set_points(page, {"longevity": 100, "team_fit": 1})
            assert page.evaluate("document.title") != "run"
            assert page.evaluate("document.querySelectorAll('body *').length") == harmless
            assert page.problems == []
            assert {address.partition(":")[0] for address in page.requests} <= {"file", "data"}


def test_the_keyboard_reaches_what_a_mouse_does(example: ReportInputs, example_html: str, tmp_path: Path) -> None:
    with browser() as page:
        page.size(1280, 900)
        opened(page, tmp_path / "report.html", example_html)
        page.press("Tab", 9)
        assert page.evaluate("document.activeElement.className") == "skip"
        page.press("Enter", 13)
        controls = page.evaluate("document.querySelectorAll('#what-if input, #what-if button:enabled').length")
        reached, outlines = [], []
        for _ in range(controls + 10):
            page.press("Tab", 9)
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.part"))
            outlines.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        assert {f"points-{name}" for name in example.evidence.criteria} <= set(reached)
        assert "reset" in reached
        assert outlines[reached.index("points-memory")] != "none"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.size(360, 740)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
