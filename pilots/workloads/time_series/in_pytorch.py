"""The forecasting model in PyTorch."""

from __future__ import annotations

from torch import Tensor, nn

from pilots.frameworks.pytorch_weights import one_bias


class ForecastNetwork(nn.Module):
    """An LSTM over the past values; its last state gives one standardised value."""

    def __init__(self, features: int, outputs: int, units: int) -> None:
        super().__init__()
        self.recurrent = one_bias(nn.LSTM(features, units, batch_first=True))
        self.output = nn.Linear(units, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Sequences (rows, steps, features) to rows of outputs."""
        states, _ = self.recurrent(x)
        outputs: Tensor = self.output(states[:, -1])
        return outputs


def build(input_shape: tuple[int, int], outputs: int, *, units: int) -> ForecastNetwork:
    """The network for sequences of this (steps, features)."""
    return ForecastNetwork(input_shape[1], outputs, units)
