"""What the verdict hangs on among our own judgements, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.deciding.decision import AnchorStress, FactStress, Shares, Stress
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title, criterion_phrase, joined, sentence, uncoded, words
from advisor.reporting.words.numbers import counted, percent

_NAMED, _TOLD = 12, 3
_TIMES = {0.5: "half", 2.0: "double"}
_ANCHORS = {"barely_acceptable": "what is barely acceptable", "good_enough": "what is good enough"}


def stress_lines(inputs: ReportInputs) -> tuple[str, ...]:
    """Which facts and anchors, halved or doubled, change the decision, and where the uncertainty comes from."""
    found = inputs.decision.stress
    if found is None:
        return ()
    return (_facts(found, inputs), _anchors(found, inputs), _uncertainty(found.uncertainty))


def _facts(found: Stress, inputs: ReportInputs) -> str:
    tried = f"What each of the {counted(found.facts_tried, 'fact')} that count here is worth is our judgement"
    if not found.facts:
        return f"{tried}; none of them, halved or doubled by itself, changes the verdict or the choice."
    changed = sentence(f"{tried}. The decision is another one if {_grouped(found.facts, inputs)}")
    return " ".join([changed, *_texts(found.facts, inputs)])


def _texts(changes: Sequence[FactStress], inputs: ReportInputs) -> list[str]:
    """What the first few of them say: those that change the choice come before those that change its word."""
    told = {fact.id: uncoded(fact.text) for fact in inputs.facts}
    ordered = sorted(changes, key=lambda change: change.recommended == inputs.decision.recommended)
    names = [name for name in dict.fromkeys(change.fact for change in ordered) if name in told]
    return [f"{name} says: {told[name]}" for name in names[:_TOLD]]


def _grouped(changes: Sequence[FactStress], inputs: ReportInputs) -> str:
    """By what the decision becomes: facts that count half, and facts that count double."""
    became: dict[str, dict[float, list[str]]] = {}
    for change in changes:
        became.setdefault(_outcome(change, inputs), {}).setdefault(change.times, []).append(change.fact)
    parts = []
    for outcome, by_times in became.items():
        halves = [f"{_listed(facts)} counted {_TIMES[times]}" for times, facts in sorted(by_times.items())]
        parts.append(f"{joined(halves, 'or')} (then {outcome})")
    return "; or if ".join(parts)


def _listed(facts: Sequence[str]) -> str:
    more = len(facts) - _NAMED
    shown = [*facts[:_NAMED], *([f"one of {more} more"] if more > 0 else [])]
    return joined(shown, "or")


def _anchors(found: Stress, inputs: ReportInputs) -> str:
    criterion = criterion_phrase("time_to_baseline")
    if "time_to_baseline" not in inputs.evidence.criteria or not inputs.code:
        return ""
    if not found.anchors:
        tried = f"The anchors of {criterion}, halved and doubled as far as they stay a scale"
        return f"{tried}, leave the decision as it is."
    told = [
        f"{_ANCHORS[change.anchor]} were {_TIMES[change.times]} of what we set (then {_outcome(change, inputs)})"
        for change in found.anchors
    ]
    return sentence(f"By the anchors of {criterion} the decision is another one if {joined(told, 'or')}")


def _outcome(change: FactStress | AnchorStress, inputs: ReportInputs) -> str:
    word = words(change.verdict)
    other = change.recommended != inputs.decision.recommended
    return f"{word}, {candidate_title(change.recommended)}" if other else word


def _uncertainty(shares: Shares) -> str:
    if shares.priorities + shares.evidence + shares.both <= 0:
        return ""
    return (
        f"Of the uncertainty of the lead (its variance), {percent(shares.priorities)} comes from what matters to you, "
        f"{percent(shares.evidence)} from what is not known about the candidates, and {percent(shares.both)} from both "
        "together."
    )
