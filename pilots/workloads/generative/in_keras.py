"""The generative model in Keras: loss and layers for any backend; the training step is overridden for each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import keras
from keras import layers, ops


class VariationalAutoencoder(keras.Model):  # type: ignore[misc]
    """Kingma and Welling, 2014, with dense layers and pixels that are normal around the output."""

    def __init__(self, pixels: int, latent: int, hidden: int, noise_variance: float) -> None:
        super().__init__()
        self.noise_variance = noise_variance
        self.encoder = layers.Dense(hidden, activation="relu", name="encoder")
        self.mean = layers.Dense(latent, name="mean")
        self.log_variance = layers.Dense(latent, name="log_variance")
        self.decoder = layers.Dense(hidden, activation="relu", name="decoder")
        # The layer and Keras's own attribute `output` are two things.
        self.pixels = layers.Dense(pixels, name="output")
        self.seed_generator = keras.random.SeedGenerator()
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Make the weights of all layers, those that only training needs included."""
        self.encoder.build(input_shape)
        for layer in (self.mean, self.log_variance):
            layer.build((None, self.encoder.units))
        self.decoder.build((None, self.mean.units))
        self.pixels.build((None, self.decoder.units))

    def call(self, x: Any) -> Any:
        """Images (rows, pixels) as the mean of their latent values gives them back."""
        return self.decode(self.mean(self.encoder(x)))

    def decode(self, z: Any) -> Any:
        """Latent values (rows, latent) to images."""
        return self.pixels(self.decoder(z))

    def training_loss(self, x: Any, noise: Any = None) -> Any:
        """Negative evidence lower bound of a batch without its constants, the mean over rows."""
        x = ops.convert_to_tensor(x)
        encoded = self.encoder(x)
        mean, log_variance = (ops.cast(layer(encoded), "float32") for layer in (self.mean, self.log_variance))
        if noise is None:
            noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        z = mean + ops.exp(log_variance / 2) * ops.convert_to_tensor(noise)
        images = ops.cast(self.decode(z), "float32")
        misfit = ops.sum(ops.square(images - x), axis=1) / (2 * self.noise_variance)
        divergence = ops.sum(ops.square(mean) + ops.exp(log_variance) - 1 - log_variance, axis=1) / 2
        return ops.mean(misfit + divergence)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """What `fit` resets after every epoch."""
        return [self.loss_tracker]


def build(
    input_shape: tuple[int], outputs: int, *, latent: int, hidden: int, noise_variance: float
) -> VariationalAutoencoder:
    """The network for images of this many pixels, with the training step of the backend in use."""
    backend = import_module(f"pilots.workloads.generative.in_keras_on_{keras.config.backend()}")
    model: VariationalAutoencoder = backend.Trained(*input_shape, latent, hidden, noise_variance)
    model.build((None, *input_shape))
    return model
