"""``workload.toml``: read, and every setting checked. Errors say which key, and what would have been right."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pilots.pilot import Task
from pilots.records import DataKind, Size

FILE = "workload.toml"


class WorkloadError(ValueError):
    """A workload that cannot be used. ``key`` is that of the setting, and ``allowed`` may be empty."""

    def __init__(self, message: str, *, file: str, key: str = "", allowed: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.key = key
        self.allowed = allowed

    @property
    def where(self) -> str:
        """The file, and the key if there is any."""
        return f"{self.file}, {self.key}" if self.key else self.file

    def __str__(self) -> str:
        """One line: where, what, and what is allowed."""
        return f"{self.where}: {self.message}" + (f" (allowed: {self.allowed})" if self.allowed else "")


@dataclass(frozen=True)
class _Rule:
    """What a setting may be, in words and as a test."""

    allowed: str
    holds: Callable[[Any], bool]
    required: bool = True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] < value[1] <= 1


_TEXT = _Rule("a text that is not empty", _is_text)
_POSITIVE = _Rule("a number above 0", lambda value: _is_number(value) and value > 0)
_COUNT = _Rule("a whole number from 1", lambda value: _is_whole(value) and value >= 1)


def _one_of(words: tuple[str, ...], *, required: bool = True) -> _Rule:
    return _Rule(", ".join(words), lambda value: value in words, required)


#: By key, with dots. What a key's table holds beyond these is refused, but for those of _FREE.
_RULES: Mapping[str, _Rule] = {
    "title": _TEXT,
    "summary": _TEXT,
    "network": _TEXT,
    "problems": _Rule("a list of texts", lambda value: isinstance(value, list) and all(map(_is_text, value))),
    "task": _one_of(get_args(Task)),
    "targets": _Rule("two numbers up to 1, the lower first", _is_pair),
    "order": _Rule("a number", _is_number, required=False),
    "model_of": _Rule("the name of a workload", _is_text, required=False),
    "data.source": _TEXT,
    "data.accepts": _one_of(get_args(DataKind), required=False),
    "data.augment": _Rule("true, false", lambda value: isinstance(value, bool), required=False),
    "data.test_share": _Rule("a number between 0 and 1", lambda value: _is_number(value) and 0 < value < 1),
    "data.validation_share": _Rule(
        "a number from 0 to below 1", lambda value: _is_number(value) and 0 <= value < 1, required=False
    ),
    "data.split_seed": _Rule("a whole number from 0", lambda value: _is_whole(value) and value >= 0),
    "recipe.batch_size": _COUNT,
    "recipe.learning_rate": _POSITIVE,
    "recipe.adam_epsilon": _POSITIVE,
    **{f"sizes.{size}.{setting}": _COUNT for size in get_args(Size) for setting in ("epochs", "max_steps")},
}
#: Tables whose keys are not known here, and what they hold.
_FREE = {"model": "arguments of the model's builders", "stands_in_for": "a reason for each problem"}


def read_settings(folder: Path) -> dict[str, Any]:
    """The tables of the folder's ``workload.toml``.

    Raises:
        WorkloadError: the file cannot be read, or a setting in it is missing, unknown or out of range.
    """
    file = f"{folder.name}/{FILE}"
    try:
        settings = tomllib.loads((folder / FILE).read_text("utf-8"))
    except OSError as error:
        raise WorkloadError(f"it cannot be read: {error.strerror}", file=file) from error
    except ValueError as error:
        raise WorkloadError(f"it is no TOML: {error}", file=file) from error
    for key, allowed in _FREE.items():
        if not isinstance(settings.get(key, {}), dict):
            raise WorkloadError(f"{settings[key]!r} is no table", file=file, key=key, allowed=allowed)
    for problem, reason in settings.get("stands_in_for", {}).items():
        if not _is_text(reason):
            raise WorkloadError(f"it is {reason!r}", file=file, key=f"stands_in_for.{problem}", allowed=_TEXT.allowed)
    found = dict(_flat({key: value for key, value in settings.items() if key not in _FREE}))
    for key, value in found.items():
        rule = _RULES.get(key)
        if rule is None:
            near = difflib.get_close_matches(key, _RULES, n=1)
            known = (other for other in _RULES if other.rpartition(".")[0] == key.rpartition(".")[0])
            raise WorkloadError(
                "there is no such setting" + (f"; did you mean {near[0]}?" if near else ""),
                file=file,
                key=key,
                allowed=", ".join(known),
            )
        if not rule.holds(value):
            raise WorkloadError(f"it is {value!r}", file=file, key=key, allowed=rule.allowed)
    for key, rule in _RULES.items():
        if rule.required and key not in found:
            raise WorkloadError("it is missing", file=file, key=key, allowed=rule.allowed)
    return settings


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by key with dots; an empty table is a setting too, so that it is not passed over."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
