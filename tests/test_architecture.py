"""The rules that keep the design so, read from the syntax of every file."""

from __future__ import annotations

import ast
import functools
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("advisor", "pilots")
FRAMEWORKS = {"torch", "tensorflow", "keras", "jax"}
#: The rooms of the house, the folders and single files of ``advisor`` and the folder ``pilots``, from the bottom up.
#: Each imports what is below it alone; those that stand side by side know nothing of one another.
LAYERS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            {"pilots", "errors", "criteria"},
            {"method", "catalog", "study"},
            {"interview", "userdata", "knowledge"},
            {"planning"},
            {"measuring"},
            {"evidence", "doctor"},
            {"deciding", "claims"},
            {"reporting", "watching"},
            {"workflow"},
            {"exporting"},
            {"commands"},
            {"__main__"},
        ),
    )
)
#: From answers to a report. Everything else wires these together or tells what came out.
STAGES = ("interview", "userdata", "planning", "measuring", "knowledge", "evidence", "deciding", "claims", "reporting")
#: What computes; of the claims one module reads their file.
PURE = ("evidence", "deciding", "claims")
READS = Path("advisor/claims/claims.py")
LOOSE = {"__init__.py", "__main__.py", "errors.py", "catalog.py", "study.py", "method.py", "method.toml"}
#: What of ``pilots`` the stages may import; none of these needs a framework.
FRAMEWORK_FREE = {
    "records",
    "outcomes",
    "results",
    "rehearsal_records",
    "candidate",
    "experiment",
    "figures",
    "pipeline_protocol",
    "protocol",
    "lanes",
    "workload",
    "workload_file",
    "prepared",
    "probe",
    "pilot",
    "scores",
    "validation",
    "conformance_records",
    "epoch_records",
    "epoch_protocol",
    "rehearsal_protocol",
    "routes",
    "kept_model",
    "web_packages",
    "model_files",
    "reach",
}
#: What export routes may import besides the frameworks, late: they are listed where none of it is installed.
ROUTES_NEED = {
    *("ai_edge_litert", "ai_edge_quantizer", "executorch", "litert_torch", "onnx", "onnxruntime", "openvino"),
    *("tf2onnx", "tflite_micro", "torchao"),
}
LONGEST = 350

FILES = sorted(path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """Full names of all that a file imports, wherever in it, ``import_module("...")`` included."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, (
                f"{path}:{node.lineno}: relative imports hide where things come from"
            )
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def of(package: str) -> list[Path]:
    return [path for path in FILES if path.parts[0] == package]


def parts_of(path: Path, package: str) -> set[str]:
    """``reporting`` for ``advisor.reporting.inputs.ReportInputs``; the package itself, for its version, is nobody's."""
    names = (name.split(".") for name in imports(path) if name.split(".")[0] == package)
    return {name[1] for name in names if len(name) > 1 and name[1] != "__version__"}


def test_there_is_something_to_check() -> None:
    assert len(of("advisor")) > 40
    assert len(of("pilots")) > 20
    assert "torch" in roots(Path("pilots/frameworks/pytorch.py"))
    assert set(STAGES) <= {path.parts[1] for path in of("advisor")}


@pytest.mark.parametrize("path", of("advisor"), ids=str)
def test_advisor_imports_no_framework(path: Path) -> None:
    assert not roots(path) & FRAMEWORKS


@pytest.mark.parametrize("path", of("pilots"), ids=str)
def test_pilots_need_nothing_but_the_framework_under_test(path: Path) -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "sklearn", "threadpoolctl", "pilots", *frameworks_of(path)}
    assert roots(path) <= allowed


def frameworks_of(path: Path) -> set[str]:
    if path.parts[1] in ("exports", "targets"):  # each function needs what its route declares
        return {*FRAMEWORKS, *ROUTES_NEED}
    if path.name == "lit_server.py":  # a program of its own, which runs only where that is installed
        return {"litserve"}
    if path.parts[1] not in ("frameworks", "workloads") and path.parts[1:3] != ("feeding", "model"):
        return set()
    if path.name == "keras_backends.py":  # which has to know what Keras runs on
        return FRAMEWORKS
    own = {"pytorch": {"torch"}, "keras": {"keras"}, "tensorflow": {"tensorflow"}, "jax": {"jax"}, "torch": {"torch"}}
    stack, _, backend = path.stem.removeprefix("in_").partition("_on_")
    return own.get(stack.split("_")[0], set()) | own.get(backend, set())


