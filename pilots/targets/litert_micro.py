"""LiteRT for Microcontrollers: the same interpreter as firmware links, compiled for this computer.

Its kernels are the portable ones; those that chips have of their own are not here. What the interpreter has no kernel
for it refuses, as it would on a chip. The file takes one row; inputs and outputs are int8, as on chips without floats.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pilots.exports import int8_litert, litert_exports
from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.records import Figures
from pilots.routes import Artifact, Route, Subject

ROUTE = Route(
    format=".tflite file, int8",
    runtime="LiteRT for Microcontrollers",
    candidates=("tensorflow", "keras-tensorflow"),
    targets=("microcontroller",),
    exports_with=("tensorflow",),
    runs_with=("tflite-micro",),
    extra="micro",
    precision="reduced",
    detour=("keras-jax", "keras-torch"),
    calibrated=True,
    shipped=False,
    reservation="run on this computer, not on a chip",
)
#: Far more than a chip has: what a model takes is found out afterwards.
_AMPLE_BYTES = 64 << 20
#: The interpreter aligns what it places in its arena to so many bytes.
_ALIGNED_BYTES = 16


class Loaded(NamedTuple):
    """An interpreter, and the model that it runs."""

    interpreter: Any
    model: bytes


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel, calibrated on training rows."""
    return int8_litert.save(subject, folder / litert_exports.FILE, int8_outside=True)


def load(artifact: Artifact) -> Loaded:
    """An interpreter with all kernels that there are; it knows no threads.

    Raises:
        RuntimeError: it has no kernel for an operator, which is named.
    """
    model = (artifact.folder / litert_exports.FILE).read_bytes()
    return Loaded(_interpreter(model, _AMPLE_BYTES), model)


def run(loaded: Loaded, x: Array) -> Array:
    """Predict row by row, quantized as firmware would."""
    interpreter = loaded.interpreter
    taken, given = interpreter.get_input_details(0), interpreter.get_output_details(0)

    def predict(rows: Array) -> Array:
        interpreter.set_input(int8_litert.quantized(rows, taken), 0)
        interpreter.invoke()
        return int8_litert.dequantized(np.array(interpreter.get_output(0)), given)

    return in_batches(predict, x, 1)


def figures(loaded: Loaded) -> Figures:
    """The smallest arena in which the interpreter still runs the model, an estimate of that on a chip.

    Pointers of this computer are twice as wide as those of most chips, which take less for that; kernels of their own
    may take more.
    """
    details = loaded.interpreter.get_input_details(0)
    row = np.zeros(details["shape"], details["dtype"])

    def runs_in(arena_bytes: int) -> bool:
        try:
            interpreter = _interpreter(loaded.model, arena_bytes)
            interpreter.set_input(row, 0)
            interpreter.invoke()
        except RuntimeError:
            return False
        return True

    return Figures(arena_bytes=_smallest(runs_in, _AMPLE_BYTES // _ALIGNED_BYTES) * _ALIGNED_BYTES)


def _smallest(suffices: Callable[[int], bool], enough: int) -> int:
    """The smallest number from 1 that suffices; ``enough`` does."""
    too_few = 0
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if suffices(middle):
            enough = middle
        else:
            too_few = middle
    return enough


def _interpreter(model: bytes, arena_bytes: int) -> Any:
    """An interpreter, or its error with what it printed on the way: its exceptions do not say what they are about."""
    from tflite_micro.python.tflite_micro import runtime

    with tempfile.TemporaryFile() as printed:
        stderr = os.dup(2)
        os.dup2(printed.fileno(), 2)
        try:
            return runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)
        except RuntimeError as error:
            printed.seek(0)
            said = "; ".join(printed.read().decode(errors="replace").split("\n")).strip("; ")
            raise RuntimeError(f"{error}: {said}") from error
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
