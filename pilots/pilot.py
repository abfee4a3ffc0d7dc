"""What every framework adapter offers to the experiments: one workload, built and ready to be measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from pilots.lanes import Compiler

Array = npt.NDArray[np.generic]
Shape = tuple[int, ...]
#: Parameters by canonical name (``layer/variable``, Keras naming) in canonical layout: dense (in, out),
#: convolution (height, width, in, out), channels last, flattening in height-width-channel order. A layer inside another
#: is named after both (``block_conv/kernel``); the products of an attention are dense layers over all heads
#: (``attention_query/kernel``).
Weights = Mapping[str, Array]


Task = Literal["classification", "regression", "generation"]


@dataclass(frozen=True)
class Data:
    """Arrays of a workload, the same for every candidate.

    ``x_*`` are float32, or int32 where they number words; the first axis is rows (images: rows, height, width,
    channels). ``y_*`` are int64 class numbers; or float32 of shape (rows,) standardised to zero mean and unit variance
    on the training rows; or, for generation, the rows themselves, of shape (rows, outputs). ``outputs`` is the width
    of the last layer: the number of classes, 1, or the width of a row.

    ``x_valid`` and ``y_valid`` are of the same kinds: rows that choose the epoch whose score counts. A ``data.py`` may
    leave them away; they are then taken from its training rows (see :mod:`pilots.validation`), and stay None where
    those are too few.

    ``overlap_rows`` is for rows cut out of a series, in the order of time: so many neighbours on each side share values
    with a row. 0 says that rows have no order.

    ``arguments`` are what the data decide about the model beyond shapes, such as the number of words: further
    arguments of its builders. ``noise`` is how many random numbers a training step draws for each row, 0 for most.
    """

    task: Task
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    outputs: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    noise: int = 0
    x_valid: Array | None = None
    y_valid: Array | None = None
    overlap_rows: int = 0


@dataclass(frozen=True)
class Recipe:
    """Training settings of a workload, equal for every candidate; from its ``workload.toml``."""

    batch_size: int
    learning_rate: float
    adam_epsilon: float
    epochs: int


@dataclass(frozen=True)
class Augmentation:
    """What a data pipeline does to an image anew in each epoch.

    The image is moved by up to ``shift`` pixels up or down and to a side, drawn uniformly; what comes in at the edge is
    ``background``. Then one number, drawn uniformly from up to ``brightness`` either way, is added to every pixel.
    """

    background: float
    shift: int = 1
    brightness: float = 0.2


@dataclass(frozen=True)
class Draws:
    """What is drawn for each of some rows, as arrays of shape (rows,).

    ``top`` and ``left`` say where the image is cut out of itself with an edge of ``shift`` pixels around it, from 0 to
    twice the shift; ``brightness`` is what is added.
    """

    top: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    brightness: npt.NDArray[np.float32]

    def of(self, rows: npt.NDArray[np.int64]) -> Draws:
        """Those of these row numbers, in their order."""
        return Draws(self.top[rows], self.left[rows], self.brightness[rows])


class StopTraining(Exception):
    """Raised by a pace to leave a training loop; the loop lets it pass."""


class StepHook(Protocol):
    """The hook of a training loop. It must be the only thing the loop does besides training."""

    def before_step(self) -> None:
        """Called before each optimiser step; may block, may raise :class:`StopTraining`."""

    def after_epoch(self) -> None:
        """Called when an epoch's last step has been issued."""


class Feed(Protocol):
    """Batches for a training, one epoch after another."""

    def train(self, pace: StepHook) -> None:
        """Train the pilot on one epoch in the framework's own loop."""


class Pipeline(Feed, Protocol):
    """A framework's own data pipeline: shuffled epochs of full batches of augmented images."""

    @property
    def setting(self) -> str:
        """What decides how many workers it has, as its users write it, and what these are."""

    def batches(self) -> Iterable[Any]:
        """One epoch of what the training loop receives, without training."""

    def arrays(self, batch: Any) -> tuple[Array, Array]:
        """One of these batches as images in canonical layout and labels."""

    def close(self) -> None:
        """End its workers."""


class Pilot(Protocol):
    """A model of one workload in one framework, with the loop its users would write.

    Where a training step draws random numbers (``Data.noise``), :meth:`fit` draws them itself, by the framework's own
    generator, while :meth:`gradients` and :meth:`train_on` are given them, shape (rows, noise), in the place of y.
    """

    @property
    def model(self) -> Any:
        """The framework's own object, as its exporters take it."""

    @property
    def order_follows_seed(self) -> bool:
        """Whether :meth:`fit` gives the rows in the same order again for the same seed."""

    def weights(self) -> dict[str, Array]:
        """Copies of all parameters and running statistics, canonical names and layout; also between two steps."""

    def set_weights(self, weights: Weights) -> None:
        """Overwrite all parameters and running statistics; optimiser state starts anew.

        Raises:
            ValueError: names or shapes differ from :meth:`weights`.
        """

    def predict(self, x: Array) -> Array:
        """Outputs of the last layer (logits, values or a row generated), shape (rows, outputs), in inference mode.

        One call of the framework on the whole of ``x``, numpy in and numpy out.
        """

    def gradients(self, x: Array, y: Array) -> dict[str, Array]:
        """Gradient of the mean loss in training mode for each trainable parameter, canonical layout."""

    def train_on(self, batches: list[tuple[Array, Array]]) -> list[float]:
        """Optimiser steps on given batches with the same step as :meth:`fit`; the loss before each."""

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: StepHook) -> None:
        """The framework's own idiom: epochs of all rows, shuffled anew for each, the last batch smaller.

        What is drawn follows the seed, and so does the order of the rows where :attr:`order_follows_seed` says so.
        """

    def from_memory(self, x: Array, y: Array) -> Feed:
        """Full batches of rows that are ready to be trained on, in their order: the leanest feed its loop takes."""

    def pipeline(
        self,
        x: Array,
        y: Array,
        augmentation: Augmentation,
        *,
        workers: int,
        seed: int,
        given: Draws | None = None,
    ) -> Pipeline:
        """The pipeline its documentation gives for images in memory that are augmented anew in each epoch.

        Args:
            x: images, shape (rows, height, width, channels).
            y: their labels.
            augmentation: what is done to each image.
            workers: how many are asked for; 0 leaves the matter at the framework's default.
            seed: of the order of the rows.
            given: the draws of each row, in place of random ones.
        """

    def settings(self) -> dict[str, str]:
        """How it is fed and trained, as read back from the objects that do it."""

    def sync(self) -> None:
        """Return when the device has finished everything issued so far."""

    def compiler(self) -> Compiler:
        """What the framework's compiler has done with the training step so far."""
