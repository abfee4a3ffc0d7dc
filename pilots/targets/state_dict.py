"""PyTorch's own way: the state dict, which its maintainers advise to save instead of the whole model.

The code of the model has to be where it is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
    format="weights file",
    runtime="PyTorch",
    candidates=("pytorch",),
    targets=("python_server", "batch", "desktop", "python_package", "edge_linux"),
    runs_with=("torch",),
    needs_code=True,
)
_FILE = "model.pt"


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Save the weights alone."""
    import torch

    torch.save(subject.model.state_dict(), folder / _FILE)
    return ()


def load(artifact: Artifact) -> Any:
    """Build the model from its code, then load its weights, which may hold nothing else than tensors.

    Raises:
        ValueError: nobody has the code.
    """
    import torch

    from pilots import workload as workloads

    if artifact.spec is None:
        raise ValueError("a weights file cannot be loaded without the code of its model")
    torch.set_num_threads(artifact.threads)
    workload = workloads.of_trial(artifact.spec)
    data = workloads.read_data(workload, artifact.spec.data)
    model = workloads.build(workload, "in_pytorch", data)
    model.load_state_dict(torch.load(artifact.folder / _FILE, weights_only=True))
    return model.eval()


def run(loaded: Any, x: Array) -> Array:
    """Predict in inference mode."""
    import torch

    with torch.inference_mode():
        outputs: Array = loaded(torch.from_numpy(x)).numpy()
    return outputs
