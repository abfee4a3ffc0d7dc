"""The framework stacks, one module each: process settings, model, training loop, weights in canonical layout."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import cast

from pilots.candidate import candidates
from pilots.framework import Framework


def load_framework(candidate: str) -> Framework:
    """Import the candidate's framework, and nothing of the others.

    Raises:
        ImportError: the framework is not installed.
        ValueError: there is no such candidate.
        RuntimeError: Keras already runs on another backend in this process.
    """
    known = candidates().get(candidate)
    if known is None:
        raise ValueError(f"there is no framework for the candidate {candidate!r}")
    # Keras reads its backend once, when it is first imported.
    if known.backend and known.imports not in sys.modules:
        os.environ["KERAS_BACKEND"] = known.backend
    return cast(Framework, import_module(f"pilots.frameworks.{known.adapter}").load(known.backend))
