"""Why one candidate and not another, criterion by criterion: the evidence that tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from advisor.catalog import CANDIDATES
from advisor.deciding.decision import Contribution, Reason
from advisor.evidence.table import Cell, Component, EvidenceTable
from advisor.knowledge.facts import Fact

#: Contributions to the lead below this are no reasons.
WORTH_SAYING = 0.002
#: A reason quotes this many facts, and those that are worth as much as the last of them up to so many in all.
_QUOTED, _AT_MOST = 2, 3
_SAME = 1e-9


def reasons(
    contributions: Sequence[Contribution],
    table: EvidenceTable,
    first: str,
    second: str,
    facts: Sequence[Fact],
) -> tuple[Reason, ...]:
    """A reason for each criterion that matters to the lead of ``first`` over ``second``, the weightiest first."""
    found = [
        _reason(contribution, table, first, second, facts)
        for contribution in contributions
        if abs(contribution.amount) >= WORTH_SAYING
    ]
    return tuple(sorted(found, key=lambda reason: -abs(reason.amount)))


def _reason(
    contribution: Contribution,
    table: EvidenceTable,
    first: str,
    second: str,
    facts: Sequence[Fact],
) -> Reason:
    criterion, direction = contribution.criterion, 1.0 if contribution.amount > 0 else -1.0
    cells = {candidate: table.cell(candidate, criterion) for candidate in (first, second)}
    pair = {candidate: cell.components for candidate, cell in cells.items()}
    texts, evidence = _components_apart(pair, first, second)
    ours, theirs = (_effects(cells[candidate]) for candidate in (first, second))
    apart = {name: direction * (ours.get(name, 0.0) - theirs.get(name, 0.0)) for name in {**ours, **theirs}}
    telling = [fact for fact in facts if apart.get(fact.id, 0.0) > _SAME]
    telling.sort(key=lambda fact: -apart[fact.id])
    least = apart[telling[:_QUOTED][-1].id] - _SAME if telling else 0.0
    texts += [fact.text for fact in telling[:_AT_MOST] if apart[fact.id] >= least]
    evidence += [fact.id for fact in telling]
    return Reason(criterion, contribution.amount, " ".join(texts), tuple(dict.fromkeys(evidence)))


def _effects(cell: Cell) -> dict[str, float]:
    """What each fact adds to the value of a cell, by id."""
    found: dict[str, float] = {}
    for component, share in zip(cell.components, cell.shares, strict=True):
        for fact, effect in component.effects:
            found[fact] = found.get(fact, 0.0) + share * effect
    return found


def _components_apart(
    pair: Mapping[str, tuple[Component, ...]], first: str, second: str
) -> tuple[list[str], list[str]]:
    """What the measures of a criterion say where their raw values or their routes differ, and what that rests on."""
    texts, evidence = [], []
    for ours in pair[first]:
        theirs = next((other for other in pair[second] if other.measure == ours.measure), None)
        if theirs is None or ours.measure.startswith("facts@"):
            continue
        titles = CANDIDATES[first].title, CANDIDATES[second].title
        if ours.raw is not None and theirs.raw is not None and ours.raw != theirs.raw:
            unit = f" {ours.unit}" if ours.unit else ""
            texts.append(
                f"{_sentence(ours.label)}: {ours.raw:.3g}{unit} for {titles[0]}, {theirs.raw:.3g} for {titles[1]}."
            )
        elif ours.measure.startswith("route@") and (ours.label, ours.note) != (theirs.label, theirs.note):
            texts.append(f"{_sentence(_route(ours))}, against {_route(theirs).partition(': ')[2] or 'none known'}.")
        else:
            continue
        evidence += [*ours.source, *theirs.source]
    return texts, evidence


def _route(component: Component) -> str:
    return f"{component.label} ({component.note})" if component.note else component.label


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
