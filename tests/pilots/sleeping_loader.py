"""Loaded by every Python that finds it as ``sitecustomize``: PyTorch's own loader, which Keras on PyTorch uses as well,
sleeps where ``SLEEPS`` says: between two ``epoch``s, or once in fifty ``step``s. Keras asks for no batch after the last
one of an epoch, so that it is before the first one that it sleeps."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader

SLEEP_S = 1.0
_begin = DataLoader.__iter__
_steps = itertools.count(1)


def sleep() -> None:
    """Where the tools have to say that the training waits."""
    time.sleep(SLEEP_S)


def sleeping(loader: DataLoader) -> Iterator[Any]:
    """An epoch of the loader, with what was planted."""
    if os.environ["SLEEPS"] == "epoch":
        sleep()
    for batch in _begin(loader):
        if next(_steps) % 50 == 0 and os.environ["SLEEPS"] == "step":
            sleep()
        yield batch


DataLoader.__iter__ = sleeping
