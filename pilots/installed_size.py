"""What a runtime and all it requires take on disk. Imports none of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def installed_bytes(distributions: Iterable[str]) -> int:
    """Bytes of the files of these distributions and of all that they require, as far as they are installed here.

    What only an extra or another system requires is passed over where it is not installed; where it is, it counts.
    """
    seen: set[str] = set()
    open_ends = list(distributions)
    total = 0
    while open_ends:
        name = re.sub(r"[-_.]+", "-", open_ends.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        total += sum(_size(Path(str(file.locate()))) for file in found.files or ())
        needed = (requirement for requirement in found.requires or () if "extra ==" not in requirement)
        open_ends += [match.group() for requirement in needed if (match := _NAME.match(requirement))]
    return total


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
