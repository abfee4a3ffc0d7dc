"""What a trained pilot leaves for those that export it: weights, held-out rows, and what it predicts for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from pilots.candidate import candidates
from pilots.pilot import Array, Task, Weights

SAMPLE = "sample.npz"
WEIGHTS = "weights.npz"
#: Rows suffice to see whether predictions agree, and keep the slowest runtime within seconds.
MOST_ROWS = 256


@dataclass(frozen=True)
class SampleRows:
    """Rows as the artifact takes them, what they should be (None: nobody knows), and the trained model's outputs."""

    task: Task
    inputs: Array
    targets: Array | None
    outputs: Array


def in_layout_of(candidate: str, x: Array) -> Array:
    """Rows as an artifact made in the candidate's framework takes them: images with their channels first in PyTorch."""
    if candidates()[candidate].channels_first and x.ndim == 4:
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    return x


def save_sample(folder: Path, sample: SampleRows) -> None:
    """Write the sample, without pickles.

    Raises:
        OSError: it cannot be written.
    """
    known: dict[str, Any] = {} if sample.targets is None else {"targets": sample.targets}
    np.savez(folder / SAMPLE, task=sample.task, inputs=sample.inputs, outputs=sample.outputs, **known)


def load_sample(folder: Path) -> SampleRows:
    """The sample in a folder.

    Raises:
        OSError, ValueError, KeyError: there is none that can be read; pickles are refused.
    """
    with (folder / SAMPLE).open("rb") as file:
        return read_sample(file)


def read_sample(file: IO[bytes]) -> SampleRows:
    """The sample in an open file.

    Raises:
        ValueError, KeyError: it cannot be read; pickles are refused.
    """
    with np.load(file, allow_pickle=False) as arrays:
        task: Task = str(arrays["task"])  # type: ignore[assignment]
        targets = arrays["targets"] if "targets" in arrays.files else None
        return SampleRows(task, arrays["inputs"], targets, arrays["outputs"])


def save_weights(folder: Path, weights: Weights) -> None:
    """Write canonical weights, without pickles.

    Raises:
        OSError: they cannot be written.
    """
    arrays: dict[str, Any] = {name.replace("/", "|"): array for name, array in weights.items()}
    np.savez(folder / WEIGHTS, **arrays)


def load_weights(folder: Path) -> dict[str, Array]:
    """The canonical weights in a folder.

    Raises:
        OSError, ValueError: there are none that can be read; pickles are refused.
    """
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        return {name.replace("|", "/"): arrays[name] for name in arrays.files}
