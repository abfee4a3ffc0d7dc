"""What rules a candidate out, or may: three-valued, each with what it rests on. Never a weight in disguise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from advisor.catalog import CANDIDATES, TARGETS
from advisor.deciding.decision import CheckStatus
from advisor.errors import AdvisorError
from advisor.evidence.table import Component, EvidenceTable
from advisor.interview.answers import Answers
from advisor.interview.conditions import Condition, holds
from advisor.knowledge.facts import Fact, supports_python
from advisor.knowledge.routes import RehearsedRoute, Route, RouteLimits, Routes

#: What people read for each constraint. Ids are public: they stand in ``decision.json``.
TITLES: dict[str, str] = {
    "required_targets": "the required targets",
    "accepted_formats": "the formats that the product accepts",
    "python_version": "the Python version",
    "latency_budget": "the time allowed for one prediction",
    "model_budget": "the size of the model",
    "install_budget": "the size of what runs the model",
    "gpu_system": "GPUs on this operating system",
    "gpu_vendor": "accelerators of this vendor",
    "tpu": "training on TPUs",
    "pretrained_weights": "the pretrained weights",
    "backend_neutral": "leaving the choice of framework to users",
    "untrusted_models": "loading models from people one does not trust",
    "languages": "the other programming languages",
    "serving_stack": "the server that is there already",
    "runs_here": "running in the pilots",
}


@dataclass(frozen=True)
class Check:
    """A constraint that a candidate fails or may fail; passed constraints are not kept."""

    constraint: str
    status: CheckStatus
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """What constraints are checked against.

    ``unmeasured``: candidates of which no trial ended well, with the error. ``lifted``: constraints that are not to
    count, by id.
    """

    answers: Answers
    table: EvidenceTable
    facts: Sequence[Fact]
    routes: Routes
    unmeasured: Mapping[str, str]
    lifted: frozenset[str] = frozenset()


def check(candidate: str, given: Given) -> tuple[Check, ...]:
    """All constraints that the candidate fails or may fail, except lifted constraints; failures first."""
    found = [each for rule in _RULES for each in rule(candidate, given) if each.constraint not in given.lifted]
    return tuple(sorted(found, key=lambda each: each.status != "fail"))


def require_constraints(names: Collection[str]) -> None:
    """Refuse to lift what is no constraint.

    Raises:
        AdvisorError: a name is not known; the message lists those that are.
    """
    for name in names:
        if name not in TITLES:
            near = get_close_matches(name, TITLES, n=1)
            raise AdvisorError(
                f"There is no constraint {name!r}." + (f" Did you mean {near[0]}?" if near else ""),
                where="--lift",
                allowed=", ".join(TITLES),
                next_command="advisor decide, which names the constraints that count",
            )


def relaxation(failing: Mapping[str, Sequence[Check]], value: Mapping[str, float]) -> str | None:
    """The smallest relaxation that lets a candidate back in, as a sentence; where several tie, the most valuable.

    Args:
        failing: failed checks by candidate; every candidate has some.
        value: mean value by candidate.
    """
    if not failing:
        return None

    def effort(candidate: str) -> tuple[int, float]:
        return len({each.constraint for each in failing[candidate]}), -value[candidate]

    nearest = min(failing, key=effort)
    dropped = list(dict.fromkeys(TITLES.get(each.constraint, each.constraint) for each in failing[nearest]))
    return f"Giving way on {' and '.join(dropped)} lets {CANDIDATES[nearest].title} back in."


def _required_targets(candidate: str, given: Given) -> list[Check]:
    found = []
    for target in given.answers.choices("deployment.required"):
        route = given.routes.to(target, candidate)
        title = f"{CANDIDATES[candidate].title} to {TARGETS.get(target, target)}"
        if route is None:
            reason = f"No route from {title} is known, nor that there is none."
            found.append(Check("required_targets", "unknown", reason, ()))
        elif route.status == "no":
            why = f": {route.condition}" if route.condition else ""
            doubtful = isinstance(route, RehearsedRoute) and not route.conclusive
            reason = f"There {'may be' if doubtful else 'is'} no route from {title}{why}."
            found.append(Check("required_targets", "unknown" if doubtful else "fail", reason, route.sources))
    return found


def _model_budget(candidate: str, given: Given) -> list[Check]:
    """Said only where a model was exported; a pilot's model tells little about the size of the team's own."""
    budget_mb = given.answers.number("deployment.model_mb")
    found = []
    for target in given.answers.choices("deployment.targets") if budget_mb is not None else ():
        routes = [
            route
            for route in given.routes.all_to(target, candidate)
            if isinstance(route, RehearsedRoute) and route.status != "no" and route.model_mb is not None
        ]
        lightest = min(routes, key=lambda route: route.model_mb or 0.0, default=None)
        if lightest is None or lightest.model_mb is None or budget_mb is None or lightest.model_mb <= budget_mb:
            continue
        whose = "The model" if lightest.own_model else "Even the pilot's model"
        reason = (
            f"{whose} of {CANDIDATES[candidate].title} weighs at least {lightest.model_mb:.3g} MB as exported for "
            f"{TARGETS.get(target, target)}, allowed are {budget_mb:g} MB."
        )
        failing = lightest.own_model and target in given.answers.choices("deployment.required")
        found.append(Check("model_budget", "fail" if failing else "unknown", reason, lightest.sources))
    return found


def _install_budget(candidate: str, given: Given) -> list[Check]:
    """Fails only for required targets, and only if the weight of every route is known and too much.

    Where nobody knows what runs models on a target weighs, the limit tells nobody apart and stays unsaid.
    """
    budget_mb = given.answers.number("deployment.install_mb")
    if budget_mb is None:
        return []
    required = given.answers.choices("deployment.required")
    title = CANDIDATES[candidate].title
    found = []
    for target in given.answers.choices("deployment.targets"):
        routes = _weighed([route for route in given.routes.all_to(target, candidate) if route.status != "no"])
        measured = any(route.installed_mb for route in given.routes.routes if route.target == target)
        if not (routes and measured) or any(route.fits(RouteLimits(budget_mb)) for route in routes):
            continue
        sizes = [route.installed_mb for route in routes if route.installed_mb is not None]
        evidence = tuple(source for route in routes for source in route.sources)
        place = TARGETS.get(target, target)
        if len(sizes) == len(routes):
            reason = (
                f"The lightest known way from {title} to {place} weighs about {min(sizes):.0f} MB there, "
                f"allowed are {budget_mb:g} MB."
            )
            found.append(Check("install_budget", "fail" if target in required else "unknown", reason, evidence))
        else:
            reason = f"What runs a model of {title} on {place} weighs there is not known; allowed are {budget_mb:g} MB."
            found.append(Check("install_budget", "unknown", reason, evidence))
    return found


def _weighed(routes: Sequence[Route]) -> list[Route]:
    """Without the cited routes of which a rehearsal tells the weight."""
    known = {
        (route.format, route.runtime) for route in routes if isinstance(route, RehearsedRoute) and route.installed_mb
    }
    return [
        route for route in routes if isinstance(route, RehearsedRoute) or (route.format, route.runtime) not in known
    ]


def _accepted_formats(candidate: str, given: Given) -> list[Check]:
    accepted = given.answers.choices("deployment.accepts")
    known = {file_format: given.routes.writes(file_format, candidate) for file_format in accepted}
    if not accepted or any(support is not None and support.status != "no" for support in known.values()):
        return []
    evidence = tuple(source for support in known.values() if support is not None for source in support.sources)
    title = CANDIDATES[candidate].title
    if any(support is None for support in known.values()):
        reason = f"Whether {title} can write one of these formats is not known: {', '.join(accepted)}."
        return [Check("accepted_formats", "unknown", reason, evidence)]
    reason = f"{title} writes none of these formats: {', '.join(accepted)}."
    return [Check("accepted_formats", "fail", reason, evidence)]


def _python_version(candidate: str, given: Given) -> list[Check]:
    version = given.answers.text("training.python")
    if not version:
        return []
    supported = supports_python(given.facts, candidate, version)
    title = CANDIDATES[candidate].title
    if supported is None:
        return [Check("python_version", "unknown", f"Which Pythons {title} supports is not known.", ())]
    installable, evidence = supported
    if installable:
        return []
    return [Check("python_version", "fail", f"{title} cannot be installed on Python {version}.", evidence)]


def _latency_budget(candidate: str, given: Given) -> list[Check]:
    budget_ms = given.answers.number("deployment.latency_ms")
    if budget_ms is None:
        return []
    title = CANDIDATES[candidate].title
    found = []
    components = given.table.cell(candidate, "inference_speed").components
    # What was rehearsed on the way to the targets is what people will wait for, not the framework it was trained in.
    on_the_way = tuple(component for component in components if component.measure.startswith("rehearse."))
    waited_for = on_the_way or components
    for component in (*_merged_unknown(waited_for), *(known for known in waited_for if known.kind != "missing")):
        status = _against_budget(component, budget_ms)
        if status == "pass":
            continue
        if component.measure.startswith("facts@"):
            reason = f"How long one prediction of {title} takes was not measured; allowed are {budget_ms:g} ms."
        elif component.raw is None:
            reason = f"{component.label} of {title} is not known: {component.note}."
        else:
            reason = (
                f"{component.label} of {title}: {component.raw:.3g} ms ({component.raw_low:.3g} to "
                f"{component.raw_high:.3g}), allowed are {budget_ms:g} ms."
            )
        found.append(Check("latency_budget", status, reason, component.source))
    return found


def _merged_unknown(components: Sequence[Component]) -> list[Component]:
    """Times that are not known for the same reason, on however many pilots, as one component."""
    by_reason: dict[tuple[str, str], list[Component]] = {}
    for component in components:
        if component.kind == "missing":
            by_reason.setdefault((component.label.partition(" (")[0], component.note), []).append(component)
    return [
        each[0] if len(each) == 1 else replace(each[0], label=f"{label}, on {len(each)} pilots,")
        for (label, _), each in by_reason.items()
    ]


def _against_budget(component: Component, budget_ms: float) -> CheckStatus:
    """Fails only if the whole interval lies beyond, and only if measured on what was asked about."""
    if component.raw_low is None or component.raw_high is None:
        return "unknown"
    if component.raw_high <= budget_ms:
        return "pass"
    return "fail" if component.raw_low > budget_ms and component.kind == "measured" else "unknown"


def _excluded_by_facts(candidate: str, given: Given) -> list[Check]:
    """Not sure opens a constraint only where the rest of its condition was said: a doubt alone excludes nobody."""
    found = []
    for fact in given.facts:
        for exclusion in fact.excludes:
            if candidate not in exclusion.candidates:
                continue
            applies = holds(exclusion.when, given.answers)
            if applies is None and _half_said(exclusion.when, given.answers):
                found.append(Check(exclusion.constraint, "unknown", fact.text, (fact.id,)))
            elif applies:
                found.append(Check(exclusion.constraint, exclusion.status, fact.text, (fact.id,)))
    return found


def _half_said(condition: Condition, answers: Answers) -> bool:
    doubtful = {key for key in condition if answers.unsure(key)}
    said = [key for key in condition if answers.get(key) is not None]
    return bool(doubtful and said) and len(doubtful) + len(said) == len(condition)


def _runs_here(candidate: str, given: Given) -> list[Check]:
    if candidate not in given.unmeasured:
        return []
    reason = f"No pilot of {CANDIDATES[candidate].title} ended well: {given.unmeasured[candidate]}"
    return [Check("runs_here", "unknown", reason, ())]


_RULES: tuple[Callable[[str, Given], list[Check]], ...] = (
    _required_targets,
    _model_budget,
    _install_budget,
    _accepted_formats,
    _python_version,
    _latency_budget,
    _excluded_by_facts,
    _runs_here,
)
