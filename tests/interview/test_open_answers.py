"""How likely conditions hold on answers that nobody gave."""

import pytest

from advisor.interview.answers import NOT_SURE, Answers
from advisor.interview.open_answers import chance, outcomes, still_open
from advisor.interview.questions import load_questions
from advisor.method import method

HALF = method().open_answers.nothing_ticked


@pytest.mark.parametrize(
    ("condition", "said", "likely"),
    [
        ({}, {}, 1),
        ({"team.growth": ("hiring",)}, {}, 1 / 2),
        ({"team.growth": ("hiring",)}, {"team.growth": NOT_SURE}, 1 / 2),
        ({"team.growth": ("hiring",)}, {"team.growth": "hiring"}, 1),
        ({"team.growth": ("hiring",)}, {"team.growth": "stable"}, None),
        ({"team.growth": ("hiring", "stable")}, {}, 1),
        ({"project.stage": ("research", "product", "learning")}, {}, 3 / 4),
        ({"team.jax": (">=3",)}, {}, 3 / 6),
        ({"team.jax": ("<=0",)}, {"team.jax": NOT_SURE}, 1 / 6),
        # Half of those who tick nothing have nothing to tick.
        ({"architecture.pretrained": ("keras_hub",)}, {}, HALF / 8),
        ({"architecture.pretrained": ("*",)}, {}, HALF),
        ({"project.horizon_years": (">=5",)}, {}, 1 / 2),
        ({"training.python": ("3.11",)}, {"project.trains": "yes"}, 1 / 2),
        ({"team.growth": ("hiring",), "project.stage": ("research",)}, {}, 1 / 8),
        ({"team.growth": ("hiring",), "project.stage": ("research",)}, {"project.stage": "research"}, 1 / 2),
        ({"team.growth": ("hiring",), "project.stage": ("research",)}, {"project.stage": "product"}, None),
        # What another answer rules out was never left open.
        ({"training.vendor": ("amd",)}, {"project.trains": "yes", "training.hardware": ("cpu",)}, None),
        ({"training.vendor": ("amd",)}, {"project.trains": "yes", "training.hardware": ("one_gpu",)}, 1 / 6),
        # What is asked only after an open answer hangs on that one too: four of five kinds of hardware, if any.
        ({"training.vendor": ("amd",)}, {"project.trains": "yes"}, HALF * 4 / 5 / 6),
        ({"existing.size": ("large",), "existing.frameworks": ("*",)}, {}, HALF / 2),
        # Two conditions on one answer: both have to hold.
        (
            {"deployment.installers": ("public",), "deployment.targets": ("ios", "android")},
            {},
            HALF * 2 / 10 / 3,
        ),
        ({"no.such_question": ("x",)}, {}, None),
    ],
)
def test_chances_by_hand(condition, said, likely):
    found = still_open(condition, Answers(said))
    assert (found is None) == (likely is None)
    if found is not None:
        assert chance(found) == pytest.approx(likely)


@pytest.mark.parametrize("question", load_questions(), ids=lambda question: question.id)
def test_the_outcomes_of_a_question_are_all_there_are(question):
    assert sum(outcomes(question.id)) == pytest.approx(1)
