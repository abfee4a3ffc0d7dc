"""My workload: the model in PyTorch."""

from __future__ import annotations

from torch import Tensor, nn


class Network(nn.Module):
    """One hidden layer; returns logits. The layers are called as in parameters.py."""

    def __init__(self, features: int, outputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, hidden)
        self.output = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Rows of features to rows of logits. Images come as (rows, channels, height, width)."""
        x = nn.functional.relu(self.hidden(x))
        logits: Tensor = self.output(x)
        return logits


def build(input_shape: tuple[int], outputs: int, *, hidden: int) -> Network:
    """The network for rows of this shape; what follows the star comes from [model] in workload.toml."""
    return Network(input_shape[0], outputs, hidden)
