"""What is known about a framework stack that can be chosen. Each stands in a module of :mod:`pilots.candidates`.

Needs the standard library alone, so that interpreters in which nothing is installed can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

_FOLDER = Path(__file__).parent / "candidates"


@dataclass(frozen=True)
class Bridge:
    """A candidate that joins two families in one program, and why that keeps both open."""

    families: tuple[str, str]
    why: str


@dataclass(frozen=True)
class Candidate:
    """A framework stack that can be chosen. All weeks and shares are judgement calls.

    Attributes:
        id: its name everywhere; public interface.
        title: as people read it.
        family: candidates of one family share most of their code and their skills.
        family_title: as people read it, the same in the whole family.
        order: the smaller, the earlier in every table; the first candidate that answers is the gate's reference.
        packages: the distributions whose versions identify it; the first names the framework.
        imports: the module that is imported to use it.
        adapter: the module of :mod:`pilots.frameworks` whose ``load(backend)`` gives its :class:`Framework`.
        backend: of Keras; empty elsewhere.
        model_code: modules of a workload that hold its model; the first is needed, the others are optional.
        training_code: files of :mod:`pilots.frameworks` that a team would own to train it.
        channels_first: its exported models take images with their channels first.
        cxx_compiler: its compiled lane needs a C++ compiler on a processor.
        start_s: seconds until a process has started it, for the first estimate.
        compile_s: seconds to compile a training step, likewise.
        skills: shares by which answers about skills make up the team's level in it.
        novice_weeks: additional weeks for each level below "built something with help": who is new to machine
            learning learns it through the framework.
        to_rewrite: by existing framework, the share of its code that has to be written anew to go on in this candidate;
            all of it where no share stands here, none where that framework is of the same family.
        exports_for: existing frameworks whose saved models its export routes take.
        bridge: where it joins two families.
        remark: what to know wherever its family is named, in sentences.
        idle_ends_remedy: what people do about ends of epochs that leave the processor idle.
    """

    id: str
    title: str
    family: str
    family_title: str
    order: int
    packages: tuple[str, ...]
    imports: str
    adapter: str
    model_code: tuple[str, ...]
    training_code: tuple[str, ...]
    skills: Mapping[str, float]
    novice_weeks: float
    to_rewrite: Mapping[str, float]
    backend: str = ""
    channels_first: bool = False
    cxx_compiler: bool = False
    start_s: float = 5.0
    compile_s: float = 2.0
    exports_for: tuple[str, ...] = ()
    bridge: Bridge | None = None
    remark: str = ""
    idle_ends_remedy: str = ""


@cache
def candidates() -> Mapping[str, Candidate]:
    """All candidates by id, in their order: one for each module of the folder."""
    modules = (import_module(f"pilots.candidates.{path.stem}") for path in sorted(_FOLDER.glob("[!_]*.py")))
    found: list[Candidate] = sorted(
        (module.CANDIDATE for module in modules), key=lambda candidate: (candidate.order, candidate.id)
    )
    return {candidate.id: candidate for candidate in found}
