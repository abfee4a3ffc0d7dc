"""Collecting the answers of a run: from files, options and, where something is open, the interview."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import AdvisorError, ExitCode
from advisor.interview import answers_file, people, terminal
from advisor.interview.answers import Answers
from advisor.interview.conversation import EffectOf, InterviewSettings, PrioritiesEffect, converse
from advisor.interview.question import Question
from advisor.interview.questionnaire import missing_essential, next_question, with_defaults
from advisor.interview.questions import load_questions
from advisor.interview.suggestions import Guess, suggested
from advisor.study import ANSWERS, Study


@dataclass(frozen=True)
class Sources:
    """Where answers come from: ``--set`` over ``--answers`` over the study's own file over defaults.

    Attributes:
        file: path of an answers file, ``-`` for standard input.
        settings: ``key=value`` each.
        defaults: take the default of every question that nobody answered.
        no_input: never ask.
        skip_answered: ask what is open, and show nothing that is answered for review.
        essential_only: ask the essential questions alone.
        guesses: defaults of the questions they are about, to be confirmed.
        effect: of an order of priorities, shown once it is chosen.
    """

    file: str | None = None
    settings: Sequence[str] = ()
    defaults: bool = False
    no_input: bool = False
    skip_answered: bool = False
    essential_only: bool = False
    guesses: Sequence[Guess] = ()
    effect: EffectOf | None = None


def stored_answers(study: Study) -> Answers:
    """What the study holds already; empty before the interview.

    Raises:
        AdvisorError: the file is not a valid answers file.
    """
    return _answers_in(study.path(ANSWERS))


def collect_answers(study: Study, sources: Sources, *, reviewing: bool = False) -> Answers:
    """What is known, then what is asked. The study's own file is written before anything is asked and after every
    answer.

    Args:
        study: whose lock is held.
        sources: where answers come from.
        reviewing: show the answers even where none is missing, if no source brings any and there is a terminal.

    Raises:
        AdvisorError: an input is not valid, or an essential answer is missing (exit code 3).
        KeyboardInterrupt: the interview was stopped; what was said is on disk.
    """
    questions = suggested(load_questions(), sources.guesses)
    said = answers_file.merge(stored_answers(study), *_given(sources))
    if sources.defaults:
        # As it is stored: nobody can tell later that a default was nobody's word, so levels are stored as not sure.
        said = Answers(with_defaults(questions, said).said)
    said = _interview(study.path(ANSWERS), questions, said, sources, sources.effect, reviewing)
    require_essential(study, said)
    return said


def collect_person(study: Study, name: str, sources: Sources) -> Path:
    """One person's own answers about team and priorities; returns the file they are in, in the study.

    Args:
        study: whose lock is held.
        name: of the person and the file.
        sources: where answers come from.

    Raises:
        AdvisorError: an input is not valid, or about something that is the same for everybody.
        KeyboardInterrupt: the interview was stopped; what was said is on disk.
    """
    path = people.path_of(study, name)
    said = people.require_own(answers_file.merge(_answers_in(path), *_given(sources)), sources.file or "--set")
    questions = [question for question in load_questions() if question.group in people.GROUPS]
    shared, effect = stored_answers(study), sources.effect

    def seen_by_them(own: Answers) -> PrioritiesEffect:
        assert effect is not None
        return effect(people.whole(shared, own))

    _interview(path, questions, said, sources, seen_by_them if effect else None, reviewing=True)
    return path


def _interview(
    path: Path, questions: Sequence[Question], said: Answers, sources: Sources, effect: EffectOf | None, reviewing: bool
) -> Answers:
    """Save what is known, ask for the rest, and save it as it comes.

    Raises:
        SystemExit: the terminal is gone; what was said is on disk.
    """

    def save(current: Answers) -> None:
        answers_file.save(path, current)

    save(said)
    if sources.no_input:
        return said
    if next_question(questions, said, sources.essential_only) is None:
        nothing_new = sources.file is None and not (sources.settings or sources.defaults or sources.skip_answered)
        if not (reviewing and nothing_new and terminal.in_terminal()):
            return said
    terminal.require_terminal(missing_essential(questions, said))
    settings = InterviewSettings(sources.essential_only, review=not sources.skip_answered, effect=effect)
    try:
        with terminal.open_screen() as screen:
            return converse(questions, said, screen, save, settings)
    except OSError:  # not from saving, which has errors of its own
        raise SystemExit(ExitCode.INTERRUPTED) from None


def _answers_in(path: Path) -> Answers:
    return answers_file.load(path) if path.exists() else Answers()


def answers_from(file: str) -> Answers:
    """The answers in a file, or where it is called ``-`` those that standard input brings.

    Raises:
        AdvisorError: they cannot be read or are not valid.
    """
    return _from_standard_input() if file == "-" else answers_file.load(Path(file))


def _given(sources: Sources) -> list[Answers]:
    """What files and options say, the later the more it counts."""
    given = [] if sources.file is None else [answers_from(sources.file)]
    return [*given, Answers(dict(answers_file.parse_setting(text) for text in sources.settings))]


def _from_standard_input() -> Answers:
    name = "standard input"
    try:
        return answers_file.read(sys.stdin.buffer, name)
    except (OSError, AttributeError) as error:  # without a standard input, Python has None in its place
        why = getattr(error, "strerror", None) or "it is closed"
        raise AdvisorError(
            f"Answers cannot be read from {name}: {why}.",
            where="--answers -",
            allowed="an answers file, as in: advisor ask --answers - < answers.toml",
        ) from error


def require_essential(study: Study, answers: Answers, file: str | None = None) -> None:
    """Refuse to go on while an essential question is open; *not sure* is an answer.

    Args:
        study: in which they can be completed.
        answers: to look at.
        file: they stand in; None: the study's own.

    Raises:
        AdvisorError: names all that are missing (exit code 3).
    """
    missing = missing_essential(load_questions(), answers)
    if not missing:
        return
    noun = "answer is" if len(missing) == 1 else "answers are"
    raise AdvisorError(
        f"{len(missing)} essential {noun} missing: {', '.join(missing)}.",
        where=file or str(study.path(ANSWERS)),
        allowed="--answers FILE, --set key=value (repeatable), or --defaults",
        next_command=f"advisor ask {study.folder}, in a terminal or with these options",
        exit_code=ExitCode.INPUT_REQUIRED,
    )
