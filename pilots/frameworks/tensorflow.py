"""TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots import workload as workloads
from pilots.frameworks import tensorflow_training as training
from pilots.frameworks.checks import check_one_batch, check_weights
from pilots.frameworks.tensorflow_layers import Adam
from pilots.frameworks.tensorflow_runtime import TensorFlowRuntime
from pilots.pilot import Array, Data, Pace, Recipe, Weights


class TensorFlow(TensorFlowRuntime):
    """The stack ``tensorflow``."""

    def settings(self) -> dict[str, str]:
        """What is in force, the compilation of the step included."""
        return {
            **super().settings(),
            "precision": "float32",
            "data_format": "channels_last",
            "compilation": "tf.function",
        }

    def build(self, workload: str, data: Data, recipe: Recipe, lane: str) -> TensorFlowPilot:
        """A new model of the workload; see :class:`pilots.pilot.Framework`.

        Raises:
            ValueError: the lane is unknown.
        """
        if lane != "default":
            raise ValueError(f"there is no lane {lane!r}")
        task = workloads.load(workload)
        return TensorFlowPilot(workloads.build(task, "in_tensorflow", data), data, recipe, self)


class TensorFlowPilot:
    """A ``tf.Module`` with its own layers, loss and Adam; training step and prediction are ``tf.function``."""

    def __init__(self, model: tf.Module, data: Data, recipe: Recipe, runtime: TensorFlowRuntime) -> None:
        self.model = model
        self._loss = training.classification_loss if data.task == "classification" else training.regression_loss
        self._recipe = recipe
        self._runtime = runtime
        self._train_step = self._new_train_step()
        # Any number of rows, without tracing anew for each.
        rows = tf.TensorSpec([None, *data.x_train.shape[1:]], tf.float32)
        self._predict = tf.function(lambda x: model(x, training=False), input_signature=[rows])

    def _new_train_step(self) -> training.TrainStep:
        optimizer = Adam(self.model.trainable_variables, self._recipe.learning_rate, self._recipe.adam_epsilon)
        return training.make_train_step(self.model, self._loss, optimizer)

    def _variables(self) -> dict[str, tf.Variable]:
        return {
            f"{layer}/{name}": variable
            for layer, module in vars(self.model).items()
            if isinstance(module, tf.Module)
            for name, variable in vars(module).items()
            if isinstance(variable, tf.Variable)
        }

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
            loss = self._loss(self.model(tf.constant(x), training=True), tf.constant(y))
        return {name: gradient.numpy() for name, gradient in tape.gradient(loss, variables).items()}

    def train_on(self, batches: list[tuple[Array, Array]]) -> list[float]:
        """See :class:`pilots.pilot.Pilot`."""
        return [float(self._train_step(tf.constant(x), tf.constant(y))) for x, y in batches]

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: Pace) -> None:
        """See :class:`pilots.pilot.Pilot`; a loop over a ``tf.data`` pipeline."""
        check_one_batch(len(x), self._recipe.batch_size)
        training.fit(self._train_step, x, y, batch_size=self._recipe.batch_size, epochs=epochs, seed=seed, pace=pace)

    def sync(self) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        self._runtime.sync()
