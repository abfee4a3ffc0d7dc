"""The AOTInductor package in a C++ program, by libtorch, whose headers and libraries come with PyTorch's wheel.

The program is compiled while exporting: it is part of what is shipped, and loading does not include that time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from pilots.exports.batches import in_batches
from pilots.native.program import Program, compile_program
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport, Programs
from pilots.targets import aot_inductor

_COMPILERS = Programs(("g++", "clang++"))
ROUTE = ExportRoute(
    format="AOTInductor package",
    runtime="PyTorch from C++",
    candidates=("pytorch", "keras-torch"),
    targets=("cpp_server",),
    runs_with=("torch",),
    programs=(_COMPILERS,),
    note="“PyTorch from C++” ran in a C++ program, which held the watch.",
)
_SOURCE = "aot_inductor.cpp"
_PROGRAM, _TYPE = "predict", "type.json"


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Compile the exported program, and the C++ program that loads it."""
    remarks = aot_inductor.export(subject, folder)
    (folder / _TYPE).write_text(json.dumps(subject.inputs.dtype.name), encoding="utf-8")
    _compile(folder / _PROGRAM)
    return remarks


def load(artifact: Artifact) -> Any:
    """The program, which has loaded the package and waits for rows; the type of the rows, and how many it takes."""
    dtype = json.loads((artifact.folder / _TYPE).read_text(encoding="utf-8"))
    package = str(artifact.folder / aot_inductor.FILE)
    program = Program([str(artifact.folder / _PROGRAM), package, dtype, str(artifact.threads)])
    return program, dtype, aot_inductor.batch_size(artifact)


def run(loaded: Any, x: Array) -> Array:
    """Predict in the program."""
    program, dtype, batch_size = loaded
    return in_batches(lambda rows: program.predict(rows, 1)[0], np.ascontiguousarray(x, dtype=dtype), batch_size)


def time_calls(loaded: Any, x: Array, calls: int) -> tuple[float, ...]:
    """Milliseconds of each call, by the program's own watch; the sum over the rows where it takes one row at a time."""
    program, dtype, batch_size = loaded
    rows = np.ascontiguousarray(x, dtype=dtype)
    parts = [rows] if batch_size is None else [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
    return tuple(map(sum, zip(*(program.predict(part, calls)[1] for part in parts), strict=True)))


def _compile(program: Path) -> None:
    import torch
    from torch.utils import cpp_extension

    libraries = Path(torch.__file__).parent / "lib"
    abi = f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}"
    included = [f"-I{folder}" for folder in cpp_extension.include_paths()]
    linked = [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10"]
    compile_program(_COMPILERS, _SOURCE, program, ["-std=c++20", abi, *included], linked)
