"""Advice beside the choice: a combination, what to do with existing code, and answers outside the candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from advisor.catalog import BASELINE, CANDIDATES, TARGETS, family_of
from advisor.deciding.decision import TargetRoute, Verdict
from advisor.interview.answers import Answers
from advisor.knowledge.routes import Routes
from advisor.measuring.series import Series

Migration = Literal["none", "stay", "upgrade", "freeze", "migrate"]

#: Trees count as a match when they come this close to the best network, in accuracy or R2.
BASELINE_TOLERANCE = 0.01

_RETIRED = {"tensorflow1", "other_retired"}
_CURRENT = {"pytorch": "pytorch", "keras3": "keras", "tensorflow2": "tensorflow"}
#: Pains that grow as long as the old framework stays a dependency.
_VERSION_PAINS = {"python_pin", "dependency_conflicts", "abandoned_upstream", "security", "install_size"}


def target_routes(candidate: str, answers: Answers, routes: Routes) -> dict[str, TargetRoute]:
    """How a candidate reaches each asked target."""
    found = {}
    for target in answers.choices("deployment.targets"):
        route = routes.to(target, candidate)
        if route is None or route.status == "no":
            found[target] = TargetRoute("", "none", route.sources if route else ())
        else:
            text = f"{route.text(candidate)} ({route.condition})" if route.condition else route.text(candidate)
            found[target] = TargetRoute(text, "cited", route.sources)
    return found


def hybrid(
    recommended: str,
    shortlist: Sequence[str],
    candidates: Sequence[str],
    answers: Answers,
    routes: Routes,
    verdict: Verdict,
) -> str | None:
    """Two candidates side by side, where that beats one: first rule that applies, else None.

    1. A target that the recommended one does not reach and another does: use the other for that target alone.
    2. Keras and PyTorch too close to call: Keras 3 on PyTorch, which mixes both in one program.
    """
    title = CANDIDATES[recommended].title
    for target in answers.choices("deployment.targets"):
        if _reaches(recommended, target, routes):
            continue
        other = next((c for c in candidates if c != recommended and _reaches(c, target, routes)), None)
        if other is not None:
            return f"{title} for everything but {TARGETS[target]}, and {CANDIDATES[other].title} for that target alone."
    close = {recommended, *shortlist}
    families = {family_of(candidate) for candidate in close}
    if verdict == "too_close" and {"pytorch", "keras"} <= families and "keras-torch" in candidates:
        return (
            "Keras 3 on PyTorch keeps both open: Keras layers and `fit` beside PyTorch modules and loops in one "
            "program, so a part can change sides later."
        )
    return None


def _reaches(candidate: str, target: str, routes: Routes) -> bool:
    route = routes.to(target, candidate)
    return route is not None and route.status != "no"


def migration(recommended: str | None, verdict: Verdict, answers: Answers) -> Migration:
    """What to do with existing code.

    - Without code: ``none``.
    - To be kept running: ``freeze`` if its framework is retired or its versions hurt, else ``stay``.
    - Without a recommendation: likewise.
    - Already in the recommended framework: ``stay``. In Keras 2, when Keras is recommended: ``upgrade``.
    - To be rewritten, in a retired framework, or with painful versions: ``migrate``.
    - Else ``migrate`` only on a clear verdict and a named pain: moving code costs more than a lean is worth.
    """
    existing = set(answers.choices("existing.frameworks"))
    if not existing:
        return "none"
    retired = bool(existing & _RETIRED)
    pains = set(answers.choices("existing.pain"))
    versions_hurt = bool(pains & _VERSION_PAINS)
    intent = answers.text("existing.intent")
    if intent == "keep_running" or recommended is None:
        return "freeze" if retired or versions_hurt else "stay"
    family = family_of(recommended)
    if family == "keras" and "keras2" in existing:
        return "upgrade"
    if any(_CURRENT.get(framework) == family for framework in existing):
        return "stay"
    if intent == "rewrite" or retired or versions_hurt:
        return "migrate"
    return "migrate" if verdict == "clear" and pains else "stay"


def beyond(answers: Answers, series: Sequence[Series]) -> tuple[str, ...]:
    """Answers outside the candidates.

    ``boosted_trees_first``: the scikit-learn baseline came within 0.01 of the best network on the asked problem (on any
    workload, where the problem is not among them). ``native_jax``, JAX without Keras on top: TPUs, and
    research, a novel architecture or a team that has shipped with JAX.
    """
    found = []
    if _baseline_matches(answers, series):
        found.append("boosted_trees_first")
    inventive = answers.text("project.stage") == "research" or answers.text("architecture.novelty") == "novel"
    if "tpu" in answers.choices("training.hardware") and (inventive or (answers.number("team.jax") or 0) >= 3):
        found.append("native_jax")
    return tuple(found)


def _baseline_matches(answers: Answers, series: Sequence[Series]) -> bool:
    """On every workload that counts, and on at least one."""
    metrics = [s for s in series if s.measure == "learn.metric" and s.lane == "default" and s.values]
    asked = [s for s in metrics if s.workload == answers.text("project.problem")] or metrics
    matches = []
    for workload in {s.workload for s in asked}:
        means = {s.candidate: sum(s.values) / len(s.values) for s in asked if s.workload == workload}
        networks = [mean for candidate, mean in means.items() if candidate != BASELINE]
        if BASELINE in means and networks:
            matches.append(means[BASELINE] >= max(networks) - BASELINE_TOLERANCE)
    return bool(matches) and all(matches)
