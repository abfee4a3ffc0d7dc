"""PyTorch compiled ahead of time: a package of machine code, which needs a C++ compiler only where it is made.

It is rehearsed only for C++ servers, since compiling takes longer than all other routes together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.exports import torch_exports
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport, Programs

ROUTE = ExportRoute(
    format="AOTInductor package",
    runtime="PyTorch",
    candidates=("pytorch", "keras-torch"),
    targets=("cpp_server",),
    runs_with=("torch",),
    programs=(Programs(("g++", "clang++")),),
)
FILE = "model.pt2"
_FIXED = "fixed-to-one-row"


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Compile the exported program."""
    import torch

    program, remarks = torch_exports.exported_program(subject)
    with torch.no_grad():
        program = program.run_decompositions({})  # layers of Keras compute in place, which the compiler refuses
        torch._inductor.aoti_compile_and_package(program, package_path=str(folder / FILE))
    if torch_exports.batch_size_of(program) is not None:
        (folder / _FIXED).touch()
    return remarks


def load(artifact: Artifact) -> Any:
    """The compiled model, and the number of rows that it takes, or None for any."""
    import torch

    torch.set_num_threads(artifact.threads)
    compiled = torch._inductor.aoti_load_package(str(artifact.folder / FILE))
    return compiled, batch_size(artifact)


def batch_size(artifact: Artifact) -> int | None:
    """The number of rows that the package takes; None for any."""
    return 1 if (artifact.folder / _FIXED).exists() else None


def run(loaded: Any, x: Array) -> Array:
    """Predict in inference mode."""
    model, batch_size = loaded
    return torch_exports.predict(model, batch_size, x)
