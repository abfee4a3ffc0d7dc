"""How often advisor errs and what it finds, by simulation: where the truth is known and launches cost nothing.

Studies of five candidates (ten pairs) and of three, at the sizes that people run, judged as
:func:`advisor.measuring.analysis.family.judge` does it (a test holds the two together); all studies of a row at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from advisor.measuring.analysis.sequential import look_confidences
from advisor.measuring.analysis.student_t import t_quantile
from advisor.method import method
from benchmarks.markdown import table_of
from pilots.records import Size

FloatArray = npt.NDArray[np.float64]
Noise = Literal["normal", "long tails", "bursts", "crowded"]

#: Standard deviation of the log ratio of two candidates in one launch.
SCATTER = 0.015
NOISES: tuple[Noise, ...] = ("normal", "long tails", "bursts", "crowded")
SIZES: tuple[Size, ...] = ("quick", "standard")
CANDIDATES = (5, 3)
PLANTED = (0.02, 0.05, 0.10)
PROBABILITIES = (0.8, 0.9)
#: Log step time between candidates that nobody would take for equal.
_FAR = 0.7
_UNUSUAL = 0.15
_HALVINGS = 9


@dataclass(frozen=True)
class Judged:
    """By study and pair: the sign of the difference that is shown, 0 where none is."""

    shown: npt.NDArray[np.int_]

    def any_wrong(self, log_steps: Sequence[float]) -> float:
        """Share of studies in which a pair of equals is called different, or a pair is called the wrong way."""
        truth = np.array([np.sign(a - b) for a, b in combinations(log_steps, 2)])
        return float(((self.shown != 0) & (self.shown != truth)).any(axis=1).mean())

    def first_found(self) -> float:
        """Share of studies in which the first candidate is found to take longer than the second."""
        return float((self.shown[:, 0] > 0).mean())


def draw(noise: Noise, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Log step times of candidates in launches around their truth; two of them scatter by ``SCATTER``.

    ``long tails``: t with three degrees of freedom. ``bursts``: 15 % of launches lie three standard deviations off, to
    either side. ``crowded``: 15 % of launches take longer, by four on average.
    """
    scale = SCATTER / math.sqrt(2)
    match noise:
        case "normal":
            return rng.normal(0, scale, shape)
        case "long tails":
            return rng.standard_t(3, shape) * scale / math.sqrt(3)
        case "bursts":
            off: FloatArray = (rng.random(shape) < _UNUSUAL) * rng.choice((-3.0, 3.0), shape)
            return (rng.normal(0, 1, shape) + off) * scale / math.sqrt(1 + _UNUSUAL * 9)
        case "crowded":
            off = (rng.random(shape) < _UNUSUAL) * rng.exponential(4.0, shape)
            spread = math.sqrt(1 + _UNUSUAL * 2 * 16 - (_UNUSUAL * 4) ** 2)
            return (rng.normal(0, 1, shape) + off - 4 * _UNUSUAL) * scale / spread


def judge_all(log_steps: FloatArray) -> Judged:
    """Judge studies of shape (studies, launches, candidates), after each launch."""
    measuring = method().measuring
    studies, planned, candidates = log_steps.shape
    pairs = list(combinations(range(candidates), 2))
    logs = np.stack([log_steps[:, :, a] - log_steps[:, :, b] for a, b in pairs], axis=2)
    sums, squares = np.cumsum(logs, axis=1), np.cumsum(logs**2, axis=1)
    first = max(2, measuring.minimum_launches)
    quantiles = _quantiles(first, planned, len(pairs))
    shown = np.zeros((studies, len(pairs)), dtype=np.int_)
    settled = np.zeros(shown.shape, dtype=np.bool_)
    for launches in range(first, planned + 1):
        mean = sums[:, launches - 1] / launches
        variance = np.maximum(0.0, squares[:, launches - 1] - launches * mean**2) / (launches - 1)
        error = np.sqrt(variance / launches)
        while True:
            sharing = (shown == 0).sum(axis=1)
            half = np.where(sharing[:, None] > 0, quantiles[launches][sharing][:, None] * error, np.inf)
            found = ~settled & (np.abs(mean) > half)
            if not found.any():
                break
            shown[found] = np.sign(mean)[found]
            settled |= found
        settled |= np.abs(mean) + half < math.log1p(measuring.settled_margin)
    return Judged(shown)


