"""How much code a team would own: counted in the very files that ran, and there in what of them was reached.

The unit is the operation (:mod:`advisor.measuring.code.operations`): lines would reward formatting, and statements
nesting, since a whole Keras model is one statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.measuring.code.operations import Source, operations
from pilots import workload as workloads
from pilots.reach import read_text, text_hash
from pilots.records import TrialRecord
from pilots.results import ParityResult, ReachedFile
from pilots.workload import Workload

_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
#: How the names of files end of which pilots of a framework use only a part.
SHARED = "_layers.py"
_TRAINING = "_training.py"
#: What is imported from there and not counted itself belongs to the measuring.
_HARNESS = ("pilots",)
#: What the gate found reached, by workload and candidate.
Reached = Mapping[tuple[str, str], tuple[ReachedFile, ...]]


@dataclass(frozen=True)
class OwnedFiles:
    """The files of one candidate on one workload.

    They are named with their folder (``tabular/in_pytorch.py``): those of the model, that of the training, then those
    of layers that pilots share.
    """

    workload: str
    candidate: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class CodeSize:
    """Operations in model and training of one candidate on one workload, and the files they stand in.

    ``training_operations`` are those of ``operations`` that belong to the training. ``as_run``: only what was reached
    counts; else nobody knows what was, and the files count whole.
    """

    workload: str
    candidate: str
    operations: int
    files: tuple[str, ...]
    training_operations: int = 0
    as_run: bool = False


def owned_files(of: Iterable[Workload], candidates: Sequence[str]) -> tuple[OwnedFiles, ...]:
    """The files of each candidate on each workload, where it has any that is Python."""
    return tuple(
        OwnedFiles(workload.name, candidate, tuple(map(_place, _files(workload, candidate))))
        for workload in of
        for candidate in candidates
        if candidate in workload.candidates
    )


def code_texts(of: Iterable[Workload], candidates: Sequence[str]) -> dict[str, str]:
    """The text of every file of :func:`owned_files`, by the name that it has there."""
    return {
        _place(file): read_text(file)
        for workload in of
        for candidate in candidates
        if candidate in workload.candidates
        for file in _files(workload, candidate)
    }


def reached_files(records: Iterable[TrialRecord]) -> Reached:
    """What the gate found reached in the default lane; nothing where no gate looked."""
    return {
        (record.spec.workload, record.spec.candidate): record.result.reached
        for record in records
        if record.spec.lane == "default" and isinstance(record.result, ParityResult) and record.result.reached
    }


def code_sizes(owned: Iterable[OwnedFiles], texts: Mapping[str, str], reached: Reached) -> tuple[CodeSize, ...]:
    """The code of each candidate on each workload; left out where its texts were not kept, or are no Python.

    What was reached counts only in files that are unchanged since they ran.
    """
    sizes = []
    for code in owned:
        if not texts.keys() >= set(code.files):
            continue
        ran = {found.file: found for found in reached.get((code.workload, code.candidate), ())}
        as_run = all(name in ran and ran[name].sha256 == text_hash(texts[name]) for name in code.files)
        try:
            found = operations([_source(name, code, texts, ran if as_run else None) for name in code.files], _HARNESS)
        except (SyntaxError, ValueError):  # the user's, whose trials have failed of it
            continue
        training = sum(count for name, count in zip(code.files, found, strict=True) if name.endswith(_TRAINING))
        sizes.append(CodeSize(code.workload, code.candidate, sum(found), code.files, training, as_run))
    return tuple(sizes)


def used_part(shared: str, own: Sequence[str]) -> str:
    """Of a text of shared layers, the definitions that ``own`` use, directly or through one another; empty if none."""
    named = {name for source in own for name in _names(ast.parse(source))}
    lines = shared.splitlines()
    spans = sorted(
        (
            min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1,
            node.end_lineno or node.lineno,
        )
        for node in _reached(named, ast.parse(shared))
    )
    return "\n\n\n".join("\n".join(lines[start:end]) for start, end in spans)


def _source(name: str, owned: OwnedFiles, texts: Mapping[str, str], ran: Mapping[str, ReachedFile] | None) -> Source:
    text, shared = texts[name], name.endswith(SHARED)
    if ran is not None:
        return Source(text, frozenset(ran[name].lines), shared)
    if not shared:
        return Source(text)
    own = [texts[other] for other in owned.files if not other.endswith(SHARED)]
    imports = [ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return Source("\n".join([*imports, used_part(text, own)]), None, shared)


def _files(workload: Workload, candidate: str) -> tuple[Path, ...]:
    return (*workloads.model_files(workload, candidate), *workloads.training_files(candidate))


def _place(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _reached(names: set[str], tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The definitions that ``names`` reach, directly or through one another, each once."""
    definitions = {node.name: node for node in tree.body if isinstance(node, _DEFINITIONS)}
    waiting, seen = list(names & definitions.keys()), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield definitions[name]
            waiting += _names(definitions[name]) & definitions.keys()
