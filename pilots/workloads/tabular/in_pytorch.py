"""The table model in PyTorch."""

from __future__ import annotations

from torch import Tensor, nn


class TableNetwork(nn.Module):
    """Two hidden layers; returns logits, or one standardised value."""

    def __init__(self, features: int, outputs: int, hidden: list[int]) -> None:
        super().__init__()
        self.hidden_1 = nn.Linear(features, hidden[0])
        self.hidden_2 = nn.Linear(hidden[0], hidden[1])
        self.output = nn.Linear(hidden[1], outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Rows of features to rows of outputs."""
        x = nn.functional.relu(self.hidden_1(x))
        x = nn.functional.relu(self.hidden_2(x))
        outputs: Tensor = self.output(x)
        return outputs


def build(input_shape: tuple[int], outputs: int, *, hidden: list[int]) -> TableNetwork:
    """The network for rows of this shape."""
    return TableNetwork(input_shape[0], outputs, hidden)
