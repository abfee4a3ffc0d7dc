"""The decision: constraints first, then acceptability over all draws, then what would change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.catalog import family_of
from advisor.deciding import advice, drawn
from advisor.deciding.backend import backend_choice
from advisor.deciding.constraints import Given
from advisor.deciding.cost import cost_of
from advisor.deciding.decision import (
    BackendChoice,
    Cost,
    Decision,
    Hybrid,
    MethodUsed,
    PersonResult,
    Reason,
    Stress,
    Thresholds,
    Verdict,
    WhatWouldChange,
)
from advisor.deciding.information import next_measurement
from advisor.deciding.migration import Advice, frozen_in, migration
from advisor.deciding.people import person_results
from advisor.deciding.reasons import reasons
from advisor.deciding.results import candidate_results
from advisor.deciding.sensitivity import (
    contributions,
    flip_drops,
    flip_values,
    flip_weights,
    smallest_weight_shift,
)
from advisor.deciding.streams import Array
from advisor.deciding.stress import stress
from advisor.deciding.values import interval
from advisor.deciding.verdict import verdict_of
from advisor.interview.answers import Answers
from advisor.measuring.analysis.series import Series
from advisor.method import Method


@dataclass(frozen=True)
class Case:
    """Everything a decision is made from.

    Attributes:
        given: answers, evidence table, facts and routes, and the constraints that are lifted.
        as_of: ISO date by which facts counted as fresh or stale.
        series: measurements, the baseline's included.
        answering: workloads that answer for the asked problem; those that stand in are not among them.
        people: whole answers of everybody who answered in a file of their own, by name.
        same_hardware: whether measured speeds speak for the hardware asked about.
    """

    given: Given
    as_of: str
    series: Sequence[Series] = ()
    answering: Collection[str] = ()
    people: Mapping[str, Answers] = field(default_factory=dict)
    same_hardware: bool = True


def decide(case: Case, method: Method, *, seed: int | None = None, draws: int | None = None) -> Decision:
    """Decide from evidence; the same case and seed give the same decision.

    Args:
        case: what is known.
        method: thresholds, seed and number of draws.
        seed: in place of the method's.
        draws: in place of the method's.
    """
    seed = method.deciding.seed if seed is None else seed
    return _Deciding(case, method, seed, method.deciding.draws if draws is None else draws).decision()


class _Deciding:
    """One decision: what was drawn, who leads by it, and each part of what is said about that."""

    def __init__(self, case: Case, method: Method, seed: int, draws: int) -> None:
        self.case, self.method, self.seed, self.draws = case, method, seed, draws
        self.table, self.answers = case.given.table, case.given.answers
        self.thresholds = _thresholds(method)
        self.drawn = drawn.draw(case.given, case.people, method, seed, draws)
        self.values, self.weights, self.feasible = self.drawn.values, self.drawn.weights.weights, self.drawn.feasible
        accepted = self.drawn.accepted
        self.top = drawn.top(self.feasible, accepted.utilities) if accepted else None
        counted = self.feasible or self.table.candidates
        self.missing_weight = drawn.weight_on(drawn.MISSING, self.table, counted, self.drawn.weights)
        self.grounded_weight = drawn.weight_on(drawn.GROUNDED, self.table, counted, self.drawn.weights)
        self.verdict = self.word_for(self.top, self.grounded_weight)
        self.chosen = self.top if self.verdict != "insufficient" else None
        self.recommended = self.chosen.first if self.chosen else None
        #: Those that are compared; none where there are not two.
        self.pair = (self.chosen.first, self.chosen.second) if self.chosen and self.chosen.second else None

    def decision(self) -> Decision:
        """All of it."""
        accepted, checks, recommended = self.drawn.accepted, self.drawn.checks, self.recommended
        held_back = self.verdict != self.word_for(self.top, 1.0)
        shortlist = self.shortlist()
        unskilled = drawn.without_skills(self.values, self.drawn.weights, self.feasible, self.seed)
        results = candidate_results(self.table, self.values, self.drawn.weights, accepted, checks, unskilled, self.seed)
        existing_code = migration(
            recommended,
            self.verdict,
            self.answers,
            held_back_below=self.thresholds.grounded_weight if held_back else None,
        )
        counted = drawn.code_counted(self.table, self.feasible)
        best = accepted.rank_probability[:, 0] if accepted else None
        return Decision(
            verdict=self.verdict,
            recommended=recommended,
            family=family_of(recommended) if recommended else None,
            shortlist=shortlist,
            probability_best=next((r.rank_probability[0] for r in results if r.id == recommended), None),
            family_probability={} if best is None else drawn.family_probability(self.feasible, best),
            candidates=results,
            weights={k: interval(self.weights[:, i]) for i, k in enumerate(self.table.criteria)},
            not_applicable=self.table.not_applicable,
            margin=self.chosen.margin if self.chosen else None,
            contributions=contributions(self.values, self.weights, *self.pair) if self.pair else (),
            reasons=self.reasons(*self.pair) if self.pair else (),
            why_not=self.why_not(),
            backend=self.backend(),
            people=self.people(),
            pairwise=drawn.pairwise(accepted) if accepted else {},
            routes=advice.target_routes(recommended, self.answers, self.case.given.routes) if recommended else {},
            hybrid=self.hybrid(existing_code, shortlist),
            migration=existing_code.what,
            migration_because=existing_code.why,
            beyond=advice.beyond(self.answers, self.case.series, self.case.given.facts, self.case.answering),
            what_would_change=self.what_would_change(*self.pair) if self.pair else None,
            next_measurement=next_measurement(
                self.drawn.worth_of_knowing(), self.method.deciding.negligible_worth, code_counted=counted
            ),
            relaxation=None if self.feasible else drawn.relaxation(checks, self.values, self.drawn.weights),
            lifted=tuple(sorted(self.case.given.lifted)),
            cost=self.cost(),
            missing_weight=self.missing_weight,
            grounded_weight=self.grounded_weight,
            held_back=held_back,
            method=self.method_used(),
            stress=self.stress(*self.pair) if self.pair else None,
        )

    def word_for(self, top: drawn.Top | None, grounded_weight: float) -> Verdict:
        """The verdict where these are on top, and so much of the weight is grounded."""
        return verdict_of(
            feasible=len(self.feasible),
            probability=top.family_probability if top else 0.0,
            margin=top.margin if top else None,
            missing_weight=self.missing_weight,
            open_constraint=top is not None and bool(self.drawn.checks[top.first]),
            grounded_weight=grounded_weight,
            thresholds=self.thresholds,
        )

    def shortlist(self) -> tuple[str, ...]:
        """Everything within the allowed loss of the least, best first; too close to call names at least two."""
        accepted, top = self.drawn.accepted, self.top
        if accepted is None or top is None:
            return ()
        most = float(accepted.expected_loss.min()) + self.thresholds.shortlist_loss
        close = [accepted.candidates[i] for i in accepted.order if accepted.expected_loss[i] <= most]
        if self.verdict == "too_close" and top.second is not None and top.second not in close:
            close.append(top.second)
        return tuple(close)

    def reasons(self, first: str, second: str) -> tuple[Reason, ...]:
        """Why the first and not the second."""
        apart = contributions(self.values, self.weights, first, second)
        return reasons(apart, self.table, first, second, self.case.given.facts)

    def why_not(self) -> dict[str, tuple[Reason, ...]]:
        """The same against every other candidate."""
        if self.recommended is None:
            return {}
        others = (other for other in self.table.candidates if other != self.recommended)
        return {other: self.reasons(self.recommended, other) for other in others}

    def backend(self) -> BackendChoice | None:
        """The choice within the family."""
        if self.recommended is None:
            return None
        return backend_choice(
            self.recommended,
            self.feasible,
            self.values,
            self.weights,
            self.table,
            self.case.given.facts,
            self.thresholds,
            self.grounded_weight,
            self.seed,
        )

    def people(self) -> tuple[PersonResult, ...]:
        """What each of several people would be recommended."""
        if self.recommended is None:
            return ()
        defaults = self.method.default_weights
        return person_results(self.case.people, self.recommended, self.feasible, self.values, defaults, self.seed)

    def hybrid(self, existing_code: Advice, shortlist: tuple[str, ...]) -> Hybrid | None:
        """What goes another way than by the recommended candidate. What is frozen leaves the framework that it is in,
        whatever is recommended for new work."""
        frozen = frozen_in(self.answers) if existing_code.what == "freeze" else None
        leaving = frozen or self.recommended
        if leaving is None:
            return None
        return advice.hybrid(leaving, shortlist, self.feasible, self.answers, self.case.given.routes, self.verdict)

    def what_would_change(self, first: str, second: str) -> WhatWouldChange:
        """What turns the answer."""
        return WhatWouldChange(
            runner_up=second,
            smallest_weight_shift=smallest_weight_shift(self.values, self.weights, first, second),
            weights=flip_weights(self.values, self.weights, first, second),
            values=flip_values(self.values, self.weights, self.table, first, second),
            drops=flip_drops(self.values, self.weights, self.feasible, first, self.seed),
        )

    def cost(self) -> Cost | None:
        """What the chosen candidate costs, compared with the rival."""
        if self.chosen is None:
            return None
        case = self.case
        return cost_of(
            self.chosen.first, self.chosen.second, self.answers, case.series, case.same_hardware, case.answering
        )

    def stress(self, first: str, second: str) -> Stress | None:
        """Which of our judgements it hangs on."""
        if self.drawn.accepted is None:
            return None

        def judge(utility: Array) -> tuple[Verdict, str]:
            other = drawn.top(self.feasible, utility)
            return self.word_for(other, self.grounded_weight), other.first

        utilities = self.drawn.accepted.utilities
        pair = (first, second)
        return stress(self.values, self.weights, utilities, self.table, self.feasible, pair, self.seed, judge)

    def method_used(self) -> MethodUsed:
        """The rules in force."""
        weights = self.drawn.weights
        return MethodUsed(
            seed=self.seed,
            draws=self.draws,
            thresholds=self.thresholds,
            weights_from=weights.said,
            weights_because=weights.because,
            as_of=self.case.as_of,
        )


def _thresholds(method: Method) -> Thresholds:
    return Thresholds(
        clear_probability=method.deciding.clear_probability,
        lean_probability=method.deciding.lean_probability,
        margin=method.deciding.margin,
        shortlist_loss=method.deciding.shortlist_loss,
        missing_weight=method.deciding.missing_weight,
        grounded_weight=method.deciding.grounded_weight,
    )


def worth_of_knowing(case: Case, method: Method) -> dict[str, float]:
    """What knowing each criterion exactly would be worth to this decision, on the value scale.

    The same inputs give the same worth; see :func:`advisor.deciding.information.information_value`.
    """
    return drawn.draw(case.given, case.people, method, method.deciding.seed, method.deciding.draws).worth_of_knowing()
