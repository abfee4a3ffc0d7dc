"""A PyTorch model as an ExecuTorch program for one row, and what runs it.

ExecuTorch's runtime for Python comes with PyTorch; on a device its C++ runtime stands alone, with the same kernels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.routes import Artifact, ModelToExport

FILE = "model.pte"
NOTE = (
    "ExecuTorch ran by its runtime for Python, which brings PyTorch along; a device ships another, far smaller one, "
    "whose size was not measured."
)


class LoadedMethod(NamedTuple):
    """A method ready to run. The program has to be kept: the method reads its weights from there."""

    method: Any
    program: Any


def save(subject: ModelToExport, file: Path, *, int8: bool = False) -> tuple[str, ...]:
    """Lower the exported program to XNNPACK, the kernels for processors; in int8 calibrated on training rows.

    Returns:
        What had to be worked around, in phrases.

    Raises:
        ValueError: int8 was asked for, and there are no rows of the training data.
    """
    import torch
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    model = subject.model.eval().to("cpu")
    row = torch.from_numpy(subject.inputs[:1].copy())
    with torch.no_grad():
        program = torch.export.export(model, (row,))
        if int8:
            program = torch.export.export(_quantized(program, torch.from_numpy(subject.calibration())), (row,))
        lowered = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()]).to_executorch()
    file.write_bytes(lowered.buffer)
    return ()


def load(artifact: Artifact) -> LoadedMethod:
    """The program's only method. It runs a thread for each core: the runtime for Python lets nobody choose."""
    from executorch.runtime import Runtime

    program = Runtime.get().load_program(artifact.folder / FILE)
    return LoadedMethod(program.load_method("forward"), program)


def run(loaded: LoadedMethod, x: Array) -> Array:
    """Predict row by row."""
    import torch

    def predict(rows: Array) -> Array:
        outputs: Array = loaded.method.execute([torch.from_numpy(rows)])[0].numpy().copy()  # the next call overwrites
        return outputs

    return in_batches(predict, x, 1)


def _quantized(program: Any, examples: Any) -> Any:
    """The program's module in int8, weights by channel: PyTorch 2 Export quantization with XNNPACK's quantizer."""
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    quantizer = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))
    prepared = prepare_pt2e(program.module(), quantizer)
    for row in examples:
        prepared(row[None])
    return convert_pt2e(prepared)
