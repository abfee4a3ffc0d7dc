"""Why the leading candidate and not the runner-up, and what would turn the answer, each as one sentence."""

from __future__ import annotations

from advisor.catalog import CANDIDATES
from advisor.deciding.decision import Contribution, CriterionValue, FlipValue, FlipWeight
from advisor.evidence.table import Cell, Component
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import (
    candidate_title,
    criterion_phrase,
    criterion_title,
    joined,
    kind_words,
    uncoded,
    words,
)
from advisor.reporting.words.numbers import difference, percent, quantity, rating

REASONS_FOR, REASONS_AGAINST, FLIPS = 3, 2, 3


def reasons_for(inputs: ReportInputs) -> tuple[str, ...]:
    """The criteria that add most to the lead over the runner-up, the largest first; at most three."""
    helping = sorted((c for c in telling(inputs) if c.amount > 0), key=lambda c: -c.amount)
    return tuple(_reason(inputs, contribution) for contribution in helping[:REASONS_FOR])


def reasons_against(inputs: ReportInputs) -> tuple[str, ...]:
    """The criteria that take most from the lead over the runner-up, the largest first; at most two."""
    hurting = sorted((c for c in telling(inputs) if c.amount < 0), key=lambda c: c.amount)
    return tuple(_reason(inputs, contribution) for contribution in hurting[:REASONS_AGAINST])


def telling(inputs: ReportInputs) -> tuple[Contribution, ...]:
    """The contributions of criteria on which the two differ as they are shown; rounded alike is no reason."""
    leader, other = inputs.leader, runner_up(inputs)

    def differs(criterion: str) -> bool:
        ours, theirs = _value(inputs, leader, criterion), _value(inputs, other, criterion)
        if ours is None or theirs is None or "missing" in (ours.kind, theirs.kind):
            return True
        return rating(ours.value) != rating(theirs.value)

    return tuple(c for c in inputs.decision.contributions if differs(c.criterion))


def flips(inputs: ReportInputs) -> tuple[str, ...]:
    """Conditions under which the recommendation changes, each the end of "flips if"; at most three."""
    change = inputs.decision.what_would_change
    if change is None:
        return ()
    found = [
        *[_weight_flip(flip) for flip in change.weights if flip.weight_at_flip is not None][:2],
        *[_value_flip(flip) for flip in change.values if flip.raw_needed is not None][:1],
        *drop_flips(inputs),
    ]
    return tuple(found[:FLIPS])


def without_skills(inputs: ReportInputs) -> str:
    """Who would come first if what the team already knows did not count; empty where that was not computed."""
    scores = [(result.without_skills, result.id) for result in inputs.ranked if result.without_skills is not None]
    if not scores or "team_fit" in inputs.decision.not_applicable:
        return ""
    probability, best = max(scores, key=lambda score: score[0])
    still = "still " if best == inputs.leader else ""
    return (
        f"Leaving out what the team already knows, {candidate_title(best)} {still}comes first "
        f"(best in {percent(probability)} of the readings)."
    )


def runner_up(inputs: ReportInputs) -> str | None:
    """The candidate the leader is compared with."""
    change = inputs.decision.what_would_change
    return change.runner_up if change is not None else None


def drop_flips(inputs: ReportInputs) -> tuple[str, ...]:
    """What changes the recommendation when it is left out, each as the end of "flips if".

    That the answer changes without the recommended candidate itself goes without saying.
    """
    change = inputs.decision.what_would_change
    drops = change.drops if change is not None else ()
    return tuple(
        f"{_dropped(drop.dropped)} is left out (then {candidate_title(drop.recommended)})"
        for drop in drops
        if drop.dropped != inputs.leader
    )


def needed(flip: FlipValue) -> str:
    """The value that would do, with the side of it on which more is welcome; ``no value would do`` where none does."""
    if flip.raw_needed is None:
        return "no value would do"
    bound = "at most" if flip.raw_needed < flip.raw_now else "at least"
    return f"{bound} {quantity(flip.raw_needed, flip.unit)}"


def _weight_flip(flip: FlipWeight) -> str:
    at_flip = flip.weight_at_flip or 0.0
    direction = "more" if at_flip > flip.weight_now else "less"
    return (
        f"{criterion_phrase(flip.criterion)} mattered {direction} to you "
        f"(a weight of {percent(at_flip)} instead of {percent(flip.weight_now)})"
    )


