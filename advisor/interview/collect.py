"""Collecting the answers of a run: from files, options and, where something is open, the interview."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from advisor.errors import AdvisorError, ExitCode
from advisor.interview import answers_file
from advisor.interview.answers import Answers
from advisor.interview.questionnaire import missing_essential, next_question, with_defaults
from advisor.interview.questions import load_questions
from advisor.study import ANSWERS, Study


def stored_answers(study: Study) -> Answers:
    """What the study holds already; empty before the interview.

    Raises:
        AdvisorError: the file is not a valid answers file.
    """
    path = study.path(ANSWERS)
    return answers_file.load(path) if path.exists() else Answers()


def collect_answers(
    study: Study,
    source: str | None,
    settings: Sequence[str],
    *,
    defaults: bool,
    no_input: bool,
    essential_only: bool,
) -> Answers:
    """What is known, then what is asked: ``--set`` over ``--answers`` over the study's own file over defaults.

    The study's own file is written before anything is asked and after every answer.

    Args:
        study: whose lock is held.
        source: path of an answers file, ``-`` for standard input.
        settings: ``key=value`` each.
        defaults: take the default of every question that nobody answered.
        no_input: never ask.
        essential_only: ask the essential questions alone.

    Raises:
        AdvisorError: an input is not valid, or an essential answer is missing (exit code 3).
        KeyboardInterrupt: the interview was stopped; what was said is on disk.
    """
    questions = load_questions()
    known = [stored_answers(study)]
    if source == "-":
        known.append(answers_file.loads(sys.stdin.read(), "standard input"))
    elif source is not None:
        known.append(answers_file.load(Path(source)))
    known.append(Answers(dict(answers_file.parse_setting(text) for text in settings)))
    said = answers_file.merge(*known)
    if defaults:
        said = with_defaults(questions, said)

    def save(current: Answers) -> None:
        answers_file.save(study.path(ANSWERS), current)

    save(said)
    if not no_input and next_question(questions, said, essential_only) is not None:
        from advisor.interview import prompts  # the library that draws prompts is only needed to draw them

        said = prompts.ask(questions, said, essential_only=essential_only, save=save)
    require_essential(study, said)
    return said


def require_essential(study: Study, answers: Answers) -> None:
    """Refuse to go on while an essential question is open; *not sure* is an answer.

    Raises:
        AdvisorError: names all that are missing (exit code 3).
    """
    missing = missing_essential(load_questions(), answers)
    if not missing:
        return
    noun = "answer is" if len(missing) == 1 else "answers are"
    raise AdvisorError(
        f"{len(missing)} essential {noun} missing: {', '.join(missing)}.",
        where=str(study.path(ANSWERS)),
        allowed="--answers FILE, --set key=value (repeatable), or --defaults",
        next_command=f"advisor ask {study.folder}, in a terminal or with these options",
        exit_code=ExitCode.INPUT_REQUIRED,
    )
