"""LiteRT for Microcontrollers: the same interpreter as firmware links, compiled for this computer.

Its kernels are the portable kernels; those that chips have of their own are not here. The interpreter refuses what it
has no kernel for, as on a chip. The file takes one row; inputs and outputs are int8, as on chips without floats.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pilots.exports import int8_litert, litert_exports
from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.rehearsal_records import Figures
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
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
_TOTAL = re.compile(r"Arena allocation total (\d+) bytes")


class LoadedInterpreter(NamedTuple):
    """An interpreter that is ready to run."""

    interpreter: Any


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel, calibrated on training rows."""
    return int8_litert.save(subject, folder / litert_exports.FILE, int8_outside=True)


def load(artifact: Artifact) -> LoadedInterpreter:
    """An interpreter with all kernels that there are; it knows no threads.

    Raises:
        RuntimeError: it has no kernel for an operator, which is named.
    """
    model = (artifact.folder / litert_exports.FILE).read_bytes()
    return LoadedInterpreter(_interpreter(model, _AMPLE_BYTES))


def run(loaded: LoadedInterpreter, x: Array) -> Array:
    """Predict row by row, quantized as firmware would."""
    interpreter = loaded.interpreter
    taken, given = interpreter.get_input_details(0), interpreter.get_output_details(0)

    def predict(rows: Array) -> Array:
        interpreter.set_input(int8_litert.quantized(rows, taken), 0)
        interpreter.invoke()
        return int8_litert.dequantized(np.array(interpreter.get_output(0)), given)

    return in_batches(predict, x, 1)


def figures(loaded: LoadedInterpreter) -> Figures:
    """What the interpreter has recorded of its arena while it ran, an estimate of that on a chip.

    Pointers of this computer are twice as wide as those of most chips, which take less for that; kernels of their own
    may take more. Preparing a model takes some room on top for a moment.
    Trying smaller and smaller arenas is no way to find it: a search ended at 41,088 bytes for a model that ran in
    2,800, for reasons unknown.
    """
    with _printed() as text:
        loaded.interpreter.print_allocations()
        found = _TOTAL.search(text())
    return Figures(arena_bytes=int(found[1]) if found else None)


@contextmanager
def _printed() -> Iterator[Callable[[], str]]:
    """What the interpreter prints in the meantime, to be asked for within: it goes round Python's own streams."""
    with tempfile.TemporaryFile() as printed:
        stderr = os.dup(2)
        os.dup2(printed.fileno(), 2)

        def text() -> str:
            printed.seek(0)
            return printed.read().decode(errors="replace")

        try:
            yield text
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _interpreter(model: bytes, arena_bytes: int) -> Any:
    """An interpreter, or its error with what it printed on the way: its exceptions do not say what they are about."""
    from tflite_micro.python.tflite_micro import runtime

    with _printed() as text:
        try:
            return runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)
        except RuntimeError as error:
            said = "; ".join(line.strip() for line in text().splitlines() if line.strip())
            raise RuntimeError(f"{error}: {said}") from error
