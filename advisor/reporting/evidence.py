"""The evidence, value by value, with where each comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from advisor.evidence.table import Component
from advisor.reporting.inputs import Fact, ReportInputs
from advisor.reporting.names import KIND_WORDS, candidate_title, criterion_title
from advisor.reporting.numbers import counted, interval, quantity, rating
from advisor.reporting.table import Cell, Code, Link, Span, Table

_KEYS_SHOWN = 2
_KEY_CHARACTERS = 8


@dataclass(frozen=True)
class Evidence:
    """Values at a glance, what each rests on, and the sources that are cited."""

    values: Table
    components: Table
    sources: Table | None


def build_evidence(inputs: ReportInputs) -> Evidence:
    """The evidence table of a study."""
    return Evidence(_values(inputs), _components(inputs), _sources(inputs.facts))


def source_spans(inputs: ReportInputs, sources: tuple[str, ...]) -> Cell:
    """Sources as people can follow them: facts as links, answers by their key, trials by the start of theirs."""
    facts = {fact.id: fact for fact in inputs.facts}
    trial_keys = {record.key for record in inputs.records}
    trials = [source for source in sources if source in trial_keys]
    spans: list[Span] = []
    for source in sources:
        if source not in trial_keys:
            spans += [_fact_link(facts[source]) if source in facts else _named(source), ", "]
    if trials:
        spans.append(f"{counted(len(trials), 'trial')}: ")
        for key in trials[:_KEYS_SHOWN]:
            spans += [Code(key[:_KEY_CHARACTERS]), ", "]
        if len(trials) > _KEYS_SHOWN:
            spans += ["...", ""]
    return tuple(spans[:-1]) or "none"


def is_web_address(text: str) -> bool:
    """True for http and https addresses; nothing else becomes a link."""
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that are no IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _fact_link(fact: Fact) -> Span:
    return Link(fact.id, fact.source) if is_web_address(fact.source) else Code(fact.id)


def _named(source: str) -> Span:
    """Ids and keys letter by letter, sources that are words as words."""
    return source if " " in source else Code(source)


def _values(inputs: ReportInputs) -> Table:
    results = inputs.decision.candidates
    rows = []
    for criterion in inputs.evidence.criteria:
        cells: list[Cell] = [criterion_title(criterion)]
        for result in results:
            value = result.criteria.get(criterion)
            if value is None or value.kind == "missing":
                cells.append("not known")
            else:
                cells.append(f"{rating(value.value)} ({rating(value.low)} to {rating(value.high)})")
        rows.append(tuple(cells))
    return Table(("Criterion", *[candidate_title(result.id) for result in results]), tuple(rows))


def _components(inputs: ReportInputs) -> Table:
    rows = tuple(
        (
            criterion_title(cell.criterion),
            candidate_title(cell.candidate),
            component.label,
            _raw(component),
            KIND_WORDS[component.kind] + (f" ({component.note})" if component.note else ""),
            source_spans(inputs, component.source),
            component.as_of or _measured_on(inputs, component.source) or "undated",
        )
        for criterion in inputs.evidence.criteria
        for cell in inputs.evidence.cells
        if cell.criterion == criterion
        for component in cell.components
    )
    return Table(("Criterion", "Candidate", "What", "Value and interval", "Kind", "Source", "Date"), rows)


def _measured_on(inputs: ReportInputs, sources: tuple[str, ...]) -> str:
    """The day of the last trial among the sources; empty if there is none."""
    days = [record.started_at[:10] for record in inputs.records if record.key in sources]
    return max(days, default="")


def _raw(component: Component) -> str:
    if component.raw is None:
        return "not known" if component.kind == "missing" else "no number"
    text = quantity(component.raw, component.unit)
    if component.raw_low is None or component.raw_high is None:
        return text
    return f"{text} ({interval(component.raw_low, component.raw_high)})"


def _sources(facts: Sequence[Fact]) -> Table | None:
    if not facts:
        return None
    rows = tuple(
        (
            Code(fact.id),
            fact.text,
            Link(urlsplit(fact.source).netloc, fact.source) if is_web_address(fact.source) else fact.source,
            fact.as_of.isoformat(),
        )
        for fact in facts
    )
    return Table(("Fact", "What it says", "Where", "Date"), rows)
