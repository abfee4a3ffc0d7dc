"""What Keras leaves to its backend: process settings, seeds, gradients of given variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, cast

import keras
import numpy as np

from pilots.lanes import NO_COMPILER, Compiler
from pilots.pilot import Array


class Runtime(Protocol):
    """Process settings of a backend."""

    def configure(self, *, threads: int, device: str) -> None:
        """See :class:`pilots.framework.Framework`."""

    def settings(self) -> dict[str, str]:
        """See :class:`pilots.framework.Framework`."""

    def device(self) -> str:
        """See :class:`pilots.framework.Framework`."""

    def fast_bfloat16(self) -> bool:
        """See :class:`pilots.framework.Framework`."""


class Backend(Protocol):
    """A backend of Keras."""

    @property
    def runtime(self) -> Runtime:
        """Its process settings."""

    def device_name(self) -> str:
        """The device in use, as ``keras.device`` takes it."""

    def order_follows_seed(self, *, tuned: bool) -> bool:
        """See :class:`pilots.pilot.Pilot`."""

    def set_seed(self, seed: int) -> None:
        """Seed what shuffles arrays in ``fit``, where that does not make it repeat one order."""

    def dataset(self, arrays: tuple[Array, ...], *, batch_size: int, seed: int) -> Any:
        """What ``fit`` reads in place of these arrays in the tuned lane; None where it reads them best."""

    def describe(self, adapter: Any) -> dict[str, str]:
        """What else is to be told of how ``fit`` reads rows by an adapter of Keras."""

    def update_variables(self, model: keras.Model) -> None:
        """Write what the last step made of the variables into them, where that waits for an epoch's end."""

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        """Gradients of :func:`_loss`, in the order of the variables."""

    def batches(self, dataset: keras.utils.PyDataset) -> Iterable[Any]:
        """What ``fit`` iterates over in one epoch."""

    def sync(self, model: keras.Model) -> None:
        """See :class:`pilots.pilot.Pilot`."""

    def compiler(self, model: keras.Model) -> Compiler:
        """See :class:`pilots.pilot.Pilot`."""


def backend_in_use() -> Backend:
    """The backend this process's Keras was imported with.

    Raises:
        ValueError: it is not one of the candidates.
    """
    match keras.config.backend():
        case "tensorflow":
            return _OnTensorFlow()
        case "jax":
            return _OnJax()
        case "torch":
            return _OnTorch()
        case other:
            raise ValueError(f"Keras on {other} is not a candidate")


def _loss(model: keras.Model, x: Any, y: Any) -> Any:
    """The model's own loss of a batch in training mode, y being its noise; else the loss it was compiled with."""
    if hasattr(model, "training_loss"):
        return model.training_loss(x, y)
    return model.compute_loss(x=x, y=y, y_pred=model(x, training=True))


def _epoch(dataset: keras.utils.PyDataset, form: Callable[[Any], Iterable[Any]]) -> Iterator[Any]:
    """One epoch in the form that the backend's ``fit`` has its adapter give the batches."""
    # Iterating over a PyDataset leaves its workers out, and Keras has no public way that does not.
    from keras.src.trainers.data_adapters import get_data_adapter

    adapter = get_data_adapter(dataset)
    batches = form(adapter)
    adapter.on_epoch_begin()
    yield from batches
    adapter.on_epoch_end()


class _OnTensorFlow:
    def __init__(self) -> None:
        from pilots.frameworks.tensorflow_runtime import TensorFlowRuntime

        self.runtime = TensorFlowRuntime()

    def device_name(self) -> str:
        return "cpu:0" if self.runtime.device() == "cpu" else "gpu:0"

    def order_follows_seed(self, *, tuned: bool) -> bool:
        return tuned

    def set_seed(self, seed: int) -> None:
        # Nothing is seeded on purpose. With a global seed of TensorFlow, which keras.utils.set_random_seed sets, the
        # shuffle of arrays in `fit` starts anew with every epoch's iterator and repeats one order (TensorFlow issue
        # 35682). Without it every epoch is shuffled, as users of the quick start have it, but never in the same order
        # again.
        pass

    def dataset(self, arrays: tuple[Array, ...], *, batch_size: int, seed: int) -> Any:
        from pilots.frameworks.keras_rows_on_tensorflow import row_batches

        return row_batches(arrays, batch_size=batch_size, seed=seed)

    def describe(self, adapter: Any) -> dict[str, str]:
        from pilots.frameworks.tensorflow_pipeline import describe

        found = describe(adapter.get_tf_dataset())
        return {name: found[name] for name in ("last_batch", "autotune")}

    def update_variables(self, model: keras.Model) -> None:
        pass

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = _loss(model, tf.constant(x), tf.constant(y))
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        # That of an embedding comes as its rows.
        return [tf.convert_to_tensor(gradient).numpy() for gradient in gradients]

    def batches(self, dataset: keras.utils.PyDataset) -> Iterable[Any]:
        return _epoch(dataset, lambda adapter: adapter.get_tf_dataset())

    def sync(self, model: keras.Model) -> None:
        self.runtime.sync()

    def compiler(self, model: keras.Model) -> Compiler:
        # Keras wraps the function, so that its count of traces is out of reach. XLA compiles all of it or raises.
        return Compiler("XLA" if model.jit_compile else "tf.function", graphs=None)


