"""Where a command takes its answers from: its options, this machine, a folder of code, and whoever sits before it."""

from __future__ import annotations

from collections.abc import Callable

from advisor.commands.common_options import AnswerOptions
from advisor.interview.answers import Answers
from advisor.interview.collect import Sources
from advisor.interview.conversation import PrioritiesEffect
from advisor.interview.suggestions import Guess
from advisor.study import FACTS, Study
from advisor.workflow.suggest import guesses


def sources_of(
    given: AnswerOptions, study: Study, tell: Callable[[str], None], *, essential_only: bool = False
) -> Sources:
    """The sources that the options name.

    Args:
        given: the options.
        study: whose facts count for the effect of priorities.
        tell: where guesses from code are told.
        essential_only: ask the essential questions alone.

    Raises:
        AdvisorError: there is no folder of that name to scan.
    """

    def effect(answers: Answers) -> PrioritiesEffect:
        # Loads numpy, which nobody should wait for before the first question.
        from advisor.workflow.priorities_effect import effect_of_priorities

        own_facts = study.path(FACTS)
        return effect_of_priorities(answers, own_facts if own_facts.exists() else None)

    return Sources(
        file=given.answers,
        settings=given.settings or (),
        defaults=given.defaults,
        no_input=given.no_input,
        skip_answered=given.skip_answered,
        essential_only=essential_only,
        guesses=_guesses(given, tell),
        effect=effect,
    )


def _guesses(given: AnswerOptions, tell: Callable[[str], None]) -> tuple[Guess, ...]:
    """What the machine and a folder of code suggest, told before anything is asked; nothing where nobody is asked."""
    if given.no_input and given.scan is None:
        return ()
    found = guesses(given.scan)
    for guess in found if given.scan is not None else ():
        value = ", ".join(guess.value) if isinstance(guess.value, tuple) else str(guess.value)
        tell(f"guess: {guess.key} = {value} ({guess.because})")
    return found
