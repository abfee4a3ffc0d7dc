"""The pilots that a study can choose from: advisor's own, or the pilot in a folder of the user's.

Nothing in that folder runs here, in the process of advisor: of its files only ``workload.toml`` is read.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from advisor.catalog import BASELINE, CANDIDATES
from advisor.errors import AdvisorError
from advisor.planning.plan import Plan, Settings
from advisor.study import Study
from advisor.userdata.asked import FORMS, UserData
from pilots import workload as workloads
from pilots.records import WorkloadFolder
from pilots.workload import Workload
from pilots.workload_file import FILE, WorkloadError

#: Where a study keeps the code of the user's own pilot, for the report that is made from it later.
KEPT = "workload"
_KEPT_SUFFIXES = (".py", ".toml")
_NEEDED = ("data", "parameters")


@dataclass(frozen=True)
class Offer:
    """The pilots to choose from, and the candidates in which they cannot run, each with the reason.

    ``folder`` is that of the user's own pilot, as it is now.
    """

    workloads: tuple[Workload, ...]
    unavailable: Mapping[str, str]
    folder: WorkloadFolder | None


def offer(settings: Settings, study: Study) -> Offer:
    """What the settings offer: the user's own workload alone, if they name it.

    Raises:
        AdvisorError: it cannot be used, or not together with the other settings or the place of the study.
    """
    if settings.workload is None:
        offered = tuple(workloads.load(name) for name in workloads.names())
        for workload in offered:
            if workload.name in settings.named:
                require_accepted(workload, settings.data)
        return Offer(offered, {}, None)
    path = Path(settings.workload.path)
    workload, folder = own_workload(path)
    require_accepted(workload, settings.data)
    if study.folder.resolve().is_relative_to(path):
        raise AdvisorError(
            "The study lies in the folder of the workload, whose files must stay as they are while pilots run.",
            where=str(study.folder),
            next_command=f"name another study: advisor run STUDY --workload {path}",
        )
    return Offer((workload,), without_model(workload), folder)


def own_workload(path: Path) -> tuple[Workload, WorkloadFolder]:
    """The workload in a folder of the user's, with the hash of its files.

    Raises:
        AdvisorError: there is none, a file is missing or cannot be read, or a setting is mistaken.
    """
    folder = path.resolve()
    if not (folder / FILE).is_file():
        raise AdvisorError(
            f"There is no {FILE} in this folder." if folder.is_dir() else "There is no such folder.",
            where=f"--workload {path}",
            allowed="the folder of a workload",
            next_command="advisor new workload NAME",
        )
    require_name(folder.name, f"--workload {path}")
    try:
        workload = workloads.load(folder.name, folder)
        content = workloads.content_hash(folder)
    except WorkloadError as error:
        where = str(folder / FILE) + (f", {error.key}" if error.key else "")
        raise AdvisorError(
            f"A workload cannot be used: {error.message}.", where=where, allowed=error.allowed
        ) from error
    except OSError as error:
        raise AdvisorError(
            f"A file of the workload cannot be read: {error.strerror}.", where=str(error.filename)
        ) from error
    missing = [f"{module}.py" for module in _NEEDED if workload.file(module) is None]
    if missing or not workload.candidates:
        what = " and ".join(missing) or "model: none of in_pytorch.py, in_keras.py and in_tensorflow.py is there"
        raise AdvisorError(
            f"The workload {folder.name} has no {what}.", where=str(folder), next_command="advisor new workload NAME"
        )
    return workload, WorkloadFolder(path=str(folder), sha256=content)


def require_accepted(workload: Workload, data: UserData | None) -> None:
    """Refuse data that the workload cannot take in place of its own.

    Raises:
        AdvisorError: it takes none of this kind.
    """
    if data is not None and data.kind != workload.accepts:
        form = FORMS[data.kind]
        raise AdvisorError(
            f"The workload {workload.name} takes no {form.noun} in place of its own data.",
            where=form.option,
            allowed=f'pilots with data.accepts = "{data.kind}" in their {FILE}, and a data.py that reads it',
            next_command=f"leave {form.option} out, or name a study that has none: advisor run STUDY",
        )


def require_name(name: str, where: str) -> None:
    """Refuse a name that cannot be a Python module's, or that is one of advisor's own workloads.

    Raises:
        AdvisorError: it is such a name.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise AdvisorError(
            f"{name!r} cannot be the name of a workload.",
            where=where,
            allowed="letters, digits and underscores, not beginning with a digit; no word of Python's own",
        )
    if name in workloads.names():
        raise AdvisorError(
            f"There is a workload {name} already, which is one of advisor's own.",
            where=where,
            allowed=f"any name but {', '.join(workloads.names())}",
        )


def without_model(workload: Workload) -> dict[str, str]:
    """The candidates that a workload leaves out, baseline included, each with the reason."""
    missing = dict.fromkeys(set(CANDIDATES) - set(workload.candidates), "the workload has no model for it")
    if workload.file("baseline") is None:
        missing[BASELINE] = "the workload has no baseline.py"
    return missing


def keep_code(study: Study, folder: WorkloadFolder | None) -> None:
    """Copy the code of the user's own workload into the study: what ran is what the report speaks of.

    Raises:
        AdvisorError: the study cannot be written.
    """
    if folder is not None:
        own = Path(folder.path)
        code = (file for file in workloads.files_of(own) if file.suffix in _KEPT_SUFFIXES)
        study.write_folder(KEPT, {f"{own.name}/{file.relative_to(own).as_posix()}": file.read_bytes() for file in code})


def kept_workloads(study: Study, plan: Plan) -> tuple[Workload, ...]:
    """The workloads of a plan, the user's own from the study's copy.

    Raises:
        AdvisorError: the copy is gone or damaged.
    """
    own = plan.settings.workload is not None
    try:
        return tuple(
            workloads.load(choice.name, study.path(KEPT) / choice.name if own else None) for choice in plan.workloads
        )
    except WorkloadError as error:
        raise AdvisorError(
            f"The study's copy of the workload is damaged: {error}.",
            where=str(study.path(KEPT)),
            next_command=f"advisor run {study.folder} --workload DIR",
        ) from error
