"""The text model in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pilots.workloads.text.positions import sinusoids


class TextNetwork(nn.Module):
    """One block of a transformer encoder over the words, whose mean gives logits."""

    positions: Tensor

    def __init__(
        self, steps: int, outputs: int, vocabulary: int, features: int, heads: int, hidden: int, norm_epsilon: float
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, features)
        self.register_buffer("positions", torch.from_numpy(sinusoids(steps, features)), persistent=False)
        self.attention = nn.MultiheadAttention(features, heads, batch_first=True)
        self.attention_norm = nn.LayerNorm(features, eps=norm_epsilon)
        self.hidden = nn.Linear(features, hidden)
        self.projection = nn.Linear(hidden, features)
        self.hidden_norm = nn.LayerNorm(features, eps=norm_epsilon)
        self.output = nn.Linear(features, outputs)

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers of words (rows, steps), 0 where there is none, to rows of logits."""
        is_word = numbers != 0
        x = self.words(numbers) + self.positions
        attended, _ = self.attention(x, x, x, key_padding_mask=~is_word, need_weights=False)
        x = self.attention_norm(x + attended)
        x = self.hidden_norm(x + self.projection(nn.functional.relu(self.hidden(x))))
        weights = is_word.unsqueeze(-1).to(x.dtype)
        logits: Tensor = self.output((x * weights).sum(1) / weights.sum(1))
        return logits


def build(
    input_shape: tuple[int],
    outputs: int,
    *,
    vocabulary: int,
    features: int,
    heads: int,
    hidden: int,
    norm_epsilon: float,
) -> TextNetwork:
    """The network for texts of this many words."""
    return TextNetwork(input_shape[0], outputs, vocabulary, features, heads, hidden, norm_epsilon)
