"""The JSON Schema of an answers file, for editors that complete and check TOML."""

from __future__ import annotations

import json
from typing import Any

from advisor.interview.answers import NOT_SURE
from advisor.interview.answers_file import SCHEMA
from advisor.interview.question import Question
from advisor.interview.questions import load_questions, load_sections


def answers_schema() -> str:
    """The schema, indented. What depends on other answers stands in no schema; reading the file checks that too."""
    questions = load_questions()
    groups: dict[str, Any] = {
        group: {
            "type": "object",
            "title": title,
            "additionalProperties": False,
            "properties": {question.name: _property(question) for question in questions if question.group == group},
        }
        for group, title in load_sections().items()
    }
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Answers of a team (schema {SCHEMA})",
        "type": "object",
        "additionalProperties": False,
        "properties": {"schema": {"const": SCHEMA}, **groups},
    }
    return json.dumps(document, indent=2) + "\n"


def _property(question: Question) -> dict[str, Any]:
    default = {} if question.default is None else {"default": question.default}
    return {
        "title": question.prompt,
        "description": question.help,
        "anyOf": [_value(question), {"const": NOT_SURE}],
        **default,
    }


def _value(question: Question) -> dict[str, Any]:
    named = {"enum": list(question.values)}
    span = {
        key: bound for key, bound in (("minimum", question.minimum), ("maximum", question.maximum)) if bound is not None
    }
    match question.type:
        case "choice":
            return {"oneOf": [{"const": choice.value, "title": choice.title} for choice in question.choices]}
        case "choices":
            return {"type": "array", "items": named, "uniqueItems": True}
        case "order":
            return {"type": "array", "items": named, "uniqueItems": True, "maxItems": question.at_most}
        case "level":
            return {"type": "integer", "minimum": 0, "maximum": len(question.choices) - 1}
        case "number":
            return {"type": "number", **span}
        case "points":
            return {"type": "object", "propertyNames": named, "additionalProperties": {"type": "number", **span}}
        case "anchors":
            pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
            return {"type": "object", "propertyNames": named, "additionalProperties": pair}
        case "names":
            return {"type": "array", "items": {"type": "string"}}
        case "text":
            return {"type": "string", **({"pattern": f"^({question.pattern})$"} if question.pattern else {})}
