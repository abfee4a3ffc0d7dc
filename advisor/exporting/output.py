"""Files of the user's choice, written at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from advisor.errors import AdvisorError
from advisor.study import Study

_ANOTHER = "name another file: -o FILE"


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of ``path`` when the block ends.

    Raises:
        AdvisorError: the path is a folder, or cannot be written; an old file is untouched.
    """
    refuse_folder(path)
    try:
        with Study(path.parent).replacing(path.name) as file:
            yield file
    except AdvisorError as error:
        if not isinstance(error.__cause__, OSError):  # a mistake of the block, which speaks for itself
            raise
        what = error.what.replace("A file of the study", "The output")
        raise AdvisorError(what, where=str(path), next_command=_ANOTHER, exit_code=error.exit_code) from error


def refuse_folder(path: Path) -> None:
    """Raises:
    AdvisorError: the path is a folder.
    """
    if path.is_dir():
        raise AdvisorError("The output is a folder.", where=str(path), next_command=_ANOTHER)


def missing_package(what: str, package: str) -> AdvisorError:
    """What to say where an optional package is missing."""
    return AdvisorError(f"{what} needs the package {package}.", next_command=f"python -m pip install {package}")
