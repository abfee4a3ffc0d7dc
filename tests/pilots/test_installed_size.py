"""What a runtime takes on disk: as recorded, and against an environment that holds nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from command_line import ROOT
from other_environment import environment_with

from pilots.installed_size import installed_bytes
from pilots.routes import routes

#: A runtime that phones and small computers are given.
RUNTIME = "ai-edge-litert"
#: So much may differ: scripts name their interpreter, and lie beside the packages.
SHARE = 0.01


def install(folder: Path, name: str, files: Mapping[str, int], *requires: str) -> None:
    """What pip leaves of a distribution: its files, and a record of them."""
    about = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    for file, size in files.items():
        (folder / file).write_bytes(bytes(size))
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {one}" for one in requires)]
    (about / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in (*files, "gone.py")), encoding="utf-8")


def test_files_and_what_they_require_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = ("Size_Shared>=1", "size.own ; python_version > '3'", "size-optional ; extra == 'more'", "size-absent")
    install(tmp_path, "size-runtime", {"runtime.py": 1000, "library.so": 20_000}, *runtime)
    install(tmp_path, "size-shared", {"shared.py": 300})
    install(tmp_path, "size-own", {"own.py": 4}, "size-shared", "size-runtime")  # a circle
    install(tmp_path, "size-optional", {"optional.py": 5_000_000})
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_bytes(["size-runtime"]) == 21_304
    assert installed_bytes(["size-runtime", "Size.Runtime", "size-shared"]) == 21_304
    assert installed_bytes(["size-absent"]) == 0


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_keras_counts_with_its_backend(backend: str) -> None:
    """Without it, its file was said to need 131 MB where it needs 2138."""
    assert routes()["keras_file"].runtime_of(f"keras-{backend}") == ("keras", backend)
    assert installed_bytes(["keras"]) < 0.5 * installed_bytes(routes()["keras_file"].runtime_of(f"keras-{backend}"))
    assert routes()["state_dict"].runtime_of("pytorch") == ("torch",)


def test_it_is_what_an_environment_of_its_own_takes(tmp_path: Path) -> None:
    """Beside all that is installed with the tests, the runtime is counted as if it were alone."""
    try:
        wanted = f"{RUNTIME}=={version(RUNTIME)}"
    except PackageNotFoundError:
        pytest.skip(f"{RUNTIME} is not installed: python -m pip install '.[litert]'")
    python = environment_with(tmp_path / "alone", "--constraint", str(ROOT / "constraints.txt"), wanted)
    count = f"from pilots.installed_size import installed_bytes; print(installed_bytes([{RUNTIME!r}]))"
    done = subprocess.run([python, "-c", count], cwd=ROOT, capture_output=True, text=True, check=True)
    (packages,) = (tmp_path / "alone").rglob("site-packages")
    on_disk = sum(file.stat().st_size for file in packages.rglob("*") if file.is_file())
    assert on_disk > 20_000_000
    assert int(done.stdout) == pytest.approx(on_disk, rel=SHARE)
    assert installed_bytes([RUNTIME]) == pytest.approx(on_disk, rel=SHARE)
