"""The interview in a terminal: the only module that imports questionary.

Prompts are drawn on standard error, so that standard output stays free for results. Every answer is checked
again after it was given (a prompt can be left in ways its own checks do not see) and saved at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import questionary
from prompt_toolkit import print_formatted_text
from prompt_toolkit.application import create_app_session
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.output import Output
from prompt_toolkit.output.defaults import create_output

from advisor.errors import AdvisorError, ExitCode
from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.interview.question import Choice, Question
from advisor.interview.questionnaire import answered, missing_essential, next_question, progress
from advisor.interview.questions import load_sections
from advisor.interview.values import Refused, allowed, parse

_DONE = "that is all"
_KEYS = "Shift-Tab goes back, Ctrl-C stops"
_NOT_SURE = Choice(value=NOT_SURE, title="not sure")


class _Back(Exception):
    """The user wants to change the answer before this one."""


def require_terminal(missing: Sequence[str]) -> None:
    """Make sure that there is somebody to ask, before anything is asked.

    Args:
        missing: the keys that would be asked for.

    Raises:
        AdvisorError: standard input or standard error is not a terminal (exit code 3).
    """
    if all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return
    keys = ", ".join(missing) or "nothing essential"
    raise AdvisorError(
        f"There are questions to ask and no terminal to ask them in. Missing: {keys}.",
        allowed="--answers FILE, --set key=value (repeatable), or --defaults",
        next_command="answer with these options, or run `advisor ask` in a terminal",
        exit_code=ExitCode.INPUT_REQUIRED,
    )


def ask(
    questions: Sequence[Question],
    answers: Answers,
    *,
    essential_only: bool,
    save: Callable[[Answers], None],
    input: Input | None = None,
    output: Output | None = None,
) -> Answers:
    """Ask every question that applies and has no answer yet.

    Args:
        questions: in the order in which they are asked.
        answers: what is known already; it is not asked again.
        essential_only: the quick interview.
        save: called with all answers after each one, and after each step back.
        input, output: where to read keys and draw; the terminal where missing.

    Raises:
        AdvisorError: no terminal to ask in, or ``save`` failed.
        KeyboardInterrupt: the user stopped; everything answered before has been saved.
    """
    if input is None:
        require_terminal(missing_essential(questions, answers))
    with create_app_session(input=input, output=output or create_output(stdout=sys.stderr)):
        return _ask_all(questions, answers, essential_only, save)


def _ask_all(
    questions: Sequence[Question], answers: Answers, essential_only: bool, save: Callable[[Answers], None]
) -> Answers:
    # What each question was asked with, so that going back restores it, dropped answers included.
    before: list[Answers] = []
    group = ""
    while (question := next_question(questions, answers, essential_only)) is not None:
        if question.group != group:
            group = question.group
            at = progress(questions, answers, essential_only)
            _say(f"\n{load_sections().get(group, group)}  ({at.answered} of {at.total} answered)", "bold")
        try:
            value = _ask_valid(question)
        except _Back:
            if not before:
                continue
            answers = before.pop()
        else:
            before.append(answers)
            answers = answered(questions, answers, question.id, value)
        save(answers)
    return answers


def _ask_valid(question: Question) -> Value:
    while True:
        try:
            return parse(question, _ask_one(question))
        except Refused as refused:
            _say(f"  {refused.what}. Allowed: {refused.allowed}", "bold")


def _ask_one(question: Question) -> object:
    """The answer as TOML would hold it, not yet checked."""
    match question.type:
        case "choice" | "level":
            default = None if question.default is None else str(question.default)
            picked = _select(question.prompt, question.help, [*question.choices, _NOT_SURE], default)
            return int(picked) if question.type == "level" and picked.isdecimal() else picked
        case "choices":
            return _tick(question)
        case "order":
            return _rank(question)
        case _:
            return _type(question)


def _select(prompt: str, help: str, choices: Iterable[Choice], default: str | None) -> str:
    instruction = _instruction(help, f"arrow keys and Enter; {_KEYS}")
    return str(_run(questionary.select(prompt, _shown(choices), default=default, instruction=instruction)))


def _tick(question: Question) -> object:
    instruction = _instruction(question.help, f"Space ticks, Enter accepts; {_KEYS}")
    before = question.default if isinstance(question.default, tuple) else ()
    offered = _shown([*question.choices, _NOT_SURE], ticked=before)
    ticked = _run(questionary.checkbox(question.prompt, offered, validate=_alone_if_not_sure, instruction=instruction))
    return NOT_SURE if ticked == [NOT_SURE] else ticked


def _alone_if_not_sure(ticked: list[str]) -> bool | str:
    return NOT_SURE not in ticked or len(ticked) == 1 or 'Tick either "not sure" or others, not both.'


def _rank(question: Question) -> object:
    """The order, one pick after the other; going back takes the last pick back."""
    picks: list[str] = []
    done = Choice(value=_DONE, title=_DONE)
    while len(picks) < (question.at_most or len(question.choices)):
        left = [choice for choice in question.choices if choice.value not in picks]
        prompt = f"{question.prompt} ({len(picks) + 1} of at most {question.at_most})"
        try:
            picked = _select(prompt, question.help, [*left, done, *([] if picks else [_NOT_SURE])], None)
        except _Back:
            if not picks:
                raise
            picks.pop()
            continue
        if picked == NOT_SURE:
            return NOT_SURE
        if picked == _DONE:
            break
        if picked in question.values:  # Alt-Enter leaves a list without a choice
            picks.append(picked)
    return picks


def _type(question: Question) -> object:
    instruction = _instruction(question.help, f"{_hint(question)}; empty: not sure; {_KEYS}") + "\n "
    default = "" if question.default is None else str(question.default)
    prompt = questionary.text(
        question.prompt,
        default=default,
        instruction=instruction,
        validate=lambda text: _complaint(question, text) or True,
    )
    return _typed(question, str(_run(prompt)))


def _typed(question: Question, text: str) -> object:
    text = text.strip()
    if not text:
        return NOT_SURE
    if question.type != "number":
        return text
    try:
        return float(text)
    except ValueError:
        return text


def _complaint(question: Question, text: str) -> str:
    try:
        parse(question, _typed(question, text))
    except Refused as refused:
        return f"{refused.what}; allowed: {refused.allowed}"
    return ""


def _hint(question: Question) -> str:
    return allowed(question).partition(";")[0].removesuffix(" in quotes")


def _instruction(help: str, keys: str) -> str:
    return f"\n  {help}\n  ({keys})"


def _shown(choices: Iterable[Choice], ticked: Sequence[str] = ()) -> list[questionary.Choice]:
    return [questionary.Choice(choice.title, value=choice.value, checked=choice.value in ticked) for choice in choices]


def _run(prompt: questionary.Question) -> Any:
    """Ask, with Shift-Tab to go back added to the keys.

    Raises:
        _Back: it was pressed.
    """
    back = KeyBindings()

    @back.add("s-tab", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=_Back)

    application = prompt.application
    application.key_bindings = merge_key_bindings(
        [bindings for bindings in (application.key_bindings, back) if bindings is not None]
    )
    return prompt.unsafe_ask()


def _say(text: str, style: str) -> None:
    print_formatted_text(FormattedText([(style, text)]))
