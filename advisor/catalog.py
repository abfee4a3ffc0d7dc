"""The nouns: candidates, families, lanes, criteria and targets. Names here are public interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from advisor.criteria import Criterion, criteria
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


CRITERIA: Mapping[str, Criterion] = criteria()

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
