"""PyTorch's data pipeline: a ``Dataset`` that augments one image at a time, batched by a ``DataLoader``."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from pilots.pilot import Array, Augmentation, Draws, StepHook

Batch = tuple[Tensor, Tensor]
#: Trains on one epoch of batches.
Train = Callable[[Iterable[Batch], StepHook], None]


class AugmentedImages(Dataset[Batch]):
    """Images (rows, channels, height, width), each augmented when it is asked for."""

    def __init__(self, images: Tensor, labels: Tensor, augmentation: Augmentation, given: Draws | None) -> None:
        self._images = images
        self._labels = labels
        self._augmentation = augmentation
        self._given = given

    def __len__(self) -> int:
        """Rows of an epoch."""
        return len(self._images)

    def __getitem__(self, row: int) -> Batch:
        """One image with its label."""
        return augment(self._images[row], *self._draw(row), self._augmentation), self._labels[row]

    def _draw(self, row: int) -> tuple[int, int, float]:
        if self._given is not None:
            return int(self._given.top[row]), int(self._given.left[row]), float(self._given.brightness[row])
        return random_draw(self._augmentation)


def random_draw(augmentation: Augmentation) -> tuple[int, int, float]:
    """Top, left and brightness for one image, from PyTorch's generator, which each worker has seeded apart."""
    top, left = torch.randint(2 * augmentation.shift + 1, (2,)).tolist()
    brightness = torch.empty(1).uniform_(-augmentation.brightness, augmentation.brightness).item()
    return top, left, brightness


def augment(image: Tensor, top: int, left: int, brightness: float, augmentation: Augmentation) -> Tensor:
    """An image (channels, height, width), moved and made brighter or darker."""
    height, width = image.shape[-2:]
    padded = functional.pad(image, [augmentation.shift] * 4, value=augmentation.background)
    return padded[..., top : top + height, left : left + width] + brightness


def make_loader(data: AugmentedImages, *, batch_size: int, workers: int, seed: int) -> DataLoader[Batch]:
    """Shuffled full batches, made by worker processes if there are any.

    Workers are started afresh, which is the only way on Windows, the default on macOS, and safe everywhere: a process
    forked while threads of a framework run may wait for ever for a lock that one of them held. They outlive the
    epoch, so that only the first epoch waits for their start.
    """
    return DataLoader(
        data,
        batch_size=batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        persistent_workers=workers > 0,
        worker_init_fn=end_if_orphaned,
        generator=torch.Generator().manual_seed(seed),
    )


def end_if_orphaned(worker: int) -> None:
    """End a worker whose trial was killed while it started.

    PyTorch has workers look every few seconds whether the process that started them is still the same, but those that
    lost it before they could look once would stay for ever.
    """
    trial = multiprocessing.parent_process()
    if trial is not None and not trial.is_alive():
        os._exit(1)


class FromMemory:
    """Batches that lie ready; see :class:`pilots.pilot.Feed`."""

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, train: Train) -> None:
        slices = (slice(start, start + batch_size) for start in range(0, len(images) - batch_size + 1, batch_size))
        self._batches = [(images[rows], labels[rows]) for rows in slices]
        self._train = train

    def train(self, pace: StepHook) -> None:
        """One epoch."""
        self._train(self._batches, pace)


class FromLoader:
    """A DataLoader; see :class:`pilots.pilot.Pipeline`."""

    def __init__(self, loader: DataLoader[Batch], train: Train) -> None:
        self._loader = loader
        self._train = train
        count = loader.num_workers
        self.setting = f"num_workers={count}: {f'{count} processes' if count else 'in the training process'}"

    def train(self, pace: StepHook) -> None:
        """One epoch."""
        self._train(self._loader, pace)

    def batches(self) -> Iterable[Batch]:
        """One epoch without training."""
        return self._loader

    def arrays(self, batch: Batch) -> tuple[Array, Array]:
        """Channels last."""
        images, labels = batch
        return images.permute(0, 2, 3, 1).numpy(), labels.numpy()

    def close(self) -> None:
        """Let go of the loader, which then ends its workers and waits for them."""
        del self._loader
