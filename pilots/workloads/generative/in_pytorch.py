"""The generative model in PyTorch: its loss is its own, the loop that trains it the usual loop."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class VariationalAutoencoder(nn.Module):
    """Kingma and Welling, 2014, with dense layers and pixels that are normal around the output."""

    def __init__(self, pixels: int, latent: int, hidden: int, noise_variance: float) -> None:
        super().__init__()
        self.noise_variance = noise_variance
        self.encoder = nn.Linear(pixels, hidden)
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Linear(latent, hidden)
        self.output = nn.Linear(hidden, pixels)

    def forward(self, x: Tensor) -> Tensor:
        """Images (rows, pixels) as the mean of their latent values gives them back."""
        return self.decode(self.mean(self.encode(x)))

    def encode(self, x: Tensor) -> Tensor:
        """Images to what mean and variance of the latent values are made of."""
        return nn.functional.relu(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """Latent values (rows, latent) to images."""
        images: Tensor = self.output(nn.functional.relu(self.decoder(z)))
        return images

    def training_loss(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """Negative evidence lower bound of a batch without its constants, the mean over rows."""
        encoded = self.encode(x)
        mean, log_variance = self.mean(encoded), self.log_variance(encoded)
        if noise is None:
            noise = torch.randn_like(mean)
        images = self.decode(mean + torch.exp(log_variance / 2) * noise)
        misfit = (images - x).square().sum(1) / (2 * self.noise_variance)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        loss: Tensor = (misfit + divergence).mean()
        return loss


def build(
    input_shape: tuple[int], outputs: int, *, latent: int, hidden: int, noise_variance: float
) -> VariationalAutoencoder:
    """The network for images of this many pixels."""
    return VariationalAutoencoder(input_shape[0], latent, hidden, noise_variance)
