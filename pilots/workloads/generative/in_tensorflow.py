"""The generative model in TensorFlow without Keras: its loss is its own, the loop that trains it the usual loop."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Dense


class VariationalAutoencoder(tf.Module):  # type: ignore[misc]
    """Kingma and Welling, 2014, with dense layers and pixels that are normal around the output."""

    def __init__(self, pixels: int, latent: int, hidden: int, noise_variance: float) -> None:
        super().__init__()
        self.noise_variance = noise_variance
        self.random = tf.random.Generator.from_non_deterministic_state()
        self.encoder = Dense(pixels, hidden)
        self.mean = Dense(hidden, latent)
        self.log_variance = Dense(hidden, latent)
        self.decoder = Dense(latent, hidden)
        self.output = Dense(hidden, pixels)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images (rows, pixels) as the mean of their latent values gives them back."""
        return self.decode(self.mean(self.encode(x)))

    def encode(self, x: tf.Tensor) -> tf.Tensor:
        """Images to what mean and variance of the latent values are made of."""
        return tf.nn.relu(self.encoder(x))

    def decode(self, z: tf.Tensor) -> tf.Tensor:
        """Latent values (rows, latent) to images."""
        return self.output(tf.nn.relu(self.decoder(z)))

    def training_loss(self, x: tf.Tensor, noise: tf.Tensor | None = None) -> tf.Tensor:
        """Negative evidence lower bound of a batch without its constants, the mean over rows."""
        encoded = self.encode(x)
        mean, log_variance = (tf.cast(layer(encoded), tf.float32) for layer in (self.mean, self.log_variance))
        if noise is None:
            noise = self.random.normal(tf.shape(mean))
        images = tf.cast(self.decode(mean + tf.exp(log_variance / 2) * noise), tf.float32)
        misfit = tf.reduce_sum(tf.square(images - x), axis=1) / (2 * self.noise_variance)
        divergence = tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - 1 - log_variance, axis=1) / 2
        return tf.reduce_mean(misfit + divergence)


def build(
    input_shape: tuple[int], outputs: int, *, latent: int, hidden: int, noise_variance: float
) -> VariationalAutoencoder:
    """The network for images of this many pixels."""
    return VariationalAutoencoder(input_shape[0], latent, hidden, noise_variance)
