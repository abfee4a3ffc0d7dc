"""The verdict in plain words: the heading of the report, its first sentence, and why an option is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.catalog import CANDIDATES, family_of
from advisor.deciding.decision import Veto
from advisor.deciding.verdict import GROUNDED_WORDS
from advisor.evidence.from_code import CODE_CRITERION
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.commands import with_study
from advisor.reporting.words.names import (
    candidate_title,
    constraint_title,
    criterion_phrase,
    either,
    family_title,
    joined,
    sentence,
)
from advisor.reporting.words.numbers import apart, counted, percent


@dataclass(frozen=True)
class NextStep:
    """What to do next, and the command that does it (empty where there is none)."""

    text: str
    command: str


@dataclass(frozen=True)
class _Favourite:
    """Who is ahead and how surely: a family where several of its candidates were ranked, else the candidate."""

    title: str
    probability: float
    within_family: str


def heading(inputs: ReportInputs) -> str:
    """The title of the report. It names a choice only where the verdict does."""
    decision, purpose = inputs.decision, inputs.title.strip() or "this project"
    if decision.verdict == "none_feasible":
        return f"No framework meets every requirement of {purpose}"
    if decision.verdict == "insufficient":
        return f"Not enough evidence yet to choose a framework for {purpose}"
    if decision.verdict == "too_close":
        return f"Use {either(shortlist_titles(inputs))} for {purpose}: too close to call"
    choice = f"Use {candidate_title(inputs.leader or '')} for {purpose}"
    return f"{choice}, if what is open holds" if decision.verdict == "conditional" else choice


def makes_choice(inputs: ReportInputs) -> bool:
    """True if the verdict names one candidate to take."""
    return inputs.decision.verdict in ("clear", "lean", "conditional")


def verdict_sentence(inputs: ReportInputs) -> str:
    """The verdict in one sentence, with how sure it is; see the thresholds at the end of the report."""
    decision = inputs.decision
    if decision.verdict == "none_feasible":
        number = len(inputs.vetoed)
        subject = "The only candidate fails" if number == 1 else f"All {number} candidates fail"
        return f"{subject} at least one of your requirements, so none can be recommended."
    if decision.verdict == "insufficient":
        missing, limit = apart(decision.missing_weight, decision.method.thresholds.missing_weight)
        return (
            f"There is not enough evidence to recommend anything: what nobody has measured, answered or looked up "
            f"carries {missing} of the weight, more than the {limit} up to which this report gives an answer."
        )
    favourite = _favourite(inputs)
    likely = percent(favourite.probability)
    if decision.verdict == "clear" and _alone(inputs):
        return f"{candidate_title(inputs.leader or '')} is the only candidate that meets every requirement."
    if decision.verdict == "clear":
        return (
            f"{favourite.title} is the clear choice: it comes out best in {likely} of the ways in which the "
            f"evidence and your priorities can be read, by a margin that matters{favourite.within_family}."
        )
    if decision.verdict == "lean":
        return (
            f"{favourite.title} is the better choice but not a certain one: it comes out best in {likely} of the "
            f"ways in which the evidence and your priorities can be read{favourite.within_family}{_held_back(inputs)}."
        )
    if decision.verdict == "conditional":
        questions = counted(len(open_questions(inputs)), "question")
        verb = "is" if len(open_questions(inputs)) == 1 else "are"
        return (
            f"{favourite.title} is ahead, best in {likely} of the ways in which the evidence and your priorities "
            f"can be read{favourite.within_family}, but {questions} about what you require {verb} still open."
        )
    titles = shortlist_titles(inputs)
    if len(titles) < 2:
        return (
            f"{favourite.title} is ahead, but too narrowly to call: it comes out best in only {likely} of the ways "
            f"in which the evidence and your priorities can be read{favourite.within_family}."
        )
    return (
        f"{joined(titles)} are too close to call: {favourite.title} is ahead, but comes out best in only {likely} "
        f"of the ways in which the evidence and your priorities can be read{favourite.within_family}, and little is "
        f"lost by taking {'either' if len(titles) == 2 else 'any'} of them."
    )


def what_stands_under_it(inputs: ReportInputs) -> str:
    """How much of the weight is known here; empty where a decision of before does not tell, or nothing was ranked."""
    share = inputs.decision.grounded_weight
    if share is None or not inputs.ranked:
        return ""
    return (
        f"What stands under it: {percent(share)} of the weight {GROUNDED_WORDS}; the rest is cited, counted in code "
        "that did not run for your problem here, or not known."
    )


def _held_back(inputs: ReportInputs) -> str:
    """Why a verdict is not clear though the lead is; empty where it is not held back."""
    decision = inputs.decision
    if not decision.held_back:
        return ""
    share, limit = apart(decision.grounded_weight or 0.0, decision.method.thresholds.grounded_weight)
    return f"; it is not called clear, since only {share} of the weight {GROUNDED_WORDS}, and {limit} is needed"


def chosen_option(inputs: ReportInputs) -> str:
    """What stands in quotation marks after ``Chosen option:``."""
    decision = inputs.decision
    if decision.verdict == "none_feasible":
        return "none of the candidates"
    if decision.verdict == "insufficient":
        return "none yet"
    if decision.verdict == "too_close":
        return f"none yet; {either(shortlist_titles(inputs))}"
    return candidate_title(inputs.leader or "")


def because(inputs: ReportInputs) -> str:
    """Why, as the end of a sentence that begins with the chosen option."""
    decision = inputs.decision
    limits = decision.method.thresholds
    if decision.verdict == "none_feasible":
        return "each of them fails a requirement"
    if decision.verdict == "insufficient":
        return f"missing evidence carries {percent(decision.missing_weight)} of the weight"
    if decision.verdict == "clear" and _alone(inputs):
        return "no other candidate meets every requirement"
    favourite = _favourite(inputs)
    ahead = f"{favourite.title} comes out best with a probability of {percent(favourite.probability)}"
    if decision.verdict == "too_close":
        return f"{ahead}, and less than {percent(limits.lean_probability)} is no choice"
    if decision.verdict == "conditional":
        constraints = joined([constraint_title(veto.constraint) for veto in open_questions(inputs)])
        return f"{ahead}, provided that it also meets what is still open: {constraints}"
    if decision.held_back:
        return f"{ahead}{_held_back(inputs)}"
    if decision.verdict == "lean" and favourite.probability >= limits.clear_probability:
        return f"{ahead}, though by a margin too small to be called clear"
    bound = limits.clear_probability if decision.verdict == "clear" else limits.lean_probability
    return f"{ahead} (at least {percent(bound)} is needed for this verdict)"


def tie_breaker(inputs: ReportInputs) -> NextStep | None:
    """What to measure or answer next; None where nothing would help, or nothing is worth its effort."""
    step = inputs.decision.next_measurement
    if step is None:
        return None
    starts = {"too_close": "The cheapest way to break the tie", "insufficient": "What would help most"}
    what = f"know more about {criterion_phrase(step.criterion)}"
    if step.criterion == CODE_CRITERION and not step.command:
        change = inputs.decision.what_would_change
        two = [inputs.leader, change.runner_up] if change else [inputs.leader]
        what = (
            f"build a first model of your own for a day in {joined([candidate_title(name) for name in two if name])}; "
            "how much code that takes is counted, and what it costs in effort only trying tells"
        )
    text = f"{starts.get(inputs.decision.verdict, 'To be surer still')}: {what}."
    return NextStep(text, with_study(step.command, inputs.study))


def way_out(inputs: ReportInputs) -> str:
    """Where nothing is feasible, the smallest concession that lets a candidate back in; else empty."""
    if inputs.decision.verdict != "none_feasible":
        return ""
    if inputs.decision.relaxation is None:
        return "No single concession lets a candidate back in."
    return sentence(inputs.decision.relaxation)


def open_questions(inputs: ReportInputs) -> tuple[Veto, ...]:
    """Requirements of which nobody knows yet whether the leading candidate meets them."""
    result = inputs.result(inputs.leader) if inputs.leader else None
    return tuple(veto for veto in result.vetoes if veto.status == "unknown") if result else ()


def shortlist_titles(inputs: ReportInputs) -> tuple[str, ...]:
    """Titles of those between which the evidence does not decide; the leader alone where none are listed."""
    names = inputs.decision.shortlist or ((inputs.leader,) if inputs.leader else ())
    return tuple(candidate_title(name) for name in names)


def favourite_title(inputs: ReportInputs) -> str:
    """What is ahead: a family where several of its candidates were ranked, else the candidate."""
    return _favourite(inputs).title


def probability_ahead(inputs: ReportInputs) -> float | None:
    """The share of the readings in which :func:`favourite_title` comes out best; None where nothing was ranked."""
    return _favourite(inputs).probability if inputs.ranked else None


def _favourite(inputs: ReportInputs) -> _Favourite:
    """The verdict is reached per family first: its near-clones share the first rank among them.

    Where it is too close to call, candidates are set side by side, unless the leader only leads by its family.
    """
    decision = inputs.decision
    leader = inputs.leader or ""
    result = inputs.result(leader)
    own = result.rank_probability[0] if result and result.rank_probability else decision.probability_best or 0.0
    siblings = [other for other in inputs.ranked if other.id != leader and _family(other.id) == _family(leader)]
    family_share = decision.family_probability.get(_family(leader), own)
    first = inputs.ranked[0].id if inputs.ranked else leader
    if not siblings or (decision.verdict == "too_close" and first == leader):
        return _Favourite(candidate_title(leader), own, "")
    within = f"; within {family_title(_family(leader))}, {candidate_title(leader)} is ahead ({percent(own)})"
    return _Favourite(family_title(_family(leader)), family_share, within)


def _alone(inputs: ReportInputs) -> bool:
    """True if every candidate but one fails a requirement."""
    return len(inputs.ranked) == 1


def _family(candidate: str) -> str:
    return family_of(candidate) if candidate in CANDIDATES else candidate