class _OnJax:
    def __init__(self) -> None:
        from pilots.frameworks.jax_runtime import JaxRuntime

        self.runtime = JaxRuntime()

    def device_name(self) -> str:
        return f"{self.runtime.platform()}:0"

    def order_follows_seed(self, *, tuned: bool) -> bool:
        return True

    def set_seed(self, seed: int) -> None:
        # Keras shuffles by numpy on JAX, and nothing else draws; see _OnTorch for keras.utils.set_random_seed.
        np.random.seed(seed)

    def dataset(self, arrays: tuple[Array, ...], *, batch_size: int, seed: int) -> Any:
        return None

    def describe(self, adapter: Any) -> dict[str, str]:
        return {}

    def update_variables(self, model: keras.Model) -> None:
        model.jax_state_sync()

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        import jax

        def loss(trained: list[jax.Array]) -> jax.Array:
            # What the model changes on its way, such as running statistics, ends with the scope.
            with keras.StatelessScope(state_mapping=list(zip(model.trainable_variables, trained, strict=True))):
                return cast(jax.Array, _loss(model, jax.numpy.asarray(x), jax.numpy.asarray(y)))

        gradients = jax.jit(jax.grad(loss))([variable.value for variable in model.trainable_variables])
        by_path = {
            variable.path: gradient for variable, gradient in zip(model.trainable_variables, gradients, strict=True)
        }
        return [np.asarray(by_path[variable.path]) for variable in variables]

    def batches(self, dataset: keras.utils.PyDataset) -> Iterable[Any]:
        return _epoch(dataset, lambda adapter: adapter.get_jax_iterator())

    def sync(self, model: keras.Model) -> None:
        self.runtime.wait_for(_live_arrays(model))

    def compiler(self, model: keras.Model) -> Compiler:
        return Compiler("XLA" if model.jit_compile else "none", self.runtime.train_steps_compiled)


def _live_arrays(model: keras.Model) -> list[Any]:
    """Inside ``fit`` Keras on JAX keeps the model's state apart and lets the variables lag behind."""
    state = getattr(model, "_jax_state", None)
    if state and not model._jax_state_synced:
        return [array for group in state.values() if group for array in group]
    return [variable.value for variable in model.variables]


class _OnTorch:
    def __init__(self) -> None:
        from pilots.frameworks.pytorch_runtime import PyTorchRuntime

        self.runtime = PyTorchRuntime()

    def device_name(self) -> str:
        return str(self.runtime.torch_device)

    def order_follows_seed(self, *, tuned: bool) -> bool:
        return True

    def set_seed(self, seed: int) -> None:
        import torch

        # keras.utils.set_random_seed imports TensorFlow wherever it is installed, on every backend: seconds of
        # start-up and hundreds of MiB that this stack does not need. PyTorch shuffles here, and nothing else draws.
        torch.manual_seed(seed)

    def dataset(self, arrays: tuple[Array, ...], *, batch_size: int, seed: int) -> Any:
        return None

    def describe(self, adapter: Any) -> dict[str, str]:
        return {}

    def update_variables(self, model: keras.Model) -> None:
        pass

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        model.zero_grad()
        _loss(model, keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(y)).backward()
        return [variable.value.grad.cpu().numpy().copy() for variable in variables]

    def batches(self, dataset: keras.utils.PyDataset) -> Iterable[Any]:
        return _epoch(dataset, lambda adapter: adapter.get_torch_dataloader())

    def sync(self, model: keras.Model) -> None:
        self.runtime.sync()

    def compiler(self, model: keras.Model) -> Compiler:
        from pilots.frameworks.pytorch_runtime import torch_compiler

        return torch_compiler() if model.jit_compile else NO_COMPILER
