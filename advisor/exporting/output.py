"""Files of the user's choice: a regular file is written whole or not at all, anything else in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from advisor.errors import AdvisorError, ExitCode
from advisor.study import replace_atomically

#: Below these, files are no files: what is opened there is a device, or what a process has open.
_SYSTEM = (Path("/dev"), Path("/proc"))


@contextmanager
def output_file(path: Path, another: str = "name another file: -o FILE") -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of ``path`` when the block ends.

    What a link leads to is written, and the link stays. Pipes and devices are written as they are.

    Args:
        path: what was named.
        another: what to do where it cannot be written.

    Raises:
        AdvisorError: the path is a folder, or cannot be written; an old file is untouched.
    """
    refuse_folder(path, another)
    try:
        if (path.exists() and not path.is_file()) or any(map(path.absolute().is_relative_to, _SYSTEM)):
            with path.open("wb") as file:
                yield file
        else:
            with replace_atomically(path.resolve()) as file:
                yield file
    except OSError as error:
        raise AdvisorError(
            f"The output cannot be written: {error.strerror or error}.",
            where=str(path),
            next_command=another,
            exit_code=ExitCode.FAILURE,
        ) from error


def write_output(path: Path, text: str) -> Path:
    """Write a text; see :func:`output_file`.

    Raises:
        AdvisorError: the path is a folder, or cannot be written.
    """
    with output_file(path, "name another file, or - for standard output: -o FILE") as file:
        file.write(text.encode())
    return path


def refuse_folder(path: Path, another: str = "name another file: -o FILE") -> None:
    """Raises:
    AdvisorError: the path is a folder.
    """
    if path.is_dir():
        raise AdvisorError("The output is a folder.", where=str(path), next_command=another)


def missing_package(what: str, package: str) -> AdvisorError:
    """What to say where an optional package is missing."""
    return AdvisorError(f"{what} needs the package {package}.", next_command=f"python -m pip install {package}")