@pytest.mark.parametrize("path", [path for path in of("pilots") if path.parts[1] in ("exports", "targets")], ids=str)
def test_listing_routes_imports_no_framework(path: Path) -> None:
    at_the_top = [node for node in ast.parse((ROOT / path).read_text("utf-8")).body if isinstance(node, ast.Import)]
    assert not {name.name.split(".")[0] for node in at_the_top for name in node.names} & {*FRAMEWORKS, *ROUTES_NEED}


def room_of(path: Path) -> str:
    return "pilots" if path.parts[0] == "pilots" else path.parts[1].removesuffix(".py")


def test_every_room_has_its_layer() -> None:
    rooms = {room_of(path) for path in FILES if path.as_posix() != "advisor/__init__.py"}
    assert rooms == set().union(*LAYERS) and sum(map(len, LAYERS)) == len(rooms)


@pytest.mark.parametrize("path", [path for path in FILES if path.as_posix() != "advisor/__init__.py"], ids=str)
def test_imports_lead_to_lower_layers_alone(path: Path) -> None:
    room = room_of(path)
    own = next(number for number, layer in enumerate(LAYERS) if room in layer)
    below = frozenset().union(*LAYERS[:own])
    assert parts_of(path, "advisor") <= below | {room}
    if room != "pilots":
        assert not parts_of(path, "pilots") or "pilots" in below


def test_nothing_lies_loose() -> None:
    found = {path.name for path in (ROOT / "advisor").iterdir() if path.is_file()}
    assert found == LOOSE


def modules_of(package: str) -> dict[str, Path]:
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in of(package)}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_modules_import_one_another_in_a_circle(package: str) -> None:
    """Not even for types, or inside a function: who reads one of them would have to read all."""
    modules = modules_of(package)
    needs = {
        name: {
            found
            for full in imports(path)
            for found in [full if full in modules else full.rpartition(".")[0]]
            if found in modules and found != name and found not in PACKAGES
        }
        for name, path in modules.items()
    }
    order = graphlib.TopologicalSorter(needs)
    order.prepare()  # raises where there is a circle, and names it


@pytest.mark.parametrize("path", [path for path in of("advisor") if path.parts[1] in STAGES], ids=str)
def test_a_stage_needs_no_framework_of_the_pilots(path: Path) -> None:
    assert parts_of(path, "pilots") <= {*FRAMEWORK_FREE, "__file__"}


@pytest.mark.parametrize("name", sorted(FRAMEWORK_FREE))
def test_what_advisor_uses_of_the_pilots_needs_no_framework(name: str) -> None:
    path = Path(f"pilots/{name}.py")
    assert not roots(path) & FRAMEWORKS
    assert parts_of(path, "pilots") <= FRAMEWORK_FREE


@pytest.mark.parametrize("path", FILES, ids=str)
def test_libraries_of_the_terminal_stay_where_they_are(path: Path) -> None:
    if roots(path) & {"questionary", "prompt_toolkit"}:
        assert path == Path("advisor/interview/prompts.py")
    if "rich" in roots(path):
        assert path.parts[1] in ("commands", "watching")


@pytest.mark.parametrize("path", [path for path in of("advisor") if path.parts[1] in PURE and path != READS], ids=str)
def test_evidence_deciding_and_claims_are_pure(path: Path) -> None:
    assert not roots(path) & {
        "os",
        "io",
        "sys",
        "pathlib",
        "time",
        "rich",
        "subprocess",
        "tempfile",
        "shutil",
        "random",
    }
    calls = [node for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))) if isinstance(node, ast.Call)]
    called = {ast.unparse(call.func) for call in calls}
    assert not called & {"open", "print", "input", "date.today", "datetime.now", "datetime.date.today"}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_stay_short(path: Path) -> None:
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST
