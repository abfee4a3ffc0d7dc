"""What to do with the code that exists: nothing, stay, upgrade, freeze or migrate."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.catalog import CANDIDATES, family_of
from advisor.deciding.decision import Migration, Verdict
from advisor.deciding.verdict import GROUNDED_WORDS
from advisor.interview.answers import Answers

_RETIRED = {"tensorflow1", "other_retired"}
#: Level of experience from which a team is at home in a framework: it has shipped a model.
_AT_HOME = 3
#: Pains that grow as long as the old framework stays a dependency.
_UPKEEP_PAINS = {"python_pin", "dependency_conflicts", "abandoned_upstream", "security", "install_size"}


@dataclass(frozen=True)
class Advice:
    """What to do, and why in a sentence; empty without code."""

    what: Migration
    why: str


def migration(
    recommended: str | None, verdict: Verdict, answers: Answers, *, held_back_below: float | None = None
) -> Advice:
    """What to do with existing code.

    Where a clear verdict is held back, as less than ``held_back_below`` of the weight is known here, what the advice
    would be with it is said besides: moving code on a lead that is mostly cited costs more than waiting until it is.
    """
    found = _advice(recommended, verdict, answers)
    with_more = _advice(recommended, "clear", answers) if held_back_below is not None else found
    if held_back_below is None or with_more.what == found.what:
        return found
    return Advice(
        found.what,
        f"{found.why}. The verdict would be clear if at least {held_back_below:.0%} of the weight {GROUNDED_WORDS}, "
        f"and the advice then to {with_more.what}: {with_more.why}",
    )


def _advice(recommended: str | None, verdict: Verdict, answers: Answers) -> Advice:
    """The first rule that applies.

    1. Without code: ``none``.
    2. To be kept running, or nothing is trained, or nothing is recommended: ``freeze`` if its framework is retired or
       upkeep hurts, else ``stay``.
    3. In the recommended family already: ``stay``; in Keras 2, when Keras is recommended: ``upgrade``.
    4. To be rewritten anyway, or its framework is retired: ``migrate``.
    5. In JAX, in which the team ships models: ``stay``; JAX itself is no candidate and may be the answer all the same.
    6. Upkeep hurts: ``migrate``, but not where a large code base would follow a choice that is too close to call, or
       a verdict that is not clear while an upgrade would cure the pain.
    7. In Keras 2: ``upgrade``; it does not go past TensorFlow 2.21, and Keras 3 is the shortest way on.
    8. Another pain and a clear verdict, or a lean verdict and little code: ``migrate``.
    9. Else ``stay``: moving code costs more than such a lead is worth.
    """
    existing = set(answers.choices("existing.frameworks"))
    if not existing:
        return Advice("none", "")
    pains = set(answers.choices("existing.pain"))
    retired, upkeep_hurts = bool(existing & _RETIRED), bool(pains & _UPKEEP_PAINS)
    size = answers.text("existing.size")
    intent = answers.text("existing.intent")
    if intent == "keep_running" or recommended is None or answers.text("project.trains") == "no":
        if retired:
            return Advice("freeze", "its framework is retired, and what only has to run needs no training framework")
        if upkeep_hurts:
            return Advice("freeze", "its upkeep hurts, and what only has to run needs no training framework")
        return Advice("stay", "it only has to keep running, and nothing about its upkeep hurts")
    family, title = family_of(recommended), CANDIDATES[recommended].title
    if family == "keras" and "keras2" in existing:
        return Advice("upgrade", "Keras 2 ends with TensorFlow 2.21, and its code moves to Keras 3 step by step")
    if existing & _written_in(family) or CANDIDATES[recommended].backend in existing:
        return Advice("stay", f"it is in the recommended framework already, or close to it ({title})")
    if retired:
        return Advice("migrate", f"its framework is retired, so that it has to move anyway: to {title}")
    if intent == "rewrite":
        return Advice("migrate", f"it is to be rewritten anyway: in {title}")
    if "jax" in existing and (answers.number("team.jax") or 0) >= _AT_HOME:
        return Advice("stay", "it is in JAX, which the team is at home in and which is not compared here without Keras")
    doubtful = verdict == "too_close" or ("keras2" in existing and verdict != "clear")
    if upkeep_hurts and not (size == "large" and doubtful):
        return Advice("migrate", "what hurts about its upkeep stays as long as its framework does")
    if "keras2" in existing:
        return Advice("upgrade", "Keras 2 ends with TensorFlow 2.21, and Keras 3 is the shortest way on")
    if pains and (verdict == "clear" or (verdict == "lean" and size == "small")):
        return Advice("migrate", f"something about it hurts, and {title} leads by enough")
    return Advice("stay", "moving it costs more than the lead of another framework is worth")


def frozen_in(answers: Answers) -> str | None:
    """The candidate whose export routes of the framework serve code that is to be frozen; None where there is none."""
    existing = answers.choices("existing.frameworks")
    exported_by = {framework: candidate.id for candidate in CANDIDATES.values() for framework in candidate.exports_for}
    return next((exported_by[framework] for framework in existing if framework in exported_by), None)


def _written_in(family: str) -> set[str]:
    """The existing frameworks whose code needs no rewriting to go on in a candidate of the family."""
    ours = (candidate for candidate in CANDIDATES.values() if candidate.family == family)
    return {framework for candidate in ours for framework, share in candidate.to_rewrite.items() if share == 0}
