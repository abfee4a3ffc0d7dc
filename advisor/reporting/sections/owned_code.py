"""The code you would own: the same model in each candidate that could be chosen, from the files that ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.measuring.code.size import CodeSize, used_part
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title, catalog_order, joined, words
from advisor.reporting.words.numbers import counted
from advisor.reporting.words.reasons import runner_up
from advisor.reporting.words.table import Table

_SHOWN = 3


@dataclass(frozen=True)
class SourceFile:
    """A file of Python, named with its folder; an ``excerpt`` of it where it holds what other pilots use as well."""

    name: str
    excerpt: bool
    text: str


@dataclass(frozen=True)
class Listing:
    """The whole code of candidates that share it."""

    candidates: str
    size: str
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class OwnedCode:
    """How much code by pilot and candidate, and the code of one pilot; no listings where its files were not kept."""

    counted: str
    sizes: Table
    pilot: str
    listings: tuple[Listing, ...]


def build_owned_code(inputs: ReportInputs) -> OwnedCode | None:
    """The code of the first pilot that answers for the problem; None where none was counted."""
    if not inputs.code:
        return None
    names = list(dict.fromkeys(size.workload for size in inputs.code))
    pilot = next((name for name in names if name in inputs.answering), names[0])
    return OwnedCode(
        counted=(
            "Operations in the code of model and training: calls, operators, branches and loops. Names, definitions, "
            f"annotations, layout and nesting do not count. {_what_counts(inputs)}"
        ),
        sizes=_sizes(inputs.code, names),
        pilot=words(pilot),
        listings=_listings(inputs, pilot),
    )


def _what_counts(inputs: ReportInputs) -> str:
    if not inputs.has_pilots:
        return "The pilots did not run, so whole files count, with what would not be reached."
    if all(size.as_run for size in inputs.code):
        return "Only what ran counts, as the parity gate recorded it, without what this tool adds for measuring."
    whole = sum(not size.as_run for size in inputs.code)
    if whole == len(inputs.code):
        return "What of them ran was not recorded when this study was made, so whole files count."
    return (
        "What ran counts, as the parity gate recorded it; in "
        f"{whole} of {counted(len(inputs.code), 'case')} it was not recorded, and whole files count."
    )


def _sizes(code: Sequence[CodeSize], names: Sequence[str]) -> Table:
    candidates = sorted({size.candidate for size in code}, key=catalog_order)
    found = {(size.workload, size.candidate): str(size.operations) for size in code}
    rows = tuple(
        (words(name), *(found.get((name, candidate), "no model") for candidate in candidates)) for name in names
    )
    return Table(("Pilot", *map(candidate_title, candidates)), rows)


def _listings(inputs: ReportInputs, pilot: str) -> tuple[Listing, ...]:
    """A listing for each distinct set of files: the backends of Keras share theirs."""
    wanted = dict.fromkeys([*inputs.decision.shortlist, inputs.leader, runner_up(inputs)])
    shown: dict[tuple[str, ...], list[CodeSize]] = {}
    for candidate in wanted:
        for size in inputs.code:
            if (size.workload, size.candidate) == (pilot, candidate) and inputs.code_texts.keys() >= set(size.files):
                shown.setdefault(size.files, []).append(size)
    return tuple(_listing(inputs, sizes) for sizes in list(shown.values())[:_SHOWN])


def _listing(inputs: ReportInputs, sizes: Sequence[CodeSize]) -> Listing:
    first = sizes[0]
    model, training = first.operations - first.training_operations, first.training_operations
    return Listing(
        candidates=joined([candidate_title(size.candidate) for size in sizes]),
        size=f"{counted(first.operations, 'operation')}: {model} of the model, {training} of the training",
        files=_files(inputs, first),
    )


def _files(inputs: ReportInputs, size: CodeSize) -> tuple[SourceFile, ...]:
    """The model's and the training's whole; of layers that pilots share, what these use."""
    whole = [name for name in size.files if not name.endswith("_layers.py")]
    own = [inputs.code_texts[name] for name in whole]
    found = [SourceFile(name, False, text) for name, text in zip(whole, own, strict=True)]
    for name in size.files:
        if name not in whole and (part := used_part(inputs.code_texts[name], own)):
            found.append(SourceFile(name, True, part))
    return tuple(found)
