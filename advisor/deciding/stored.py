"""``decision.json``: writing a decision and reading it back."""

from __future__ import annotations

import json
from functools import cache

from pydantic import TypeAdapter, ValidationError

from advisor.deciding.decision import SCHEMA, Decision
from advisor.errors import AdvisorError, ExitCode


def decision_json(decision: Decision) -> str:
    """The decision as JSON, indented, the same text for the same decision."""
    return _adapter().dump_json(decision, indent=2).decode() + "\n"


def decision_schema() -> str:
    """The JSON Schema of ``decision.json``, indented."""
    schema = _adapter().json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"decision.json ({SCHEMA})",
    }
    return json.dumps(head | {k: v for k, v in schema.items() if k != "title"}, indent=2) + "\n"


def exit_code(decision: Decision) -> ExitCode:
    """What a decision tells the shell."""
    special = {"none_feasible": ExitCode.NO_FEASIBLE_CANDIDATE, "insufficient": ExitCode.INSUFFICIENT_EVIDENCE}
    return special.get(decision.verdict, ExitCode.VERDICT)


def load_decision(text: str) -> Decision:
    """A decision from the text of ``decision.json``.

    Raises:
        AdvisorError: not JSON, not a decision, or of a schema that this version does not know.
    """
    again = "advisor decide"
    try:
        decision = _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AdvisorError(
            f"This is not a decision: {first['msg']}",
            where=f"decision.json {where}".strip(),
            next_command=again,
        ) from error
    if decision.schema != SCHEMA:
        raise AdvisorError(
            f"Schema {decision.schema!r} is not known to this version",
            where="decision.json schema",
            allowed=SCHEMA,
            next_command=again,
        )
    return decision


@cache
def _adapter() -> TypeAdapter[Decision]:
    return TypeAdapter(Decision)
