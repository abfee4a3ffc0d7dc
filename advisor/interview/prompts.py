"""The interview with lists that a cursor moves in: the only module that imports questionary.

Prompts are drawn on standard error, so that standard output stays free for results. Each is erased once it is
answered; the conversation leaves one line in its place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import questionary
from prompt_toolkit import print_formatted_text
from prompt_toolkit.application import Application, create_app_session, get_app_session
from prompt_toolkit.filters import Always
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.layout import Dimension
from prompt_toolkit.output import Output
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.utils import get_cwidth
from questionary.prompts.common import InquirerControl

from advisor.interview.answers import NOT_SURE, Value
from advisor.interview.conversation import Back, PrioritiesEffect, Review, ReviewedAnswer
from advisor.interview.question import Choice, Question
from advisor.interview.values import TEXT_LIMIT
from advisor.interview.wording import (
    ANOTHER_ORDER,
    MEANT,
    UNSURE,
    filled_in,
    in_words,
    short,
    takes,
    typed,
    what_is_wrong,
    where_the_guess_comes_from,
)

_DONE = "that is all"
_KEEP = "keep this order"
#: Shift-Tab as well, since tmux keeps Ctrl-B for itself.
_BACK_KEYS = ("c-b", "s-tab")
_KEYS = "Ctrl-B back, Ctrl-R all answers, Ctrl-C stop"
_NOT_SURE = Choice(value=NOT_SURE, title=UNSURE)
#: Lines that a list keeps, however much is written above it.
_LEAST_OF_A_LIST = 3
_BAR_COLUMNS = 24
#: Columns left of a list's entries, and the column kept free at the right.
_LIST_MARGIN = 4


@contextmanager
def drawn_screen(input: Input | None = None, output: Output | None = None) -> Iterator[DrawnScreen]:
    """The terminal as a screen to ask in.

    Args:
        input: where to read keys; the terminal where missing.
        output: where to draw; likewise.
    """
    with create_app_session(input=input, output=output or create_output(stdout=sys.stderr)):
        yield DrawnScreen()


class DrawnScreen:
    """A :class:`advisor.interview.conversation.Screen` of lists and lines to type in."""

    def ask(self, question: Question, filled: Value | None, heading: str) -> object:
        """See :class:`advisor.interview.conversation.Screen`."""
        if question.type in ("choice", "level"):
            default = question.default if filled is None else filled
            picked = _select(question, [*question.choices, _NOT_SURE], default, heading)
            return int(picked) if question.type == "level" and picked.isdecimal() else picked
        if question.type == "choices":
            return _tick(question, question.default if filled is None else filled, heading)
        if question.type == "order":
            return _rank(question, filled, heading)
        return _type(question, filled, heading)

    def review(self, sections: Sequence[tuple[str, Sequence[ReviewedAnswer]]], leave: str) -> str | None:
        """See :class:`advisor.interview.conversation.Screen`."""
        width = max((len(_name(given)) for _, all_given in sections for given in all_given), default=0)
        room = _columns() - _LIST_MARGIN
        above = _Above("", "Is this right?", ("Pick an answer to change it.", f"(arrow keys and Enter; {_KEYS})"))
        entries: list[questionary.Choice] = [questionary.Choice(leave, value=leave)]
        for title, all_given in sections:
            entries += [questionary.Separator(f"\n{title}")]
            for given in all_given:
                line = _cut(f"{_name(given):{width}}  {given.words}", room)
                entries.append(questionary.Choice(line, value=given.question.id, description=short(given.question)))
        picked = _run(questionary.select(above.message, entries, **above.options), above, *_BACK_KEYS, "left")
        return None if picked in (leave, "") else str(picked)

    def accept(self, effect: PrioritiesEffect) -> bool:
        """See :class:`advisor.interview.conversation.Screen`."""
        _say(effect.title)
        width = max(len(title) for title, _ in effect.shares)
        highest = max(share for _, share in effect.shares)
        for title, share in effect.shares:
            _say(f"  {title:{width}}  {100 * share:3.0f} %  {'█' * round(_BAR_COLUMNS * share / highest)}")
        for remark in effect.remarks:
            _say(remark)
        above = _Above("", "Is this what you mean?", (f"(arrow keys and Enter; {_KEYS})",))
        prompt = questionary.select(above.message, [MEANT, ANOTHER_ORDER], **above.options)
        return str(_run(prompt, above, *_BACK_KEYS, "left")) != ANOTHER_ORDER

    def say(self, line: str) -> None:
        """See :class:`advisor.interview.conversation.Screen`."""
        _say(line)


def _select(question: Question, choices: Iterable[Choice], default: Value | None, heading: str, note: str = "") -> str:
    offered = list(choices)
    at = str(default) if str(default) in [choice.value for choice in offered] else None
    above = _above(question, heading, "arrow keys and Enter", note)
    prompt = questionary.select(above.message, _shown(offered), default=at, **above.options)
    return str(_run(prompt, above, *_BACK_KEYS, "left"))


def _tick(question: Question, before: Value | None, heading: str) -> object:
    ticked = before if isinstance(before, tuple) else (str(before),)
    while True:
        offered = _shown([*question.choices, _NOT_SURE], ticked)
        above = _above(question, heading, "Space ticks, Enter accepts")
        picked = _run(questionary.checkbox(above.message, offered, **above.options), above, *_BACK_KEYS, "left")
        if NOT_SURE not in picked or len(picked) == 1:
            return NOT_SURE if picked == [NOT_SURE] else picked
        _say(f'  Tick either "{UNSURE}" or others, not both.')
        ticked = picked


def _rank(question: Question, before: Value | None, heading: str) -> object:
    """The order, one pick after the other; going back takes the last pick back."""
    picks: list[str] = []
    while len(picks) < (question.at_most or len(question.choices)):
        last = [Choice(value=_DONE, title=_DONE)] if picks else [Choice(value=_DONE, title="none of them"), _NOT_SURE]
        first = []
        if before and not picks:
            first = [Choice(value=_KEEP, title=f"{_KEEP}: {in_words(question, before)}")]
        left = [choice for choice in question.choices if choice.value not in picks]
        note = f"{len(picks) + 1} of at most {question.at_most}. {in_words(question, tuple(picks)) if picks else ''}"
        try:
            picked = _select(question, [*first, *left, *last], None, heading, note.strip())
        except Back:
            if not picks:
                raise
            picks.pop()
            continue
        if picked == NOT_SURE:
            return NOT_SURE
        if picked == _KEEP and before:
            return before
        if picked == _DONE:
            break
        if picked in question.values:  # Alt-Enter leaves a list without a choice
            picks.append(picked)
    return picks


def _type(question: Question, filled: Value | None, heading: str) -> object:
    text = filled_in(question, question.default if filled is None else filled)
    while True:
        above = _above(question, heading, f"{takes(question)}; empty: {UNSURE}")
        options = {**above.options, "instruction": f"{above.options['instruction']}\n "}
        text = str(_run(questionary.text(above.message, default=text, **options), above, *_BACK_KEYS))
        answer = typed(question, text)
        if not (complaint := what_is_wrong(question, answer)):
            return answer
        _say(complaint)
        if len(text) > TEXT_LIMIT or not text.isprintable():
            text = ""  # a paste gone wrong; anything else is there to be corrected


@dataclass(frozen=True)
class _Above:
    """What stands above a list or a line to type in, broken between words."""

    heading: str
    prompt: str
    lines: Sequence[str]

    @property
    def message(self) -> str:
        """The question itself; questionary sets a space before it."""
        return "\n".join(_wrapped(f"? {self.prompt}"))[2:]

    @property
    def options(self) -> dict[str, Any]:
        """What questionary takes for the rest."""
        mark = "\n".join(["", *_wrapped(self.heading), "?"]) if self.heading else "?"
        below = "".join("\n" + "\n".join(_wrapped(f"  {line}")) for line in self.lines)
        return {"qmark": mark, "instruction": below, "erase_when_done": True}

    @property
    def height(self) -> int:
        """In lines."""
        return f"{self.options['qmark']}{self.message}{self.options['instruction']}".count("\n") + 1


def _above(question: Question, heading: str, keys: str, note: str = "") -> _Above:
    lines = (question.help, where_the_guess_comes_from(question), note, f"({keys}; {_KEYS})")
    return _Above(heading, question.prompt, [line for line in lines if line])


def _columns() -> int:
    return get_app_session().output.get_size().columns


def _wrapped(text: str) -> list[str]:
    """Lines that fit, with the indentation of the first."""
    indent = text[: len(text) - len(text.lstrip(" ?"))]
    return wrap(text, max(_columns() - 1, 2 * len(indent) + 1), subsequent_indent=" " * len(indent)) or [""]


def _say(text: str) -> None:
    print_formatted_text(FormattedText([("", "\n".join(_wrapped(text)))]))


def _shown(choices: Iterable[Choice], ticked: Sequence[str] = ()) -> list[questionary.Choice]:
    return [questionary.Choice(choice.title, value=choice.value, checked=choice.value in ticked) for choice in choices]


def _name(given: ReviewedAnswer) -> str:
    return given.question.name.replace("_", " ")


def _cut(text: str, columns: int) -> str:
    """The text in so many columns; emoji and Chinese take two each."""
    if get_cwidth(text) <= columns:
        return text
    while text and get_cwidth(text) >= columns:
        text = text[:-1]
    return text + "…"


def _fit(application: Application[Any], above: _Above) -> None:
    """Cut nothing off in a narrow terminal, and in a low terminal scroll the list, not what stands above it."""
    for window in application.layout.find_all_windows():
        window.wrap_lines = Always()
        if isinstance(window.content, InquirerControl):
            lines = application.output.get_size().rows
            window.height = Dimension(max=max(lines - above.height - 1, _LEAST_OF_A_LIST))


def _run(prompt: questionary.Question, above: _Above, *back_keys: str) -> Any:
    """Ask, with the keys that go back and that show all answers added to the prompt's own.

    Raises:
        Back: a key that goes back was pressed.
        Review: the key that shows all answers was pressed.
        KeyboardInterrupt: Ctrl-C was pressed, Ctrl-D in an empty line, or the terminal is gone.
    """
    added = KeyBindings()

    def leave_with(reason: type[Exception]) -> Callable[[KeyPressEvent], None]:
        return lambda event: event.app.exit(exception=reason)

    for key in back_keys:
        added.add(key, eager=True)(leave_with(Back))
    added.add("c-r", eager=True)(leave_with(Review))
    application = prompt.application
    application.key_bindings = merge_key_bindings(
        [bindings for bindings in (application.key_bindings, added) if bindings is not None]
    )
    _fit(application, above)
    try:
        return prompt.unsafe_ask()
    except EOFError:
        raise KeyboardInterrupt from None
