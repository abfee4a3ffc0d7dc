"""How much code a team would own: counted in the very files that ran.

All of them are laid out by one formatter, so lines can be compared; comments, docstrings, imports and empty lines do
not count. Statements would not do: a whole Keras model is one.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pilots import workload as workloads
from pilots.workload import Workload

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class CodeSize:
    """Lines of model and training code of one candidate on one workload, and the files they stand in.

    ``files`` are named with their folder (``tabular/in_pytorch.py``): those of the model, that of the training, then
    those of layers that pilots share. ``training_lines`` are those of ``lines`` that belong to the training; 0 where
    they were not counted apart.
    """

    workload: str
    candidate: str
    lines: int
    files: tuple[str, ...]
    training_lines: int = 0


def code_sizes(of: Iterable[Workload], candidates: Sequence[str]) -> tuple[CodeSize, ...]:
    """The code of each candidate on each workload, where it has any that is Python."""
    sizes = []
    for workload in of:
        for candidate in candidates:
            if candidate not in workload.candidates:
                continue
            own, (training, *shared) = workloads.model_files(workload, candidate), workloads.training_files(candidate)
            try:
                lines = owned_lines(_texts([*own, training]), _texts(shared))
                training_lines = owned_lines(_texts([training]), [])
            except (SyntaxError, ValueError, tokenize.TokenError):  # the user's, whose trials have failed of it
                continue
            files = (*own, training, *shared)
            names = tuple(map(_place, files))
            sizes.append(CodeSize(workload.name, candidate, lines, names, training_lines))
    return tuple(sizes)


def code_texts(of: Iterable[Workload], candidates: Sequence[str]) -> dict[str, str]:
    """The text of every file that :func:`code_sizes` counts, by the name that it has there."""
    return {
        _place(file): file.read_text("utf-8", errors="replace")
        for workload in of
        for candidate in candidates
        if candidate in workload.candidates
        for file in (*workloads.model_files(workload, candidate), *workloads.training_files(candidate))
    }


def used_part(shared: str, own: Sequence[str]) -> str:
    """Of a text of shared layers, the definitions that ``own`` use, directly or through one another; empty if none."""
    named = {name for source in own for name in _names(ast.parse(source))}
    lines = shared.splitlines()
    spans = sorted(
        (min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1, node.end_lineno or node.lineno)
        for node in _reached(named, ast.parse(shared))
    )
    return "\n\n\n".join("\n".join(lines[start:end]) for start, end in spans)


def owned_lines(own: Sequence[str], shared: Sequence[str]) -> int:
    """Lines of code of a model and its training.

    Args:
        own: texts that count whole: those of the model and of its training.
        shared: texts of shared layers, of which only those count that the others use, directly or through one another.
    """
    count = sum(len(_code_lines(source)) for source in own)
    named = {name for source in own for name in _names(ast.parse(source))}
    for source in shared:
        lines = _code_lines(source)
        for node in _reached(named, ast.parse(source)):
            count += len(lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
    return count


def _place(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _texts(files: Iterable[Path]) -> list[str]:
    return [file.read_text("utf-8") for file in files]


@cache  # shared by all pilots of a framework
def _code_lines(source: str) -> set[int]:
    """Numbers of the lines that hold code."""
    lines = {
        number
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _LAYOUT
        for number in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and (docstring or isinstance(node, ast.Import | ast.ImportFrom)):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


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
