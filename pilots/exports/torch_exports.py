"""What the export routes of PyTorch share: the exported program of a model, and predicting with what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.routes import ModelToExport

#: That programs for any number of rows take.
LARGEST_BATCH = 1024


def exported_program(subject: ModelToExport) -> tuple[Any, tuple[str, ...]]:
    """The model's graph for 1 to 1024 rows; for the rows it was traced with where it cannot be had for any.

    Returns:
        The exported program, and what had to be worked around, in phrases.
    """
    import torch

    model = subject.model.eval().to("cpu")
    batch = torch.export.Dim("batch", min=1, max=LARGEST_BATCH)
    rows = torch.from_numpy(subject.inputs[:2].copy())  # one row would be taken for a constant
    with torch.no_grad():
        try:
            return torch.export.export(model, (rows,), dynamic_shapes=({0: batch},)), ()
        except Exception as error:  # noqa: BLE001 - whatever tracing cannot do, a fixed size may
            program = torch.export.export(model, (rows[:1],))
            return program, (f"the number of rows is fixed to 1: {type(error).__name__} with any number",)


def batch_size_of(program: Any) -> int | None:
    """The number of rows that a program takes; None for any."""
    (name,) = program.graph_signature.user_inputs
    placeholder = next(node for node in program.graph.nodes if node.name == name)
    rows = placeholder.meta["val"].shape[0]
    return rows if isinstance(rows, int) else None


def predict(model: Callable[[Any], Any], batch_size: int | None, x: Array) -> Array:
    """Outputs of ``model``, from tensor to tensor, in inference mode; ``batch_size`` rows at a time, None for any."""
    import torch

    def outputs(rows: Array) -> Array:
        found: Array = model(torch.from_numpy(rows)).numpy()
        return found

    with torch.inference_mode():
        return in_batches(outputs, x, batch_size)
