"""One page for people who decide about money and dates: what is recommended and why, without a word of the method."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from advisor.catalog import CRITERIA
from advisor.deciding.decision import Contribution
from advisor.evidence.from_answers import weeks_until_productive
from advisor.evidence.from_code import CODE_CRITERION
from advisor.reporting.first_page.busy import busy_caveat
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.sections.context import problem_sentence
from advisor.reporting.words import reasons, sentences
from advisor.reporting.words.names import candidate_title, constraint_title, joined, sentence, target_title
from advisor.reporting.words.numbers import counted, money_usd, weeks

_SHOWN = 3
_STAGES = 4


@dataclass(frozen=True)
class Brief:
    """Each field is a sentence or a list of them; empty where there is nothing to say."""

    title: str
    about: str
    recommendation: str
    how_sure: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    cost: str
    open: tuple[str, ...]
    next_steps: tuple[str, ...]
    review_by: str


def build_brief(inputs: ReportInputs, review_by: str) -> Brief:
    """The page for a study, whatever its verdict; ``review_by`` is an ISO date."""
    change = [c for c in reasons.telling(inputs) if c.criterion in CRITERIA]
    return Brief(
        title=inputs.title.strip() or "this project",
        about=problem_sentence(inputs),
        recommendation=_recommendation(inputs),
        how_sure=_how_sure(inputs),
        reasons=tuple(_says(inputs, c) for c in sorted(change, key=lambda c: -c.amount) if c.amount > 0)[:_SHOWN],
        against=tuple(_says(inputs, c) for c in sorted(change, key=lambda c: c.amount) if c.amount < 0)[:_SHOWN],
        cost=_cost(inputs),
        open=_open(inputs),
        next_steps=_next_steps(inputs),
        review_by=review_by,
    )


def _open(inputs: ReportInputs) -> tuple[str, ...]:
    """Each requirement once; why it is open, and what was tried, is for the full report."""
    required = dict.fromkeys(constraint_title(veto.constraint) for veto in sentences.open_questions(inputs))
    leader = candidate_title(inputs.leader or "")
    return tuple(f"Nobody knows yet whether {leader} meets this requirement: {title}." for title in required)


def _recommendation(inputs: ReportInputs) -> str:
    leader = candidate_title(inputs.leader or "")
    match inputs.decision.verdict:
        case "none_feasible":
            return sentence(f"no framework meets every requirement. {sentences.way_out(inputs)}")
        case "insufficient":
            return "It is too early to choose: too little is known yet."
        case "too_close":
            titles = sentences.shortlist_titles(inputs)
            if len(titles) < 2:
                return f"{leader} is ahead, but not by enough to say that it is the better choice."
            which, none = ("Either", "neither") if len(titles) == 2 else ("Any", "none")
            return f"{which} of {joined(titles)} will do: {none} is clearly better for you, and {leader} is ahead."
        case "conditional":
            return f"Use {leader}, provided that what is still open turns out well."
        case _:
            return f"Use {leader}."


def _how_sure(inputs: ReportInputs) -> str:
    """The chance in words and as a fraction of ten, as people say it."""
    share = sentences.probability_ahead(inputs)
    if share is None or inputs.decision.verdict == "insufficient":
        return ""
    family = sentences.favourite_title(inputs)
    tenths = round(share * 10)
    often = "in nearly every case" if tenths >= 10 else f"in about {tenths} cases of 10"
    weighed = "what was measured, answered and looked up" if inputs.has_pilots else "what was answered and looked up"
    nothing = "" if inputs.has_pilots else " Nothing was measured."
    if busy_caveat(inputs):
        nothing = " Some of it was measured while other programs were at work, so speeds count for little."
    return f"Weighing {weighed} in every way that makes sense, {family} came out best {often}.{nothing}"


def _says(inputs: ReportInputs, contribution: Contribution) -> str:
    """One criterion in plain words: which of the two does better at it, and by how much where people count it."""
    leader, other = inputs.leader or "", reasons.runner_up(inputs) or ""
    ahead, behind = (leader, other) if contribution.amount > 0 else (other, leader)
    return (
        f"With {candidate_title(ahead)} {CRITERIA[contribution.criterion].gain}"
        f"{_by_how_much(inputs, contribution.criterion, ahead, behind)}."
    )


def _by_how_much(inputs: ReportInputs, criterion: str, ahead: str, behind: str) -> str:
    if criterion == "team_fit":
        soon, late = (weeks(weeks_until_productive(name, inputs.answers).median) for name in (ahead, behind))
        return f": in about {soon}, against {late}" if soon != late else ""
    if criterion != CODE_CRITERION:
        return ""
    pilots = {
        cell.shown.measure.partition("@")[2]
        for cell in inputs.evidence.cells
        if cell.criterion == criterion and cell.candidate in (ahead, behind)
    }
    few, many = (_code(inputs, name, pilots) for name in (ahead, behind))
    if few and many and few != many:
        return f": {counted(few, 'operation')} of code against {many} for the same small model"
    return ""


def _code(inputs: ReportInputs, candidate: str, pilots: Collection[str]) -> int:
    """Operations on the pilot that stands for both; 0 where it was not counted, or their pilots differ."""
    sizes = {size.workload: size.operations for size in inputs.code if size.candidate == candidate}
    return sum(sizes.get(pilot, 0) for pilot in pilots) if len(pilots) == 1 else 0


def _cost(inputs: ReportInputs) -> str:
    cost = inputs.decision.cost
    if cost is None or inputs.leader is None or abs(cost.people_usd) < 1:
        return ""
    direction = "more" if cost.people_usd > 0 else "less"
    return (
        f"Getting the team going costs about {money_usd(abs(cost.people_usd))} {direction} than with "
        f"{candidate_title(cost.compared_with)}."
    )


def _next_steps(inputs: ReportInputs) -> tuple[str, ...]:
    decision = inputs.decision
    if decision.verdict == "none_feasible":
        return ("Decide which requirement can give way; the full report names those that each framework fails.",)
    if decision.verdict == "insufficient":
        return ("Answer the open questions and run the short trials; the full report names the command.",)
    leader = candidate_title(inputs.leader or "")
    first = f"Agree on {leader} in the design review" if decision.verdict != "too_close" else "Settle on one of them"
    steps = [f"{first}; people decide, this page only proposes."]
    targets = [target_title(name) for name, route in decision.routes.items() if route.status != "none"]
    if targets:
        trains = inputs.answers.text("project.trains") != "no"
        model = "a first, simple model" if trains else "one of the existing models"
        steps.append(f"Within two weeks: take {model} all the way to where it must run ({joined(targets)}).")
    if decision.migration in ("upgrade", "migrate"):
        steps.append("Within the first month: begin to move the existing software, model by model.")
    if decision.migration == "freeze":
        steps.append("Within the first month: freeze the existing models in a form that needs no upkeep.")
    due = inputs.answers.number("project.baseline_weeks")
    if due is not None:
        steps.append(f"By week {due:g}: a first model that works.")
    return tuple(steps[:_STAGES])
