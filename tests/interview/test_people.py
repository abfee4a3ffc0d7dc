"""Files of several people in a study."""

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.interview.people import own_answers, whole
from advisor.study import Study

SHARED = Answers({"project.stage": "product", "team.pytorch": 1, "priorities.points": {"longevity": 100.0}})


@pytest.fixture
def study(tmp_path: Path) -> Study:
    (tmp_path / "people").mkdir()
    return Study(tmp_path)


def says(study: Study, name: str, text: str) -> None:
    study.path(f"people/{name}.toml").write_text(text, encoding="utf-8")


def test_nobody_has_a_file(tmp_path: Path) -> None:
    assert own_answers(Study(tmp_path)) == {}


def test_what_people_say_about_team_and_priorities_wins_over_the_study(study: Study) -> None:
    says(study, "grace", 'schema = 1\n[team]\npytorch = 4\n[priorities]\norder = ["memory"]\n')
    says(study, "ada", "[team]\nkeras = 2\n")
    found = {name: whole(SHARED, own) for name, own in own_answers(study).items()}
    assert list(found) == ["ada", "grace"]
    assert found["ada"].said == {**SHARED.said, "team.keras": 2}
    assert found["grace"].said == {"project.stage": "product", "team.pytorch": 4, "priorities.order": ("memory",)}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[project]\nstage = "research"\n', r"project\.stage is the same for everybody"),
        ("[team]\npytorch = 9\n", r"team\.pytorch"),
        ("[team\n", "TOML"),
    ],
)
def test_mistakes_name_the_file(study: Study, text: str, what: str) -> None:
    says(study, "ada", text)
    with pytest.raises(AdvisorError, match=what) as raised:
        own_answers(study)
    assert "ada.toml" in str(raised.value)
