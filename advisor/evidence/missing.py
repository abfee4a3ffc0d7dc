"""What is not known: shown as missing, and as wide as the value scale."""

from __future__ import annotations

from advisor.evidence.table import Component, Missing


def missing_component(measure: str, label: str, note: str, unit: str = "") -> Component:
    """A component without any knowledge; ``note`` says why."""
    return Component(
        measure=measure,
        label=label,
        kind="missing",
        distribution=Missing(),
        raw=None,
        raw_low=None,
        raw_high=None,
        unit=unit,
        source=(),
        as_of=None,
        note=note,
    )
