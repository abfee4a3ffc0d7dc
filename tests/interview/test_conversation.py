"""Whatever is answered, taken back and changed, in whatever order: what is left is what was meant."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from interview_strategies import raw_values

from advisor.interview.answers import Answers, Value
from advisor.interview.answers_file import save
from advisor.interview.conversation import Back, InterviewSettings, PrioritiesEffect, Review, ReviewedAnswer, converse
from advisor.interview.pace import Pace, expected_s, time_left
from advisor.interview.question import Question
from advisor.interview.questionnaire import contradictions, missing_essential, next_question, unused
from advisor.interview.questions import load_questions
from advisor.interview.values import parse

QUESTIONS = load_questions()


class Restless:
    """Somebody who goes back, looks at all answers and changes some, until they get tired of it."""

    def __init__(self, data: st.DataObject, patience: int) -> None:
        self.data = data
        self.patience = patience
        self.meant: dict[str, Value] = {}
        self.headings: list[str] = []

    def ask(self, question: Question, filled: Value | None, heading: str) -> object:
        assert filled is None or filled == self.meant[question.id]
        self.headings.append(heading)
        if self.restless():
            raise self.data.draw(st.sampled_from([Back, Review]))
        raw = self.data.draw(raw_values(question))
        self.meant[question.id] = parse(question, raw)
        return raw

    def review(self, sections: Sequence[tuple[str, Sequence[ReviewedAnswer]]], leave: str) -> str | None:
        given = [one for _, all_given in sections for one in all_given]
        if given and self.restless():
            if self.data.draw(st.booleans()):
                raise Back
            return self.data.draw(st.sampled_from(given)).question.id
        return None

    def accept(self, effect: PrioritiesEffect) -> bool:
        return not self.restless()

    def say(self, line: str) -> None:
        assert line

    def restless(self) -> bool:
        self.patience -= 1
        return self.patience > 0 and self.data.draw(st.integers(0, 3)) == 0


@settings(max_examples=12, deadline=None)
@given(data=st.data(), patience=st.integers(0, 40), quick=st.booleans())
def test_what_is_left_is_what_was_meant(data: st.DataObject, patience: int, quick: bool) -> None:
    saved: list[Answers] = []
    person = Restless(data, patience)
    effect = PrioritiesEffect("Weights:", [("Memory", 1.0)], [])
    how = InterviewSettings(essential_only=quick, effect=lambda answers: effect)
    with tempfile.TemporaryDirectory() as folder:
        bit_by_bit, at_once = Path(folder, "answers.toml"), Path(folder, "at_once.toml")

        def keep(answers: Answers) -> None:
            saved.append(answers)
            save(bit_by_bit, answers)

        last = converse(QUESTIONS, Answers(), person, keep, how)
        save(at_once, last)
        assert bit_by_bit.read_bytes() == at_once.read_bytes()
    assert saved[-1] == last
    assert {key: person.meant[key] for key in last.said} == last.said
    assert next_question(QUESTIONS, last, quick) is None
    assert missing_essential(QUESTIONS, last) == () == unused(QUESTIONS, last)
    assert contradictions(QUESTIONS, last) == {}


def test_who_answers_fast_has_less_time_left_and_a_coffee_changes_nothing() -> None:
    usual = sum(map(expected_s, QUESTIONS))
    pace = Pace()
    assert pace.seconds_left(QUESTIONS) == usual
    pace.took(QUESTIONS[0], 1000.0)
    assert pace.seconds_left(QUESTIONS) == usual
    for question in QUESTIONS:
        pace.took(question, expected_s(question) / 2)
    assert usual / 2 < pace.seconds_left(QUESTIONS) < 0.6 * usual
    assert pace.seconds_left([]) == 0


def test_time_left_in_words() -> None:
    words = {0: "less than a minute left", 29: "less than a minute left", 31: "about 1 minute left"}
    assert {seconds: time_left(seconds) for seconds in words} == words
    assert time_left(200) == "about 3 minutes left"
