"""Who is faster: pairs of candidates, those about which nothing can be said included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.measuring.analysis.comparison import Comparison, Ratio
from advisor.reporting.words.names import candidate_title, joined, sentence
from advisor.reporting.words.numbers import counted, difference, level, ratio
from advisor.reporting.words.table import Cell, Table

_HEADER = ("Pair", "Step time, first divided by second", "Interval", "Measured in", "Finding")


@dataclass(frozen=True)
class Pairs:
    """Pairs of candidates in one lane: how many were resolved, and those that could be compared, if there are any."""

    counts: str
    table: Table | None


def build_pairs(pairs: Sequence[Comparison], margin: float) -> Pairs | None:
    """Pairs of one workload and lane, ``margin`` being that of equivalence; None where there are none."""
    if not pairs:
        return None
    rows = tuple(_row(pair, margin) for pair in pairs if pair.word != "not comparable")
    return Pairs(_counts(pairs), Table(_HEADER, rows) if rows else None)


def not_comparable(pairs: Sequence[Comparison]) -> tuple[str, ...]:
    """A sentence for each reason for which pairs cannot be compared, naming the pairs."""
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for pair in pairs:
        if pair.word == "not comparable":
            second = "itself in the default lane" if pair.between == "lanes" else candidate_title(pair.second)
            by_reason.setdefault(pair.reason, []).append((candidate_title(pair.first), second))
    return tuple(sentence(f"{_names(names)}: not comparable, because {reason}") for reason, names in by_reason.items())


def ratio_interval(found: Ratio) -> str:
    """The interval with its level, which differs between pairs that raced in more or fewer launches."""
    return f"{ratio(found.low)} to {ratio(found.high)} ({level(found.confidence)} interval)"


def shown_word(pair: Comparison, margin: float) -> str:
    """The word, and whether a difference that is shown is too small to matter."""
    return f"{pair.word}, by less than {margin:.0%}" if pair.within_margin else pair.word


def would_have_shown(pair: Comparison) -> str:
    """What a pair that is not resolved says nevertheless; empty where there is nothing."""
    return "" if pair.smallest_found is None else f"anything above {difference(pair.smallest_found)} would have shown"


def _names(pairs: Sequence[tuple[str, str]]) -> str:
    """``A with B`` for a pair, ``A with B, C and D`` where several pairs share a candidate."""
    common = set.intersection(*[set(pair) for pair in pairs])
    if len(pairs) > 1 and len(common) == 1:
        (shared,) = common
        return f"{shared} with {joined([second if first == shared else first for first, second in pairs])}"
    return "; ".join(f"{first} with {second}" for first, second in pairs)


def _counts(pairs: Sequence[Comparison]) -> str:
    kinds: Mapping[str, tuple[str, ...]] = {
        "resolved": ("faster", "slower"),
        "equivalent": ("equivalent",),
        "not resolved": ("not resolved",),
        "not comparable": ("not comparable",),
    }
    numbers = {kind: sum(pair.word in words for pair in pairs) for kind, words in kinds.items()}
    parts = [f"{number} {'is' if number == 1 else 'are'} {kind}" for kind, number in numbers.items() if number]
    return f"Of {counted(len(pairs), 'pair')}, {joined(parts)}."


def _row(pair: Comparison, margin: float) -> tuple[Cell, ...]:
    names = f"{candidate_title(pair.first)} and {candidate_title(pair.second)}"
    finding = _finding(pair, margin)
    if pair.ratio is None:
        return (names, "none", "none", "none", finding)
    found = pair.ratio
    measured_in = f"{counted(found.launches, 'launch', 'launches')}, {counted(found.rounds, 'round')}"
    if found.outliers:
        measured_in += f", {counted(found.outliers, 'outlier')} kept"
    return (names, ratio(found.ratio), ratio_interval(found), measured_in, finding)


def _finding(pair: Comparison, margin: float) -> str:
    reason = pair.reason
    match pair.word:
        case "faster" | "slower":
            finding = f"{candidate_title(pair.first)} is {shown_word(pair, margin)}"
        case "not resolved":
            finding = pair.word
            neither = f"neither a difference nor equality within {margin:.0%} is shown"
            reason = reason or "; ".join(part for part in (neither, would_have_shown(pair)) if part)
        case _:
            finding = pair.word
    return f"{finding}: {reason}" if reason else finding
