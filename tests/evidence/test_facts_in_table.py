"""What cited facts add to the evidence."""

from datetime import date

import pytest
from evidence_tables import ALL, fact, steps, table

from advisor.evidence.table import Doubt, Missing, Triangular
from advisor.knowledge.facts import Effect


def test_facts_speak_about_what_is_measured_only_where_nobody_measured():
    unmeasured, measured = table({}), table({}, [steps("pytorch", 1.0, 1.0, 1.0)])
    for candidate in ALL:
        assert unmeasured.cell(candidate, "training_speed").components[0].kind == "cited"
    assert [c.measure for c in measured.cell("pytorch", "training_speed").components] == ["race.step_ms@vision"]
    assert measured.cell("tensorflow", "training_speed").missing  # nobody gains by failing


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([fact(0.2)], Triangular(pytest.approx(0.7), pytest.approx(0.05 + 0.1))),
        (
            [fact(-0.1), fact(0.3, confidence="L", name="X2")],
            Triangular(pytest.approx(0.7), pytest.approx(0.4081, abs=1e-4)),
        ),
        ([fact(0.3), fact(0.3, name="X2")], Triangular(pytest.approx(1.1), pytest.approx(0.2621, abs=1e-4))),
        ([fact(0.1, review_by=date(2026, 11, 19))], Triangular(pytest.approx(0.6), pytest.approx(0.2))),
        ([fact(0.1, when={"project.stage": ("research",)})], Triangular(pytest.approx(0.6), pytest.approx(0.1))),
        ([fact(0.1, when={"project.stage": ("product",)})], Missing()),
        ([fact(0.1, when={"team.growth": ("hiring",)})], Missing()),
        ([], Missing()),
    ],
)
def test_facts_add_up_where_the_answers_make_them_relevant(facts, expected):
    cell = table({"project.stage": "research"}, facts=facts).cell("pytorch", "longevity")
    assert cell.components[0].distribution == expected


def test_facts_cite_their_ids_and_the_oldest_date():
    (component,) = table(facts=[fact(0.1), fact(0.1, name="X2")]).cell("pytorch", "longevity").components
    assert component.source == ("X1", "X2")
    assert component.as_of == "2026-01-01"


def test_each_target_is_a_component_of_deployment():
    cell = table({"deployment.targets": ("browser", "microcontroller")}, facts=()).cell("pytorch", "deployment")
    assert [c.distribution.mode for c in cell.components] == [0.9, 0.5]
    assert all(c.kind == "cited" and c.source and c.as_of for c in cell.components)


def test_the_doubt_about_facts_on_deployment_is_one_on_all_targets():
    """Drawn once for each of three targets it would shrink by the root of three; how sure a route is stays its own."""
    doubtful = fact(-0.2, confidence="L").model_copy(
        update={"effects": (Effect(criterion="deployment", candidates=("pytorch",), effect=-0.2),)}
    )
    said = {"deployment.targets": ("browser", "android", "ios")}
    cell = table(said, facts=[doubtful]).cell("pytorch", "deployment")
    assert len(cell.components) == 3
    shared = Doubt("facts", "cell", Triangular(0.0, pytest.approx(0.25 + 0.1)))
    assert all(one.doubts == (shared,) for one in cell.components)
    own = table(said, facts=()).cell("pytorch", "deployment")
    assert [one.distribution.half_width for one in cell.components] == [
        one.distribution.half_width for one in own.components
    ]


def test_a_format_that_is_not_taken_makes_the_best_route_a_detour():
    said = {"deployment.targets": ("ios",), "deployment.accepts": ("onnx",)}
    (component,) = table(said, facts=()).cell("pytorch", "deployment").components
    assert component.distribution.mode == 0.5
