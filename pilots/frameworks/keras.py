"""Keras 3, on TensorFlow, on JAX or on PyTorch."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from pilots import workload as workloads
from pilots.frameworks import keras_pipeline as pipelines
from pilots.frameworks import keras_training as training
from pilots.frameworks.checks import ROW_ORDERS, check_one_batch, check_weights
from pilots.frameworks.keras_backends import Backend, backend_in_use
from pilots.frameworks.keras_weights import NamedVariable, named_variables
from pilots.lanes import Compiler, Tuning
from pilots.pilot import Array, Augmentation, Data, Draws, Feed, Pipeline, Recipe, StepHook, Task, Weights
from pilots.workload import Workload


class Keras:
    """The stacks ``keras-tensorflow``, ``keras-jax`` and ``keras-torch``.

    Raises:
        RuntimeError: this process has imported Keras with another backend.
    """

    def __init__(self, backend: str) -> None:
        if keras.config.backend() != backend:
            raise RuntimeError(f"Keras was imported on {keras.config.backend()}, not on {backend}")
        self._backend = backend_in_use()
        self._device_scope = ExitStack()
        self._jit_compile: bool | None = None

    def configure(self, *, threads: int, device: str) -> None:
        """Threads, device and precision of the backend, and the types and layout of Keras."""
        self._backend.runtime.configure(threads=threads, device=device)
        # For the rest of the process: Keras on PyTorch would otherwise choose the device itself.
        self._device_scope.enter_context(keras.device(self._backend.device_name()))
        # A keras.json in the user's home may say otherwise.
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format("channels_last")

    def settings(self) -> dict[str, str]:
        """What the backend and Keras report; ``jit_compile`` is what "auto" became for the last model built."""
        own = {
            "precision": keras.config.dtype_policy().name,
            "data_format": keras.config.image_data_format(),
        }
        if self._jit_compile is not None:
            own["jit_compile"] = str(self._jit_compile)
        return {**self._backend.runtime.settings(), **own}

    def device(self) -> str:
        """The backend's device."""
        return self._backend.runtime.device()

    def fast_bfloat16(self) -> bool:
        """The backend's answer."""
        return self._backend.runtime.fast_bfloat16()

    def build(self, workload: Workload, data: Data, recipe: Recipe, tuning: Tuning) -> KerasPilot:
        """A new model of the workload; see :class:`pilots.framework.Framework`."""
        # Layers take the policy in force when they are made.
        keras.config.set_dtype_policy("mixed_bfloat16" if tuning.precision == "bfloat16" else "float32")
        model = workloads.build(workload, "in_keras", data)
        pilot = KerasPilot(model, data.task, recipe, self._backend, tuning)
        self._jit_compile = bool(model.jit_compile)
        return pilot


