"""What the models promise: the same weights, outputs, gradients and training steps as in every other stack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from pilots import parity
from pilots import workload as workloads
from pilots.conformance.subject import CandidateUnderCheck, CountingHook, Nonconformity, require
from pilots.lanes import Precision, Tuning

_LISTED = 3


def has_its_parameters(subject: CandidateUnderCheck) -> str:
    """Names and shapes as ``parameters.py`` says."""
    expected = workloads.parameters(subject.workload, subject.data).shapes
    own = {name: tuple(array.shape) for name, array in subject.pilot.weights().items()}
    different = [
        f"{name} is {own.get(name, 'missing')}, in parameters.py {expected.get(name, 'missing')}"
        for name in dict.fromkeys((*expected, *own))
        if own.get(name) != expected.get(name)
    ]
    more = f"; and {len(different) - _LISTED} more" if len(different) > _LISTED else ""
    require(not different, "; ".join(different[:_LISTED]) + more)
    return f"{len(own)} weights with {sum(array.size for array in subject.pilot.weights().values())} numbers"


def keeps_its_weights(subject: CandidateUnderCheck) -> str:
    """What is set comes back exactly."""
    subject.pilot.set_weights(subject.start)
    back = subject.pilot.weights()
    changed = [name for name, array in subject.start.items() if not np.array_equal(array, back[name])]
    require(not changed, f"other numbers came back than were set: {', '.join(changed[:_LISTED])}")
    return "come back exactly as they were set"


def gives_its_outputs(subject: CandidateUnderCheck) -> str:
    """Of the promised shape, and finite."""
    subject.pilot.set_weights(subject.start)
    for rows in (1, 3):
        outputs = subject.pilot.predict(subject.data.x_test[:rows])
        promised = (rows, subject.data.outputs)
        require(
            outputs.shape == promised,
            f"{rows} rows give outputs of shape {outputs.shape} in place of (rows, outputs) = {promised}",
        )
    finite = np.isfinite(subject.pilot.predict(subject.data.x_test))
    require(finite.all(), f"{np.mean(~finite):.0%} of the outputs of the untrained model are no finite numbers")
    return f"(rows, {subject.data.outputs}), all of them finite"


def is_the_same(subject: CandidateUnderCheck) -> str:
    """The gate. The reference has to agree with itself first; only then the others can be told apart from it."""
    captured = parity.capture(subject.pilot, subject.data, subject.recipe)
    if subject.command.reference is not None:
        return _compared(subject, captured, "float32")
    again = parity.capture(subject.pilot, subject.data, subject.recipe)
    result = parity.compare(again, captured, subject.spec.candidate)
    require(result.passed, "from the same weights and rows it does not compute the same twice: it draws at random")
    parity.save(captured, _reference_file(subject))
    return "the reference that the other candidates are compared with"


def is_the_same_tuned(subject: CandidateUnderCheck) -> str:
    """The gate for the tuned lane, against the reference in the default lane."""
    tuning = Tuning.of("tuned", fast_bfloat16=subject.framework.fast_bfloat16())
    pilot = subject.framework.build(subject.workload, subject.data, subject.recipe, tuning)
    return _compared(subject, parity.capture(pilot, subject.data, subject.recipe), tuning.precision)


def _compared(subject: CandidateUnderCheck, captured: parity.Capture, precision: Precision) -> str:
    reference = subject.command.reference or subject.spec.candidate
    result = parity.compare(captured, parity.load(_reference_file(subject)), reference, precision)
    failed = [f"{check.name}: {check.detail}" for check in result.checks if not check.passed]
    require(not failed, f"another model than in {reference}; {'; '.join(failed)}")
    return f"the same model as in {reference}: weights, outputs, gradients and {parity.STEPS} steps of training"


def _reference_file(subject: CandidateUnderCheck) -> Path:
    return subject.folder / "reference.npz"


def refuses_mistakes(subject: CandidateUnderCheck) -> str:
    """Mistakes raise a ValueError that says what is wrong."""
    pilot, data = subject.pilot, subject.data
    weights = pilot.weights()
    name, array = next(iter(weights.items()))
    rest = {other: value for other, value in weights.items() if other != name}
    few = subject.recipe.batch_size - 1
    attempts: dict[str, Callable[[], None]] = {
        "weights of which one is missing": lambda: pilot.set_weights(rest),
        "a weight of another shape": lambda: pilot.set_weights({**weights, name: array[np.newaxis]}),
        "fewer rows than a batch": lambda: pilot.fit(
            data.x_train[:few], data.y_train[:few], epochs=1, seed=0, pace=CountingHook()
        ),
    }
    for what, attempt in attempts.items():
        try:
            attempt()
        except ValueError as error:
            require(str(error), f"{what}: the error says nothing")
        else:
            raise Nonconformity(f"{what}: taken without an error")
    return f"{len(attempts)} kinds of mistakes are refused with a reason"
