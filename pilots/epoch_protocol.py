"""What is said about the ends of epochs; see :mod:`pilots.protocol`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilots.epoch_records import EpochsResult


@dataclass(frozen=True)
class TrainEpochs:
    """Train a new model in epochs of each of ``lengths_s``, as many as it takes to time ``ends`` of their ends.

    After ``limit_s`` in all no further length begins, and the current training is left. ``most_bytes`` bounds the
    rows of an epoch. Answered by :class:`EpochsTrained`.
    """

    lengths_s: tuple[float, ...]
    ends: tuple[int, ...]
    limit_s: float
    most_bytes: int = 2**28
    type: Literal["train_epochs"] = "train_epochs"


@dataclass(frozen=True)
class EpochsTrained:
    """The timed ends of epochs."""

    result: EpochsResult
    type: Literal["epochs_trained"] = "epochs_trained"
