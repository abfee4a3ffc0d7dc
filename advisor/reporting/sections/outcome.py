"""The outcome: what is chosen and why, what follows from it, how to check it, and what would change it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from advisor.catalog import CANDIDATES
from advisor.deciding.decision import Hybrid, Reason, WhatWouldChange
from advisor.reporting.first_page.stress import stress_lines
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.sections.evidence import source_spans
from advisor.reporting.words import reasons, sentences
from advisor.reporting.words.names import (
    candidate_title,
    criterion_phrase,
    criterion_title,
    joined,
    sentence,
    target_title,
    uncoded,
    words,
)
from advisor.reporting.words.numbers import money_usd, percent, quantity, ratio
from advisor.reporting.words.table import Table

_MIGRATION = {
    "none": "",
    "stay": "Keep the existing code on the framework it runs on; moving it is not worth the effort.",
    "upgrade": "Stay with the framework of the existing code and move to its current major version.",
    "freeze": (
        "Export the existing models once, serve them with a light runtime, and stop depending on their framework."
    ),
    "migrate": "Move the existing code to the chosen framework.",
}
_BACKEND_REASONS = 3
_WHY_NOT_REASONS = 2
_ROUTE_STATUS = {"rehearsed": "rehearsed here", "cited": "cited, not tried here", "none": "no route known"}


@dataclass(frozen=True)
class Change:
    """What would turn the answer: by weight, by our judgements, by measured value, by leaving something out."""

    smallest_shift: str
    stress: tuple[str, ...]
    weights: Table | None
    values: Table | None
    drops: tuple[str, ...]


@dataclass(frozen=True)
class Backend:
    """Which backend of the recommended family, and why, in sentences."""

    choice: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class People:
    """What each person's answers alone would recommend, and whether that matters."""

    table: Table
    agreement: str


