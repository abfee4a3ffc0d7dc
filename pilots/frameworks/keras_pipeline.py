"""Keras's data pipeline: a ``PyDataset`` that augments a batch with numpy, on any backend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np

from pilots.augmentation import random_draws
from pilots.pilot import Array, Augmentation, Draws, StepHook

#: Callbacks that hook a pace into ``fit``.
Callbacks = Callable[[StepHook], Sequence[keras.callbacks.Callback]]


class AugmentedImages(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled full batches, each augmented when it is asked for.

    ``workers`` are threads. ``use_multiprocessing`` is left alone on purpose. Where processes are forked by default, it
    forks a process in which the backend's threads run, which is likely to hang, as JAX warns at each fork; elsewhere it
    starts interpreters anew for every epoch.

    The order changes at an epoch's end and not in ``on_epoch_begin``: by then the workers are making batches already
    (Keras issue 23283).
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        augmentation: Augmentation,
        given: Draws | None,
        *,
        batch_size: int,
        seed: int,
        **workers: int,
    ) -> None:
        super().__init__(**workers)
        self._x = x
        self._y = y
        self._augmentation = augmentation
        self._given = given
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0
        self._shuffle()

    def __len__(self) -> int:
        """Full batches of an epoch."""
        return len(self._x) // self._batch_size

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        """A whole batch; its draws depend on the epoch and its number alone, whichever thread makes it."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        if self._given is not None:
            draws = self._given.of(rows)
        else:
            draws = random_draws(self._augmentation, len(rows), self._generator(index))
        return augment(self._x[rows], draws, self._augmentation), self._y[rows]

    def on_epoch_end(self) -> None:
        """Shuffle for the next epoch."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self._order = self._generator(len(self)).permutation(len(self._x))

    def _generator(self, number: int) -> np.random.Generator:
        """The batch's own in this epoch; the order has that of the number after the last batch."""
        return np.random.default_rng((self._seed, self._epoch, number))


def augment(images: Array, draws: Draws, augmentation: Augmentation) -> Array:
    """Images (rows, height, width, channels), moved and made brighter or darker, all at once."""
    rows, height, width = images.shape[:3]
    edge = (augmentation.shift, augmentation.shift)
    padded = np.pad(images, ((0, 0), edge, edge, (0, 0)), constant_values=augmentation.background)
    own_row = np.arange(rows)[:, None, None]
    lines = (draws.top[:, None] + np.arange(height))[:, :, None]
    columns = (draws.left[:, None] + np.arange(width))[:, None, :]
    results: Array = np.add(padded[own_row, lines, columns], draws.brightness[:, None, None, None])
    return results


class FromMemory:
    """Arrays, which ``fit`` cuts into batches; see :class:`pilots.pilot.Feed`."""

    def __init__(self, model: keras.Model, x: Array, y: Array, batch_size: int, callbacks: Callbacks) -> None:
        rows = len(x) - len(x) % batch_size
        self._x, self._y = x[:rows], y[:rows]
        self._model = model
        self._batch_size = batch_size
        self._callbacks = callbacks

    def train(self, pace: StepHook) -> None:
        """One epoch."""
        self._model.fit(
            self._x, self._y, batch_size=self._batch_size, shuffle=False, verbose=0, callbacks=self._callbacks(pace)
        )


class FromPyDataset:
    """A PyDataset; see :class:`pilots.pilot.Pipeline`.

    Args:
        model: compiled, and built by an earlier training: on JAX and PyTorch the first ``fit`` after ``compile``
            takes a batch to build the model from, and the batches that several workers made meanwhile stay in the
            queue, so that rows come twice and others not at all (seen with Keras 3.15.1).
        dataset: the data.
        read: what the backend's ``fit`` iterates over in an epoch.
        callbacks: those of a training.
    """

    def __init__(
        self,
        model: keras.Model,
        dataset: AugmentedImages,
        read: Callable[[keras.utils.PyDataset], Iterable[Any]],
        callbacks: Callbacks,
    ) -> None:
        self._model = model
        self._dataset = dataset
        self._read = read
        self._callbacks = callbacks
        self.setting = f"workers={dataset.workers}: " + (
            f"{dataset.workers} threads" if dataset.workers > 1 else "in the training process"
        )

    def train(self, pace: StepHook) -> None:
        """One epoch. ``shuffle`` would only put the batches into another order."""
        self._model.fit(self._dataset, shuffle=False, verbose=0, callbacks=self._callbacks(pace))

    def batches(self) -> Iterable[Any]:
        """One epoch without training."""
        return self._read(self._dataset)

    def arrays(self, batch: Any) -> tuple[Array, Array]:
        """Out of whatever the backend computes with."""
        images, labels = (keras.ops.convert_to_numpy(part) for part in batch)
        return images, labels.reshape(-1)

    def close(self) -> None:
        """Nothing: its threads end with each epoch."""
