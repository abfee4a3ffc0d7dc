"""The trials of a study that are exported."""

from __future__ import annotations

from advisor.errors import AdvisorError, ExitCode
from advisor.exporting.columns import Exported
from advisor.study import Study
from advisor.workflow.snapshot import planned_keys
from advisor.workflow.study_files import load_machine, load_plan


def exported_trials(study: Study, *, older: bool = False) -> tuple[Exported, ...]:
    """The trials that the study's decision rests on, in the order they ended.

    Args:
        study: whose trials they are.
        older: with those of older plans, other versions and other machines, which must not be pooled with the others.

    Raises:
        AdvisorError: the study has no plan or no such trials yet, or a file of it is damaged.
    """
    machine = load_machine(study)
    planned = planned_keys(load_plan(study), machine.versions, machine.machine.id)
    records = study.trials(None if older else planned)
    if not records:
        raise AdvisorError(
            "The study has no trials yet that could be exported.",
            where=str(study.folder),
            next_command=f"advisor run {study.folder}",
            exit_code=ExitCode.INPUT_REQUIRED,
        )
    return tuple(Exported(record, record.key in planned) for record in records)
