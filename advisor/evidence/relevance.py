"""Which criteria carry weight for these answers, and whether what was measured speaks for what was asked."""

from __future__ import annotations

from collections.abc import Collection

from advisor.interview.answers import Answers
from advisor.interview.conditions import ANY, holds
from advisor.measuring.machine.fingerprint import Machine
from advisor.method import DefaultWeights

_ACCELERATORS = {"one_gpu", "multi_gpu", "multi_node", "tpu"}


def not_applicable(answers: Answers, weights: DefaultWeights) -> dict[str, str]:
    """Criteria without weight here, each with the reason in a sentence. Not sure keeps a criterion in."""
    reasons: dict[str, str] = {}
    for rule in weights.none:
        sure = not any(map(answers.unsure, rule.sure_of))
        if sure and holds(rule.when, answers) and not any(_said(key, of, answers) for key, of in rule.none_of.items()):
            reasons |= dict.fromkeys(rule.criteria, rule.why)
    return reasons


def _said(key: str, values: Collection[str], answers: Answers) -> bool:
    """Whether one of these values was answered, or any where they hold ``*``."""
    text = answers.text(key)
    said = {*answers.choices(key), *([text] if text is not None else [])}
    return bool(said if ANY in values else said & {*values})


def same_hardware(answers: Answers, machine: Machine) -> bool:
    """Whether the machine of the pilots is of the kind that training was said to run on.

    False only where the answers name a GPU or TPU and the machine lacks it.
    """
    asked = set(answers.choices("training.hardware"))
    if "tpu" in asked and not any("tpu" in name.lower() for name in machine.accelerators):
        return False
    return not asked & _ACCELERATORS or bool(machine.accelerators)
