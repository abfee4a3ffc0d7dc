"""The interview in plain lines, for screen readers: numbered choices, nothing drawn over, no colour.

Lines are read as bytes: what is typed or pasted need not be text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import BinaryIO, TextIO

from advisor.interview.answers import NOT_SURE, Value
from advisor.interview.conversation import Back, PrioritiesEffect, Review, ReviewedAnswer
from advisor.interview.question import Question
from advisor.interview.wording import (
    ANOTHER_ORDER,
    MEANT,
    UNSURE,
    in_words,
    short,
    takes,
    typed,
    where_the_guess_comes_from,
)

_BACK, _REVIEW, _UNSURE_KEY, _NONE = "b", "r", "?", "0"
_KEYS = f"{_UNSURE_KEY} is {UNSURE}, {_BACK} goes back, {_REVIEW} lists all answers; Ctrl-C stops and keeps them."


class PlainScreen:
    """A :class:`advisor.interview.conversation.Screen` of numbered lines.

    Args:
        lines: where answers are typed.
        out: where to write.
    """

    def __init__(self, lines: BinaryIO, out: TextIO) -> None:
        self._lines = lines
        self._out = out
        self._keys_told = False

    def ask(self, question: Question, filled: Value | None, heading: str) -> object:
        """See :class:`advisor.interview.conversation.Screen`."""
        before = question.default if filled is None else filled
        self.say("")
        self.say(heading.replace(" · ", ", ") + ".")
        self.say(question.prompt)
        for line in (f"Why: {question.help}", where_the_guess_comes_from(question)):
            if line:
                self.say(line)
        numbered = _numbered(question)
        for number, value in numbered.items():
            title = next(choice.title for choice in question.choices if choice.value == value)
            self.say(f"  {number}. {title}")
        self.say(_how(question, before))
        if not self._keys_told:
            self.say(_KEYS)
            self._keys_told = True
        while True:
            line = self._read()
            if line == _UNSURE_KEY:
                return NOT_SURE
            answer = _meant(question, numbered, line, before)
            if answer is not None:
                return answer
            self.say(f"  {_how(question, before)}")

    def review(self, sections: Sequence[tuple[str, Sequence[ReviewedAnswer]]], leave: str) -> str | None:
        """See :class:`advisor.interview.conversation.Screen`."""
        self.say("\nAll answers so far.")
        keys: dict[str, str] = {}
        for title, all_given in sections:
            self.say(f"{title}:")
            for given in all_given:
                number = str(len(keys) + 1)
                keys[number] = given.question.id
                self.say(f"  {number}. {short(given.question)} {given.words}")
        while True:
            self.say(f"Type the number of an answer to change it. Enter alone: {leave}.")
            line = self._read()
            if not line or line in keys:
                return keys.get(line)

    def accept(self, effect: PrioritiesEffect) -> bool:
        """See :class:`advisor.interview.conversation.Screen`."""
        self.say(effect.title)
        for title, share in effect.shares:
            self.say(f"  {title}: {100 * share:.0f} percent.")
        for remark in effect.remarks:
            self.say(remark)
        self.say(f"Enter alone: {MEANT}. {_BACK}: {ANOTHER_ORDER}.")
        self._read()
        return True

    def say(self, line: str) -> None:
        """See :class:`advisor.interview.conversation.Screen`."""
        self._out.write(line + "\n")
        self._out.flush()

    def _read(self) -> str:
        """One line that was typed.

        Raises:
            Back: it was the sign for it.
            Review: likewise.
            KeyboardInterrupt: the terminal is gone, or was closed with Ctrl-D.
        """
        while True:
            self._out.write("> ")
            self._out.flush()
            line = self._lines.readline()
            if not line:
                raise KeyboardInterrupt
            try:
                text = line.decode().strip()
            except UnicodeDecodeError:
                self.say("  This is not text in UTF-8.")
                continue
            if text.lower() == _BACK:
                raise Back
            if text.lower() == _REVIEW:
                raise Review
            return text


def _numbered(question: Question) -> Mapping[str, str]:
    """The values that can be chosen, by what is typed for them: levels have numbers of their own."""
    if question.type == "level":
        return {value: value for value in question.values}
    return {str(number): value for number, value in enumerate(question.values, start=1)}


def _how(question: Question, before: Value | None) -> str:
    """How to answer, and what Enter alone answers."""
    how = {
        "choice": "Type a number.",
        "level": "Type a number.",
        "choices": f"Type numbers, with spaces between; {_NONE} is none of them.",
        "order": f"Type up to {question.at_most} numbers, the most important first; {_NONE} is none of them.",
    }.get(question.type, f"Type {takes(question)}.")
    alone = _alone(question, before)
    return how if alone is None else f"{how} Enter alone: {in_words(question, alone)}."


def _alone(question: Question, before: Value | None) -> Value | None:
    """What Enter alone answers; None where it answers nothing, as in a list that needs a choice."""
    if before is not None:
        return before
    if question.type == "choices":
        return ()
    return NOT_SURE if question.type in ("text", "number") else None


def _meant(question: Question, numbered: Mapping[str, str], line: str, before: Value | None) -> object | None:
    """The answer as TOML would hold it, not yet checked; None where a line that must hold numbers does not."""
    if not line:
        return _alone(question, before)
    if question.type in ("text", "number"):
        return typed(question, line)
    if question.type == "level":
        return int(line) if line in numbered else None
    if question.type == "choice":
        return numbered.get(line)
    picked = re.findall(r"[^\s,]+", line)
    if picked == [_NONE]:
        return ()
    return tuple(numbered[number] for number in picked) if picked and set(picked) <= numbered.keys() else None