class KerasPilot:
    """A Keras model with ``compile`` and ``fit``.

    The default lane leaves ``jit_compile`` to Keras, which then compiles on TensorFlow and on JAX and runs eagerly on
    PyTorch; the tuned lane asks for it.

    Keras divides Adam's epsilon by the square root of the second bias correction (the paper's "epsilon hat"), so
    the same number weighs more in its first steps than in the other stacks'; no setting changes that.

    A model that generates overrides ``train_step`` for each backend, around its own ``training_loss(x, noise)``.
    """

    def __init__(self, model: keras.Model, task: Task, recipe: Recipe, backend: Backend, tuning: Tuning) -> None:
        self.model = model
        self._task = task
        self._recipe = recipe
        self._backend = backend
        self._tuning = tuning
        self._compile()

    def _compile(self) -> None:
        training.compile_model(
            self.model,
            self._task,
            self._recipe.learning_rate,
            self._recipe.adam_epsilon,
            jit_compile=True if self._tuning.compiled else "auto",
        )

    def _variables(self) -> list[NamedVariable]:
        return named_variables(self.model)

    @property
    def order_follows_seed(self) -> bool:
        """See :class:`pilots.pilot.Pilot`; not where ``fit`` shuffles arrays by TensorFlow."""
        return self._backend.order_follows_seed(tuned=self._tuning.compiled)

    def weights(self) -> dict[str, Array]:
        """See :class:`pilots.pilot.Pilot`."""
        self._backend.update_variables(self.model)
        return {variable.name: variable.value() for variable in self._variables()}

    def set_weights(self, weights: Weights) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        variables = self._variables()
        check_weights(weights, {variable.name: variable.shape for variable in variables})
        for variable in variables:
            variable.assign(weights[variable.name])
        self._compile()

    def predict(self, x: Array) -> Array:
        """See :class:`pilots.pilot.Pilot`; by ``predict_on_batch``.

        Of Keras's three ways, ``predict`` is documented for large inputs and not for use in loops, and calling the
        model runs it layer by layer in eager mode, for use inside other computations. ``predict_on_batch`` is for
        a single batch: compiled where the backend compiles, and numpy comes out.
        """
        outputs: Array = self.model.predict_on_batch(x)
        return outputs.astype(np.float32, copy=False)

    def gradients(self, x: Array, y: Array) -> dict[str, Array]:
        """See :class:`pilots.pilot.Pilot`."""
        trained = [named for named in self._variables() if named.variable.trainable]
        gradients = self._backend.gradients(
            self.model, x, self._in_rank_of_outputs(y), [named.variable for named in trained]
        )
        return {named.name: named.canonical(gradient) for named, gradient in zip(trained, gradients, strict=True)}

    def train_on(self, batches: list[tuple[Array, Array]]) -> list[float]:
        """See :class:`pilots.pilot.Pilot`."""
        losses = []
        for x, y in batches:
            # Keras returns the mean loss since the last reset, not the batch's.
            self.model.reset_metrics()
            logs = self.model.train_on_batch(x, self._in_rank_of_outputs(y), return_dict=True)
            losses.append(float(logs["loss"]))
        return losses

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: StepHook) -> None:
        """See :class:`pilots.pilot.Pilot`; by ``model.fit``."""
        check_one_batch(len(x), self._recipe.batch_size)
        self._backend.set_seed(seed)
        self._seed_what_the_model_draws(seed)
        targets = None if self._task == "generation" else self._in_rank_of_outputs(y)
        batch_size, callbacks = self._recipe.batch_size, [PaceCallback(pace)]
        dataset = self._dataset(x, targets, batch_size=batch_size, seed=seed)
        if dataset is not None:
            self.model.fit(dataset, epochs=epochs, verbose=0, shuffle=False, callbacks=callbacks)
        else:
            training.fit(self.model, x, targets, batch_size=batch_size, epochs=epochs, callbacks=callbacks)

    def _dataset(self, x: Array, targets: Array | None, *, batch_size: int, seed: int) -> Any:
        """What ``fit`` reads in place of arrays in the tuned lane, where its backend has something."""
        if not self._tuning.compiled:
            return None
        return self._backend.dataset((x,) if targets is None else (x, targets), batch_size=batch_size, seed=seed)

    def from_memory(self, x: Array, y: Array) -> Feed:
        """See :class:`pilots.pilot.Pilot`; arrays."""
        return pipelines.FromMemory(
            self.model, x, self._in_rank_of_outputs(y), self._recipe.batch_size, lambda pace: [PaceCallback(pace)]
        )

    def pipeline(
        self, x: Array, y: Array, augmentation: Augmentation, *, workers: int, seed: int, given: Draws | None = None
    ) -> Pipeline:
        """See :class:`pilots.pilot.Pilot`; a ``PyDataset``."""
        dataset = pipelines.AugmentedImages(
            x,
            self._in_rank_of_outputs(y),
            augmentation,
            given,
            batch_size=self._recipe.batch_size,
            seed=seed,
            **({"workers": workers} if workers else {}),
        )
        return pipelines.FromPyDataset(self.model, dataset, self._backend.batches, lambda pace: [PaceCallback(pace)])

    def settings(self) -> dict[str, str]:
        """See :class:`pilots.pilot.Pilot`."""
        # What `fit` makes of data has no public name.
        from keras.src.trainers.data_adapters import get_data_adapter

        x, y = np.zeros((3, 1), np.float32), np.zeros(3, np.float32)
        dataset = self._dataset(x, y, batch_size=2, seed=1)
        adapter = get_data_adapter(x, y, batch_size=2) if dataset is None else get_data_adapter(dataset)
        return {
            "feeding": f"fit over {type(adapter).__name__}",
            "last_batch": "kept" if adapter.has_partial_batch else "dropped",
            **self._backend.describe(adapter),
            "row_order": ROW_ORDERS[self.order_follows_seed],
            "optimizer": type(self.model.optimizer).__name__,
            "steps_per_execution": str(self.model.steps_per_execution),
        }

    def sync(self) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        self._backend.sync(self.model)

    def compiler(self) -> Compiler:
        """See :class:`pilots.pilot.Pilot`."""
        compiler = self._backend.compiler(self.model)
        if self._tuning.compiled and not self.model.jit_compile:
            return replace(compiler, fall_backs=("Keras: the model does not support jit_compile=True",))
        return compiler

    def _in_rank_of_outputs(self, y: Array) -> Array:
        return y[:, None] if self._task == "regression" else y

    def _seed_what_the_model_draws(self, seed: int) -> None:
        states = [variable for variable in self.model.variables if variable.name == "seed_generator_state"]
        for place, state in enumerate(states):
            state.assign(np.array([seed, place], np.uint32))


class PaceCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Hooks the pace into ``fit``.

    Overriding ``on_train_batch_end`` would make Keras wait for every step and so change what is measured.
    """

    def __init__(self, pace: StepHook) -> None:
        super().__init__()
        self._pace = pace

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Before each step."""
        self._pace.before_step()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """After the last step of an epoch."""
        self._pace.after_epoch()


def load(backend: str) -> Keras:
    """The framework, imported with this module; on this backend."""
    return Keras(backend)
