"""Command-line options turned into settings, each mistake into one clear error."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypedDict

from advisor.catalog import CANDIDATES, TARGETS
from advisor.commands.common_options import PilotOptions
from advisor.errors import AdvisorError
from advisor.planning.own_workload import own_workload
from advisor.userdata.asked import FORMS, UserData
from pilots import workload as workloads
from pilots.records import DataKind, Size, WorkloadFolder

_NEEDED = {"--target": "the column to predict", "--time": "the column of the times"}


class Changes(TypedDict, total=False):
    """The settings that were named on the command line; the others stay as the study was planned before."""

    size: Size
    candidates: tuple[str, ...]
    budget_s: float
    seed: int
    data: UserData
    pilots: bool
    tuned: bool
    workload: WorkloadFolder | None
    named: tuple[str, ...]
    rehearsed: tuple[str, ...]


def changes(asked: PilotOptions, *, smoke: bool = False, no_pilots: bool = False) -> Changes:
    """What was asked for, checked.

    Raises:
        AdvisorError: an option has a value that cannot be used.
    """
    changed = Changes(pilots=not no_pilots)
    data = user_data(asked)
    if data is not None:
        changed["data"] = data
    if smoke or asked.quick:
        changed["size"] = "smoke" if smoke else "quick"
    if asked.budget is not None:
        changed["budget_s"] = seconds(asked.budget)
    if asked.candidates is not None:
        changed["candidates"] = candidate_list(asked.candidates)
    if asked.seed is not None:
        changed["seed"] = asked.seed
    if asked.tuned is not None:
        changed["tuned"] = asked.tuned
    if asked.workload is not None and asked.pilots is not None:
        raise AdvisorError("--workload and --pilots exclude each other.", next_command="advisor run --workload DIR")
    if asked.workload is not None:
        _, changed["workload"] = own_workload(asked.workload)
        changed["named"] = ()
    if asked.pilots is not None:
        changed["named"] = pilot_list(asked.pilots)
        changed["workload"] = None
    return changed


def user_data(asked: PilotOptions) -> UserData | None:
    """The user's own data, if any were named; they are not read yet.

    Raises:
        AdvisorError: data of two kinds are named, or a column that such data have not, or a column is missing.
    """
    paths: dict[DataKind, Path | None] = {
        "table": asked.data,
        "images": asked.images,
        "text": asked.text,
        "series": asked.series,
    }
    given = {kind: path for kind, path in paths.items() if path is not None}
    columns = {"--target": asked.target, "--time": asked.time, "--text-column": asked.text_column}
    named = [option for option, column in columns.items() if column is not None]
    if len(given) > 1:
        raise AdvisorError(
            f"A study has data of one kind, but {' and '.join(FORMS[kind].option for kind in given)} were named.",
            allowed=f"one of {', '.join(form.option for form in FORMS.values())}",
        )
    if not given:
        if named:
            forms = [form for form in FORMS.values() if named[0] in (*form.needed, *form.optional)]
            raise AdvisorError(
                f"{named[0]} names a column of {' or '.join(form.option for form in forms)}, which is missing.",
                next_command=forms[0].usage,
            )
        return None
    ((kind, path),) = given.items()
    form = FORMS[kind]
    for option in named:
        if option not in (*form.needed, *form.optional):
            raise AdvisorError(f"{form.option} has no use for {option}.", next_command=form.usage)
    for option in form.needed:
        if option not in named:
            raise AdvisorError(
                f"{form.option} needs {_NEEDED[option]}: {option} COLUMN.",
                where=f"{form.option} {path}",
                next_command=form.usage,
            )
    return UserData(kind, str(path.resolve()), asked.target, asked.time, asked.text_column)


def candidate_list(text: str, option: str = "--candidates") -> tuple[str, ...]:
    """Candidates named with commas, in the order of the catalog; ``option`` is named in errors.

    Raises:
        AdvisorError: there is no such candidate.
    """
    return _some_of(tuple(CANDIDATES), text, option, "candidate")


def pilot_list(text: str) -> tuple[str, ...]:
    """Advisor's own pilots named with commas, or all of them.

    Raises:
        AdvisorError: there is no such pilot.
    """
    names = workloads.names()
    return names if text.strip() == "all" else _some_of(names, text, "--pilots", "pilot")


def target_list(names: Sequence[str]) -> tuple[str, ...]:
    """Targets that were named, each by itself or several with commas; all where none is.

    Raises:
        AdvisorError: there is no such target.
    """
    return _some_of(tuple(TARGETS), ",".join(names), "--target", "target") if names else tuple(TARGETS)


def _some_of(known: tuple[str, ...], text: str, option: str, noun: str) -> tuple[str, ...]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise AdvisorError(
                f"There is no {noun} {name!r}." + (f" Did you mean {near[0]}?" if near else ""),
                where=option,
                allowed=", ".join(known),
            )
    if not wanted:
        raise AdvisorError(f"No {noun} is named.", where=option, allowed=", ".join(known))
    return tuple(name for name in known if name in wanted)


def interpreters(assignments: Sequence[str]) -> dict[str, str]:
    """``CANDIDATE=PATH`` assignments as a mapping.

    Raises:
        AdvisorError: an assignment is not of that form, or names no candidate.
    """
    python: dict[str, str] = {}
    for assignment in assignments:
        name, equals, path = assignment.partition("=")
        if not equals or not path:
            raise AdvisorError(
                f"{assignment!r} names no interpreter.", where="--python", allowed="CANDIDATE=/path/to/python"
            )
        # A shell leaves a tilde behind "=" as it is. A Path would take the dot from "./python", another program.
        python[candidate_list(name, "--python")[0]] = os.path.expanduser(path)  # noqa: PTH111
    return python


def seconds(text: str) -> float:
    """A duration such as ``90s``, ``10m`` or ``1h``; a bare number is minutes.

    Raises:
        AdvisorError: it is not a positive time.
    """
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "m")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise AdvisorError(f"{text!r} is not a time.", where="--budget", allowed="90s, 10m or 1h")
    return seconds
