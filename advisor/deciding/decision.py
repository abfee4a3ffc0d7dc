"""``decision.json``: the public shape of a decision. Units and meanings are documented field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from advisor.catalog import Kind

SCHEMA = "advisor.decision/1"

Verdict = Literal["clear", "lean", "too_close", "conditional", "none_feasible", "insufficient"]
Status = Literal["in", "vetoed", "unknown"]
WeightsFrom = Literal["points", "order", "defaults", "people"]
Migration = Literal["none", "stay", "upgrade", "freeze", "migrate"]
CheckStatus = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True)
class Veto:
    """A constraint that a candidate fails (``fail``) or may fail (``unknown``), with what that rests on."""

    constraint: str
    status: CheckStatus
    reason: str
    evidence: tuple[str, ...]
    rank_had_it_passed: int | None


@dataclass(frozen=True)
class Range:
    """A central value and the 95 % interval around it."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class CriterionValue:
    """One candidate on one criterion. ``value`` in [0, 1].

    ``kind`` is how its largest part is known, and ``raw`` that part's number which counts most, in ``unit``.
    """

    value: float
    low: float
    high: float
    raw: float | None
    unit: str
    kind: Kind
    source: tuple[str, ...]
    as_of: str | None


@dataclass(frozen=True)
class CandidateResult:
    """How a candidate fares. ``rank_probability[r]`` is the share of draws in which it is ranked r + 1; a vetoed
    candidate has none. ``expected_loss`` is the mean value given up by choosing it. ``without_skills`` is P(best)
    with the criterion ``team_fit`` left out. ``central_weights`` are the mean weights of the draws it wins.
    """

    id: str
    status: Status
    vetoes: tuple[Veto, ...]
    rank_probability: tuple[float, ...]
    expected_loss: float | None
    value: Range
    without_skills: float | None
    central_weights: dict[str, float] | None
    confidence_factor: float | None
    criteria: dict[str, CriterionValue]


@dataclass(frozen=True)
class Contribution:
    """``E[w_k (v_ak - v_bk)]``: what a criterion adds to the mean margin of the first over the second."""

    criterion: str
    amount: float


@dataclass(frozen=True)
class Reason:
    """Why a criterion speaks for the first of two candidates, or with a negative ``amount`` against it.

    ``amount`` is its contribution to the lead. ``evidence`` names the facts, answers or trials that tell the two apart,
    the strongest first, and ``text`` says what they say; empty where the values alone speak.
    """

    criterion: str
    amount: float
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class BackendChoice:
    """Which candidate of the recommended family, where that has several: the recommended and the next best.

    ``probability`` is the share of draws in which it is the best of its family, ``margin`` its lead over the next.
    """

    recommended: str
    runner_up: str
    verdict: Literal["clear", "lean", "too_close"]
    probability: float
    margin: Range
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Hybrid:
    """Develop in one candidate, and ship otherwise: ``ship`` maps a target to the way there, ``why`` is a sentence."""

    develop: str
    ship: dict[str, str]
    why: str


@dataclass(frozen=True)
class PersonResult:
    """What would be recommended by one person's answers alone, and P(best) by candidate."""

    name: str
    recommended: str
    agrees: bool
    probability_best: dict[str, float]


@dataclass(frozen=True)
class FlipWeight:
    """The weight of ``criterion`` (now ``weight_now``) at which the top two tie, others scaled; None: never."""

    criterion: str
    weight_now: float
    weight_at_flip: float | None


@dataclass(frozen=True)
class FlipValue:
    """The raw value the runner-up would need on a measured criterion to tie, in its own unit; None: none would do."""

    criterion: str
    label: str
    candidate: str
    unit: str
    raw_now: float
    raw_needed: float | None


@dataclass(frozen=True)
class FlipDrop:
    """Leaving out this candidate or criterion changes the recommendation to ``recommended``."""

    dropped: str
    recommended: str


@dataclass(frozen=True)
class WhatWouldChange:
    """Everything that would turn the answer, most likely first in each list."""

    runner_up: str
    smallest_weight_shift: float | None
    weights: tuple[FlipWeight, ...]
    values: tuple[FlipValue, ...]
    drops: tuple[FlipDrop, ...]


