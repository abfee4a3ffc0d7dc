"""The spectrogram model in PyTorch."""

from __future__ import annotations

from torch import Tensor, nn


class SpectrogramNetwork(nn.Module):
    """Two convolutions with batch normalisation, pooling, two dense layers; returns logits."""

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        outputs: int,
        filters: list[int],
        hidden: int,
        norm_momentum: float,
        norm_epsilon: float,
    ) -> None:
        super().__init__()
        height, width, channels = input_shape
        # No bias where the normalisation that follows would take it away again.
        self.conv_1 = nn.Conv2d(channels, filters[0], 3, padding="same", bias=False)
        self.norm_1 = nn.BatchNorm2d(filters[0], eps=norm_epsilon, momentum=1 - norm_momentum)
        self.conv_2 = nn.Conv2d(filters[0], filters[1], 3, padding="same", bias=False)
        self.norm_2 = nn.BatchNorm2d(filters[1], eps=norm_epsilon, momentum=1 - norm_momentum)
        self.hidden = nn.Linear(filters[1] * (height // 4) * (width // 4), hidden)
        self.output = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Images (rows, channels, height, width) to rows of logits."""
        x = nn.functional.relu(self.norm_1(self.conv_1(x)))
        x = nn.functional.relu(self.norm_2(self.conv_2(x)))
        x = nn.functional.max_pool2d(x, 4).flatten(1)
        x = nn.functional.relu(self.hidden(x))
        logits: Tensor = self.output(x)
        return logits


def build(
    input_shape: tuple[int, int, int],
    outputs: int,
    *,
    filters: list[int],
    hidden: int,
    norm_momentum: float,
    norm_epsilon: float,
) -> SpectrogramNetwork:
    """The network for images of this (height, width, channels)."""
    return SpectrogramNetwork(input_shape, outputs, filters, hidden, norm_momentum, norm_epsilon)
