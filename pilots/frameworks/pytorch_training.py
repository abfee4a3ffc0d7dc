"""Training in PyTorch: the loop its users write."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from pilots.pilot import Pace

Forward = Callable[..., Tensor]


def classification_loss(forward: Forward) -> Forward:
    """Mean cross-entropy of what ``forward`` makes of x (rows, ...) against class numbers y (rows,)."""

    def loss(x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.cross_entropy(forward(x), y)

    return loss


def regression_loss(forward: Forward) -> Forward:
    """Mean squared error of what ``forward`` makes of x (rows, ...) against values y (rows,)."""

    def loss(x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.mse_loss(forward(x).squeeze(1), y)

    return loss


def autocast(forward: Forward, device: torch.device) -> Forward:
    """The same in mixed precision: products in bfloat16, outputs in float32 for the loss."""

    def run(*inputs: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            outputs = forward(*inputs)
        return outputs.float()

    return run


def train_step(loss: Forward, optimizer: torch.optim.Optimizer, *batch: Tensor) -> Tensor:
    """One optimiser step; the loss before it, still on the device and with what is left of its graph."""
    optimizer.zero_grad()
    value = loss(*batch)
    value.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return value


def fit(
    model: nn.Module,
    loss: Forward,
    optimizer: torch.optim.Optimizer,
    data: TensorDataset,
    *,
    batch_size: int,
    epochs: int,
    seed: int,
    device: torch.device,
    pace: Pace,
) -> None:
    """Shuffled epochs of full batches; ``loss`` is that of a batch, by the model as it runs: itself, or compiled."""
    # For what the model draws: noise, dropout.
    torch.manual_seed(seed)
    shuffled = RandomSampler(data, generator=torch.Generator().manual_seed(seed))
    # With the batch sampler as `sampler`, a batch is one indexing of the tensors. That is torch's documented way
    # for data in memory; collating single rows would be slower for no gain, and Keras indexes batches too.
    batches = DataLoader(data, sampler=BatchSampler(shuffled, batch_size, drop_last=True), batch_size=None)
    for _ in range(epochs):
        model.train()
        for batch in batches:
            pace.before_step()
            train_step(loss, optimizer, *(part.to(device) for part in batch))
        pace.after_epoch()
