"""Dated facts about the frameworks: what is known without measuring, where from, until when it is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from advisor.catalog import CANDIDATES, CRITERIA, TARGETS
from advisor.errors import AdvisorError
from advisor.knowledge.computed import counted_already
from advisor.knowledge.formats import FORMATS
from advisor.knowledge.tables import Entry, entries, only_known, parse, refuse_duplicates

Confidence = Literal["H", "M", "L"]

#: Criteria that the team alone answers: a cited effect on them would count the same thing twice. On what pilots
#: measure, facts speak only where nothing was measured.
NOT_BY_FACTS = frozenset({"team_fit"})

#: Answers outside the candidates that a fact can suggest; see ``deciding.advice.beyond``.
Beyond = Literal["boosted_trees_first", "native_jax"]

#: Languages have two-part versions: 3.12, 3.13.
_VERSION = r"^\d+\.\d+$"


def _keys_are_questions(when: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for key, accepted in when.items():
        if "." not in key or not accepted:
            raise ValueError(f'{key!r}: write `"group.question" = ["accepted", ...]`')
    return when


def _in_catalog(candidates: tuple[str, ...]) -> tuple[str, ...]:
    only_known(candidates, tuple(CANDIDATES), "candidate")
    return candidates


#: Ids of the catalog.
CandidateIds = Annotated[tuple[str, ...], AfterValidator(_in_catalog)]
#: A condition on the answers, see ``interview.conditions``.
When = Annotated[dict[str, tuple[str, ...]], AfterValidator(_keys_are_questions)]


class Effect(Entry):
    """What a fact adds to the value of some candidates on a criterion.

    ``effect`` is added on the value scale [0, 1], whose neutral point is 0.5; 0 says that the fact speaks to
    the criterion and tells nobody apart. ``when`` is a condition on the answers (see ``interview.conditions``):
    the effect counts only where it holds. ``formats``, on deployment alone: it is about writing or reading such a file,
    so that it counts only for routes by such a file, and not for those that were rehearsed here.
    """

    criterion: str
    candidates: CandidateIds = Field(min_length=1)
    effect: Annotated[float, Field(ge=-0.3, le=0.3)]
    when: When = Field(default_factory=dict)
    formats: tuple[str, ...] = ()

    @field_validator("criterion")
    @classmethod
    def _criterion_by_facts(cls, criterion: str) -> str:
        only_known((criterion,), tuple(c for c in CRITERIA if c not in NOT_BY_FACTS), "criterion for facts")
        return criterion

    @field_validator("formats")
    @classmethod
    def _formats_exist(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        only_known(formats, FORMATS, "format")
        return formats

    @model_validator(mode="after")
    def _about_a_file_is_deployment(self) -> Effect:
        if self.formats and self.criterion != "deployment":
            raise ValueError("`formats` says which routes an effect is about: allowed with the criterion deployment")
        return self

    @model_validator(mode="after")
    def _counts_no_answer_again(self) -> Effect:
        for key in self.when:
            if what := counted_already(self.criterion, key):
                raise ValueError(
                    f"an effect on {self.criterion} that hangs on {key} would count it twice: {what} are computed "
                    "from it; leave the effect out, or let it hang on another answer"
                )
        return self


class Exclusion(Entry):
    """A hard limit that a fact sets for some candidates, where the answers meet ``when``.

    ``fail`` rules the candidates out; ``unknown`` means that they may be, and that somebody must look.
    """

    constraint: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    candidates: CandidateIds = Field(min_length=1)
    status: Literal["fail", "unknown"]
    when: When = Field(min_length=1)


class Suggestion(Entry):
    """An answer outside the candidates that a fact suggests, where the answers meet ``when``."""

    what: Beyond
    when: When = Field(min_length=1)


class PythonRange(Entry):
    """Oldest and newest Python that ``candidates`` can be installed on; without ``newest`` there is no limit."""

    candidates: CandidateIds = Field(min_length=1)
    oldest: Annotated[str, Field(pattern=_VERSION)]
    newest: Annotated[str, Field(pattern=_VERSION)] | None = None


class Fact(Entry):
    """One dated statement with its source.

    ``candidates`` and ``targets`` say what it is about. ``confidence``: H primary source of the same version,
    M another version or a third party, L community. ``review_by``: trusted less from the day after.
    ``different_reasons`` says why its effects on several criteria are different reasons and not one reason counted
    twice; a fact with effects on several has to say it.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    text: Annotated[str, Field(min_length=1)]
    candidates: CandidateIds = ()
    targets: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    different_reasons: str = ""
    excludes: tuple[Exclusion, ...] = ()
    suggests: tuple[Suggestion, ...] = ()
    python: PythonRange | None = None
    as_of: date
    source: Annotated[str, Field(min_length=1)]
    confidence: Confidence
    review_by: date

    @field_validator("targets")
    @classmethod
    def _targets_exist(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        only_known(targets, tuple(TARGETS), "target")
        return targets

    @model_validator(mode="after")
    def _reviewed_after_it_was_true(self) -> Fact:
        if self.review_by <= self.as_of:
            raise ValueError(f"review_by {self.review_by} must lie after as_of {self.as_of}")
        return self

    @model_validator(mode="after")
    def _one_reason_counts_once(self) -> Fact:
        criteria = list(dict.fromkeys(effect.criterion for effect in self.effects))
        if len(criteria) > 1 and not self.different_reasons.strip():
            raise ValueError(
                f"it has effects on {' and '.join(criteria)}: say in `different_reasons` why these are different "
                "reasons, or leave all but one criterion out"
            )
        if len(criteria) < 2 and self.different_reasons:
            raise ValueError("`different_reasons` is for facts with effects on several criteria; this one has no such")
        return self


def load_facts(extra: Path | None = None) -> tuple[Fact, ...]:
    """The built-in facts, and those of the file ``extra``, which replace built-in facts of the same id.

    Raises:
        AdvisorError: a file cannot be read or does not hold valid facts; names the file and the table.
    """
    built_in = _facts_of(files("advisor.knowledge").joinpath("facts.toml").read_text("utf-8"), "facts.toml")
    if extra is None:
        return built_in
    try:
        text = extra.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AdvisorError(f"The file of facts cannot be read: {error}", where=str(extra)) from error
    merged = {fact.id: fact for fact in (*built_in, *_facts_of(text, str(extra)))}
    return tuple(merged.values())


def facts_about(facts: Sequence[Fact], name: str | None) -> tuple[Fact, ...]:
    """The facts that speak about a criterion, a candidate or a target; all of them where no name is given.

    Raises:
        AdvisorError: there is nothing of that name.
    """
    if name is None:
        return tuple(facts)
    known = (*CRITERIA, *CANDIDATES, *TARGETS)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise AdvisorError(
            f"There is no criterion, candidate or target {name!r}." + (f" Did you mean {near[0]}?" if near else ""),
            where="--about",
            allowed=", ".join(known),
        )
    return tuple(
        fact
        for fact in facts
        if name in (*fact.candidates, *fact.targets, *(effect.criterion for effect in fact.effects))
    )


def is_stale(fact: Fact, today: date) -> bool:
    """Whether the fact is past its review date."""
    return today > fact.review_by


def supports_python(facts: Sequence[Fact], candidate: str, version: str) -> tuple[bool, tuple[str, ...]] | None:
    """Whether every package of a candidate installs on a Python version, with the facts that say so.

    Args:
        facts: dated facts.
        candidate: an id of the catalog.
        version: ``3.12``, or with more parts, which do not count.

    Returns:
        None where no fact speaks about the candidate.

    Raises:
        AdvisorError: ``version`` is not a version number.
    """
    asked = _version(version)
    known = [(fact.id, fact.python) for fact in facts if fact.python and candidate in fact.python.candidates]
    if not known:
        return None
    too_old = [name for name, python in known if asked < _version(python.oldest)]
    too_new = [name for name, python in known if python.newest and asked > _version(python.newest)]
    failing = too_old or too_new
    return not failing, tuple(failing or [name for name, _ in known])


def _version(text: str) -> tuple[int, int]:
    parts = text.strip().split(".")
    if len(parts) < 2 or not all(part.isdecimal() for part in parts[:2]):
        raise AdvisorError(f"{text!r} is not a Python version", where="training.python", allowed="such as 3.12")
    return int(parts[0]), int(parts[1])


def _facts_of(text: str, where: str) -> tuple[Fact, ...]:
    document = parse(text, where)
    for key in document:
        if key != "facts":
            raise AdvisorError(f"`{key}` is not known here", where=where, allowed="[[facts]]")
    found = entries(document, "facts", Fact, where)
    refuse_duplicates([fact.id for fact in found], where, "facts")
    return found
