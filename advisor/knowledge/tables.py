"""Reading arrays of TOML tables into validated models, with errors that name the file and the table."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from advisor.errors import AdvisorError


class Entry(BaseModel):
    """One table of a knowledge file: immutable, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


EntryT = TypeVar("EntryT", bound=Entry)


def parse(text: str, where: str) -> dict[str, object]:
    """The TOML document in ``text``.

    Raises:
        AdvisorError: not TOML; the message holds the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdvisorError(f"This is not valid TOML: {error}", where=where) from error


def entries(document: dict[str, object], key: str, model: type[EntryT], where: str) -> tuple[EntryT, ...]:
    """The tables ``[[key]]`` as models, in their order.

    Raises:
        AdvisorError: ``key`` is no array of tables, or a table does not fit the model.
    """
    tables = document.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise AdvisorError(f"`{key}` must be a list of tables", where=where, allowed=f"[[{key}]]")
    return tuple(_entry(table, position, key, model, where) for position, table in enumerate(tables, start=1))


def _entry(table: dict[str, object], position: int, key: str, model: type[EntryT], where: str) -> EntryT:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        named = f", id {table['id']}" if "id" in table else ""
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        what = f"{field}: {first['msg']}" if field else str(first["msg"])
        raise AdvisorError(what, where=f"{where}, [[{key}]] number {position}{named}") from error


def refuse_duplicates(names: Sequence[str], where: str, key: str) -> None:
    """Refuse a file that says something twice.

    Raises:
        AdvisorError: a name stands twice.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise AdvisorError(f"{name} stands here twice", where=f"{where}, [[{key}]]")
        seen.add(name)


def only_known(names: Sequence[str], known: Sequence[str], noun: str) -> None:
    """Refuse names outside the catalog; for use in validators.

    Raises:
        ValueError: a name is not known; the message lists the known names.
    """
    for name in names:
        if name not in known:
            raise ValueError(f"unknown {noun} {name!r}; known: {', '.join(known)}")
