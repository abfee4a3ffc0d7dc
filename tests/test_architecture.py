"""The rules that keep the layout true, read off the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADVISOR = sorted((ROOT / "advisor").rglob("*.py"))
PILOTS = sorted((ROOT / "pilots").rglob("*.py"))
FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "flax", "tf_keras"}
STAGES = ["interview", "planning", "measuring", "knowledge", "evidence", "deciding", "reporting"]
SHARED = {"advisor", "advisor.catalog", "advisor.errors", "advisor.method", "advisor.study"}
#: The modules of pilots that hold no framework: what is stored, what is said, and what reads data and settings.
NEUTRAL_PILOTS = {"pilots", "pilots.records", "pilots.protocol", "pilots.tables", "pilots.workload", "pilots.probe"}


def imports(path: Path) -> Iterator[str]:
    """Full names of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names)


def module_of(name: str) -> str:
    """The module that an imported name comes from."""
    for candidate in (name, name.rpartition(".")[0]):
        path = ROOT / Path(*candidate.split("."))
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return candidate
    return name


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", ADVISOR, ids=name_of)
def test_advisor_imports_no_framework(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & FRAMEWORKS


@pytest.mark.parametrize("path", PILOTS, ids=name_of)
def test_pilots_need_only_a_framework_and_numpy(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names)
    assert roots <= {"pilots", "numpy", "sklearn", "threadpoolctl"} | FRAMEWORKS


@pytest.mark.parametrize("path", PILOTS, ids=name_of)
def test_each_framework_stays_in_its_own_modules(path: Path) -> None:
    found = {name.split(".")[0] for name in imports(path)} & FRAMEWORKS
    name = path.name
    allowed = {"torch"} if "pytorch" in name else {"tensorflow"} if "tensorflow" in name else set()
    if "keras" in name:
        # The gradients of a Keras model are taken by its backend.
        allowed = {"keras", "torch", "tensorflow"} if name == "keras_backends.py" else {"keras"}
    if name == "probe.py":
        allowed = FRAMEWORKS
    assert found <= allowed


@pytest.mark.parametrize("path", [path for path in ADVISOR if path.parent.name in STAGES], ids=name_of)
def test_a_stage_imports_only_what_comes_before_it(path: Path) -> None:
    stage = path.parent.name
    earlier = STAGES[: STAGES.index(stage) + 1]
    for name in imports(path):
        module = module_of(name)
        if module.startswith("advisor"):
            assert module in SHARED or module.split(".")[1] in earlier, f"{stage} imports {module}"
        if module.startswith("pilots"):
            assert module in NEUTRAL_PILOTS, f"{stage} imports {module}"


@pytest.mark.parametrize("path", ADVISOR, ids=name_of)
def test_only_their_modules_import_rich_and_questionary(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert "questionary" not in roots or name_of(path) == "advisor/interview/prompts.py"
    assert "rich" not in roots or name_of(path) in ("advisor/cli.py", "advisor/progress.py")


@pytest.mark.parametrize(
    "path", [path for path in ADVISOR if path.parent.name in ("evidence", "deciding")], ids=name_of
)
def test_evidence_and_decision_are_pure(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {"os", "pathlib", "time", "io", "sys", "subprocess"}
    calls = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
    assert not calls & {"today", "now", "utcnow", "read_text", "write_text"}


@pytest.mark.parametrize("path", [*ADVISOR, *PILOTS], ids=name_of)
def test_files_are_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= (450 if path.name == "cli.py" else 350)
