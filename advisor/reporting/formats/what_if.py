"""What the what-if panel of the HTML report computes with: draws, means and rules, ready for JavaScript."""

from __future__ import annotations

import base64
import shlex
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from advisor.catalog import CRITERIA, family_of
from advisor.deciding.decision import CandidateResult
from advisor.deciding.drawn import GROUNDED
from advisor.deciding.people import pooled_weights
from advisor.deciding.streams import Array
from advisor.deciding.thinned_draws import KeptDraws, keep_draws
from advisor.deciding.values import draw_values
from advisor.deciding.weights import TOP_POINTS, stated_points
from advisor.evidence.table import EvidenceTable
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title, constraint_title, criterion_title, family_title

#: Values travel as bytes: 0 to 255 steps.
_STEPS = 255
#: Weights, as shares of each criterion's heaviest, need fewer: rounding errors cancel out over the draws.
_WEIGHT_STEPS = 63
#: Chances only place points within a few of what was said: 16 steps are plenty, and pack well.
_CHANCE_STEPS = 16


@dataclass(frozen=True)
class WhatIfCandidate:
    """``missing`` is the share of what is not known, ``grounded`` that of what was measured or rehearsed here or
    answered, and ``means`` the mean value, by criterion."""

    id: str
    title: str
    family: str
    probability: float | None
    means: tuple[float, ...]
    missing: tuple[float, ...]
    grounded: tuple[float, ...]


@dataclass(frozen=True)
class WhatIfCriterion:
    """``points`` is where its slider starts; ``heaviest`` is the weight that the highest byte stands for."""

    id: str
    title: str
    meaning: str
    points: int
    heaviest: float


@dataclass(frozen=True)
class WhatIfCheck:
    """A candidate, by its place, that fails a constraint or may fail it."""

    candidate: int
    constraint: str
    status: str
    reason: str


@dataclass(frozen=True)
class WhatIfPanel:
    """All that the panel computes with.

    ``verdict`` is the report's. ``stated`` names criteria that have points in the answers; ``command`` is what decides
    by other points, empty where several people's points count. ``packed``: zlib in base64 of bytes, one per draw:
    values by criterion and candidate, then chances by criterion, then weights by criterion.
    """

    verdict: str
    candidates: tuple[WhatIfCandidate, ...]
    criteria: tuple[WhatIfCriterion, ...]
    checks: tuple[WhatIfCheck, ...]
    constraints: Mapping[str, str]
    families: Mapping[str, str]
    thresholds: Mapping[str, float]
    half_width: float
    top: float
    stated: tuple[str, ...]
    command: str
    draws: int
    steps: int
    chance_steps: int
    weight_steps: int
    packed: str


def build_what_if(inputs: ReportInputs) -> WhatIfPanel | None:
    """The panel of a study; None where nothing is left to weigh."""
    table, how, method = inputs.evidence, inputs.decision.method, inputs.method
    if len(table.candidates) < 2 or not table.criteria:
        return None
    values = draw_values(table, how.seed, how.draws, method.deciding.family_share)
    weights = pooled_weights(inputs.answers, inputs.people, table.criteria, method.default_weights, how.seed, how.draws)
    results = {result.id: result for result in inputs.decision.candidates}
    feasible = tuple(name for name in table.candidates if results[name].rank_probability)
    kept = keep_draws(values, weights, feasible, how.seed)
    heaviest = kept.weights.max(axis=0)
    points = _points(inputs, weights.weights.mean(axis=0))
    return WhatIfPanel(
        verdict=inputs.decision.verdict,
        candidates=tuple(
            _candidate(results[name], table, means)
            for name, means in zip(table.candidates, values.values.mean(axis=0), strict=True)
        ),
        criteria=tuple(
            WhatIfCriterion(name, criterion_title(name), CRITERIA[name].meaning if name in CRITERIA else "", *pair)
            for name, pair in zip(table.criteria, zip(points, map(float, heaviest), strict=True), strict=True)
        ),
        checks=tuple(
            WhatIfCheck(i, veto.constraint, veto.status, veto.reason)
            for i, name in enumerate(table.candidates)
            for veto in results[name].vetoes
        ),
        constraints={v.constraint: constraint_title(v.constraint) for r in results.values() for v in r.vetoes},
        families={family_of(name): family_title(family_of(name)) for name in table.candidates},
        thresholds=asdict(how.thresholds),
        half_width=inputs.method.deciding.points_half_width,
        top=TOP_POINTS,
        stated=tuple(stated_points(inputs.answers, table.criteria)),
        command="" if inputs.people else f"advisor decide {shlex.quote(inputs.study)}",
        draws=len(kept.values),
        steps=_STEPS,
        chance_steps=_CHANCE_STEPS,
        weight_steps=_WEIGHT_STEPS,
        packed=_packed(_planes(kept, heaviest)),
    )


def _candidate(result: CandidateResult, table: EvidenceTable, means: Array) -> WhatIfCandidate:
    """A candidate with its mean value on each criterion."""
    cells = [table.cell(result.id, criterion) for criterion in table.criteria]
    return WhatIfCandidate(
        id=result.id,
        title=candidate_title(result.id),
        family=family_of(result.id),
        probability=result.rank_probability[0] if result.rank_probability else None,
        means=tuple(round(float(mean), 5) for mean in means),
        missing=tuple(cell.missing_share for cell in cells),
        grounded=tuple(cell.share_of(GROUNDED) for cell in cells),
    )


def _points(inputs: ReportInputs, weights: Array) -> tuple[int, ...]:
    """Where the sliders start: at the points that were stated, or else in proportion to the mean weights.

    What counts a little stands at 1: at 0 it would not count at all once a slider is moved.
    """
    criteria = inputs.evidence.criteria
    stated = {} if inputs.people else stated_points(inputs.answers, criteria)
    raw = [stated.get(name, 0.0) for name in criteria] if stated else [float(weight) for weight in weights]
    return tuple(max(round(points / max(raw) * TOP_POINTS), int(points > 0)) for points in raw)


def _planes(kept: KeptDraws, heaviest: Array) -> Iterator[bytes]:
    """Values by criterion and candidate, then chances by criterion, then weights by criterion."""
    _, candidates, criteria = kept.values.shape
    yield from (_bytes(kept.values[:, i, k], _STEPS) for k in range(criteria) for i in range(candidates))
    yield from (_bytes(kept.chances[:, k], _CHANCE_STEPS, down=True) for k in range(criteria))
    yield from (_bytes(kept.weights[:, k] / (heaviest[k] or 1.0), _WEIGHT_STEPS) for k in range(criteria))


def _packed(planes: Iterable[bytes]) -> str:
    """zlib in base64. Draws have no patterns to find, but each plane has likely bytes of its own."""
    packer = zlib.compressobj(9, strategy=zlib.Z_HUFFMAN_ONLY)
    packed = [packer.compress(plane) + packer.flush(zlib.Z_FULL_FLUSH) for plane in planes]
    return base64.b64encode(b"".join((*packed, packer.flush()))).decode("ascii")


def _bytes(shares: Array, steps: int, *, down: bool = False) -> bytes:
    """Numbers in [0, 1] as bytes: the nearest of ``steps``, or the step at or below."""
    scaled = np.floor(shares * steps) if down else np.rint(shares * steps)
    return scaled.astype(np.uint8).tobytes()
