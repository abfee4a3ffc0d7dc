"""``planted``: how long it takes to build the model anew, some times over."""

from __future__ import annotations

from pilots.experiments.opening import OpenedTrial, timed


def measure(trial: OpenedTrial) -> dict[str, tuple[float, ...]]:
    """Seconds of each time."""
    return {"build_s": tuple(timed(trial.new_pilot)[1] for _ in range(3))}
