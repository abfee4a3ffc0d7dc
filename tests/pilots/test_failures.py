"""Errors in one line; those of the frameworks' own are in tests/measuring/test_conformance.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilots.failures import in_one_line, place_in
from pilots.worker import describe_failure

KERAS = (
    "Exception encountered when calling Dense.call().\n\n\x1b[1mname 'units' is not defined\x1b[0m\n\n"
    "Arguments received by Dense.call():\n  • x=tf.Tensor(shape=(2, 4), dtype=float32)\n  • training=None"
)
TRACED = (
    'in user code:\n\n    File "{folder}/in_tensorflow.py", line 7, in __call__  *\n        return x @ self.w\n'
    '    File "/elsewhere/ops.py", line 9, in matmul\n        x = y\n\n    ValueError: Dimensions must be equal.\n'
)


def raised(folder: Path, code: str) -> Exception:
    """What a file of the folder raises; its call of ``helper`` leads outside."""
    file = folder / "in_pytorch.py"
    file.write_text(code, encoding="utf-8")
    with pytest.raises(Exception) as caught:
        exec(compile(code, str(file), "exec"), {"helper": lambda: int("x")})
    return caught.value


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = 1\n\nx.y\n", "in_pytorch.py, line 3: AttributeError: 'int' object has no attribute 'y'"),
        ("\nhelper()\n", "in_pytorch.py, line 2: ValueError: invalid literal for int() with base 10: 'x'"),
        ("x = [\n", "in_pytorch.py, line 1: SyntaxError: '[' was never closed"),
        ("raise ValueError\n", "in_pytorch.py, line 1: ValueError"),
        ("raise ValueError('two\\nlines')\n", "in_pytorch.py, line 1: ValueError: two lines"),
    ],
)
def test_the_last_line_of_the_folder_is_named(tmp_path: Path, code: str, line: str) -> None:
    error = raised(tmp_path, code)
    assert in_one_line(error, tmp_path) == line
    assert in_one_line(error, tmp_path / "other") == line.partition(": ")[2]
    assert in_one_line(error, None) == line.partition(": ")[2]


def test_what_an_error_was_made_of_is_searched_too(tmp_path: Path) -> None:
    cause = raised(tmp_path, "\n\n1 / 0\n")
    error = RuntimeError("the model cannot be built")
    error.__cause__ = cause
    assert in_one_line(error, tmp_path) == "in_pytorch.py, line 3: RuntimeError: the model cannot be built"


def test_what_frameworks_write_around_an_error_is_left_out(tmp_path: Path) -> None:
    assert in_one_line(NameError(KERAS), tmp_path) == "NameError: name 'units' is not defined"
    traced = ValueError(TRACED.format(folder=tmp_path))
    assert in_one_line(traced, tmp_path) == "in_tensorflow.py, line 7: ValueError: Dimensions must be equal."


def test_a_long_message_is_cut() -> None:
    assert in_one_line(ValueError("x" * 1000), None) == f"ValueError: {'x' * 238} ..."


def test_the_record_of_a_trial_ends_with_file_and_line(tmp_path: Path) -> None:
    error = raised(tmp_path, "\nhelper()\n")
    lines = describe_failure(error, tmp_path).error.splitlines()
    assert lines[-1] == in_one_line(error, tmp_path)
    assert lines[-2].startswith("ValueError: invalid literal")
    outside = ValueError("of a framework alone")
    assert place_in(outside, tmp_path) == ""
    assert describe_failure(outside, tmp_path) == describe_failure(outside)
