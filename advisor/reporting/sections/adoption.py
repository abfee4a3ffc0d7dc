"""The first month with the recommended candidate: what to install, who begins, what to try and move, when to stop.

Every step rests on something that the study holds; where it holds nothing, the step is left out.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.catalog import CANDIDATES
from advisor.evidence.from_answers import share_to_rewrite, weeks_of_moving, weeks_until_productive
from advisor.interview.answers import Answers
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.learning import baseline_notes
from advisor.reporting.words import sentences
from advisor.reporting.words.names import candidate_title, framework_title, joined, sentence, target_title, words
from advisor.reporting.words.numbers import counted, percent, quantity, weeks
from advisor.reporting.words.reasons import needed as needed_value
from advisor.reporting.words.table import Table

_SKILL_NAMES = {"team.pytorch": "PyTorch", "team.keras": "Keras", "team.tensorflow": "TensorFlow", "team.jax": "JAX"}
_LEVELS = (
    "has never used {}",
    "has followed a tutorial on {}",
    "has built something in {} with help",
    "has shipped a model in {}",
    "runs models in production in {}",
    "could change the internals of {}",
)
#: From this level on people teach others rather than learn.
_TEACHES = 3
_MONTH_WEEKS = 4.0


@dataclass(frozen=True)
class Adoption:
    """The plan: ``install`` holds shell commands with pinned versions, empty where none were installed here."""

    intro: str
    install: str
    steps: Table


def build_adoption(inputs: ReportInputs) -> Adoption | None:
    """The plan for the candidate that is recommended or ahead; None where there is nothing to adopt."""
    leader = inputs.leader
    if leader is None or inputs.decision.verdict in ("none_feasible", "insufficient") or leader not in CANDIDATES:
        return None
    steps = [
        *_first_week(inputs, leader),
        *_deployment(inputs),
        *_existing_code(inputs, leader),
        _first_model(inputs, leader),
        _look_again(inputs, leader),
    ]
    return Adoption(
        _intro(inputs, leader), install_commands(inputs, leader), Table(("When", "What", "Why"), tuple(steps))
    )


def install_commands(inputs: ReportInputs, candidate: str) -> str:
    """Shell commands that install what identifies a candidate, in the versions that are installed here."""
    versions = inputs.versions.get(candidate, {})
    pins = [f"{name}=={version.partition('+')[0]}" for name, version in versions.items() if name != "python"]
    if not pins:
        return ""
    lines = [shlex.join(["python", "-m", "pip", "install", *pins])]
    if backend := CANDIDATES[candidate].backend:
        lines.append(f"export KERAS_BACKEND={backend}")
    return "\n".join(lines)


def _intro(inputs: ReportInputs, leader: str) -> str:
    title = candidate_title(leader)
    start = {
        "too_close": f"Should you take {title}, which is ahead:",
        "conditional": f"Once what is open is settled in favour of {title}:",
    }
    return start.get(inputs.decision.verdict, f"Once {title} is agreed on:")


def _first_week(inputs: ReportInputs, leader: str) -> list[tuple[str, str, str]]:
    found = []
    for veto in sentences.open_questions(inputs):
        found.append(("Before anything else", "Settle what is still open.", sentence(veto.reason)))
    if (versions := inputs.versions.get(leader)) is not None:
        python = f", on Python {versions['python']}" if "python" in versions else ""
        ran = "the pilots ran with" if inputs.has_pilots else "are installed where this report was made"
        found.append(
            (
                "Week 1",
                f"Install these versions and keep them in a lock file{python}.",
                f"They are the versions that {ran}; what is said here holds for them.",
            )
        )
    for note in baseline_notes(inputs):
        if note.matches and note.workload in inputs.answering:
            what = "Train the scikit-learn baseline on your own data first, and keep its score as the one to beat."
            found.append(("Week 1", what, note.finding))
            break
    return [*found, ("Week 1", *_learning(inputs, leader))]


def _learning(inputs: ReportInputs, leader: str) -> tuple[str, str]:
    """Who begins, by what the answers say about skills."""
    skills = CANDIDATES[leader].skills
    main = max(skills, key=lambda key: skills[key])
    name = _SKILL_NAMES[main]
    needed = weeks_until_productive(leader, inputs.answers)
    low, middle, high = (weeks(number) for number in (needed.low, needed.median, needed.high))
    how_long = f"Until the team is productive: about {middle}, anything from {low} to {high}."
    by_level = _by_level(inputs.people, main)
    if len(by_level) > 1:
        (first, level), others = by_level[0], [person for person, own in by_level if own < _TEACHES][::-1]
        others = [person for person in others if person != first]
        learn = "learns" if len(others) == 1 else "learn"
        begins = f"{first} begins with {name}" + (f"; {joined(others)} {learn} it from there." if others else ".")
        return begins, f"{first} {_LEVELS[level].format(name)}. {how_long}"
    level_said = inputs.answers.number(main)
    if level_said is None:
        return f"Find out who knows {name} best, and let them begin.", f"Nobody said how well. {how_long}"
    level = round(level_said)
    if level >= _TEACHES:
        return (
            f"Review the pilot's code together; nobody needs a course in {name}.",
            f"The team {_LEVELS[level].format(name)}. {how_long}",
        )
    what = f"Learn {name} on the pilot's code, the model before the training, before anything of your own is written."
    return what, f"The team {_LEVELS[level].format(name)}. {how_long}"


def _by_level(people: Mapping[str, Answers], key: str) -> list[tuple[str, int]]:
    """Who said how well they know it, the best first."""
    said = [(name, own.number(key)) for name, own in people.items()]
    levels = [(name, round(level)) for name, level in said if level is not None]
    return sorted(levels, key=lambda pair: -pair[1])


def _deployment(inputs: ReportInputs) -> list[tuple[str, str, str]]:
    """A step for each target that has a route: the required targets, or all where none is required."""
    routes = inputs.decision.routes
    required = [target for target in inputs.answers.choices("deployment.required") if target in routes]
    return [
        (
            "Week 2",
            f"Take the first model, however poor, to {target_title(target)} by {routes[target].route}, and compare "
            f"its outputs there with those where it was trained{_limits(inputs)}.",
            "This way was rehearsed here with the pilot's model, not with yours."
            if routes[target].status == "rehearsed"
            else "This way is cited and was not tried here.",
        )
        for target in required or routes
        if routes[target].status != "none"
    ]


def _limits(inputs: ReportInputs) -> str:
    said = (
        ("deployment.latency_ms", "{} ms for a prediction"),
        ("deployment.model_mb", "{} MB for the model"),
        ("deployment.install_mb", "{} MB for what is installed"),
    )
    limits = [text.format(f"{number:g}") for key, text in said if (number := inputs.answers.number(key)) is not None]
    return f"; your limits are {joined(limits)}" if limits else ""


def _existing_code(inputs: ReportInputs, leader: str) -> list[tuple[str, str, str]]:
    code = [framework_title(name) for name in inputs.answers.choices("existing.frameworks")]
    advice, why = inputs.decision.migration, inputs.decision.migration_because
    if advice == "none" or not code:
        return []
    moving = weeks_of_moving(leader, inputs.answers)
    frameworks = inputs.answers.choices("existing.frameworks")
    share = share_to_rewrite(leader, frameworks)
    effort = (
        f" About {percent(share)} of it has to be written anew: {weeks(moving.low)} to {weeks(moving.high)} for the "
        "whole team, tests first."
        if moving.median
        else ""
    )
    what = {
        "stay": f"Leave the code in {joined(code)} where it is.",
        "upgrade": f"Bring the code in {joined(code)} to the current major version, model by model.{effort}",
        "freeze": f"Export the models in {joined(code)} once, check the exported ones, and freeze the rest.",
        "migrate": f"Move the code in {joined(code)} to {candidate_title(leader)}, model by model.{effort}",
    }[advice]
    return [("Weeks 2 and 3", what, sentence(why))]


def _first_model(inputs: ReportInputs, leader: str) -> tuple[str, str, str]:
    size = next((size for size in inputs.code if size.candidate == leader), None)
    if inputs.answers.text("project.trains") == "no":
        what = "Take over one existing model whole: load it, export it, and compare its outputs with those of today."
        return ("Weeks 3 and 4", what, "Nothing is trained, so that this is the whole way.")
    what = "Train a first model of your own on your data"
    if size is None or not inputs.has_pilots:
        return ("Weeks 3 and 4", f"{what}, the smallest that could be of use.", _due(inputs))
    code = f"the code of the pilot {words(size.workload)} ({counted(size.operations, 'operation')})"
    start = f"{what}, beginning with {code}."
    return ("Weeks 3 and 4", start, _due(inputs))


def _due(inputs: ReportInputs) -> str:
    due = inputs.answers.number("project.baseline_weeks")
    return "Everything after it is easier to judge." if due is None else f"It is due in week {due:g}."


def _look_again(inputs: ReportInputs, leader: str) -> tuple[str, str, str]:
    change = inputs.decision.what_would_change
    nearest = next((flip for flip in change.values if flip.raw_needed is not None), None) if change else None
    needed = weeks_until_productive(leader, inputs.answers).median
    late = f" The team is expected to be productive only after {weeks(needed)}." if needed > _MONTH_WEEKS else ""
    what = f"Hold what you found against this report, and decide again where it was wrong.{late}"
    if nearest is None or change is None:
        return ("End of week 4", what, "Nothing that was measured comes near to turning the answer.")
    other, now = candidate_title(change.runner_up), quantity(nearest.raw_now, nearest.unit)
    why = f"What would turn the answer first: {other} with {needed_value(nearest)}, now {now} ({nearest.label})."
    return ("End of week 4", what, why)
