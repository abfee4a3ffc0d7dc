"""The model by which feeding is checked, as PyTorch has it."""

from pilots.feeding.model.in_pytorch import build

__all__ = ["build"]
