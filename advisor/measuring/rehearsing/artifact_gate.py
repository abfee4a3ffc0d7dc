"""The gate of an exported model: does it still predict what the trained model predicts for the same rows?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from advisor.method import Rehearsing
from pilots import scores
from pilots.kept_model import SampleRows
from pilots.pilot import Task
from pilots.routes import Precision

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ArtifactCheck:
    """What the gate found; passed where ``error`` is empty. See :class:`pilots.rehearsal_records.RehearseResult`."""

    error: str
    worst_error: float | None = None
    agreement: float | None = None
    metric_before: float | None = None
    metric: float | None = None


def check_outputs(
    sample: SampleRows, found: npt.NDArray[np.generic], precision: Precision, limits: Rehearsing
) -> ArtifactCheck:
    """Compare an artifact's outputs with those of the trained model.

    Not finite numbers and another shape fail at once. In float32 every output has to be the same within rounding; in
    reduced precision predictions have to agree and the metric must not suffer.
    """
    if found.shape != sample.outputs.shape:
        return ArtifactCheck(f"the outputs have the shape {found.shape}, the trained model's {sample.outputs.shape}")
    if not np.issubdtype(found.dtype, np.number):
        return ArtifactCheck(f"the outputs are no numbers but {found.dtype}")
    wrong = int(np.count_nonzero(~np.isfinite(found)))
    if wrong:
        return ArtifactCheck(f"{wrong} of {found.size} outputs are no finite numbers")
    outputs, wanted = found.astype(np.float64), sample.outputs.astype(np.float64)
    check = ArtifactCheck(
        error="",
        worst_error=float(np.abs(outputs - wanted).max() / max(float(np.abs(wanted).max()), np.finfo(np.float32).tiny)),
        agreement=agreement(sample.task, outputs, wanted, limits.alike_within),
        metric_before=_metric(sample, sample.outputs),
        metric=_metric(sample, outputs),
    )
    return ArtifactCheck(**{**vars(check), "error": _error(check, precision, limits)})


def _metric(sample: SampleRows, outputs: npt.NDArray[np.generic]) -> float | None:
    return None if sample.targets is None else scores.score(sample.task, outputs, sample.targets)[0]


def agreement(task: Task, outputs: Floats, wanted: Floats, alike_within: float) -> float:
    """The share of rows predicted alike: the same class; or every value within ``alike_within`` standard deviations.

    The deviations are those of the wanted outputs, each column's own.
    """
    if task == "classification":
        return float(np.mean(outputs.argmax(axis=1) == wanted.argmax(axis=1)))
    deviation = np.maximum(wanted.std(axis=0), np.finfo(np.float32).tiny)
    return float(np.mean(np.all(np.abs(outputs - wanted) <= alike_within * deviation, axis=1)))


def _error(check: ArtifactCheck, precision: Precision, limits: Rehearsing) -> str:
    assert check.worst_error is not None and check.agreement is not None
    if precision == "float32":
        if check.worst_error <= limits.largest_error:
            return ""
        return (
            f"an output differs by {check.worst_error:.2g} of the largest one, allowed are {limits.largest_error:g}; "
            f"{check.agreement:.1%} of the rows are predicted alike"
        )
    if check.agreement < limits.least_agreement:
        return f"only {check.agreement:.1%} of the rows are predicted alike, wanted are {limits.least_agreement:.0%}"
    if check.metric is None or check.metric_before is None:
        return ""
    lost = check.metric_before - check.metric
    if lost > limits.most_metric_lost:
        return f"the metric fell by {lost:.3f} to {check.metric:.3f}, allowed are {limits.most_metric_lost:g}"
    return ""
