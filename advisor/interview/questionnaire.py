"""Which question comes next. Pure: knows neither files nor terminals.

A question applies unless an answer rules it out: where the team was not sure, or was not asked (the quick
interview asks the essential questions only), what depends on that answer is asked all the same. Conditions
look back only, so an answer never changes whether an earlier question applies, and every interview ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.interview.conditions import holds
from advisor.interview.question import Question


def applies(question: Question, answers: Answers) -> bool:
    """True unless an answer rules the question out, or nothing was chosen that it could choose from."""
    if question.among is not None and not answers.choices(question.among):
        return False
    return holds(question.when, answers) is not False


def asked(questions: Sequence[Question], answers: Answers, essential_only: bool = False) -> list[Question]:
    """The questions of the interview that apply, answered or not, in their order; each offers what can be chosen."""
    return [
        _narrowed(question, answers)
        for question in questions
        if question.prompted and (question.essential or not essential_only) and applies(question, answers)
    ]


def next_question(questions: Sequence[Question], answers: Answers, essential_only: bool = False) -> Question | None:
    """The first question that is prompted for, applies and has no answer yet; None when nothing is left.

    It offers only what can still be chosen, so whatever it takes fits the answers before it.
    """
    for question in asked(questions, answers, essential_only):
        if question.id not in answers.said:
            return question
    return None


def missing_essential(questions: Sequence[Question], answers: Answers) -> tuple[str, ...]:
    """The keys of essential questions that apply and have no answer; *not sure* is an answer."""
    return tuple(question.id for question in asked(questions, answers, True) if question.id not in answers.said)


def answered(questions: Sequence[Question], answers: Answers, key: str, value: Value) -> Answers:
    """The answers with one more answer, and without those that it makes pointless.

    Those are answers that chose among values no longer chosen (a changed list of targets brings the question for the
    required targets back instead of contradicting it), and answers to questions that applied before and do not now.
    """
    said = {**answers.said, key: value}
    for dependent in contradictions(questions, Answers(said)):
        del said[dependent]
    for question in questions:
        if question.id in said and applies(question, answers) and not applies(question, Answers(said)):
            del said[question.id]
    return Answers(said)


def contradictions(questions: Sequence[Question], answers: Answers) -> dict[str, tuple[str, ...]]:
    """Key of each answer that names values not chosen in the answer it refers to, with those values.

    An answer that refers to an answer never given, or not sure, contradicts nothing.
    """
    found = {}
    for question in questions:
        if question.among is None or not isinstance(answers.get(question.among), tuple):
            continue
        chosen = answers.choices(question.among)
        stray = tuple(value for value in answers.choices(question.id) if value not in chosen)
        if stray:
            found[question.id] = stray
    return found


def with_defaults(questions: Sequence[Question], answers: Answers) -> Answers:
    """An answer for every question that applies: what was said, else the default, else *not sure*.

    A level is *not sure* whatever its default: nobody knows what a team can do but the team.

    Answers to questions that do not apply are left out, so that later stages need not look at conditions
    again; :func:`unused` names them.
    """
    said: dict[str, Value] = {}
    for question in questions:
        if not applies(question, Answers(said)):
            continue
        unsaid = question.default is None or (question.type == "level" and not question.guess)
        default = NOT_SURE if unsaid or question.default is None else question.default
        said[question.id] = answers.said.get(question.id, default)
    return Answers(said, frozenset(said.keys() & answers.assumed | said.keys() - answers.said.keys()))


def unused(questions: Sequence[Question], answers: Answers) -> tuple[str, ...]:
    """The keys that were answered although another answer rules their question out."""
    kept = with_defaults(questions, answers).said
    return tuple(key for key in answers.said if key not in kept)


def _narrowed(question: Question, answers: Answers) -> Question:
    if question.among is None:
        return question
    chosen = answers.choices(question.among)
    left = tuple(choice for choice in question.choices if choice.value in chosen)
    return question.model_copy(update={"choices": left})
