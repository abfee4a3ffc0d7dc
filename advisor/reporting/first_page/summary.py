"""The first screen: what somebody needs who reads nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.deciding.decision import CandidateResult
from advisor.measuring.machine.devices import devices_by_candidate
from advisor.reporting.first_page.busy import busy_caveat, quieter
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.learning import baseline_notes
from advisor.reporting.words import reasons, sentences
from advisor.reporting.words.names import candidate_title, constraint_title, criterion_phrase, joined, sentence, words
from advisor.reporting.words.numbers import bar, percent
from advisor.reporting.words.sentences import NextStep
from advisor.reporting.words.table import Code, Table

_BEYOND = {
    "boosted_trees_first": (
        "Try boosted trees (scikit-learn) before any of these frameworks: on small tables they are hard to beat."
    ),
    "native_jax": "Look at JAX itself as well, without Keras on top: it is the usual choice for research on TPUs.",
}
_DEVICES = {
    "cpu": "CPU",
    "gpu": "GPU",
    "mps": "Apple GPU (mps)",
    "xpu": "Intel GPU (xpu)",
    "tpu": "TPU",
}


@dataclass(frozen=True)
class Summary:
    """Verdict, one bar per candidate, reasons and what would turn the answer, in plain words.

    ``busy`` says what was measured on a busy machine, ``first`` names what to try before any framework, ``caveats``
    what limits the numbers below them, ``open`` the requirements of which nobody knows yet whether the leading
    candidate meets them.
    """

    verdict: str
    busy: str
    first: tuple[str, ...]
    caveats: tuple[str, ...]
    open: tuple[str, ...]
    way_out: str
    candidates: Table
    compared: str
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    flips: tuple[str, ...]
    without_skills: str
    next_step: NextStep | None


def build_summary(inputs: ReportInputs) -> Summary:
    """The first screen of a study."""
    leader, other = inputs.leader, reasons.runner_up(inputs)
    compared = f"{candidate_title(leader)} compared with {candidate_title(other)}" if leader and other else ""
    return Summary(
        verdict=sentences.verdict_sentence(inputs),
        busy=busy_caveat(inputs),
        first=_first(inputs),
        caveats=_caveats(inputs),
        open=tuple(sentence(veto.reason) for veto in sentences.open_questions(inputs)),
        way_out=sentences.way_out(inputs),
        candidates=_bars(inputs),
        compared=compared,
        reasons_for=reasons.reasons_for(inputs),
        reasons_against=reasons.reasons_against(inputs),
        flips=reasons.flips(inputs),
        without_skills=reasons.without_skills(inputs),
        next_step=quieter(inputs) or sentences.tie_breaker(inputs),
    )


def _caveats(inputs: ReportInputs) -> tuple[str, ...]:
    texts = []
    if not inputs.has_pilots:
        texts.append("No pilot was run: this rests on the team's answers and on cited facts, not on measurements.")
    if inputs.decision.verdict == "insufficient":
        nowhere = [criterion_phrase(name) for name in inputs.evidence.criteria if _known_nowhere(inputs, name)]
        if nowhere:
            texts.append(f"Not known for any candidate: {joined(nowhere)}.")
        texts.append("The shares below show who is ahead on the little that is known; do not decide by them.")
    texts.append(sentences.what_stands_under_it(inputs))
    return (*filter(None, texts), *_different_devices(inputs))


def _different_devices(inputs: ReportInputs) -> tuple[str, ...]:
    """One sentence where not all candidates ran on the same kind of device; nothing where they did."""
    devices = devices_by_candidate(inputs.records)
    ran_on: dict[str, list[str]] = {}
    for candidate, kinds in devices.items():
        where = joined([f"the {_DEVICES[kind]}" if kind in _DEVICES else kind for kind in kinds])
        ran_on.setdefault(where, []).append(candidate_title(candidate))
    if len({kind for kinds in devices.values() for kind in kinds}) < 2:
        return ()
    parts = [f"{joined(candidates)} ran on {where}" for where, candidates in ran_on.items()]
    return (f"{'; '.join(parts)}: their times therefore compare devices as well as frameworks.",)


def _known_nowhere(inputs: ReportInputs, criterion: str) -> bool:
    return all(cell.missing for cell in inputs.evidence.cells if cell.criterion == criterion)


def _first(inputs: ReportInputs) -> tuple[str, ...]:
    """What to try before or beside the candidates; a measured finding takes the place of the general advice."""
    matching = [note for note in baseline_notes(inputs) if note.matches]
    own = [note for note in matching if note.workload in inputs.answering or not inputs.answering]
    others = [words(note.workload) for note in matching if note not in own]
    measured = [note.text for note in own]
    if others:
        also = "also " if own else ""
        measured.append(
            f"scikit-learn {also}matches the networks on {joined(others)}, which only "
            f"{'stands' if len(others) == 1 else 'stand'} in for your problem."
        )
    beyond = [name for name in inputs.decision.beyond if not (own and name == "boosted_trees_first")]
    return (*measured, *[_BEYOND.get(name, sentence(name)) for name in beyond])


def _bars(inputs: ReportInputs) -> Table:
    if not inputs.ranked:
        rows = tuple((candidate_title(result.id), _chance(inputs, result)) for result in inputs.decision.candidates)
        return Table(("Candidate", "Fails"), rows)
    ordered = [*inputs.ranked, *[result for result in inputs.decision.candidates if not result.rank_probability]]
    return Table(
        header=("Candidate", "Best in", "Share of the readings", "Without the team's skills"),
        rows=tuple(
            (candidate_title(result.id), _chance(inputs, result), Code(bar(_share(result))), _without_skills(result))
            for result in ordered
        ),
    )


def _share(result: CandidateResult) -> float:
    return result.rank_probability[0] if result.rank_probability else 0.0


def _chance(inputs: ReportInputs, result: CandidateResult) -> str:
    if result.rank_probability:
        return percent(_share(result))
    failed = [constraint_title(veto.constraint) for veto in result.vetoes if veto.status == "fail"]
    fails = "fails: " if inputs.ranked else ""
    return f"{fails}{joined(failed)}" if failed else "not ranked"


def _without_skills(result: CandidateResult) -> str:
    return "not ranked" if result.without_skills is None else percent(result.without_skills)
