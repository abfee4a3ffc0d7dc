"""A study as if no pilot had run, to decide on answers and facts alone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from advisor.interview.answers_file import save
from advisor.interview.collect import answers_from, require_essential, stored_answers
from advisor.interview.people import FOLDER as PEOPLE
from advisor.study import ANSWERS, FACTS, Study, existing_study, open_study
from advisor.workflow.pipeline import prepare


@contextmanager
def study_without_pilots(folder: Path, answers: str | None) -> Iterator[Study]:
    """A passing copy of a study that has answers and facts but neither pilots nor trials.

    Args:
        folder: of the study, which need not exist if there are answers.
        answers: a file, or ``-`` for standard input, in place of the study's; None: those of the study.

    Raises:
        AdvisorError: there are no answers, they are not valid, or an essential answer is missing.
    """
    study = open_study(folder) if answers is not None else existing_study(folder)
    said = stored_answers(study) if answers is None else answers_from(answers)
    require_essential(study, said, answers)
    with tempfile.TemporaryDirectory(prefix="advisor-decide-") as scratch:
        copy = Study(Path(scratch))
        if study.path(FACTS).is_file():
            shutil.copyfile(study.path(FACTS), copy.path(FACTS))
        if study.path(PEOPLE).is_dir():
            shutil.copytree(study.path(PEOPLE), copy.path(PEOPLE))
        save(copy.path(ANSWERS), said)
        prepare(copy, {"pilots": False}, {})
        yield copy
