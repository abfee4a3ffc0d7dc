"""What must not travel with a report: home folders and secrets never, names, titles and paths where that is asked."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from advisor.interview.answers import Answers
from advisor.reporting.inputs import ReportInputs
from advisor.userdata.profile import Profile

T = TypeVar("T")

HIDDEN = "[hidden]"
_OWN_PILOT = "own_pilot"
#: Folders of people, on whatever system the trials ran: the name of the person goes with them.
_HOMES = re.compile(r"(?<![\w/.:])(?:(?:/var)?/home/|/Users/|[A-Za-z]:\\Users\\)[^\s/\\:'\"`,;)]+")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+@")
#: Tokens that say what they are by how they begin.
_TOKENS = re.compile(
    r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_\w{20,}|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}"
    r"|AKIA[0-9A-Z]{16})"
)
_LOOKS_SECRET = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|ACCESS_KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET = 8
_SEGMENT = r"[\w.@+-]+"
_PATH = re.compile(rf"(?<![\w/.:~])(?:(?:~|[A-Za-z]:)(?:[/\\]{_SEGMENT})+|(?:/{_SEGMENT}){{2,}})[/\\]?")
#: Options that name something of the user's.
_NAMING = ("--as", "--data", "--target", "--images", "--text", "--text-column", "--series", "--time", "--workload")
#: What in a profile of data names something of the user's.
_NAMED = ("file", "target", "time")


def without_secrets(document: T) -> T:
    """The same document with home folders shortened to ``~`` and without what looks like a secret.

    Secrets are values of this environment's variables with a telling name, credentials in web addresses, and tokens
    that begin as those of well-known services do.
    """
    secrets = _secrets(os.environ)
    home = str(Path.home())
    own_home = re.compile(rf"(?<![\w/.]){re.escape(home)}(?![\w.-])") if len(home) > 1 else None

    def cleaned(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, HIDDEN)
        text = _TOKENS.sub(HIDDEN, _CREDENTIALS.sub(f"{HIDDEN}@", text))
        return _HOMES.sub("~", own_home.sub("~", text) if own_home else text)

    return _each_text(document, cleaned)


def anonymous(inputs: ReportInputs) -> ReportInputs:
    """The inputs without names of people, the project's title, and the names of the study and the data.

    What was measured and answered stays. The code of a pilot of the user's own goes.
    """
    answered_by = inputs.answers.choices("priorities.answered_by")
    people = dict.fromkeys([*(person.name for person in inputs.decision.people), *inputs.people, *answered_by])
    names = {name: f"Person {number}" for number, name in enumerate(people, start=1)}
    hidden = ("project.title", "priorities.answered_by")
    return replace(
        inputs,
        study="STUDY",
        title="this project",
        answers=Answers({key: value for key, value in inputs.answers.said.items() if key not in hidden}),
        machine=replace(inputs.machine, id=HIDDEN),
        decision=replace(
            inputs.decision,
            people=tuple(replace(person, name=names[person.name]) for person in inputs.decision.people),
        ),
        people={names[name]: own for name, own in inputs.people.items()},
        data=inputs.data and _nameless_data(inputs.data),
        commands=tuple(map(_nameless, inputs.commands)),
        code=() if own_pilots(inputs) else inputs.code,
        **_with_pilots_renamed(inputs),
    )


def without_names(document: T, inputs: ReportInputs) -> T:
    """The same document without paths, and without the names of the user's own pilots in ``inputs``, as given."""
    own = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) for name in own_pilots(inputs)]

    def cleaned(text: str) -> str:
        for name in own:
            text = name.sub(_OWN_PILOT.replace("_", " "), text)
        return _PATH.sub("[path]", text)

    return _each_text(document, cleaned)


def own_pilots(inputs: ReportInputs) -> tuple[str, ...]:
    """Names of the user's own pilots, as they are and in words."""
    found = {record.spec.workload for record in inputs.records if record.spec.folder is not None}
    return tuple(sorted({*found, *(name.replace("_", " ") for name in found)}))


def _with_pilots_renamed(inputs: ReportInputs) -> dict[str, Any]:
    """What figures and tables take the names of pilots from; the user's own are called what they are."""
    own = set(own_pilots(inputs))

    def called(name: str) -> str:
        return _OWN_PILOT if name in own else name

    return {
        "records": tuple(
            replace(record, spec=replace(record.spec, workload=called(record.spec.workload)))
            for record in inputs.records
        ),
        "series": tuple(replace(series, workload=called(series.workload)) for series in inputs.series),
        "comparisons": tuple(replace(pair, workload=called(pair.workload)) for pair in inputs.comparisons),
        "targets": tuple(replace(reached, workload=called(reached.workload)) for reached in inputs.targets),
        "answering": tuple(map(called, inputs.answering)),
    }


def _secrets(environment: Mapping[str, str]) -> list[str]:
    found = {
        value for name, value in environment.items() if _LOOKS_SECRET.search(name) and len(value) >= _SHORTEST_SECRET
    }
    return sorted(found, key=len, reverse=True)


def _nameless_data(data: Profile) -> Profile:
    hidden: dict[str, Any] = {name: HIDDEN for name in _NAMED if hasattr(data, name)}
    return replace(data, **hidden)


def _nameless(command: str) -> str:
    """A command with the values of those options hidden that name something of the user's."""
    if not any(option in command for option in _NAMING):
        return command
    words = shlex.split(command)
    return shlex.join(
        HIDDEN if (place and words[place - 1] in _NAMING) or word.startswith("people/") else word
        for place, word in enumerate(words)
    )


def _each_text(value: T, change: Callable[[str], str]) -> T:
    """A copy of nested dataclasses, tuples and dicts in which every text is changed; keys stay."""
    changed: Any = value
    if isinstance(value, str):
        changed = change(value)
    elif isinstance(value, tuple):
        changed = tuple(_each_text(item, change) for item in value)
    elif isinstance(value, dict):
        changed = {key: _each_text(item, change) for key, item in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        changed = replace(value, **{f.name: _each_text(getattr(value, f.name), change) for f in fields(value)})
    return cast(T, changed)