@dataclass(frozen=True)
class FactStress:
    """What the decision is if one fact counts ``times`` as much as we judged it to."""

    fact: str
    times: float
    verdict: Verdict
    recommended: str


@dataclass(frozen=True)
class AnchorStress:
    """What the decision is if one anchor of a criterion's value scale is ``times`` as large."""

    criterion: str
    anchor: str
    times: float
    verdict: Verdict
    recommended: str


@dataclass(frozen=True)
class Shares:
    """Shares of the variance of the lead over the runner-up; they add up to 1, or are 0 where it has none."""

    priorities: float
    evidence: float
    both: float


@dataclass(frozen=True)
class Stress:
    """Which of our judgements the word or the recommendation hangs on, each halved and doubled by itself.

    ``facts_tried`` facts count here; ``facts`` and ``anchors`` hold those that change the decision. ``uncertainty``
    says where that of the lead comes from.
    """

    facts_tried: int
    facts: tuple[FactStress, ...]
    anchors: tuple[AnchorStress, ...]
    uncertainty: Shares


@dataclass(frozen=True)
class NextMeasurement:
    """The criterion whose better knowledge is worth most, and the command that gets it, empty where none does.

    ``worth`` is the expected value of partial perfect information, on the value scale.
    """

    criterion: str
    worth: float
    command: str


@dataclass(frozen=True)
class Cost:
    """Money beside the verdict, between the recommended candidate and its rival: the runner-up of another family.

    Shown only where the answers hold the prices it needs; ``break_even_compute_usd_month`` is the monthly
    compute bill at which the speed difference pays for the difference in people's time, None: at no bill.
    """

    compared_with: str
    people_usd: float
    step_time_ratio: float | None
    break_even_compute_usd_month: float | None
    explanation: str


@dataclass(frozen=True)
class TargetRoute:
    """How the recommended candidate reaches a target: cited or rehearsed, or ``none``."""

    route: str
    status: Literal["rehearsed", "cited", "none"]
    source: tuple[str, ...]


@dataclass(frozen=True)
class Thresholds:
    """The rules in force, from ``method.toml``."""

    clear_probability: float
    lean_probability: float
    margin: float
    shortlist_loss: float
    missing_weight: float
    grounded_weight: float = 0.0


@dataclass(frozen=True)
class MethodUsed:
    """What is needed to draw the same numbers again.

    ``as_of`` is the day of the decision: facts past their review date by then count for less.
    """

    seed: int
    draws: int
    thresholds: Thresholds
    weights_from: WeightsFrom
    weights_because: tuple[str, ...]
    as_of: str


@dataclass(frozen=True)
class Decision:
    """The whole decision; see the design, section 7.

    ``reasons`` compare the recommended candidate with the runner-up, ``why_not`` with every other, also
    with those that fail a requirement. ``missing_weight`` is the share of the mean weight on what nobody knows,
    ``grounded_weight`` that on what was measured or rehearsed here or answered by the team (None in older decisions).
    ``held_back``: the verdict would be ``clear``, were that share not below its threshold.
    """

    verdict: Verdict
    recommended: str | None
    family: str | None
    shortlist: tuple[str, ...]
    probability_best: float | None
    family_probability: dict[str, float]
    candidates: tuple[CandidateResult, ...]
    weights: dict[str, Range]
    not_applicable: dict[str, str]
    margin: Range | None
    contributions: tuple[Contribution, ...]
    reasons: tuple[Reason, ...]
    why_not: dict[str, tuple[Reason, ...]]
    backend: BackendChoice | None
    people: tuple[PersonResult, ...]
    pairwise: dict[str, dict[str, float]]
    routes: dict[str, TargetRoute]
    hybrid: Hybrid | None
    migration: Migration
    migration_because: str
    beyond: tuple[str, ...]
    what_would_change: WhatWouldChange | None
    next_measurement: NextMeasurement | None
    relaxation: str | None
    lifted: tuple[str, ...]
    cost: Cost | None
    missing_weight: float
    method: MethodUsed
    stress: Stress | None = None
    grounded_weight: float | None = None
    held_back: bool = False
    schema: str = SCHEMA
