"""Which criteria carry weight for these answers, and whether what was measured speaks for what was asked."""

from __future__ import annotations

from advisor.interview.answers import Answers
from advisor.measuring.machine.fingerprint import Machine

_SEVERAL_DEVICES = {"multi_gpu", "multi_node", "tpu"}
_ACCELERATORS = {"one_gpu", "multi_gpu", "multi_node", "tpu"}
#: Criteria that speak about training alone.
_TRAINING = ("time_to_baseline", "training_speed", "model_quality", "scaling")


def not_applicable(answers: Answers) -> dict[str, str]:
    """Criteria without weight here, each with the reason in a sentence. Not sure keeps a criterion in."""
    reasons: dict[str, str] = {}
    hardware = set(answers.choices("training.hardware"))
    if not _SEVERAL_DEVICES & hardware and not answers.unsure("training.hardware"):
        reasons["scaling"] = "Training stays on one device."
    targets, unsure_of_targets = answers.choices("deployment.targets"), answers.unsure("deployment.targets")
    if not targets and not unsure_of_targets:
        reasons["deployment"] = "No target to deploy to was named."
        if not answers.choices("operations.needs") and answers.text("deployment.serving") in (None, "none"):
            reasons["operations"] = "Nothing is deployed, and nothing is asked of operations."
    if answers.text("architecture.novelty") == "standard" and not answers.choices("architecture.needs"):
        reasons["flexibility"] = "The architecture is a standard one without special needs."
    horizon_years = answers.number("project.horizon_years")
    if horizon_years is not None and horizon_years < 1:
        reasons["longevity"] = "The work need not live for a year."
    if answers.text("project.trains") == "no":
        reasons |= dict.fromkeys(_TRAINING, "Only existing models are used; nothing is trained.")
    return reasons


def same_hardware(answers: Answers, machine: Machine) -> bool:
    """Whether the machine of the pilots is of the kind that training was said to run on.

    False only where the answers name a GPU or TPU and the machine lacks it.
    """
    asked = set(answers.choices("training.hardware"))
    if "tpu" in asked and not any("tpu" in name.lower() for name in machine.accelerators):
        return False
    return not asked & _ACCELERATORS or bool(machine.accelerators)
