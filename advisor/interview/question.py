"""One question of the interview."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from advisor.interview.answers import Value

QuestionType = Literal["text", "choice", "choices", "number", "level", "order", "points", "anchors", "names"]


class Choice(BaseModel):
    """A value that can be chosen, and the wording that tells it from the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: str
    title: str


class Question(BaseModel):
    """A question: what is asked, why, and which answers it takes.

    ``id`` is ``group.name``, as in an answers file. ``help`` says in one line why it is asked and what it
    influences. ``choices`` are the values a choice, several choices, an order or a table may name; for a
    level, ``"0"`` to ``"5"`` with what each means. ``when`` is a condition on earlier answers. ``among`` is
    the id of an earlier question of which only the chosen values may be chosen again. ``minimum`` and
    ``maximum`` are inclusive; the unit stands in the id. ``pattern`` is a regular expression for the whole of
    a text, and ``example`` a text that matches it. ``guess`` says where a default comes from that nobody wrote
    here: this machine, or the team's code. ``prompted`` is False for what can only be answered in a
    file. ``revision`` grows when the meaning changes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    type: QuestionType
    prompt: str
    help: str
    choices: tuple[Choice, ...] = ()
    when: dict[str, tuple[str, ...]] = {}
    among: str | None = None
    default: Value | None = None
    essential: bool = False
    minimum: float | None = None
    maximum: float | None = None
    at_most: int | None = None
    pattern: str | None = None
    example: str | None = None
    guess: str = ""
    prompted: bool = True
    revision: int = 1

    @property
    def group(self) -> str:
        """The table of the answers file it belongs to."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The key within its table."""
        return self.id.partition(".")[2]

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the choices."""
        return tuple(choice.value for choice in self.choices)
