"""Claims that articles make about the frameworks, how each is put to the test, and which contradict one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from advisor.claims.rules import AnyTest
from advisor.errors import AdvisorError
from advisor.knowledge.facts import When
from advisor.knowledge.tables import Entry, entries, parse, refuse_duplicates

ClaimKind = Literal["measured", "fact", "opinion"]
Settles = Literal["false", "outdated", "true in part", "supported"]
Obstacle = Literal["opinion", "experiment", "hardware", "source"]

_TABLES = ("articles", "claims", "contradictions")
_ID = re.compile(r"[Cc]\d+")


class Settled(Entry):
    """What dated facts, named by id, say about a claim, and ``why`` in one sentence."""

    verdict: Settles
    why: Annotated[str, Field(min_length=1)]
    facts: Annotated[tuple[str, ...], Field(min_length=1)]


class Untestable(Entry):
    """Why nothing here can settle a claim.

    ``obstacle``: it is an ``opinion``, or lacks an ``experiment`` (named by ``experiment`` where it has a name), the
    ``hardware``, or a ``source`` that could be verified.
    """

    obstacle: Obstacle
    why: Annotated[str, Field(min_length=1)]
    experiment: str = ""

    @model_validator(mode="after")
    def _experiment_where_one_lacks(self) -> Self:
        if self.experiment and self.obstacle != "experiment":
            raise ValueError('an experiment is named only where the obstacle is "experiment"')
        return self


class Claim(Entry):
    """One claim, in our own words.

    ``seeds`` are the articles that make it. All ``tests``, or one of them, have to come out as claimed (``needs``).
    ``untested`` is the part of the claim that no test speaks about: it can then be refuted and not confirmed. ``note``
    says what stands in for what. ``settled`` counts where no test decides. ``when`` is the condition on the answers
    that makes a claim worth showing without a measurement; a claim without ``when`` is not.
    """

    id: Annotated[str, Field(pattern=r"^C\d+$")]
    text: Annotated[str, Field(min_length=1)]
    seeds: tuple[str, ...] = Field(min_length=1)
    kind: ClaimKind
    tests: tuple[AnyTest, ...] = ()
    needs: Literal["all", "one"] = "all"
    untested: str = ""
    note: str = ""
    settled: Settled | None = None
    untestable: Untestable | None = None
    when: When = Field(default_factory=dict)

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if not self.tests and self.settled is None and self.untestable is None:
            raise ValueError("write [[claims.tests]], settled or untestable: every claim stands somewhere")
        if self.untestable is not None and (self.tests or self.settled):
            raise ValueError("a claim that is tested or settled is not untestable")
        if self.kind == "opinion" and self.tests:
            raise ValueError("an opinion has no test")
        if self.untested and not self.tests:
            raise ValueError("`untested` names what the tests leave out, and there is none")
        return self


class Article(Entry):
    """Where claims stand; ``title`` says what it is about."""

    id: Annotated[str, Field(pattern=r"^S\d+$")]
    title: Annotated[str, Field(min_length=1)]


class Contradiction(Entry):
    """A question to which the claims of two sides give different answers."""

    about: Annotated[str, Field(min_length=1)]
    sides: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def claims(self) -> tuple[str, ...]:
        """The ids of all sides."""
        return (*self.sides[0], *self.sides[1])


@dataclass(frozen=True)
class Claims:
    """All of ``claims.toml``, in its order."""

    articles: tuple[Article, ...]
    claims: tuple[Claim, ...]
    contradictions: tuple[Contradiction, ...] = ()


def load_claims(file: Path | None = None) -> Claims:
    """The built-in claims, or those of ``file``.

    Raises:
        AdvisorError: a file cannot be read or does not hold valid claims; names the file and the table.
    """
    if file is None:
        return _claims_of(files("advisor.claims").joinpath("claims.toml").read_text("utf-8"), "claims.toml")
    try:
        return _claims_of(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise AdvisorError(f"The file of claims cannot be read: {error}", where=str(file)) from error


def claims_about(claims: Sequence[Claim], wanted: str | None) -> tuple[Claim, ...]:
    """The claim of an id, or those in whose text each of the words stands; all of them where nothing is wanted.

    Raises:
        AdvisorError: there is none.
    """
    if wanted is None:
        return tuple(claims)
    if _ID.fullmatch(wanted.strip()):
        name, known = wanted.strip().upper(), [claim.id for claim in claims]
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise AdvisorError(
                f"There is no claim {name}." + (f" Did you mean {near[0]}?" if near else ""),
                where="--about",
                allowed=f"an id from {known[0]} to {known[-1]}, or words of a claim" if known else "words of a claim",
                next_command="advisor claims",
            )
        return tuple(claim for claim in claims if claim.id == name)
    words = wanted.casefold().split()
    found = tuple(claim for claim in claims if words and all(word in claim.text.casefold() for word in words))
    if not found:
        raise AdvisorError(
            f"No claim speaks about {wanted!r}.",
            where="--about",
            allowed="an id such as C15, or words of a claim such as TPU or slower",
            next_command="advisor claims",
        )
    return found


def _claims_of(text: str, where: str) -> Claims:
    document = parse(text, where)
    for key in document:
        if key not in _TABLES:
            allowed = ", ".join(f"[[{name}]]" for name in _TABLES)
            raise AdvisorError(f"`{key}` is not known here", where=where, allowed=allowed)
    articles = entries(document, "articles", Article, where)
    refuse_duplicates([article.id for article in articles], where, "articles")
    claims = entries(document, "claims", Claim, where)
    refuse_duplicates([claim.id for claim in claims], where, "claims")
    for claim in claims:
        for seed in set(claim.seeds) - {article.id for article in articles}:
            raise AdvisorError(f"seeds: there is no article {seed}", where=f"{where}, [[claims]] {claim.id}")
    contradictions = entries(document, "contradictions", Contradiction, where)
    known = {claim.id for claim in claims}
    for number, contradiction in enumerate(contradictions, start=1):
        unknown = [name for name in contradiction.claims if name not in known]
        if unknown or not all(contradiction.sides):
            what = f"there is no claim {unknown[0]}" if unknown else "a side names no claim"
            raise AdvisorError(what, where=f"{where}, [[contradictions]] number {number}")
        refuse_duplicates(contradiction.claims, f"{where}, number {number}", "contradictions")
    return Claims(articles, claims, contradictions)
