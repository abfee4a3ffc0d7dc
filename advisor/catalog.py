"""The nouns: candidates, families, lanes, criteria and targets. Names here are public interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pilots.candidate import Candidate, candidates
from pilots.records import Lane

Family = str
Kind = Literal["measured", "rehearsed", "counted", "answered", "cited", "assumed", "missing"]

CANDIDATES: Mapping[str, Candidate] = candidates()
FAMILIES: Mapping[Family, str] = {candidate.family: candidate.family_title for candidate in CANDIDATES.values()}

#: What each lane is, in the order in which they are shown.
LANES: dict[Lane, str] = {
    "default": "as the framework's quick-start guide has it",
    "tuned": "compiled, by the framework's own tuning guide",
}

#: scikit-learn runs beside the candidates on every supervised workload and is never one of them.
BASELINE = "baseline"
BASELINE_PACKAGES = ("scikit-learn",)


@dataclass(frozen=True)
class Criterion:
    """One of the things candidates are judged by; ``meaning`` is what it stands for, in words that follow a colon."""

    id: str
    title: str
    meaning: str


CRITERIA: dict[str, Criterion] = {
    criterion.id: criterion
    for criterion in (
        Criterion("team_fit", "Team fit", "weeks until the team is productive"),
        Criterion("time_to_baseline", "Time to a first model", "code to own and effort to a first working model"),
        Criterion("flexibility", "Flexibility", "the unusual things this model needs can be done, and stay fast"),
        Criterion("debugging", "Debugging", "mistakes are found fast"),
        Criterion("training_speed", "Training speed", "time to reach the target quality, throughput"),
        Criterion("inference_speed", "Inference speed", "time of one prediction and of a large batch"),
        Criterion("memory", "Memory", "peak memory while training and while predicting"),
        Criterion("model_quality", "Model quality", "quality reached on equal terms"),
        Criterion("deployment", "Deployment", "each target is reached, and how well"),
        Criterion("scaling", "Scaling", "speed-up from one worker to several"),
        Criterion("ecosystem", "Ecosystem", "pretrained models, libraries, people to hire"),
        Criterion("operations", "Operations", "serving, versioning, monitoring, safe loading"),
        Criterion("longevity", "Longevity", "release cadence, governance, security record, platforms"),
    )
}

TARGETS: dict[str, str] = {
    "python_server": "Python server",
    "cpp_server": "C++ server",
    "batch": "batch scoring",
    "android": "Android",
    "ios": "iOS",
    "browser": "web browser",
    "microcontroller": "microcontroller",
    "edge_linux": "Linux at the edge",
    "desktop": "desktop application",
    "python_package": "Python package that others install",
}


def family_of(candidate_id: str) -> Family:
    """The family of a candidate.

    Raises:
        KeyError: if no such candidate exists.
    """
    return CANDIDATES[candidate_id].family
