"""Which lines of the pilots' own files run: what a team would own is what was reached, not all that stands there."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

from pilots.results import ReachedFile

#: Files into which TensorFlow's AutoGraph writes what it makes of a function; that runs in the function's place.
_REWRITTEN = "__autograph_generated_file"


class Reach:
    """The lines of some files that ran while it was :func:`watched`."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = {str(file): file for file in files}
        self._lines: dict[str, set[int]] = {name: set() for name in self._files}
        self._rewritten: set[tuple[str, int]] = set()
        self._origins: dict[tuple[str, int], tuple[str, int]] = {}

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """A trace function, see ``sys.settrace``: follows the functions of these files, and no others."""
        name = frame.f_code.co_filename
        if name in self._lines:
            lines = self._lines[name]

            def follow(inside: FrameType, event: str, argument: Any) -> Any:
                lines.add(inside.f_lineno)
                return follow

            return follow
        if _REWRITTEN in name:
            self._origins.update(_origins_of(frame))

            def follow_rewritten(inside: FrameType, event: str, argument: Any) -> Any:
                self._rewritten.add((name, inside.f_lineno))
                return follow_rewritten

            return follow_rewritten
        return None

    def found(self) -> tuple[ReachedFile, ...]:
        """What was reached, file by file."""
        self._trace_back()
        return tuple(
            ReachedFile(
                file=f"{path.parent.name}/{path.name}",
                sha256=text_hash(read_text(path)),
                lines=tuple(sorted(self._lines[name])),
            )
            for name, path in self._files.items()
        )

    def _trace_back(self) -> None:
        """From lines of what AutoGraph wrote to those it was made of."""
        for place in self._rewritten:
            name, line = self._origins.get(place, ("", 0))
            if name in self._lines:
                self._lines[name].add(line)


def _origins_of(frame: FrameType) -> dict[tuple[str, int], tuple[str, int]]:
    """Where lines of a rewritten function come from: AutoGraph keeps the map with the function while it calls it."""
    caller = frame.f_back
    for value in caller.f_locals.values() if caller is not None else ():
        if isinstance(value, FunctionType) and value.__code__ is frame.f_code and hasattr(value, "ag_source_map"):
            return {
                (place.filename, place.lineno): (origin.loc.filename, origin.loc.lineno)
                for place, origin in value.ag_source_map.items()
            }
    return {}


@contextmanager
def watched(files: Iterable[Path]) -> Iterator[Reach]:
    """Record what runs of these files, in this thread and those started meanwhile; nothing may be timed meanwhile."""
    reach = Reach(files)
    before = sys.gettrace()
    threading.settrace(reach.trace)
    sys.settrace(reach.trace)
    try:
        yield reach
    finally:
        sys.settrace(before)
        threading.settrace(None)


def read_text(file: Path) -> str:
    """The text of a file, whose lines end alike on every system."""
    return file.read_text("utf-8", errors="replace")


def text_hash(text: str) -> str:
    """A hash that tells whether the text of a file, as :func:`read_text` gives it, is still the text that ran."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
