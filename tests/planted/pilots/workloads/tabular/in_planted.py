"""The model of the tabular pilot, as PyTorch has it."""

from pilots.workloads.tabular.in_pytorch import build

__all__ = ["build"]
