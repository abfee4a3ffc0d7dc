"""A decision made by hand, and the evidence under it; see :mod:`report_study`."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from advisor.catalog import CANDIDATES, Kind
from advisor.deciding.decision import (
    AnchorStress,
    BackendChoice,
    CandidateResult,
    Contribution,
    Cost,
    CriterionValue,
    Decision,
    FactStress,
    FlipDrop,
    FlipValue,
    FlipWeight,
    Hybrid,
    MethodUsed,
    NextMeasurement,
    PersonResult,
    Range,
    Reason,
    Shares,
    Stress,
    TargetRoute,
    Thresholds,
    Veto,
    WhatWouldChange,
)
from advisor.evidence.table import Cell, Component, EvidenceTable, Launches, Missing, Triangular, Uniform, ValueScale

WEIGHTS = {"training_speed": 0.4, "team_fit": 0.35, "longevity": 0.25}
VALUES = {
    "pytorch": {"training_speed": 0.81, "team_fit": 0.9, "longevity": 0.7},
    "keras-tensorflow": {"training_speed": 0.52, "team_fit": 0.6, "longevity": 0.8},
    "keras-jax": {"training_speed": 0.6, "team_fit": 0.4, "longevity": 0.6},
    "tensorflow": {"training_speed": 0.5, "team_fit": 0.3, "longevity": None},
}
STEP_MS = {
    "pytorch": (1.9, 2.0, 2.1),
    "keras-tensorflow": (3.9, 4.0, 4.1),
    "keras-jax": (3.0, 3.1, 3.2),
    "tensorflow": (4.2, 4.4, 4.6),
}
_FIT = Reason("team_fit", 0.105, "", ("team.pytorch",))
_UPKEEP = Reason("longevity", -0.025, "Keras 3 runs on three backends.", ("keras-releases",))
_SPEED = Reason("training_speed", 0.116, "Step time (vision): 2 ms for PyTorch, 4 for the other.", ("k0", "k1"))


def decision(verdict: str = "clear", *, pilots: bool = True) -> Decision:
    """A decision with the given verdict about the four candidates; without pilots, speed is not known."""
    made = _decision(verdict)
    if pilots:
        return made
    unknown = CriterionValue(0.5, 0.025, 0.975, None, "", "missing", (), None)
    return replace(
        made,
        candidates=tuple(
            replace(result, criteria={**result.criteria, "training_speed": unknown}) for result in made.candidates
        ),
    )


def evidence(pilots: bool) -> EvidenceTable:
    """Speed is measured (or missing without pilots), fit is answered, longevity cited."""
    cells = [
        Cell(candidate, criterion, (_component(candidate, criterion, value, pilots),))
        for candidate, values in VALUES.items()
        for criterion, value in values.items()
    ]
    return EvidenceTable(
        tuple(VALUES), tuple(WEIGHTS), tuple(cells), {"scaling": "the model is trained on one machine"}
    )


def _decision(verdict: str) -> Decision:
    made = _clear()
    if verdict == "lean":
        return replace(
            made,
            backend=BackendChoice(
                "keras-tensorflow", "keras-jax", "lean", 0.74, Range(-0.01, 0.03, 0.06), (_UPKEEP, _FIT)
            ),
            method=replace(made.method, weights_from="defaults", weights_because=("a first model is due soon",)),
            verdict="lean",
            probability_best=0.78,
            family_probability=_families(0.78),
            candidates=_results(0.78),
            cost=None,
        )
    if verdict == "too_close":
        return replace(
            made,
            verdict="too_close",
            shortlist=("pytorch", "keras-tensorflow"),
            probability_best=0.52,
            family_probability=_families(0.52),
            candidates=_results(0.52),
            margin=Range(-0.1, 0.01, 0.12),
            hybrid=Hybrid("pytorch", {"android": "PyTorch → .pte file → ExecuTorch"}, "a runtime takes the model"),
            migration="upgrade",
            migration_because="Keras 2 ends with TensorFlow 2.21",
            people=(
                PersonResult("Ada | Lovelace", "pytorch", True, {"pytorch": 0.8, "keras-tensorflow": 0.2}),
                PersonResult("grace", "keras-tensorflow", False, {"pytorch": 0.3, "keras-tensorflow": 0.7}),
            ),
            method=replace(made.method, weights_from="people"),
        )
    if verdict == "conditional":
        veto = Veto(
            "required_targets", "unknown", "No route from PyTorch to Android is known.", ("keras-releases",), None
        )
        first, *others = made.candidates
        return replace(
            made, verdict="conditional", candidates=(replace(first, status="unknown", vetoes=(veto,)), *others)
        )
    if verdict == "none_feasible":
        return replace(
            made,
            verdict="none_feasible",
            recommended=None,
            family=None,
            shortlist=(),
            probability_best=None,
            family_probability={},
            candidates=tuple(_vetoed(result) for result in made.candidates),
            margin=None,
            contributions=(),
            reasons=(),
            why_not={},
            routes={},
            what_would_change=None,
            next_measurement=None,
            relaxation="Giving way on the required targets lets PyTorch back in.",
            cost=None,
        )
    if verdict == "insufficient":
        return replace(
            made,
            verdict="insufficient",
            recommended=None,
            family=None,
            probability_best=None,
            shortlist=(),
            candidates=_results(0.44),
            family_probability=_families(0.44),
            margin=None,
            contributions=(),
            reasons=(),
            why_not={},
            routes={},
            what_would_change=None,
            cost=None,
            missing_weight=0.46,
        )
    return made


def _clear() -> Decision:
    return Decision(
        verdict="clear",
        recommended="pytorch",
        family="pytorch",
        shortlist=("pytorch",),
        probability_best=0.94,
        family_probability=_families(0.94),
        candidates=_results(0.94),
        weights={criterion: Range(weight - 0.1, weight, weight + 0.1) for criterion, weight in WEIGHTS.items()},
        not_applicable={"scaling": "the model is trained on one machine"},
        margin=Range(0.06, 0.12, 0.2),
        contributions=(
            Contribution("longevity", -0.025),
            Contribution("team_fit", 0.105),
            Contribution("training_speed", 0.116),
        ),
        reasons=(_SPEED, _FIT, _UPKEEP),
        why_not={"keras-tensorflow": (_SPEED, _FIT, _UPKEEP), "keras-jax": (_FIT,), "tensorflow": (_SPEED, _FIT)},
        backend=None,
        people=(),
        pairwise={},
        routes={
            "python_server": TargetRoute("TorchScript on LibTorch", "cited", ("keras-releases",)),
            "android": TargetRoute("ExecuTorch", "none", ()),
        },
        hybrid=None,
        migration="none",
        migration_because="",
        beyond=(),
        what_would_change=WhatWouldChange(
            runner_up="keras-tensorflow",
            smallest_weight_shift=0.31,
            weights=(FlipWeight("longevity", 0.25, 0.69), FlipWeight("team_fit", 0.35, None)),
            values=(FlipValue("training_speed", "step time (vision)", "keras-tensorflow", "ms", 4.0, 1.1),),
            drops=(FlipDrop("team_fit", "keras-tensorflow"),),
        ),
        next_measurement=NextMeasurement("training_speed", 0.012, "advisor pilot advisor-study --budget 10m"),
        relaxation=None,
        lifted=(),
        cost=Cost("keras-tensorflow", -4200.0, 0.5, None, "The faster candidate is also the cheaper one."),
        missing_weight=0.08,
        method=MethodUsed(7, 20000, Thresholds(0.9, 0.7, 0.05, 0.02, 0.3333), "points", (), "2026-11-20"),
        stress=Stress(
            facts_tried=3,
            facts=(
                FactStress("K01", 0.5, "too_close", "pytorch"),
                FactStress("P01", 2.0, "lean", "keras-tensorflow"),
                FactStress("T06", 2.0, "too_close", "pytorch"),
            ),
            anchors=(AnchorStress("time_to_baseline", "good_enough", 2.0, "too_close", "pytorch"),),
            uncertainty=Shares(0.62, 0.31, 0.07),
        ),
    )


def _families(best: float) -> dict[str, float]:
    rest = (1 - best) / 5
    return {"pytorch": best, "keras": rest * 4, "tensorflow": rest}


def _results(best: float) -> tuple[CandidateResult, ...]:
    rest = (1 - best) / 5
    ranks = {
        "pytorch": (best, rest * 3, rest, rest),
        "keras-tensorflow": (rest * 3, best, rest, rest),
        "keras-jax": (rest, rest, best, rest * 3),
        "tensorflow": (rest, rest, rest * 3, best),
    }
    return tuple(
        CandidateResult(
            id=candidate,
            status="in",
            vetoes=(),
            rank_probability=ranks[candidate],
            expected_loss=0.01,
            value=Range(0.4, 0.5, 0.6),
            without_skills=ranks[candidate][0] * 0.9,
            central_weights=None,
            confidence_factor=None,
            criteria={name: _value(candidate, name, value) for name, value in values.items()},
        )
        for candidate, values in VALUES.items()
    )


def _value(candidate: str, criterion: str, value: float | None) -> CriterionValue:
    kinds: dict[str, Kind] = {"training_speed": "measured", "team_fit": "answered", "longevity": "cited"}
    if value is None:
        return CriterionValue(0.5, 0.025, 0.975, None, "", "missing", (), None)
    raw, unit = {
        "training_speed": (STEP_MS[candidate][1], "ms"),
        "team_fit": (round(30 * (1 - value)), "weeks"),
    }.get(criterion, (None, ""))
    return CriterionValue(value, value - 0.05, value + 0.05, raw, unit, kinds[criterion], (), None)


def _vetoed(result: CandidateResult) -> CandidateResult:
    veto = Veto("required_targets", "fail", "There is no route to a microcontroller.", ("keras-releases",), 1)
    return replace(result, status="vetoed", vetoes=(veto,), rank_probability=(), without_skills=None)


def _component(candidate: str, criterion: str, value: float | None, pilots: bool) -> Component:
    if value is None or (criterion == "training_speed" and not pilots):
        return Component(criterion, "not measured", "missing", Missing(), None, None, None, "", (), None)
    if criterion == "training_speed":
        times = STEP_MS[candidate]
        launches = Launches((0, 1, 2), times, ValueScale(20.0, 0.2, True))
        keys = tuple(trial_key("race", candidate, number) for number in range(3))
        return Component(
            "race.step_ms@vision", "step time (vision)", "measured", launches, times[1], times[0], times[2], "ms",
            keys, None,
        )  # fmt: skip
    if criterion == "team_fit":
        weeks = float(round(30 * (1 - value)))
        return Component(
            "team_fit", "weeks until productive", "answered", Uniform(value, 0.1), weeks, weeks - 1, weeks + 1, "weeks",
            (f"team.{CANDIDATES[candidate].family}",), "2026-11-19",
        )  # fmt: skip
    return Component(
        "facts@longevity", "cited facts", "cited", Triangular(value, 0.15), None, None, None, "",
        ("keras-releases",), "2026-09-01", "another version",
    )  # fmt: skip


def trial_key(experiment: str, candidate: str, launch: int) -> str:
    return hashlib.sha256(f"{experiment} {candidate} {launch}".encode()).hexdigest()[:16]
