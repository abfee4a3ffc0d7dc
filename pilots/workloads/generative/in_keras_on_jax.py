"""The training step of the generative model where Keras runs on JAX."""

from __future__ import annotations

from typing import Any

import jax
import keras

from pilots.workloads.generative.in_keras import VariationalAutoencoder


class Trained(VariationalAutoencoder):
    """After the guide "Customizing what happens in `fit()` with JAX": everything that changes comes in and goes out."""

    def loss_and_updates(self, trainable: Any, others: Any, x: Any, noise: Any) -> tuple[Any, Any]:
        """The loss, and what has become of the other variables, such as the state of the random numbers."""
        given = [*zip(self.trainable_variables, trainable, strict=True)]
        given += zip(self.non_trainable_variables, others, strict=True)
        with keras.StatelessScope(state_mapping=given) as scope:
            loss = self.training_loss(x, noise)
        return loss, [scope.get_current_value(variable) for variable in self.non_trainable_variables]

    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        """One optimiser step; the noise is drawn unless it comes with the images."""
        trainable, others, optimizer, metrics = state
        x, noise, _ = keras.utils.unpack_x_y_sample_weight(data)
        gradient = jax.value_and_grad(self.loss_and_updates, has_aux=True)
        (loss, others), gradients = gradient(trainable, others, x, noise)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        metrics = self.loss_tracker.stateless_update_state(metrics, loss)
        logs = {"loss": self.loss_tracker.stateless_result(metrics)}
        return logs, (trainable, others, optimizer, metrics)
