"""Where things stand in a TOML text: ``tomllib`` reads values exactly but does not tell their lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

KeyPath = tuple[str, ...]


def lines_by_key(text: str) -> dict[KeyPath, int]:
    """The line, from 1, on which each key of a valid TOML text starts.

    Every statement of TOML is valid by itself, and no beginning of a statement that spans several lines is: the
    shortest run of lines that parses is a statement.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    statement, start = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        statement += line + "\n"
        try:
            keys = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        is_header = statement.lstrip().startswith("[")
        paths = list(_paths(keys, () if is_header else table))
        if is_header:
            table = paths[-1]
        for path in paths:
            lines.setdefault(path, start)
        statement, start = "", number + 1
    return lines


def syntax_mistake(text: str, error: Exception) -> tuple[int, str]:
    """Line and wording of why ``tomllib`` could not read a text."""
    at = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", str(error))
    line = int(at[1]) if at and at[1] else text.rstrip().count("\n") + 1
    return line, str(error)[: at.start()] if at else "values are nested too deeply"


def _paths(keys: object, prefix: KeyPath) -> Iterator[KeyPath]:
    if isinstance(keys, dict):
        for key, inner in keys.items():
            yield (*prefix, key)
            yield from _paths(inner, (*prefix, key))
    elif isinstance(keys, list) and keys:
        yield from _paths(keys[-1], prefix)
