"""A copy of ``pilots`` with routes added by dropping files into its folder: one that works, and what bad exports do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pilots

#: A route of a dozen lines: the table model's weights as numpy arrays, run by numpy alone.
NUMPY_NETWORK = """
import numpy as np
from pilots.rehearsal_records import Figures
from pilots.routes import ExportRoute

ROUTE = ExportRoute("arrays", "NumPy", candidates=("pytorch",), targets=("python_server",), runs_with=("numpy",))
LAYERS = ("hidden_1", "hidden_2", "output")

def export(subject, folder):
    state = {name: weight.numpy() for name, weight in subject.model.state_dict().items()}
    np.savez(folder / "model.npz", **state)
    return ()

def load(artifact):
    arrays = np.load(artifact.folder / "model.npz")
    return {name: arrays[name] for name in arrays.files}

def run(loaded, x):
    for layer in LAYERS:
        x = x @ loaded[f"{layer}.weight"].T + loaded[f"{layer}.bias"]
        if layer != "output":
            x = np.maximum(x, 0)
    return x

def figures(loaded):
    return Figures(arena_bytes=sum(array.nbytes for array in loaded.values()))
"""
#: The same with a watch of its own.
OWN_WATCH = (
    NUMPY_NETWORK
    + """
def time_calls(loaded, x, calls):
    run(loaded, x)
    return tuple(float(1000 * len(x) + call) for call in range(calls))
"""
)
#: And one that returns too few times.
TOO_FEW_TIMES = (
    NUMPY_NETWORK
    + """
def time_calls(loaded, x, calls):
    return (1.0,)
"""
)
_SAVED = "np.savez(folder"
#: By module: the line that is added to the export, and what has to be reported: the stage, and words of the error.
BAD_EXPORTS = {
    "weights_dropped": ("state = {name: np.zeros_like(one) for name, one in state.items()}", "compare", "differs by"),
    "not_a_number": ("state['output.bias'][:] = np.nan", "compare", "no finite numbers"),
    "wrong_shape": (
        "state |= {name: state[name][:1] for name in ('output.weight', 'output.bias')}",
        "compare",
        "the shape (114, 1)",
    ),
    "unloadable": ("(folder / 'model.npz').write_bytes(b'no model'); return ()", "load", "contains pickled"),
    "one_row_only": ("state['hidden_1.weight'] = state['hidden_1.weight'][:, :5]", "run", "ValueError: matmul"),
    "refused": ("raise NotImplementedError('no such operator')", "export", "NotImplementedError: no such operator"),
    "crashing": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "export", "ended with signal SIGSEGV"),
}


def copy_with(folder: Path, modules: dict[str, str]) -> Path:
    """Copy the package into a folder, add these modules to its targets, return its ``__main__.py``."""
    package = Path(shutil.copytree(Path(pilots.__file__).parent, folder / "pilots"))
    for name, text in modules.items():
        (package / "targets" / f"{name}.py").write_text(text, encoding="utf-8")
    return package / "__main__.py"


def planted() -> dict[str, str]:
    """Every bad export, ``numpy_network``, which works, and what has a watch of its own."""
    bad = {name: NUMPY_NETWORK.replace(_SAVED, f"{line}\n    {_SAVED}") for name, (line, _, _) in BAD_EXPORTS.items()}
    watches = {"own_watch": OWN_WATCH, "too_few_times": TOO_FEW_TIMES}
    return {"numpy_network": NUMPY_NETWORK, **watches, **bad}
