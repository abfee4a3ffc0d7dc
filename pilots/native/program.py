"""A native program that has loaded an artifact: rows go in over a pipe, outputs and its own times come out."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pilots.failures import Unavailable
from pilots.pilot import Array
from pilots.routes import Programs

_ERROR_LINES = 10
_ERROR_CHARACTERS = 500
_COMPILE_LIMIT_S = 300


class Program:
    """See ``saved_model.c`` for what is said over the pipe. The program ends when the pipe is closed.

    Raises:
        RuntimeError: it ended, with the last lines of what it said about it.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        self._receive(8)

    def predict(self, rows: Array, calls: int) -> tuple[Array, tuple[float, ...]]:
        """The outputs for some rows, and the milliseconds of each of so many calls with them."""
        head = np.asarray([calls, rows.nbytes, rows.ndim, *rows.shape], np.int64)
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(head.tobytes() + rows.tobytes())
            self._process.stdin.flush()
        except OSError:
            raise self._death() from None
        size, rank = np.frombuffer(self._receive(16), np.int64)
        shape = np.frombuffer(self._receive(8 * int(rank)), np.int64)
        outputs = np.frombuffer(self._receive(int(size)), np.float32).reshape(tuple(shape))
        return outputs, tuple(np.frombuffer(self._receive(8 * calls), np.float64).tolist())

    def _receive(self, size: int) -> bytes:
        assert self._process.stdout is not None
        found = self._process.stdout.read(size)
        if len(found) < size:
            raise self._death()
        return found

    def _death(self) -> RuntimeError:
        code = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").rstrip().splitlines()[-_ERROR_LINES:]
        return RuntimeError(f"the program ended with exit code {code}: {' '.join(lines)}")


def compile_program(
    compilers: Programs, source: str, program: Path, options: Sequence[str], linked: Sequence[str]
) -> None:
    """Compile a source file of this folder with one of these compilers.

    Raises:
        Unavailable: the compiler does not succeed, with the errors it told; the program is ours and has none.
    """
    compiler = compilers.found()
    assert compiler is not None  # else the route would not be open
    command = [compiler, "-O2", *options, str(Path(__file__).parent / source), "-o", str(program), *linked]
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(command, stdout=errors, stderr=errors, timeout=_COMPILE_LIMIT_S)
        if done.returncode:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
            found = "\n".join(line for line in said.splitlines() if "error" in line) or said
            raise Unavailable(f"{Path(compiler).name}: {found[:_ERROR_CHARACTERS]}")
