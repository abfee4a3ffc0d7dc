"""Figures: well-formed, small, deterministic, with alt texts that state the finding."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from report_decision import decision
from report_study import study_inputs

from advisor.catalog import CANDIDATES
from advisor.evidence.table import EvidenceTable
from advisor.reporting.pictures.figures import Figure, look, short, two_lines
from advisor.reporting.pictures.pictures import draw_all

MAXIMUM_BYTES = 60_000


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    return {figure.name: figure for figure in draw_all(study_inputs(decision("lean")))}


def test_all_figures_are_small_and_well_formed(figures: dict[str, Figure]) -> None:
    assert list(figures) == ["best", "race", "learning", "evidence"]
    for figure in figures.values():
        root = ElementTree.fromstring(figure.svg)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(figure.svg.encode()) < MAXIMUM_BYTES
        assert "<script" not in figure.svg


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("best", "PyTorch 78%, Keras 3 on TensorFlow 13%, Keras 3 on JAX 4% and TensorFlow 4%"),
        ("race", "vision: PyTorch 2 ms, Keras 3 on TensorFlow 4 ms, Keras 3 on JAX 3.10 ms and TensorFlow 4.40 ms"),
        ("learning", "vision: scikit-learn baseline 0.910, PyTorch 0.935 and Keras 3 on TensorFlow 0.936"),
        ("evidence", "Longevity: highest for Keras 3 on TensorFlow (0.80, not known for 1)"),
    ],
)
def test_alt_texts_state_the_finding(figures: dict[str, Figure], name: str, finding: str) -> None:
    assert finding in figures[name].alt


def test_equal_inputs_give_equal_figures(figures: dict[str, Figure]) -> None:
    assert {figure.name: figure for figure in draw_all(study_inputs(decision("lean")))} == figures


def test_what_is_not_there_is_not_drawn() -> None:
    inputs = study_inputs(decision("none_feasible"), pilots=False)
    assert [figure.name for figure in draw_all(inputs)] == ["evidence"]
    bare = replace(inputs, evidence=EvidenceTable((), (), (), {}))
    assert draw_all(bare) == ()


@pytest.mark.parametrize("text", ["<script>&\"'", "$x^2$ $", "\x00\x1b", "--> <!--", "图像\n分类", "\ud800"])
def test_hostile_names_leave_figures_well_formed(text: str) -> None:
    inputs = study_inputs(decision())
    hostile = replace(inputs, series=tuple(replace(one, workload=text) for one in inputs.series))
    race = next(figure for figure in draw_all(hostile) if figure.name == "race")
    texts = "".join(ElementTree.fromstring(race.svg).itertext())
    assert "script" not in texts


def test_figures_stay_small_however_much_was_run() -> None:
    inputs = study_inputs(decision())
    many = replace(
        inputs,
        records=inputs.records * 40,
        series=tuple(
            replace(s, values=s.values * 40, launches=tuple(range(40 * len(s.values)))) for s in inputs.series
        ),
    )
    for figure in draw_all(many):
        assert len(figure.svg.encode()) < MAXIMUM_BYTES, figure.name


def test_labels_fit() -> None:
    assert short("a " * 40, 10) == "a a a a a…"
    assert two_lines("Keras 3 on TensorFlow") == "Keras 3 on\nTensorFlow"
    assert two_lines("PyTorch") == "PyTorch"


def test_candidates_differ_by_colour_and_by_marker() -> None:
    looks = [look(name) for name in (*CANDIDATES, "baseline")]
    assert len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == len(looks)
