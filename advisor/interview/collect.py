"""Collecting the answers of a run: from files, options and, where something is open, the interview."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from advisor.errors import AdvisorError, ExitCode
from advisor.interview import answers_file, people
from advisor.interview.answers import Answers
from advisor.interview.questionnaire import missing_essential, next_question, with_defaults
from advisor.interview.questions import load_questions
from advisor.interview.suggestions import Guess, suggested
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
    guesses: Sequence[Guess] = (),
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
        guesses: defaults of the questions they are about, to be confirmed.

    Raises:
        AdvisorError: an input is not valid, or an essential answer is missing (exit code 3).
        KeyboardInterrupt: the interview was stopped; what was said is on disk.
    """
    questions = suggested(load_questions(), guesses)
    said = answers_file.merge(stored_answers(study), *_given(source, settings))
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


def collect_person(
    study: Study, name: str, source: str | None, settings: Sequence[str], *, no_input: bool, essential_only: bool
) -> Path:
    """One person's own answers about team and priorities; returns the file they are in, in the study.

    Args:
        study: whose lock is held.
        name: of the person and the file.
        source: see :func:`collect_answers`.
        settings: likewise.
        no_input: likewise.
        essential_only: likewise.

    Raises:
        AdvisorError: an input is not valid, or about something that is the same for everybody.
        KeyboardInterrupt: the interview was stopped; what was said is on disk.
    """
    path = people.path_of(study, name)
    before = answers_file.load(path) if path.exists() else Answers()
    said = people.require_own(answers_file.merge(before, *_given(source, settings)), source or "--set")
    questions = [question for question in load_questions() if question.group in people.GROUPS]

    def save(current: Answers) -> None:
        answers_file.save(path, current)

    save(said)
    if not no_input and next_question(questions, said, essential_only) is not None:
        from advisor.interview import prompts

        prompts.ask(questions, said, essential_only=essential_only, save=save)
    return path


def _given(source: str | None, settings: Sequence[str]) -> list[Answers]:
    """What files and options say, the later the more it counts."""
    given = []
    if source == "-":
        given.append(answers_file.loads(sys.stdin.read(), "standard input"))
    elif source is not None:
        given.append(answers_file.load(Path(source)))
    return [*given, Answers(dict(answers_file.parse_setting(text) for text in settings))]


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
