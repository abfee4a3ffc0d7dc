"""TensorFlow without Keras."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from pilots import workload as workloads
from pilots.frameworks import tensorflow_layers as layers
from pilots.frameworks import tensorflow_pipeline as pipelines
from pilots.frameworks import tensorflow_training as training
from pilots.frameworks.checks import ROW_ORDERS, check_one_batch, check_weights
from pilots.frameworks.tensorflow_runtime import TensorFlowRuntime
from pilots.lanes import DEFAULT, Compiler, Tuning
from pilots.pilot import Array, Augmentation, Data, Draws, Feed, Pipeline, Recipe, StepHook, Weights
from pilots.workload import Workload


class TensorFlow(TensorFlowRuntime):
    """The stack ``tensorflow``."""

    def __init__(self) -> None:
        self._tuning = DEFAULT

    def settings(self) -> dict[str, str]:
        """What is in force, precision and compilation of the last model built included."""
        return {
            **super().settings(),
            "precision": self._tuning.precision,
            "data_format": "channels_last",
            "compilation": "tf.function(jit_compile=True)" if self._tuning.compiled else "tf.function",
        }

    def build(self, workload: Workload, data: Data, recipe: Recipe, tuning: Tuning) -> TensorFlowPilot:
        """A new model of the workload; see :class:`pilots.framework.Framework`."""
        self._tuning = tuning
        model = workloads.build(workload, "in_tensorflow", data)
        return TensorFlowPilot(model, data, recipe, self, tuning)


class TensorFlowPilot:
    """A ``tf.Module`` with its own layers, loss and Adam; training step and prediction are ``tf.function``.

    In the tuned lane both are compiled by XLA (``jit_compile=True``), which raises where it cannot compile.

    A model that generates brings its own loss, ``training_loss(x, noise)``, which draws the noise if it is not given,
    from a ``tf.random.Generator`` of its own.
    """

    #: Its ``shuffle`` is seeded.
    order_follows_seed = True

    def __init__(
        self, model: tf.Module, data: Data, recipe: Recipe, runtime: TensorFlowRuntime, tuning: Tuning
    ) -> None:
        self.model = model
        self._tuning = tuning
        if tuning.precision == "bfloat16":
            layers.compute_in(model, tf.bfloat16)
        self._task = data.task
        match data.task:
            case "classification":
                self._loss = training.classification_loss(model)
            case "regression":
                self._loss = training.regression_loss(model)
            case "generation":
                self._loss = model.training_loss
        self._recipe = recipe
        self._runtime = runtime
        self._train_step = self._new_train_step()
        # Any number of rows, without tracing anew for each.
        rows = tf.TensorSpec([None, *data.x_train.shape[1:]], data.x_train.dtype)

        def predict(x: tf.Tensor) -> tf.Tensor:
            return tf.cast(model(x, training=False), tf.float32)

        self._predict = tf.function(predict, input_signature=[rows], jit_compile=tuning.compiled or None)

    def _new_train_step(self) -> Any:
        variables = self.model.trainable_variables
        self._optimizer = layers.Adam(variables, self._recipe.learning_rate, self._recipe.adam_epsilon)
        return training.make_train_step(self._loss, variables, self._optimizer, jit_compile=self._tuning.compiled)

    def _variables(self) -> dict[str, tf.Variable]:
        return dict(_named_variables(self.model))

    def weights(self) -> dict[str, Array]:
        """See :class:`pilots.pilot.Pilot`."""
        return {name: variable.numpy().copy() for name, variable in self._variables().items()}

    def set_weights(self, weights: Weights) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        variables = self._variables()
        check_weights(weights, {name: tuple(variable.shape) for name, variable in variables.items()})
        for name, variable in variables.items():
            variable.assign(weights[name])
        self._train_step = self._new_train_step()

    def predict(self, x: Array) -> Array:
        """See :class:`pilots.pilot.Pilot`; one graph for every number of rows."""
        outputs: Array = self._predict(tf.constant(x)).numpy()
        return outputs

    def gradients(self, x: Array, y: Array) -> dict[str, Array]:
        """See :class:`pilots.pilot.Pilot`."""
        variables = {name: variable for name, variable in self._variables().items() if variable.trainable}
        with tf.GradientTape() as tape:
            loss = self._loss(tf.constant(x), tf.constant(y))
        # That of an embedding comes as its rows.
        gradients = {name: tf.convert_to_tensor(rows) for name, rows in tape.gradient(loss, variables).items()}
        return {name: gradient.numpy() for name, gradient in gradients.items()}

    def train_on(self, batches: list[tuple[Array, Array]]) -> list[float]:
        """See :class:`pilots.pilot.Pilot`."""
        return [float(self._train_step(tf.constant(x), tf.constant(y))) for x, y in batches]

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: StepHook) -> None:
        """See :class:`pilots.pilot.Pilot`; a loop over a ``tf.data`` pipeline."""
        check_one_batch(len(x), self._recipe.batch_size)
        for place, generator in enumerate(self._generators()):
            generator.reset_from_seed((seed, place))
        data = (x,) if self._task == "generation" else (x, y)
        batches = training.make_dataset(
            data, batch_size=self._recipe.batch_size, seed=seed, autotune=not self._tuning.compiled
        )
        training.fit(self._train_step, batches, epochs=epochs, pace=pace)

    def _generators(self) -> Iterator[tf.random.Generator]:
        """Those that the model draws from, in the order of its parts."""
        for module in (self.model, *self.model.submodules):
            yield from (part for part in vars(module).values() if isinstance(part, tf.random.Generator))

    def from_memory(self, x: Array, y: Array) -> Feed:
        """See :class:`pilots.pilot.Pilot`; tensors in a list."""
        return pipelines.FromMemory(x, y, self._recipe.batch_size, self._train_epoch)

    def pipeline(
        self, x: Array, y: Array, augmentation: Augmentation, *, workers: int, seed: int, given: Draws | None = None
    ) -> Pipeline:
        """See :class:`pilots.pilot.Pilot`; a ``tf.data`` pipeline."""
        dataset = pipelines.make_dataset(
            x, y, augmentation, given, batch_size=self._recipe.batch_size, workers=workers, seed=seed
        )
        return pipelines.FromDataset(dataset, workers, self._train_epoch)

    def _train_epoch(self, batches: Iterable[tuple[tf.Tensor, tf.Tensor]], pace: StepHook) -> None:
        for x, y in batches:
            pace.before_step()
            self._train_step(x, y)
        pace.after_epoch()

    def settings(self) -> dict[str, str]:
        """See :class:`pilots.pilot.Pilot`."""
        rows = (np.zeros(3, np.float32),)
        dataset = training.make_dataset(rows, batch_size=2, seed=1, autotune=not self._tuning.compiled)
        return {
            **pipelines.describe(dataset),
            "row_order": ROW_ORDERS[self.order_follows_seed],
            "optimizer": f"{type(self._optimizer).__module__.rpartition('.')[2]}.{type(self._optimizer).__name__}",
        }

    def sync(self) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        self._runtime.sync()

    def compiler(self) -> Compiler:
        """See :class:`pilots.pilot.Pilot`."""
        # XLA compiles all of the step or raises.
        name = "XLA" if self._tuning.compiled else "tf.function"
        return Compiler(name, self._train_step.experimental_get_tracing_count())


def _named_variables(module: tf.Module, layer: str = "") -> Iterator[tuple[str, tf.Variable]]:
    """Variables in the order of the layers, each as ``layer/variable``."""
    for name, part in vars(module).items():
        parts = {f"{name}_{place}": item for place, item in enumerate(part)} if isinstance(part, list) else {name: part}
        for name, part in parts.items():
            if isinstance(part, tf.Variable):
                yield f"{layer}/{name}", part
            elif isinstance(part, tf.Module):
                yield from _named_variables(part, f"{layer}_{name}" if layer else name)


def load(backend: str) -> TensorFlow:
    """The framework, imported with this module."""
    return TensorFlow()
