"""The command answers at once because nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "tensorflow", "keras", "jax", "sklearn", "scipy", "numpy", "matplotlib", "questionary", "tomlkit"}
CODE = """
import json, sys
from advisor.commands.app import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported_by(*args: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", CODE, *args], capture_output=True, text=True, check=True)
    assert done.stdout
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("ask", "--help"), ("run", "--help")])
def test_help_imports_nothing_heavy(args: tuple[str, ...]) -> None:
    modules = imported_by(*args)
    assert not modules & HEAVY
    # pydantic is typer's: it comes with any command that has parameters. None of ours may ask for it.
    assert {name for name in modules if name.split(".")[0] in ("advisor", "pilots")} == {
        "advisor",
        "advisor.errors",
        "advisor.commands",
        "advisor.commands.app",
        "advisor.commands.ask",
        "advisor.commands.claims",
        "advisor.commands.common_options",
        "advisor.commands.compare",
        "advisor.commands.decide",
        "advisor.commands.doctor",
        "advisor.commands.export",
        "advisor.commands.facts",
        "advisor.commands.new",
        "advisor.commands.output",
        "advisor.commands.pilot",
        "advisor.commands.plan",
        "advisor.commands.rehearse",
        "advisor.commands.report",
        "advisor.commands.run",
    }
    if not args[1:]:
        assert "pydantic" not in modules


def test_the_first_question_waits_for_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, "ask", tmp_path], capture_output=True, text=True, check=False)
    *told, modules = done.stderr.splitlines()
    assert done.returncode == 3 and "There are questions to ask and no terminal" in told[0]
    loaded = set(json.loads(modules))
    assert "advisor.interview.conversation" in loaded
    assert not loaded & (HEAVY - {"tomlkit"})  # which answers are saved with


def test_the_check_sees_what_is_imported() -> None:
    assert {"advisor.knowledge.facts", "pydantic"} <= imported_by("facts", "--json")