@dataclass(frozen=True)
class WhyNot:
    """A candidate that could be chosen, and what speaks most for the chosen candidate instead."""

    candidate: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """The chosen option with its reason, consequences, a runnable check, and what would change it.

    ``confirmation`` is a sequence of shell commands, ``confirmation_expects`` what they should print.
    """

    chosen: str
    because: str
    existing_code: str
    backend: Backend | None
    hybrid: str
    ship: Table | None
    people: People | None
    why_not: tuple[WhyNot, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    confirmation: str
    confirmation_expects: str
    change: Change | None


@dataclass(frozen=True)
class CostView:
    """Money beside the verdict."""

    table: Table
    explanation: str


def build_outcome(inputs: ReportInputs) -> Outcome:
    """The outcome of a decision, whatever its verdict."""
    change = inputs.decision.what_would_change
    chosen = sentences.makes_choice(inputs)
    return Outcome(
        chosen=sentences.chosen_option(inputs),
        because=sentences.because(inputs),
        existing_code=_existing_code(inputs),
        backend=_backend(inputs),
        hybrid=_hybrid(inputs.decision.hybrid),
        ship=_ship(inputs.decision.hybrid),
        people=_people(inputs),
        why_not=_why_not(inputs) if chosen else (),
        good=_within_sentence(reasons.reasons_for(inputs)) if chosen else (),
        bad=_within_sentence(reasons.reasons_against(inputs)) if chosen else (),
        confirmation=_confirmation(inputs),
        confirmation_expects=_expects(inputs),
        change=_change(inputs, change) if change is not None else None,
    )


def _within_sentence(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Reasons that follow upon "because of"."""
    return tuple(text[:1].lower() + text[1:] for text in texts)


def _existing_code(inputs: ReportInputs) -> str:
    advice, why = _MIGRATION[inputs.decision.migration], inputs.decision.migration_because
    return f"{advice} The reason: {why}." if why else advice


def _backend(inputs: ReportInputs) -> Backend | None:
    backend = inputs.decision.backend
    if backend is None:
        return None
    first, second = candidate_title(backend.recommended), candidate_title(backend.runner_up)
    how_sure = {
        "clear": f"Of the backends, {first} is clearly the best",
        "lean": f"Of the backends, {first} is probably the best",
        "too_close": f"Which backend is too close to call; {first} is ahead",
    }[backend.verdict]
    text = f"{how_sure}: it comes first among them in {percent(backend.probability)} of the readings, before {second}."
    told = [reason for reason in backend.reasons if reason.text][:_BACKEND_REASONS]
    return Backend(choice=text, reasons=tuple(_about_backend(reason, first) for reason in told))


def _about_backend(reason: Reason, first: str) -> str:
    side = "For" if reason.amount > 0 else "Against"
    return f"{side} {first}, {criterion_phrase(reason.criterion)}: {uncoded(reason.text)}"


def _why_not(inputs: ReportInputs) -> tuple[WhyNot, ...]:
    """The others, the best first; the runner-up is compared in full elsewhere."""
    told = []
    for result in inputs.ranked:
        better = [reason for reason in inputs.decision.why_not.get(result.id, ()) if reason.amount > 0]
        if result.id != reasons.runner_up(inputs) and better:
            texts = [_told(reason) for reason in better[:_WHY_NOT_REASONS]]
            told.append(WhyNot(candidate_title(result.id), tuple(texts)))
    return tuple(told)


def _told(reason: Reason) -> str:
    title = criterion_title(reason.criterion)
    return f"{title}: {uncoded(reason.text)}" if reason.text else f"{title}."


def _hybrid(hybrid: Hybrid | None) -> str:
    if hybrid is None:
        return ""
    title = candidate_title(hybrid.develop)
    return f"Develop in {title}, and ship without it: {hybrid.why}." if hybrid.ship else sentence(hybrid.why)


def _ship(hybrid: Hybrid | None) -> Table | None:
    if hybrid is None or not hybrid.ship:
        return None
    return Table(("Target", "Ship by"), tuple((target_title(target), way) for target, way in hybrid.ship.items()))


def _people(inputs: ReportInputs) -> People | None:
    people = inputs.decision.people
    if not people:
        return None
    chosen = candidate_title(inputs.decision.recommended or "")
    others = [person.name for person in people if not person.agrees]
    agreement = (
        f"Each of them alone would be recommended {chosen} as well."
        if not others
        else f"{joined(others)} alone would be recommended something else than {chosen}: talk about why first."
    )
    rows = tuple(
        (person.name, candidate_title(person.recommended), percent(person.probability_best[person.recommended]))
        for person in people
    )
    return People(Table(("Person", "Would be recommended", "Best in"), rows), agreement)


def build_routes(inputs: ReportInputs) -> Table | None:
    """How the leading candidate reaches each target; None where no target was named."""
    rows = tuple(
        (target_title(target), route.route or "none", _ROUTE_STATUS[route.status], source_spans(inputs, route.source))
        for target, route in inputs.decision.routes.items()
    )
    return Table(("Target", "Route", "Status", "Source"), rows) if rows else None


def build_cost(inputs: ReportInputs) -> CostView | None:
    """Cost next to the rival; None where the answers hold no prices."""
    cost = inputs.decision.cost
    if cost is None or inputs.leader is None:
        return None
    leader, other = candidate_title(inputs.leader), candidate_title(cost.compared_with)
    direction = "more" if cost.people_usd >= 0 else "less"
    step_time = "not measured" if cost.step_time_ratio is None else ratio(cost.step_time_ratio)
    bill = cost.break_even_compute_usd_month
    rows = (
        ("People's time", f"{money_usd(abs(cost.people_usd))} {direction} than {other}"),
        (f"Step time divided by that of {other}", step_time),
        (
            "Monthly compute bill at which speed pays for it",
            "none: no bill changes it" if bill is None else money_usd(bill),
        ),
    )
    return CostView(Table(("Cost", leader), rows), sentence(cost.explanation))


def _confirmation(inputs: ReportInputs) -> str:
    """Commands that install the exact versions and derive the decision again from what is stored."""
    chosen = inputs.decision.recommended if sentences.makes_choice(inputs) else None
    versions = inputs.versions.get(chosen, {}) if chosen else {}
    packages = CANDIDATES[chosen].packages if chosen and chosen in CANDIDATES else ()
    pins = [f"{name}=={_public(versions[name])}" for name in packages if name in versions]
    install = [shlex.join(["python", "-m", "pip", "install", *pins])] if pins else []
    return "\n".join([*install, f"advisor decide {shlex.quote(inputs.study)}"])


def _public(version: str) -> str:
    """The version without its local part (``+cpu``), which package indexes do not carry."""
    return version.partition("+")[0]


def _expects(inputs: ReportInputs) -> str:
    verdict = words(inputs.decision.verdict)
    chosen = inputs.decision.recommended if sentences.makes_choice(inputs) else None
    ending = f" and recommends {candidate_title(chosen)}" if chosen else ""
    return f"The last command reads the stored trials and answers again, and says: {verdict}{ending}."


def _change(inputs: ReportInputs, change: WhatWouldChange) -> Change:
    other = candidate_title(change.runner_up)
    shift = change.smallest_weight_shift
    smallest = (
        f"No shift of weights puts {other} first."
        if shift is None
        else f"The smallest shift of weights that puts {other} first moves {percent(shift)} of the total weight."
    )
    weights = tuple(
        (
            criterion_title(flip.criterion),
            percent(flip.weight_now),
            "never" if flip.weight_at_flip is None else percent(flip.weight_at_flip),
        )
        for flip in change.weights
    )
    values = tuple(
        (
            criterion_title(flip.criterion),
            flip.label,
            quantity(flip.raw_now, flip.unit),
            reasons.needed(flip),
        )
        for flip in change.values
    )
    return Change(
        smallest_shift=smallest,
        stress=tuple(line for line in stress_lines(inputs) if line),
        weights=Table(("Criterion", "Weight now", f"{other} comes first at"), weights) if weights else None,
        values=Table(("Criterion", "What", f"{other} now", f"{other} would need"), values) if values else None,
        drops=reasons.drop_flips(inputs),
    )
