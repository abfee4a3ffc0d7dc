"""The gate on the workloads' own models, with faults planted in a PyTorch pilot; see also ``mismatches``."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pilots import parity
from pilots import workload as workloads
from pilots.frameworks.pytorch import PyTorchPilot
from pilots.frameworks.pytorch_runtime import PyTorchRuntime
from pilots.lanes import DEFAULT, Precision, Tuning
from pilots.parity import Capture
from pilots.pilot import Data, Weights
from pilots.results import ParityResult
from pilots.tolerances import TOLERANCES
from pilots.workload import Workload

# Models as small as these gain nothing from a second thread, and lose much on a busy machine.
torch.set_num_threads(1)
BFLOAT16 = Tuning(compiled=False, precision="bfloat16")


def sounds() -> tuple[Workload, Data]:
    workload = workloads.load("audio")
    return workload, workloads.read_data(workload, None)


def table() -> tuple[Workload, Data]:
    # Square, so that a kernel fits in untransposed too.
    workload = replace(workloads.load("tabular"), model={"hidden": [32, 32]})
    return workload, workloads.read_data(workload, None)


def pilot(workload: Workload, data: Data, kind: type[PyTorchPilot] = PyTorchPilot, **changed) -> PyTorchPilot:
    parts = {
        "model": workloads.build(workload, "in_pytorch", data),
        "parameters": workloads.parameters(workload, data),
        "task": data.task,
        "recipe": workload.recipe("smoke", len(data.x_train)),
        "runtime": PyTorchRuntime(),
        "tuning": DEFAULT,
    }
    return kind(**{**parts, **changed})


def captured(workload: Workload, data: Data, own: PyTorchPilot) -> Capture:
    return parity.capture(own, data, workload.recipe("smoke", len(data.x_train)))


def judged(workload: Workload, data: Data, planted: PyTorchPilot, precision: Precision = "float32") -> ParityResult:
    reference = captured(workload, data, pilot(workload, data))
    return parity.compare(captured(workload, data, planted), reference, "pytorch", precision)


def failed(result: ParityResult) -> set[str]:
    assert result.passed == all(check.passed for check in result.checks)
    assert all(check.passed == (check.worst <= 1) for check in result.checks)
    return {check.name for check in result.checks if not check.passed}


def test_a_second_copy_passes_after_a_round_trip_through_a_file(tmp_path: Path) -> None:
    workload, data = sounds()
    first = captured(workload, data, pilot(workload, data))
    parity.save(first, tmp_path / "reference")
    result = parity.compare(
        captured(workload, data, pilot(workload, data)), parity.load(tmp_path / "reference"), "pytorch"
    )
    assert not failed(result)
    assert [check.worst for check in result.checks] == [0, 0, 0, 0, 0]
    assert result.parameters == 9 * 8 + 2 * 8 + 9 * 8 * 16 + 2 * 16 + (8 * 2 * 16 + 1) * 64 + (64 + 1) * 16


def test_another_adam_epsilon_shows_in_the_steps() -> None:
    workload, data = table()
    recipe = replace(workload.recipe("smoke", len(data.x_train)), adam_epsilon=1e-4)
    assert failed(judged(workload, data, pilot(workload, data, recipe=recipe))) == {"steps"}


def test_another_learning_rate_shows_in_the_steps() -> None:
    workload, data = table()
    recipe = replace(workload.recipe("smoke", len(data.x_train)), learning_rate=1.1e-3)
    assert failed(judged(workload, data, pilot(workload, data, recipe=recipe))) == {"steps"}


def test_another_batchnorm_momentum_shows_in_the_steps() -> None:
    workload, data = sounds()
    planted = pilot(workload, data)
    # Keras's default: the running statistics keep 0.99 of the old value.
    planted.model.get_submodule("norm_1").momentum = 0.01
    result = judged(workload, data, planted)
    assert failed(result) == {"steps"}
    assert "outputs after 10 steps" in result.checks[-1].detail


def test_another_batchnorm_epsilon_shows_at_once() -> None:
    workload, data = sounds()
    planted = pilot(workload, data)
    planted.model.get_submodule("norm_1").eps = 1e-3
    assert failed(judged(workload, data, planted)) == {"forward", "gradients", "steps"}


def test_another_flatten_order_shows_at_once() -> None:
    workload, data = sounds()
    parameters = replace(workloads.parameters(workload, data), flattened={})
    result = judged(workload, data, pilot(workload, data, parameters=parameters))
    assert failed(result) == {"forward", "gradients", "steps"}


def set_norms(planted: PyTorchPilot, **settings: float) -> None:
    for name in ("norm_1", "norm_2"):
        for setting, value in settings.items():
            setattr(planted.model.get_submodule(name), setting, value)


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (lambda planted: set_norms(planted, eps=1e-3), "forward"),
        (lambda planted: set_norms(planted, momentum=0.01), "steps"),
    ],
    ids=["epsilon", "momentum"],
)
def test_keras_defaults_of_batchnorm_show_in_bfloat16_too(plant, check: str) -> None:
    workload, data = sounds()
    planted = pilot(workload, data, tuning=BFLOAT16)
    assert not failed(judged(workload, data, planted, "bfloat16"))
    plant(planted)
    assert failed(judged(workload, data, planted, "bfloat16")) == {check}


@pytest.mark.parametrize("read", [table, sounds])
def test_another_learning_rate_shows_in_bfloat16_too(read) -> None:
    workload, data = read()
    recipe = replace(workload.recipe("smoke", len(data.x_train)), learning_rate=1.2e-3)
    planted = pilot(workload, data, recipe=recipe, tuning=BFLOAT16)
    assert failed(judged(workload, data, planted, "bfloat16")) == {"steps"}


def test_bfloat16_does_not_pass_for_float32() -> None:
    workload, data = table()
    result = judged(workload, data, pilot(workload, data, tuning=BFLOAT16))
    assert failed(result) == {"forward", "gradients", "steps"}


def test_what_was_tolerated_is_on_record() -> None:
    workload, data = table()
    tolerated = TOLERANCES["bfloat16"]
    result = judged(workload, data, pilot(workload, data, tuning=BFLOAT16), "bfloat16")
    *_, forward, gradients, steps = result.checks
    assert (forward.rtol, forward.atol) == (tolerated.forward.rtol, tolerated.forward.atol)
    assert (gradients.rtol, gradients.atol) == (tolerated.gradients.rtol, tolerated.gradients.atol)
    # Losses and outputs are tolerated differently; the record is about the one that its detail names.
    named = tolerated.losses if "losses" in steps.detail else tolerated.trained
    assert (steps.rtol, steps.atol) == (named.rtol, named.atol)
    assert "root mean square" in forward.detail


def test_epsilons_weigh_in_the_forward_pass_but_values_keep_their_size() -> None:
    workload, data = sounds()
    exact = pilot(workload, data)
    set_norms(exact, eps=1e-12)
    captures = [captured(workload, data, own) for own in (exact, pilot(workload, data))]
    assert np.abs(captures[0].outputs).max() < 10
    assert "forward" in failed(parity.compare(captures[1], captures[0], "exact"))


class Untransposed(PyTorchPilot):
    """Copies a square kernel as it is."""

    def set_weights(self, weights: Weights) -> None:
        super().set_weights({**weights, "hidden_2/kernel": weights["hidden_2/kernel"].T})


def test_an_untransposed_kernel_shows_at_once() -> None:
    workload, data = table()
    result = judged(workload, data, pilot(workload, data, kind=Untransposed))
    assert failed(result) == {"forward", "gradients", "steps"}


def test_another_loss_shows_in_the_gradients() -> None:
    workload, data = table()

    class Summed(PyTorchPilot):
        def __init__(self, **parts) -> None:
            super().__init__(**parts)
            self._loss = lambda x, y: torch.nn.functional.cross_entropy(self._forward(x), y, reduction="sum")

    result = judged(workload, data, pilot(workload, data, kind=Summed))
    assert failed(result) == {"gradients", "steps"}
    assert "/" in result.checks[3].detail


def test_rounding_at_the_kink_of_a_relu_is_no_other_model() -> None:
    """Images moved by their last bit: in some of them a ReLU opens or shuts, and gradients jump."""

    class Shaken(PyTorchPilot):
        def gradients(self, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
            return super().gradients(np.nextafter(x, np.float32(np.inf)), y)

    workload = workloads.load("vision")
    jumped = False
    for seed in (2, 22, 23):
        generator = np.random.default_rng(seed)
        x, y = generator.normal(size=(64, 32, 32, 3)).astype(np.float32), generator.integers(0, 2, 64)
        data = Data("classification", x_train=x, y_train=y, x_test=x[:8], y_test=y[:8], outputs=2)
        reference = captured(workload, data, pilot(workload, data))
        shaken = captured(workload, data, pilot(workload, data, kind=Shaken))
        assert failed(parity.compare(shaken, reference, "pytorch")) == set()
        errors = {
            name: np.abs(shaken.gradients[name] - own) / np.abs(own).max() for name, own in reference.gradients.items()
        }
        jumped |= max(error.max() for error in errors.values()) > 1e-4
    assert jumped


def test_other_shapes_are_named_and_end_the_comparison() -> None:
    workload, data = table()
    wider = replace(workload, model={"hidden": [32, 40]})
    result = judged(workload, data, pilot(wider, data))
    assert failed(result) == {"shapes"}
    assert len(result.checks) == 2
    assert "hidden_2/kernel is (32, 40), in the reference (32, 32)" in result.checks[1].detail


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_what_is_not_a_number_fails_and_stays_json(broken: float) -> None:
    workload, data = table()
    reference = captured(workload, data, pilot(workload, data))
    outputs = reference.outputs.copy()
    outputs[3, 1] = broken
    result = parity.compare(replace(reference, outputs=outputs), reference, "pytorch")
    assert failed(result) == {"forward"}
    assert json.loads(json.dumps(asdict(result), allow_nan=False))["passed"] is False


def test_a_missing_gradient_fails() -> None:
    workload, data = table()
    reference = captured(workload, data, pilot(workload, data))
    gradients = {name: value for name, value in reference.gradients.items() if name != "output/bias"}
    result = parity.compare(replace(reference, gradients=gradients), reference, "pytorch")
    assert failed(result) == {"gradients"}
    assert "output/bias" in result.checks[3].detail


def test_reference_weights_leave_nothing_neutral() -> None:
    workload, data = sounds()
    shapes = workloads.parameters(workload, data).shapes
    weights = parity.reference_weights(shapes)
    assert {name: array.shape for name, array in weights.items()} == dict(shapes)
    for name, array in weights.items():
        assert array.dtype == np.float32
        assert np.ptp(array) > 0
        if name.endswith(("gamma", "moving_variance")):
            assert array.min() > 0
