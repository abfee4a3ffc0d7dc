"""The interview as a conversation: which question comes next, back, and the review at the end.

What is drawn, and how keys are read, is a screen's business: ``prompts`` has lists that a cursor moves in,
``plain_prompts`` has plain lines for screen readers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from advisor.interview.answers import Answers, Value
from advisor.interview.pace import Pace, time_left
from advisor.interview.question import Question
from advisor.interview.questionnaire import answered, asked, next_question
from advisor.interview.questions import load_sections
from advisor.interview.values import parse
from advisor.interview.wording import in_words, short, what_is_wrong


@dataclass(frozen=True)
class PrioritiesEffect:
    """What an order of priorities does.

    Attributes:
        title: what the shares are.
        shares: of each criterion, by its title, in all the weight there is; the largest first.
        remarks: what else there is to say, in sentences.
    """

    title: str
    shares: Sequence[tuple[str, float]]
    remarks: Sequence[str]


EffectOf = Callable[[Answers], PrioritiesEffect]


class Back(Exception):
    """The user wants to go back to the previous question."""


class Review(Exception):
    """The user wants to see all answers given so far, to change one of them."""


@dataclass(frozen=True)
class ReviewedAnswer:
    """One answer in the review."""

    question: Question
    words: str


class Screen(Protocol):
    """Where the conversation takes place. Its methods raise Back and Review, and KeyboardInterrupt to stop."""

    def ask(self, question: Question, filled: Value | None, heading: str) -> object:
        """The answer as TOML would hold it, not yet checked; ``filled`` is the answer that Enter alone gives."""

    def review(self, sections: Sequence[tuple[str, Sequence[ReviewedAnswer]]], leave: str) -> str | None:
        """The key of the answer to change, or None to leave, which is called so."""

    def accept(self, effect: PrioritiesEffect) -> bool:
        """Show what the order of priorities does; whether that is meant, and not another order wanted."""

    def say(self, line: str) -> None:
        """Show a line that stays."""


@dataclass(frozen=True)
class InterviewSettings:
    """What kind of interview it is.

    Attributes:
        essential_only: the quick interview.
        review: show all answers at its end.
        effect: of an order of priorities.
    """

    essential_only: bool = False
    review: bool = True
    effect: EffectOf | None = None


def converse(
    questions: Sequence[Question],
    answers: Answers,
    screen: Screen,
    save: Callable[[Answers], None],
    settings: InterviewSettings,
) -> Answers:
    """Ask every question that applies and has no answer yet, then show them all for review.

    Args:
        questions: in the order in which they are asked.
        answers: what is known already; it is not asked again, unless the user goes back to it.
        screen: where to ask.
        save: called with all answers after each answer.
        settings: what kind of interview it is.

    Raises:
        AdvisorError: ``save`` failed.
        KeyboardInterrupt: the user stopped; everything answered before has been saved.
    """
    return _Conversation(questions, answers, screen, save, settings).hold()


class _Conversation:
    def __init__(
        self,
        questions: Sequence[Question],
        answers: Answers,
        screen: Screen,
        save: Callable[[Answers], None],
        settings: InterviewSettings,
    ) -> None:
        self.questions = questions
        self.answers = answers
        self.screen = screen
        self.save = save
        self.settings = settings
        self.pace = Pace()
        #: The last answer to every question, even to those that fell away: filled in if they are asked again.
        self.remembered = dict(answers.said)
        #: Up to this place in the order, questions are asked again on the way forward after going back.
        self.been_at = -1

    def hold(self) -> Answers:
        question = self._open()
        while True:
            try:
                if question is not None:
                    self._ask(question)
                    question = self._after(question)
                elif not self.settings.review or not self._change_one("that is all"):
                    return self.answers
                else:
                    question = self._open()
            except Back:
                question = self._before(question)
            except Review:
                self._look_back()
                question = self._open()

    def _ask(self, question: Question) -> None:
        filled = self.remembered.get(question.id)
        if filled is not None:
            question = question.model_copy(update={"guess": ""})  # what is filled in now was answered
        started = monotonic()
        raw = self.screen.ask(question, filled, self._heading(question))
        # Checked again: a prompt can be left in ways that its own checks do not see.
        while complaint := what_is_wrong(question, raw):
            self.screen.say(complaint)
            raw = self.screen.ask(question, filled, self._heading(question))
        value = parse(question, raw)
        self.pace.took(question, monotonic() - started)
        self.answers = answered(self.questions, self.answers, question.id, value)
        self.remembered[question.id] = value
        self.save(self.answers)
        self.screen.say(f"  {short(question)} {in_words(question, value)}")
        if question.id == "priorities.order" and not self._effect_accepted():
            self._ask(question)

    def _effect_accepted(self) -> bool:
        """Show what the order of priorities does, and ask whether that is meant."""
        if self.settings.effect is None or self.answers.get("priorities.order") is None:
            return True
        try:
            return self.screen.accept(self.settings.effect(self.answers))
        except Back:
            return False

    def _change_one(self, leave: str) -> bool:
        """Show all answers and ask the picked question again; False when the user leaves.

        Raises:
            Back: the user goes back from here.
        """
        key = self.screen.review(self._sections(), leave)
        question = next((entry for entry in self._asked() if entry.id == key), None)
        if question is None:
            return False
        with suppress(Back, Review):  # the answer stays as it was
            self._ask(question)
        return True

    def _look_back(self) -> None:
        """The review in the middle of the interview."""
        with suppress(Back, Review):
            while self._change_one("go on with the questions"):
                pass

    def _open(self) -> Question | None:
        return next_question(self.questions, self.answers, self.settings.essential_only)

    def _asked(self) -> list[Question]:
        return asked(self.questions, self.answers, self.settings.essential_only)

    def _place(self, question: Question | None) -> int:
        """In the order of all questions; the review comes after them."""
        keys = [entry.id for entry in self.questions]
        return len(keys) if question is None else keys.index(question.id)

    def _before(self, question: Question | None) -> Question | None:
        """The question to go back to: the last answered before ``question``, or else ``question`` again."""
        here = self._place(question)
        self.been_at = max(self.been_at, here)
        earlier = [entry for entry in self._asked() if self._place(entry) < here and entry.id in self.answers.said]
        return earlier[-1] if earlier else question

    def _after(self, question: Question) -> Question | None:
        """The next question: one by one up to where the user went back from, then the first without an answer."""
        here = self._place(question)
        for entry in self._asked():
            if here < self._place(entry) <= self.been_at:
                return entry
        return self._open()

    def _heading(self, question: Question) -> str:
        all_asked = self._asked()
        number = 1 + [entry.id for entry in all_asked].index(question.id)
        left = [entry for entry in all_asked if entry.id not in self.answers.said]
        time = f" · {time_left(self.pace.seconds_left(left))}" if left else ""
        section = load_sections().get(question.group, question.group)
        return f"{section} · question {number} of {len(all_asked)}{time}"

    def _sections(self) -> list[tuple[str, list[ReviewedAnswer]]]:
        found: dict[str, list[ReviewedAnswer]] = {}
        for question in self._asked():
            if question.id in self.answers.said:
                words = in_words(question, self.answers.said[question.id])
                found.setdefault(question.group, []).append(ReviewedAnswer(question, words))
        titles = load_sections()
        return [(titles.get(group, group), given) for group, given in found.items()]
