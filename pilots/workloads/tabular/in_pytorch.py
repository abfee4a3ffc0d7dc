"""The table model in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pilots.workloads.tabular.parameters import width_of


class TableNetwork(nn.Module):
    """Two hidden layers on numbers and embedded categories; returns logits, or one standardised value."""

    def __init__(self, columns: int, outputs: int, hidden: list[int], categories: Sequence[int]) -> None:
        super().__init__()
        self.categories: nn.ModuleList | None = None
        features = columns
        if categories:
            self.numbers = columns - len(categories)
            self.categories = nn.ModuleList(nn.Embedding(count, width_of(count)) for count in categories)
            features = self.numbers + sum(map(width_of, categories))
        self.hidden_1 = nn.Linear(features, hidden[0])
        self.hidden_2 = nn.Linear(hidden[0], hidden[1])
        self.output = nn.Linear(hidden[1], outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Rows of numbers, then of numbers of categories, to rows of outputs."""
        if self.categories is not None:
            categories = x[:, self.numbers :].int()
            embedded = [embed(categories[:, place]) for place, embed in enumerate(self.categories)]
            x = torch.cat([x[:, : self.numbers], *embedded], dim=1)
        x = nn.functional.relu(self.hidden_1(x))
        x = nn.functional.relu(self.hidden_2(x))
        outputs: Tensor = self.output(x)
        return outputs


def build(input_shape: tuple[int], outputs: int, *, hidden: list[int], categories: Sequence[int] = ()) -> TableNetwork:
    """The network for rows of this many columns; the last columns are numbers of ``categories``."""
    return TableNetwork(input_shape[0], outputs, hidden, categories)
