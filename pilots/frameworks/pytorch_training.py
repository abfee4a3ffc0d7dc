"""Training in PyTorch: the loop its users write."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from pilots.pilot import StepHook

Forward = Callable[..., Tensor]
Batch = tuple[Tensor, ...]


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


def make_loader(data: TensorDataset, *, batch_size: int, seed: int, whole_batches: bool) -> DataLoader[Batch]:
    """Shuffled epochs of all rows, the last batch being smaller.

    Args:
        data: tensors of the same number of rows.
        batch_size: rows of a batch.
        seed: of the order.
        whole_batches: index the tensors once for a batch, as the documentation of DataLoader has it for data that can
            be read in bulk, in place of collating single rows, as in the quick start.
    """
    generator = torch.Generator().manual_seed(seed)
    if whole_batches:
        shuffled = RandomSampler(data, generator=generator)
        return DataLoader(data, sampler=BatchSampler(shuffled, batch_size, drop_last=False), batch_size=None)
    return DataLoader(data, batch_size=batch_size, shuffle=True, generator=generator)


def fit(
    model: nn.Module,
    loss: Forward,
    optimizer: torch.optim.Optimizer,
    batches: DataLoader[Batch],
    *,
    epochs: int,
    device: torch.device,
    pace: StepHook,
) -> None:
    """Train on epochs of these batches; ``loss`` is that of a batch, by the model as it runs: itself, or compiled."""
    for _ in range(epochs):
        model.train()
        for batch in batches:
            pace.before_step()
            train_step(loss, optimizer, *(part.to(device) for part in batch))
        pace.after_epoch()