def _value_flip(flip: FlipValue) -> str:
    """In the reader's units: ``Keras 3 on JAX needed at most 41 ms, now 58 ms (one training step)``."""
    verb = "reached" if needed(flip).startswith("at least") else "needed"
    now = quantity(flip.raw_now, flip.unit)
    return f"{candidate_title(flip.candidate)} {verb} {needed(flip)}, now {now} ({flip.label})"


def _dropped(name: str) -> str:
    return candidate_title(name) if name in CANDIDATES else criterion_phrase(name)


def _reason(inputs: ReportInputs, contribution: Contribution) -> str:
    """The values of both, and where those are ratings, the facts that tell the two apart."""
    title = criterion_title(contribution.criterion)
    leader, other = inputs.leader, runner_up(inputs)
    ours = _value(inputs, leader, contribution.criterion)
    theirs = _value(inputs, other, contribution.criterion)
    if ours is None or theirs is None or other is None:
        return f"{title}."
    if theirs.kind == "missing" or ours.kind == "missing":
        unknown = [
            candidate_title(name) for name, value in ((leader or "", ours), (other, theirs)) if value.kind == "missing"
        ]
        return f"{title}: little or nothing is known about {joined(unknown)}, which counts as anything there may be."
    kinds = joined(list(dict.fromkeys(kind_words(value.kind, contribution.criterion) for value in (ours, theirs))))
    shown = [_shown(inputs, name, contribution.criterion) for name in (leader or "", other)]
    same = (
        len({component.measure for component in shown if component is not None}) < 2 and ours.unit == theirs.unit != ""
    )
    ours_text, theirs_text = (_told(value) for value in (ours, theirs))
    if same and ours_text and theirs_text and ours_text != theirs_text:
        where = _pilot_of(inputs, other, contribution.criterion)
        open_pairs = _not_resolved(inputs, other) if contribution.criterion == "training_speed" else ""
        return f"{title}: {ours_text} against {theirs_text} for {candidate_title(other)}{where} ({kinds}){open_pairs}."
    ratings = f"rated {rating(ours.value)} against {rating(theirs.value)} for {candidate_title(other)} ({kinds})"
    facts = next((r.text for r in inputs.decision.reasons if r.criterion == contribution.criterion), "")
    return f"{title}: {ratings}. {uncoded(facts)}".rstrip()


def _not_resolved(inputs: ReportInputs, other: str) -> str:
    """Where the races left open which of the two trains faster, and what would have shown; empty where nowhere."""
    pairs = [
        pair
        for pair in inputs.comparisons
        if (pair.between, pair.lane) == ("candidates", "default")
        and {pair.first, pair.second} == {inputs.leader, other}
    ]
    found = {pair.workload: pair.smallest_found for pair in pairs if pair.smallest_found is not None}
    if not found:
        return ""
    where = "" if len(found) == len(pairs) else f" on {joined([words(name) for name in found])}"
    return f"; not resolved{where}: anything above {difference(max(found.values()))} would have shown"


def _value(inputs: ReportInputs, candidate: str | None, criterion: str) -> CriterionValue | None:
    result = inputs.result(candidate) if candidate else None
    return result.criteria.get(criterion) if result else None


def _pilot_of(inputs: ReportInputs, candidate: str, criterion: str) -> str:
    """On which pilot the raw value was measured that stands for a criterion, where there are several."""
    cell, shown = _cell(inputs, candidate, criterion), _shown(inputs, candidate, criterion)
    pilot = shown.measure.partition("@")[2] if shown and cell and len(cell.components) > 1 else ""
    return f" on the pilot {words(pilot)}" if pilot else ""


def _told(value: CriterionValue) -> str:
    return "" if value.raw is None else quantity(value.raw, value.unit)


def _shown(inputs: ReportInputs, candidate: str, criterion: str) -> Component | None:
    cell = _cell(inputs, candidate, criterion)
    return cell.shown if cell else None


def _cell(inputs: ReportInputs, candidate: str, criterion: str) -> Cell | None:
    return next(
        (cell for cell in inputs.evidence.cells if (cell.candidate, cell.criterion) == (candidate, criterion)), None
    )
