"""The training step of the generative model where Keras runs on TensorFlow."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from pilots.workloads.generative.in_keras import VariationalAutoencoder


class Trained(VariationalAutoencoder):
    """After the guide "Customizing what happens in `fit()` with TensorFlow"."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """One optimiser step; the noise is drawn unless it comes with the images."""
        x, noise, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            loss = self.training_loss(x, noise)
        weights = self.trainable_weights
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}
