"""``plan.json``, ``machine.json`` and ``code.json``: written by one stage, read by those after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.analysis.comparison import Ratio
from advisor.measuring.code.size import OwnedFiles
from advisor.measuring.machine.fingerprint import Machine
from advisor.measuring.running.trial_queue import LeftOut
from advisor.planning.plan import SCHEMA as PLAN_SCHEMA
from advisor.planning.plan import Plan, Settings
from advisor.study import CODE, MACHINE, PLAN, Study, require_schema

MACHINE_SCHEMA = 1
CODE_SCHEMA = 2

T = TypeVar("T")


@dataclass(frozen=True)
class StudyMachine:
    """``machine.json``: what the trials ran on, and the versions of each candidate's packages there.

    After the pilots: ``noise_floor``, by workload, how the step times of a candidate and its own copy compare;
    ``left_out``, what the last run had no time for and why; earlier versions stored that in phrases.
    """

    machine: Machine
    versions: Mapping[str, Mapping[str, str]]
    noise_floor: Mapping[str, Ratio] = field(default_factory=dict)
    left_out: tuple[LeftOut | str, ...] = ()
    schema: int = MACHINE_SCHEMA


@dataclass(frozen=True)
class StudyCode:
    """``code.json``: the code that each candidate took, as it was when it ran, whatever is installed later.

    ``sizes`` say which files those are, ``texts`` what stands in them; how much it is, is counted whenever it is asked
    for, so that counts in two units never meet. Studies that were run before texts were kept have none, and no count.
    """

    sizes: tuple[OwnedFiles, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    schema: int = CODE_SCHEMA


_PLAN = TypeAdapter(Plan)
_MACHINE = TypeAdapter(StudyMachine)
_CODE = TypeAdapter(StudyCode)


def stored_settings(study: Study) -> Settings | None:
    """The settings of the last plan, which may be a plan of rehearsals alone; None without a plan."""
    return load_plan(study).settings if study.path(PLAN).exists() else None


def study_settings(study: Study) -> Settings | None:
    """The settings of the last plan; None without a plan, or where it is a plan of rehearsals alone."""
    settings = stored_settings(study)
    return None if settings is None or settings.rehearsed else settings


def load_plan(study: Study) -> Plan:
    """``plan.json``.

    Raises:
        AdvisorError: there is none, it is damaged, or a newer advisor wrote it.
    """
    return _read(study, PLAN, _PLAN, PLAN_SCHEMA)


def load_machine(study: Study) -> StudyMachine:
    """``machine.json``.

    Raises:
        AdvisorError: there is none, it is damaged, or a newer advisor wrote it.
    """
    return _read(study, MACHINE, _MACHINE, MACHINE_SCHEMA)


def store_machine(study: Study, found: StudyMachine) -> None:
    """Write ``machine.json``.

    Raises:
        AdvisorError: the study cannot be written.
    """
    study.write(MACHINE, _MACHINE.dump_json(found, indent=1).decode() + "\n")


def load_code(study: Study) -> StudyCode:
    """``code.json``.

    Raises:
        AdvisorError: there is none, it is damaged, or a newer advisor wrote it.
    """
    return _read(study, CODE, _CODE, CODE_SCHEMA)


def store_code(study: Study, code: StudyCode) -> None:
    """Write ``code.json``.

    Raises:
        AdvisorError: the study cannot be written.
    """
    study.write(CODE, _CODE.dump_json(code, indent=1).decode() + "\n")


def _read(study: Study, name: str, adapter: TypeAdapter[T], schema: int) -> T:
    path = study.path(name)
    if not path.exists():
        raise AdvisorError(
            f"The study has no {name} yet.",
            where=str(study.folder),
            next_command=f"advisor run {study.folder}",
            exit_code=ExitCode.INPUT_REQUIRED,
        )
    try:
        loose = TypeAdapter(dict[str, object]).validate_json(path.read_bytes())
        require_schema(loose.get("schema"), schema, str(path))
        loose.pop("estimated_s", None)
        return adapter.validate_python(loose)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise AdvisorError(
            f"A file of the study is damaged: {key and key + ': '}{first['msg']}.",
            where=str(path),
            next_command=f"delete it, then: advisor run {study.folder} (finished trials are kept)",
            exit_code=ExitCode.FAILURE,
        ) from error
