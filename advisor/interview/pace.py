"""How long the rest of an interview will take: by how much there is to read, and by how fast this person reads it."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.interview.question import Question

#: Silent reading of English non-fiction, 238 words a minute: Brysbaert (2019), Journal of Memory and Language 109.
_WORDS_PER_S = 238 / 60
#: Of a list, people read on average as far as half, where they find what they look for.
_READ_OF_LISTS = 0.5
#: Finding the key for it, by type of question; typing takes longer than pointing, and an order is several choices.
_DECIDE_S = {"text": 6.0, "number": 4.0, "order": 20.0}
_POINT_S = 2.0
#: Who takes longer over one question than this looks something up, or fetches a coffee: that is no pace.
_AWAY_S = 60.0
#: The usual pace counts as much as this many seconds of this person's own.
_USUAL_S = 30.0


def expected_s(question: Question) -> float:
    """Seconds to read and answer a question, as most people would."""
    words: float = len(f"{question.prompt} {question.help}".split())
    words += _READ_OF_LISTS * sum(len(choice.title.split()) for choice in question.choices)
    return words / _WORDS_PER_S + _DECIDE_S.get(question.type, _POINT_S)


class Pace:
    """This person's pace, learned from the questions that were answered."""

    def __init__(self) -> None:
        self._expected_s = _USUAL_S
        self._took_s = _USUAL_S

    def took(self, question: Question, seconds: float) -> None:
        """Learn from one answer."""
        if seconds <= _AWAY_S:
            self._expected_s += expected_s(question)
            self._took_s += seconds

    def seconds_left(self, questions: Iterable[Question]) -> float:
        """For these questions, at this pace."""
        return self._took_s / self._expected_s * sum(map(expected_s, questions))


def time_left(seconds: float) -> str:
    """In words, no finer than a guess can be."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    return f"about {minutes} minute{'s' if minutes > 1 else ''} left"