def _quantiles(first: int, planned: int, pairs: int) -> Mapping[int, FloatArray]:
    """By launches and number of pairs that share the error, the quantile of t that a difference has to exceed."""
    measuring = method().measuring
    levels = [
        look_confidences(first, planned, 1 - (1 - measuring.confidence) / sharing, measuring.spending_power)
        for sharing in range(1, pairs + 1)
    ]
    return {
        launches: np.array([0.0, *(t_quantile(0.5 + level[launches] / 2, launches - 1) for level in levels)])
        for launches in range(first, planned + 1)
    }


def row(
    size: Size, candidates: int, noise: Noise, *, of_equals: int = 12_000, studies: int = 2000
) -> dict[str, object]:
    """False alarms among equals; what is found of each planted difference, and the smallest found often enough.

    Each of them twice: ``among_equals``, the first candidate differing from the others, and ``others_apart``, the other
    candidates being far from the first two.
    """
    planned = method().sizes[size].race_launches
    equal = draw(noise, (of_equals, planned, candidates), np.random.default_rng(11))
    drawn = draw(noise, (studies, planned, candidates), np.random.default_rng(3))
    rest = {"among_equals": [0.0] * (candidates - 2), "others_apart": [_FAR * at for at in range(1, candidates - 1)]}

    def found(share: float, case: str) -> float:
        return judge_all(drawn + np.array([math.log1p(share), 0.0, *rest[case]])).first_found()

    def smallest(probability: float, case: str) -> float:
        low, high = 0.002, 0.6
        for _ in range(_HALVINGS):
            middle = math.sqrt(low * high)
            low, high = (low, middle) if found(middle, case) >= probability else (middle, high)
        return high

    return {
        "size": size,
        "launches": planned,
        "pairs": candidates * (candidates - 1) // 2,
        "noise": noise,
        "false_alarms": judge_all(equal).any_wrong([0.0] * candidates),
        "found": {f"{share:g}": {case: found(share, case) for case in rest} for share in PLANTED},
        "smallest": {f"{often:g}": {case: smallest(often, case) for case in rest} for often in PROBABILITIES},
    }


def run() -> dict[str, object]:
    """All rows; a few minutes."""
    rows = [row(size, candidates, noise) for size in SIZES for candidates in CANDIDATES for noise in NOISES]
    return {"passed": all(map(_as_needed, rows)), "scatter": SCATTER, "rows": rows}


def _as_needed(found: Mapping[str, object]) -> bool:
    planted, alarms = found["found"], found["false_alarms"]
    assert isinstance(planted, dict) and isinstance(alarms, float)
    return alarms <= 0.05 and (found["size"] != "standard" or planted["0.02"]["among_equals"] >= 0.9)


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    first = table["rows"][0]

    def both(share: dict[str, float], digits: int) -> str:
        return f"{share['among_equals']:.{digits}%} / {share['others_apart']:.{digits}%}"

    rows = [
        (
            f"{row['size']}, {row['pairs']}",
            row["noise"],
            f"{row['false_alarms']:.1%}",
            *(both(share, 0) for share in row["found"].values()),
            *(both(share, 1) for share in row["smallest"].values()),
        )
        for row in table["rows"]
    ]
    header = (
        "Size, pairs",
        "Noise between launches",
        "False alarms",
        *(f"{float(share):.0%} found" for share in first["found"]),
        *(f"Found in {float(often):.0%} from" for often in first["smallest"]),
    )
    note = (
        f"Launches scatter by {table['scatter']:.1%}; a quick run has up to "
        f"{first['launches']}, a standard one up to {table['rows'][-1]['launches']}. Of two numbers, the first is of a "
        "candidate that differs from others that are all equal, the second of one whose others are far away. Needed: "
        "false alarms in at most 5% of studies, and 2% found in 90% of standard ones among equals."
    )
    return "Simulated: what a study finds where the truth is known", [table_of(header, rows), note]
