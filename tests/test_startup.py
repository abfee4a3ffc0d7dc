"""The command line answers before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "tensorflow", "keras", "jax", "sklearn", "scipy", "matplotlib", "questionary", "pydantic", "numpy")
CODE = """
import sys
sys.argv = ["advisor", *{arguments!r}]
from advisor.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("imported:", *sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["ask", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(arguments=arguments, heavy=HEAVY)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr.strip().endswith("imported:")
    assert done.stdout
