"""Errors in one line: what went wrong, and where in the files of a workload."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path

_LONGEST = 250
_STYLING = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
#: What Keras and TensorFlow write around the message of an error inside a model: frames, each with its line of code,
#: before it, and the arguments after it.
_AROUND = re.compile(
    r"in user code:|Exception encountered when calling [\w.]+\(\)\.|^ *File \".*\n.*$|Arguments received by (?s:.*)",
    re.MULTILINE,
)


class Unavailable(RuntimeError):
    """Something that this machine lacks, or that is broken on it: no fault of a model."""


def in_one_line(error: BaseException, folder: Path | None) -> str:
    """``in_keras.py, line 12: ValueError: ...``; without file and line where the error names none in the folder."""
    place = place_in(error, folder) if folder is not None else ""
    return f"{place}: {_said(error)}" if place else _said(error)


def place_in(error: BaseException, folder: Path) -> str:
    """The last file of the folder, and the line in it, that the error came through; empty where there is none.

    Traced code runs under other file names: then the frames are found in the message alone.
    """
    for raised in _chain(error):
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(raised.__traceback__)]
        if isinstance(raised, SyntaxError):
            frames.append((raised.filename or "", raised.lineno))
        frames += [(file, int(line)) for file, line in _FRAME.findall(str(raised))]
        inside = [(Path(file), line) for file, line in frames if Path(file).is_relative_to(folder)]
        if inside:
            file, line = inside[-1]
            return f"{file.relative_to(folder).as_posix()}, line {line}"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    raised: BaseException | None = error
    while raised is not None:
        yield raised
        raised = raised.__cause__ or raised.__context__


def _said(error: BaseException) -> str:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    text = " ".join(_AROUND.sub("", _STYLING.sub("", message)).split())
    kind = type(error).__name__
    said = text if text.startswith(kind) else f"{kind}: {text}".removesuffix(": ")
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} ..."
