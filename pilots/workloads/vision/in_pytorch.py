"""The image model in PyTorch."""

from __future__ import annotations

from torch import Tensor, nn


class NormalisedConvolution(nn.Module):
    """A convolution over images with zeros around them, and batch normalisation, which makes a bias superfluous."""

    def __init__(self, inputs: int, filters: int, size: int, stride: int, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, filters, size, stride, padding=size // 2, bias=False)
        self.norm = nn.BatchNorm2d(filters, eps=epsilon, momentum=1 - momentum)

    def forward(self, x: Tensor) -> Tensor:
        """Images (rows, inputs, height, width) to (rows, filters, height / stride, width / stride)."""
        normalised: Tensor = self.norm(self.conv(x))
        return normalised


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut (He et al., 2016), which is a convolution itself where the shape changes."""

    def __init__(self, inputs: int, filters: int, stride: int, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.first = NormalisedConvolution(inputs, filters, 3, stride, momentum, epsilon)
        self.second = NormalisedConvolution(filters, filters, 3, 1, momentum, epsilon)
        self.shortcut: nn.Module = nn.Identity()
        if (inputs, 1) != (filters, stride):
            self.shortcut = NormalisedConvolution(inputs, filters, 1, stride, momentum, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        """Images to images of ``filters`` channels."""
        y = self.second(nn.functional.relu(self.first(x)))
        return nn.functional.relu(y + self.shortcut(x))


class ImageNetwork(nn.Module):
    """A convolution, two residual blocks, and a dense layer on the mean of all pixels; returns logits."""

    def __init__(self, channels: int, outputs: int, filters: list[int], momentum: float, epsilon: float) -> None:
        super().__init__()
        narrow, wide = filters
        self.stem = NormalisedConvolution(channels, narrow, 3, 1, momentum, epsilon)
        self.block_1 = ResidualBlock(narrow, narrow, 1, momentum, epsilon)
        self.block_2 = ResidualBlock(narrow, wide, 2, momentum, epsilon)
        self.output = nn.Linear(wide, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Images (rows, channels, height, width) to rows of logits."""
        x = nn.functional.relu(self.stem(x))
        x = self.block_2(self.block_1(x))
        logits: Tensor = self.output(x.mean(dim=(2, 3)))
        return logits


def build(
    input_shape: tuple[int, int, int], outputs: int, *, filters: list[int], norm_momentum: float, norm_epsilon: float
) -> ImageNetwork:
    """The network for images of this (height, width, channels)."""
    return ImageNetwork(input_shape[-1], outputs, filters, norm_momentum, norm_epsilon)
