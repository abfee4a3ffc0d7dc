"""What the parity gate tolerates, by the precision of products."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.lanes import Precision


@dataclass(frozen=True)
class Tolerance:
    """Passed where ``|a - b| <= atol + rtol * |b|``, b being the reference.

    That holds for every element; with ``whole`` for the root mean squares over the array, which average the errors of
    single elements out and leave what is common to them.
    """

    rtol: float
    atol: float
    whole: bool = False


@dataclass(frozen=True)
class Tolerances:
    """Of outputs, gradients, losses during ten steps, and outputs after them."""

    forward: Tolerance
    gradients: Tolerance
    losses: Tolerance
    trained: Tolerance


TOLERANCES: dict[Precision, Tolerances] = {
    "float32": Tolerances(
        # float32 and the order of its sums alone make about 1e-6 here; these leave room for other kernels and devices.
        forward=Tolerance(rtol=1e-4, atol=1e-5),
        # The same, beside what rounding does to the reference itself (see ROUNDING): a gradient that ought to be zero
        # may be any rounding error below atol.
        gradients=Tolerance(rtol=1e-4, atol=1e-5),
        # Wider, for reasons that no setting removes: Adam turns a gradient into a step of about the learning rate
        # whatever its size, so that rounding in small gradients grows; Keras scales epsilon otherwise; PyTorch's
        # running variance is unbiased (n / (n - 1)). Together they stay within six tenths of this, while a wrong
        # momentum or loss exceeds it many times over.
        losses=Tolerance(rtol=1e-3, atol=1e-3),
        trained=Tolerance(rtol=1e-3, atol=1e-3),
    ),
    # Products with 8 bits of mantissa, rounded at other places in each framework. Element by element that hides
    # everything; as root mean squares, the five stacks, eager and compiled, against float32 and against one another,
    # showed at most a third of these.
    "bfloat16": Tolerances(
        forward=Tolerance(rtol=1.5e-2, atol=1e-3, whole=True),
        gradients=Tolerance(rtol=2e-1, atol=1e-3, whole=True),
        losses=Tolerance(rtol=7.5e-3, atol=0.0, whole=True),
        trained=Tolerance(rtol=1.5e-1, atol=1e-3, whole=True),
    ),
}
