"""The lanes: what the quick-start guide gives, and each framework's documented fast path.

Tuned means the same effort everywhere: the framework's own compiler, its preferred memory layout, and 16-bit floats
where the device computes with them natively and quickly. On a CPU that is not assumed: its frameworks convert to and
fro, which small models pay for, and no framework's guide names it as the way to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilots.records import Lane

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Tuning:
    """How a model is built and run. ``precision`` is that of products; weights and losses stay in float32."""

    compiled: bool
    precision: Precision

    @classmethod
    def of(cls, lane: Lane, *, fast_bfloat16: bool) -> Tuning:
        """What a lane means on a device that computes bfloat16 natively, or does not."""
        if lane == "default":
            return cls(compiled=False, precision="float32")
        return cls(compiled=True, precision="bfloat16" if fast_bfloat16 else "float32")


DEFAULT = Tuning(compiled=False, precision="float32")


@dataclass(frozen=True)
class Compiler:
    """What a framework's compiler has done so far.

    ``name`` is ``none`` where the code runs as it stands. ``graphs`` is None where the framework does not tell.
    ``fall_backs`` say where the compiler gave up on its own.
    """

    name: str
    graphs: int | None
    fall_backs: tuple[str, ...] = ()


NO_COMPILER = Compiler(name="none", graphs=0)
