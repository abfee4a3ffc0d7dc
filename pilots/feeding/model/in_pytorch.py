"""The model that tells what it was fed, in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Telling(nn.Module):
    """Images (rows, channels, 1, 1) to (rows, outputs)."""

    def __init__(self, channels: int, outputs: int, rate: float, epsilon: float) -> None:
        super().__init__()
        # PyTorch's momentum is what a new batch counts.
        self.rows = nn.BatchNorm2d(channels, epsilon, momentum=1.0)
        self.dropout = nn.Dropout(rate)
        self.drawn = nn.BatchNorm2d(channels, epsilon, momentum=1.0)
        self.output = nn.Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = self.rows(x) + self.drawn(self.dropout(torch.ones_like(x)))
        outputs: Tensor = self.output(y.flatten(1))
        return outputs


def build(input_shape: tuple[int, int, int], outputs: int, *, rate: float, epsilon: float) -> Telling:
    """For images of this (height, width, channels)."""
    return Telling(input_shape[-1], outputs, rate, epsilon)
