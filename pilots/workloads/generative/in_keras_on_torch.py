"""The training step of the generative model where Keras runs on PyTorch."""

from __future__ import annotations

from typing import Any

import keras
import torch

from pilots.workloads.generative.in_keras import VariationalAutoencoder


class Trained(VariationalAutoencoder):
    """After the guide "Customizing what happens in `fit()` with PyTorch"."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """One optimiser step; the noise is drawn unless it comes with the images."""
        x, noise, _ = keras.utils.unpack_x_y_sample_weight(data)
        self.zero_grad()
        loss = self.training_loss(x, noise)
        loss.backward()
        weights = self.trainable_weights
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}
