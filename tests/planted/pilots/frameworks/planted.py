"""The stack ``planted``: that of PyTorch with models of its own."""

from __future__ import annotations

from pilots import workload as workloads
from pilots.frameworks.pytorch import PyTorch, PyTorchPilot
from pilots.lanes import Tuning
from pilots.pilot import Data, Recipe
from pilots.workload import Workload


class Planted(PyTorch):
    """See :class:`PyTorch`."""

    def build(self, workload: Workload, data: Data, recipe: Recipe, tuning: Tuning) -> PyTorchPilot:
        """A new model of the workload; see :class:`pilots.framework.Framework`."""
        model = workloads.build(workload, "in_planted", data)
        return PyTorchPilot(model, workloads.parameters(workload, data), data.task, recipe, self, tuning)


def load(backend: str) -> Planted:
    """The framework."""
    return Planted()
