"""The answers file to fill in, and the schema that editors check it by."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from advisor.errors import AdvisorError
from advisor.interview import answers_file
from advisor.interview.questions import load_questions
from advisor.interview.schema import answers_schema
from advisor.interview.template import template

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(answers_schema())
KEY = re.compile(r"^# (?=\w+ = )", re.MULTILINE)


def test_the_template_as_it_is_says_nothing() -> None:
    assert answers_file.loads(template(), "template").said == {}


def test_with_the_signs_before_its_keys_taken_away_it_answers_everything_validly() -> None:
    filled = KEY.sub("", template())
    said = answers_file.loads(filled, "template").said
    assert list(said) == [question.id for question in load_questions()]
    jsonschema.validate(tomllib.loads(filled), SCHEMA)


def test_every_choice_stands_in_the_template_with_its_meaning() -> None:
    text = template()
    for question in load_questions():
        assert question.prompt in " ".join(text.replace("##", "").split())
        for choice in question.choices:
            assert re.search(rf"## +{re.escape(choice.value)} +{re.escape(choice.title)}", text)


def test_the_published_schema_is_the_program_s() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert (ROOT / "docs" / "answers.schema.json").read_text(encoding="utf-8") == answers_schema()


@pytest.mark.parametrize("path", [ROOT / "examples" / "answers.toml", *(ROOT / "examples" / "teams").glob("*.toml")])
def test_examples_fit_the_schema(path: Path) -> None:
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nproblem = "tabels"',
        "[project]\nproblm = 1",
        "[team]\npytorch = 6",
        "[team]\npeople = 0",
        '[deployment]\ntargets = ["moon"]',
        '[priorities]\norder = ["memory", "memory"]',
        "[priorities]\npoints = { memory = 101 }",
        "[priorities]\nanchors = { memory = [1.0] }",
        '[training]\npython = "three"',
        "schema = 2",
    ],
)
def test_the_schema_refuses_what_reading_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), SCHEMA)
    with pytest.raises(AdvisorError):
        answers_file.loads(text, "answers")
