"""Pilots that stand in for the asked problem: how little they weigh beside those that answer for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from advisor.catalog import Kind
from advisor.evidence.table import Component, Doubt, Triangular
from advisor.method import Method

#: Kinds of evidence that is taken on a pilot; what is taken on a pilot that stands in is only cited.
_TAKEN_HERE: tuple[Kind, ...] = ("measured", "rehearsed")


def weighed(components: Sequence[Component], stand_ins: Collection[str], method: Method) -> tuple[Component, ...]:
    """The components of a cell, with the weights and the doubt of those that were taken on a stand-in.

    Whether another problem tells about the asked problem is one question, however many of its pilots ran: it is drawn
    once. All stand-ins of a measure together weigh ``evidence.stand_ins_weight`` of a pilot that answers for the
    problem. Where no pilot answers for it, each stand-in keeps its whole weight.

    Args:
        components: of one candidate on one criterion.
        stand_ins: workloads that were run because there is none for the asked problem.
        method: the weight, and how wide the doubt is.
    """
    standing = Counter(_measure(component) for component in components if _pilot(component) in stand_ins)
    answering = Counter(_measure(component) for component in components if _pilot(component) not in stand_ins)
    doubt = Doubt("stand_in", "cell", Triangular(0.0, method.cited_half_width.stand_in))

    def one_weighed(component: Component) -> Component:
        if _pilot(component) not in stand_ins:
            return component
        measure = _measure(component)
        share = method.evidence.stand_ins_weight / standing[measure] if answering[measure] else 1.0
        weight = component.weight * share
        if component.kind == "missing":
            return replace(component, weight=weight)
        note = f"the pilot {_pilot(component).replace('_', ' ')} stands in for the asked problem"
        return replace(
            component,
            kind="cited" if component.kind in _TAKEN_HERE else component.kind,
            note="; ".join(part for part in (component.note, note) if part),
            doubts=(*component.doubts, doubt),
            weight=weight,
        )

    return tuple(map(one_weighed, components))


def _measure(component: Component) -> str:
    """What was measured, on whatever pilot."""
    return component.measure.rpartition("@")[0]


def _pilot(component: Component) -> str:
    return component.measure.rpartition("@")[2]
