"""Training in PyTorch: the loop its users write."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from pilots.pilot import Pace

Loss = Callable[[Tensor, Tensor], Tensor]
Forward = Callable[[Tensor], Tensor]


def regression_loss(outputs: Tensor, y: Tensor) -> Tensor:
    """Mean squared error of outputs (rows, 1) against values (rows,)."""
    return nn.functional.mse_loss(outputs.squeeze(1), y)


def autocast(forward: Forward, device: torch.device) -> Forward:
    """The same in mixed precision: products in bfloat16, outputs in float32 for the loss."""

    def run(x: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            outputs = forward(x)
        return outputs.float()

    return run


def train_step(forward: Forward, loss: Loss, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> Tensor:
    """One optimiser step; the loss before it, still on the device and with what is left of its graph."""
    optimizer.zero_grad()
    value = loss(forward(x), y)
    value.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return value


def fit(
    model: nn.Module,
    forward: Forward,
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    data: TensorDataset,
    *,
    batch_size: int,
    epochs: int,
    seed: int,
    device: torch.device,
    pace: Pace,
) -> None:
    """Shuffled epochs of full batches; ``forward`` is the model as it runs: itself, or compiled."""
    shuffled = RandomSampler(data, generator=torch.Generator().manual_seed(seed))
    # With the batch sampler as `sampler`, a batch is one indexing of the tensors. That is torch's documented way
    # for data in memory; collating single rows would be slower for no gain, and Keras indexes batches too.
    batches = DataLoader(data, sampler=BatchSampler(shuffled, batch_size, drop_last=True), batch_size=None)
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            pace.before_step()
            train_step(forward, loss, optimizer, x.to(device), y.to(device))
        pace.after_epoch()
