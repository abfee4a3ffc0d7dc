"""The checks in their order, each ending in a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pilots.conformance import data, model, training
from pilots.conformance.subject import CandidateUnderCheck, Nonconformity
from pilots.conformance_records import CheckName, ConformanceCheck, checks_of
from pilots.failures import in_one_line
from pilots.framework import Framework
from pilots.protocol import CheckConformance
from pilots.records import TrialSpec

#: Each returns what it found in a sentence, or raises a :class:`Nonconformity`.
_CHECKS: Mapping[CheckName, Callable[[CandidateUnderCheck], str]] = {
    "data": data.as_promised,
    "parameters": model.has_its_parameters,
    "weights": model.keeps_its_weights,
    "outputs": model.gives_its_outputs,
    "parity": model.is_the_same,
    "learning": training.learns,
    "seeds": training.obeys_its_seed,
    "loop": training.tells_its_pace,
    "feeding": training.is_fed_right,
    "refusals": model.refuses_mistakes,
    "tuned parity": model.is_the_same_tuned,
}
#: After one of these has failed, what the others would find are its consequences.
_GROUND: tuple[CheckName, ...] = ("data", "parameters", "weights", "outputs")


def checks(spec: TrialSpec, framework: Framework | None, command: CheckConformance) -> Iterator[ConformanceCheck]:
    """Each check of the candidate as it ends, but for the first, which is that its process starts.

    What a check raises is its finding. After an error, and after a finding that others build on, the rest is not
    reached.

    Args:
        spec: of the trial.
        framework: of its candidate, configured; None for the baseline.
        command: what the candidates of one check share.
    """
    subject = CandidateUnderCheck(spec, framework, command)
    folder = Path(spec.folder.path) if spec.folder else None
    reached = True
    for name in checks_of(spec.candidate, tuned=command.tuned)[1:]:
        passed: bool | None = None
        detail = ""
        if reached:
            try:
                passed, detail = True, _CHECKS[name](subject)
            except Nonconformity as finding:
                passed, detail, reached = False, str(finding), name not in _GROUND
            except Exception as error:  # noqa: BLE001 - whatever a workload's files or a framework raise
                passed, detail, reached = False, in_one_line(error, folder), False
        yield ConformanceCheck(name, passed, detail)
