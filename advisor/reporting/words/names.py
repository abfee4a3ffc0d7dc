"""What candidates, criteria and the like are called in a report, and how lists of names read."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.catalog import BASELINE, CANDIDATES, CRITERIA, FAMILIES, LANES, TARGETS
from advisor.deciding.constraints import TITLES

BASELINE_TITLE = "scikit-learn baseline"

KIND_WORDS = {
    "measured": "measured here",
    "rehearsed": "rehearsed here",
    "counted": "counted in advisor's pilots",
    "answered": "answered by the team",
    "cited": "cited",
    "assumed": "assumed, as nobody said",
    "missing": "not known",
}

_COUNTED = "time_to_baseline"

_EXISTING = {
    "pytorch": "PyTorch",
    "keras2": "Keras 2",
    "keras3": "Keras 3",
    "tensorflow1": "TensorFlow 1",
    "tensorflow2": "TensorFlow 2",
    "jax": "JAX",
    "in_house": "a framework of the team's own",
    "other_living": "another framework that is developed",
    "other_retired": "another framework that is retired",
}

OUTCOME_WORDS = {
    "ok": "finished",
    "not_comparable": "not the same model",
    "unavailable": "not available here",
    "failed": "failed",
    "crashed": "crashed",
    "timed_out": "ran out of time",
    "out_of_memory": "ran out of memory",
}


def candidate_title(candidate: str) -> str:
    """The title of a candidate or of the baseline; the id itself where the catalog has none."""
    if candidate == BASELINE:
        return BASELINE_TITLE
    return CANDIDATES[candidate].title if candidate in CANDIDATES else candidate


def catalog_order(candidate: str) -> int:
    """The place of a candidate in every table: that of the catalog; what is not in it comes last."""
    return list(CANDIDATES).index(candidate) if candidate in CANDIDATES else len(CANDIDATES)


def entrant_title(candidate: str, lane: str) -> str:
    """The title of a candidate in a lane; the default lane is not named."""
    title = candidate_title(candidate)
    return title if lane == "default" else f"{title} ({lane})"


def reference_title(reference: str) -> str:
    """The title of what others were compared with in the parity gate: a candidate, its lane in brackets after it."""
    for lane in LANES:
        if reference.endswith(f" ({lane})"):
            return entrant_title(reference.removesuffix(f" ({lane})"), lane)
    return candidate_title(reference)


def criterion_title(criterion: str) -> str:
    """The title of a criterion; the id itself where the catalog has none."""
    return CRITERIA[criterion].title if criterion in CRITERIA else criterion


def criterion_phrase(criterion: str) -> str:
    """The title of a criterion within a sentence: ``time to a first model``."""
    title = criterion_title(criterion)
    return title[:1].lower() + title[1:]


def framework_title(framework: str) -> str:
    """What the framework of existing code is called: ``Keras 2``; its id in words where it has no title."""
    return _EXISTING.get(framework, words(framework))


def family_title(family: str) -> str:
    """The title of a family; the id itself where the catalog has none."""
    return {str(key): title for key, title in FAMILIES.items()}.get(family, family)


def target_title(target: str) -> str:
    """The title of a deployment target; the id itself where the catalog has none."""
    return TARGETS.get(target, target)


def constraint_title(constraint: str) -> str:
    """The title of a requirement; its id in words where it has none."""
    return TITLES.get(constraint, words(constraint))


def kind_words(kind: str, criterion: str) -> str:
    """How a value is known; code is counted, also where it ran."""
    return "counted here" if (kind, criterion) == ("measured", _COUNTED) else KIND_WORDS[kind]


def uncoded(text: str) -> str:
    """The text of a fact without the marks of code in it, for sentences that cannot show them."""
    return text.replace("`", "")


def words(identifier: str) -> str:
    """An id of an answer in words: ``one_gpu`` reads ``one gpu``."""
    return identifier.replace("_", " ")


def joined(names: Sequence[str], conjunction: str = "and") -> str:
    """``A``, ``A and B``, ``A, B and C``; empty for no names."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def either(names: Sequence[str]) -> str:
    """Alternatives that cannot be misread where a name has an "on" of its own: ``either Keras 3 on JAX or PyTorch``."""
    listed = joined(names, "or")
    return f"either {listed}" if len(names) == 2 else listed


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end; empty stays empty."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
