"""The evidence, value by value, with where each comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from advisor.evidence.table import Component, Doubt, TurnsOut
from advisor.reporting.inputs import CitedFact, ReportInputs
from advisor.reporting.words.names import candidate_title, criterion_title, joined, kind_words, uncoded, words
from advisor.reporting.words.numbers import counted, interval, percent, quantity, rating
from advisor.reporting.words.table import Cell, Code, Link, Span, Table

_KEYS_SHOWN = 2
_KEY_CHARACTERS = 8
#: What stands for a date where a value has none.
_ANSWERED_IN = {"answered": "as in answers.toml", "assumed": "nobody said"}
#: Doubts that components share, by name.
_DOUBTS = {
    "effort": "how well code stands for effort",
    "facts": "what the facts are worth",
    "stand_in": "what another problem tells about this one",
    "other_hardware": "what other hardware tells about the planned one",
    "busy_machine": "what a busy machine tells about a quiet one",
    "others_at_work": "what others at work may have slowed",
}


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
    trial_keys = inputs.day_of_trial
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


def _fact_link(fact: CitedFact) -> Span:
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
            percent(share),
            kind_words(component.kind, cell.criterion) + _remarks(component),
            source_spans(inputs, component.source),
            component.as_of or _measured_on(inputs, component) or _ANSWERED_IN.get(component.kind, "undated"),
        )
        for criterion in inputs.evidence.criteria
        for cell in inputs.evidence.cells
        if cell.criterion == criterion
        for component, share in zip(cell.components, cell.shares, strict=True)
    )
    return Table(("Criterion", "Candidate", "What", "Value and interval", "Counts", "Kind", "Source", "Date"), rows)


def _remarks(component: Component) -> str:
    """In brackets: what there is to say, and what the component shares a doubt about with others."""
    doubts = [_DOUBTS.get(doubt.name, words(doubt.name)) + _width(doubt) for doubt in component.doubts]
    shared = [f"in doubt: {joined(doubts)}"] if doubts else []
    remarks = "; ".join([*([component.note] if component.note else []), *shared])
    return f" ({remarks})" if remarks else ""


def _width(doubt: Doubt) -> str:
    if isinstance(doubt.shape, TurnsOut):
        return f" ({doubt.shape.amount:+.2g} with a chance of {percent(doubt.shape.chance)})"
    return f" (±{doubt.shape.half_width:.2g})"


def _measured_on(inputs: ReportInputs, component: Component) -> str:
    """The day of the last trial among the sources, or of the pilot whose code was counted; empty if there is none."""
    measure, _, pilot = component.measure.partition("@")
    if measure.startswith("code."):
        return inputs.day_of_pilot.get(pilot, "")
    days = [inputs.day_of_trial[source] for source in component.source if source in inputs.day_of_trial]
    return max(days, default="")


def _raw(component: Component) -> str:
    if component.raw is None:
        return "not known" if component.kind == "missing" else "no number"
    text = quantity(component.raw, component.unit)
    if component.raw_low is None or component.raw_high is None:
        return text
    return f"{text} ({interval(component.raw_low, component.raw_high)})"


def _sources(facts: Sequence[CitedFact]) -> Table | None:
    if not facts:
        return None
    rows = tuple(
        (
            Code(fact.id),
            uncoded(fact.text),
            Link(urlsplit(fact.source).netloc, fact.source) if is_web_address(fact.source) else fact.source,
            fact.as_of.isoformat(),
        )
        for fact in facts
    )
    return Table(("Fact", "What it says", "Where", "Date"), rows)
