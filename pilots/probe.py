"""What an interpreter has to offer: versions of the frameworks, and whether one of them really works.

Needs the standard library alone, so that it also answers in an interpreter in which nothing is installed.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from typing import Any

from pilots.candidate import candidates

#: Distributions by the name they are reported under; the first that is installed counts.
_DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "keras": ("keras",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"),
    "jax": ("jax",),
    "jaxlib": ("jaxlib",),
    "numpy": ("numpy",),
    "scikit-learn": ("scikit-learn",),
}


@dataclass(frozen=True)
class Probe:
    """One candidate in this interpreter. It works if ``error`` is None.

    ``importable`` with an error: the import succeeded and a tiny computation did not. ``threads`` is None where
    the framework leaves their number to the system. ``import_s`` is the wall time of the import. ``lacking`` are
    the other distributions a trial needs and this interpreter does not have.
    """

    candidate: str
    python: str
    importable: bool
    error: str | None
    import_s: float | None
    version: str | None
    devices: tuple[str, ...]
    threads: int | None
    lacking: tuple[str, ...]


def versions(also: Iterable[str] = ()) -> dict[str, str]:
    """Versions of Python and of the installed distributions; absent distributions are left out. Imports nothing.

    Args:
        also: further distributions to look for.
    """
    found = {"python": platform.python_version()}
    for name, distributions in {**{name: (name,) for name in also}, **_DISTRIBUTIONS}.items():
        for distribution in distributions:
            try:
                found[name] = metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
            break
    return found


def probe(candidate: str) -> Probe:
    """Import the framework of ``candidate`` and let it multiply two small matrices.

    Settings that must be made before the import are made in this process's environment (the backend of Keras),
    and an import cannot be undone: probe one candidate per process.

    Raises:
        KeyError: no such candidate.
    """
    known = candidates()[candidate]
    if known.backend:
        os.environ["KERAS_BACKEND"] = known.backend
    # Otherwise TensorFlow takes all memory of an accelerator that others may be using.
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    installed = versions()
    found = Probe(
        candidate=candidate,
        python=installed["python"],
        importable=False,
        error=None,
        import_s=None,
        version=None,
        devices=(),
        threads=None,
        lacking=tuple(name for name in ("numpy", "scikit-learn") if name not in installed),
    )
    started = time.perf_counter()
    try:
        module = importlib.import_module(known.imports)
    except Exception as error:  # noqa: BLE001 - whatever a broken installation raises is the finding
        return replace(found, error=_described(error))
    import_s = time.perf_counter() - started
    version = getattr(module, "__version__", None)
    found = replace(found, importable=True, import_s=import_s, version=version)
    try:
        devices, threads = _EXAMINE.get(known.imports, _examine_nothing)(module)
    except Exception as error:  # noqa: BLE001 - as above
        return replace(found, error=_described(error))
    return replace(found, devices=devices, threads=threads)


def main(argv: list[str]) -> int:
    """Print one line of JSON: ``probe CANDIDATE`` or ``versions DISTRIBUTION ...``.

    What libraries print goes to standard error.
    """
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with answers:
        match argv:
            case ["versions", *also]:
                answers.write(json.dumps(versions(also)) + "\n")
            case ["probe", candidate] if candidate in candidates():
                answers.write(json.dumps(asdict(probe(candidate))) + "\n")
            case _:
                print(f"usage: versions [DISTRIBUTION ...] | probe {'|'.join(candidates())}", file=sys.stderr)
                return 2
    return 0


_Examined = tuple[tuple[str, ...], int | None]


def _examine_torch(torch: Any) -> _Examined:
    devices = ["cpu"]
    devices += [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    if torch.xpu.is_available():
        devices += [f"xpu:{i} {torch.xpu.get_device_name(i)}" for i in range(torch.xpu.device_count())]
    device = devices[-1].split()[0]
    ones = torch.ones((2, 2), device=device)
    _require_product((ones @ ones).sum().item())
    return tuple(devices), int(torch.get_num_threads())


def _examine_tensorflow(tensorflow: Any) -> _Examined:
    ones = tensorflow.ones((2, 2))
    _require_product(float(tensorflow.reduce_sum(ones @ ones)))
    devices = tuple(
        device.name.removeprefix("/physical_device:") for device in tensorflow.config.list_physical_devices()
    )
    return devices, tensorflow.config.threading.get_intra_op_parallelism_threads() or None


def _examine_jax(jax: Any) -> _Examined:
    devices = tuple(
        "cpu" if device.platform == "cpu" else f"{device.platform}:{device.id} {device.device_kind}"
        for device in jax.devices()
    )
    # XLA's pool has no setting in JAX; without this variable it takes every core.
    threads = os.environ.get("NPROC", "")
    return devices, int(threads) if threads.isdigit() else None


def _examine_keras(keras: Any) -> _Examined:
    backend = keras.backend.backend()
    wanted = os.environ["KERAS_BACKEND"]
    if backend != wanted:
        raise RuntimeError(f"Keras runs on {backend} though {wanted} was asked for")
    ones = keras.ops.ones((2, 2))
    _require_product(float(keras.ops.convert_to_numpy(keras.ops.sum(keras.ops.matmul(ones, ones)))))
    return _EXAMINE[backend](importlib.import_module(backend))


def _examine_nothing(module: Any) -> _Examined:
    return ("cpu",), None


def _require_product(total: float) -> None:
    if total != 8.0:
        raise ArithmeticError(f"two matrices of ones multiply to a sum of {total}, not 8")


def _described(error: Exception) -> str:
    """Type and last line of an error: the line that says what is wrong."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[-1].strip()}" if lines else type(error).__name__


#: How a framework is tried out, by the module that is imported. Of others it is known whether they can be imported.
_EXAMINE: dict[str, Callable[[Any], _Examined]] = {
    "torch": _examine_torch,
    "keras": _examine_keras,
    "tensorflow": _examine_tensorflow,
    "jax": _examine_jax,
}
