"""Entry of every process that touches a framework: ``python pilots/__main__.py worker|noise|serve|probe|versions``.

Started by path, not as ``-m pilots``: the interpreter may be a user's own, in which nothing of this project is
installed. So the package is made importable from its own folder alone, and neither that folder nor the current
folder stays on ``sys.path``, where a file called ``keras.py`` would hide the framework.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

#: Switches of libraries that would else tell their makers that they are used, or write a number for this machine into
#: the home folder: ONNX Runtime, Hugging Face Hub, MLflow, and whoever heeds the common one.
_SENDS_NOTHING = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
}


def _make_package_importable() -> None:
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry).resolve() != here]
    spec = importlib.util.spec_from_file_location(
        "pilots", here / "__init__.py", submodule_search_locations=[str(here)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load the package in {here}")
    package = importlib.util.module_from_spec(spec)
    sys.modules["pilots"] = package
    spec.loader.exec_module(package)


def _send_nothing() -> None:
    """Switch off what libraries send and store about their use; they ask for it while they are imported."""
    os.environ.update(_SENDS_NOTHING)
    # OpenVINO has no switch but a file in the home folder. It goes on without this package where it cannot be imported.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]


def main(argv: list[str]) -> int:
    """Run the worker's command loop, or print one line of JSON about this interpreter."""
    _make_package_importable()
    _send_nothing()
    import pilots

    # The other modules are written for it: an older Python would only find fault with their syntax.
    if sys.version_info < pilots.OLDEST_PYTHON:
        needed = ".".join(map(str, pilots.OLDEST_PYTHON))
        print(f"Python {sys.version.split()[0]} is too old: {needed} or later is needed", file=sys.stderr)
        return pilots.TOO_OLD
    if argv[:1] == ["worker"]:
        from pilots.worker import main as worker_main

        return worker_main()
    if argv[:1] == ["noise"]:
        from pilots.noise import main as noise_main

        return noise_main()
    if argv[:1] == ["serve"]:
        from pilots.lit_server import main as serve_main

        return serve_main()
    from pilots.probe import main as probe_main

    return probe_main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
if __name__ == "__mp_main__":  # so multiprocessing calls this file in a process that a trial has started afresh
    _make_package_importable()
    _send_nothing()
