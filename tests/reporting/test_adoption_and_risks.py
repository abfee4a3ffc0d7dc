"""The first month and the risks say what the study holds, and nothing that it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from report_decision import decision
from report_study import machine, study_inputs

from advisor.deciding.decision import Decision
from advisor.interview.answers import Answers
from advisor.interview.answers import Value as Answer
from advisor.measuring.machine.fingerprint import MachineWarning
from advisor.reporting.document import build_document
from advisor.reporting.first_page.warnings_shown import cautions
from advisor.reporting.sections.adoption import Adoption
from advisor.reporting.words.numbers import weeks


def plan(made: Decision, said: dict[str, Answer] | None = None, **changed: object) -> Adoption:
    inputs = study_inputs(made)
    answers = Answers({**inputs.answers.said, **(said or {})})
    found = build_document(replace(inputs, answers=answers, **changed)).adoption  # type: ignore[arg-type]
    assert found is not None
    return found


def test_versions_are_pinned_as_they_ran() -> None:
    found = plan(decision())
    assert found.install == "python -m pip install torch==2.13.0"
    assert found.intro == "Once PyTorch is agreed on:"


def test_a_backend_is_chosen_as_well() -> None:
    made = replace(decision("lean"), recommended="keras-jax")
    install = plan(made).install
    assert install == "python -m pip install keras==3.15.1 jax==0.10.2 jaxlib==0.10.2\nexport KERAS_BACKEND=jax"


def test_who_knows_most_begins() -> None:
    steps = plan(decision()).steps.rows
    learning = next(row for row in steps if "begins with" in str(row[1]))
    assert learning[1] == "Ada begins with PyTorch; Grace learns it from there."
    assert str(learning[2]).startswith("Ada runs models in production in PyTorch. Until the team is productive: about ")


@pytest.mark.parametrize(
    ("level", "says"),
    [(4, "nobody needs a course in PyTorch"), (1, "Learn PyTorch on the pilot's code")],
)
def test_without_people_the_team_speaks(level: int, says: str) -> None:
    steps = plan(decision(), {"team.pytorch": level}, people={}).steps.rows
    assert any(says in str(row[1]) for row in steps)


def test_targets_are_tried_early_within_the_limits() -> None:
    steps = plan(decision(), {"deployment.latency_ms": 50.0}).steps.rows
    (target,) = [row for row in steps if "Python server" in str(row[1])]  # Android has no route
    assert "your limits are 50 ms for a prediction" in str(target[1])
    assert target[2] == "This way is cited and was not tried here."


def test_existing_code_is_moved_with_its_effort() -> None:
    made = replace(decision(), migration="migrate", migration_because="it is to be rewritten anyway")
    steps = plan(made, {"existing.frameworks": ("keras2",), "existing.size": "small"}).steps.rows
    (moving,) = [row for row in steps if "Keras 2" in str(row[1])]
    assert "Move the code in Keras 2 to PyTorch" in str(moving[1])
    assert "About 100% of it has to be written anew: half a week to 1.5 weeks" in str(moving[1])


@pytest.mark.parametrize("verdict", ["none_feasible", "insufficient"])
def test_nothing_is_adopted_where_nothing_is_chosen(verdict: str) -> None:
    assert build_document(study_inputs(decision(verdict))).adoption is None


def test_every_risk_has_something_to_do_about_it() -> None:
    for verdict in ("clear", "lean", "too_close", "conditional", "none_feasible", "insufficient"):
        risks = build_document(study_inputs(decision(verdict))).risks
        assert risks is not None and risks.table is not None
        assert all(all(cell for cell in row) for row in risks.table.rows)
        assert risks.warnings == ("One answer is older than a year.",)


def test_what_is_open_comes_first() -> None:
    risks = build_document(study_inputs(decision("conditional"))).risks
    assert risks is not None and risks.table is not None
    assert risks.table.rows[0] == (
        "Open: the required targets. No route from PyTorch to Android is known.",
        "Settle it before you commit yourselves. Until then, keep Keras 3 on TensorFlow in reserve.",
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.02, "less than a day"), (0.2, "a day or two"), (0.4, "half a week"), (1.0, "1 week"), (3.33, "3.3 weeks"),
     (12.4, "12 weeks")],
)  # fmt: skip
def test_weeks_are_told_as_people_say_them(number: float, text: str) -> None:
    assert weeks(number) == text


def test_load_that_machine_files_of_before_tell_is_no_caution() -> None:
    warnings = [MachineWarning(name, f"It is {name}.", "Do it.") for name in ("busy", "on_battery")]
    plan = SimpleNamespace(unavailable={}, notes=())
    told = cautions(plan, replace(machine(), warnings=tuple(warnings)), [], date(2026, 12, 1), [])  # type: ignore[arg-type]
    assert told == ("It is on_battery. Do it.",)
