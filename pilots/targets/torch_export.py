"""PyTorch's exported program: a graph with its weights in one file, loaded without the code of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.exports import torch_exports
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
    format="exported program (.pt2)",
    runtime="PyTorch",
    candidates=("pytorch", "keras-torch"),
    targets=("python_server", "batch", "desktop", "python_package", "edge_linux"),
    runs_with=("torch",),
    adopts="pt2",
    file="model.pt2",
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Trace the model for any number of rows; for one row where that fails."""
    import torch

    program, remarks = torch_exports.exported_program(subject)
    torch.export.save(program, folder / ROUTE.file)
    return remarks


def load(artifact: Artifact) -> Any:
    """The module of the graph, and the number of rows that it takes, or None for any."""
    import torch

    torch.set_num_threads(artifact.threads)
    program = torch.export.load(artifact.folder / ROUTE.file)
    return program.module(), torch_exports.batch_size_of(program)


def run(loaded: Any, x: Array) -> Array:
    """Predict in inference mode."""
    model, batch_size = loaded
    return torch_exports.predict(model, batch_size, x)
