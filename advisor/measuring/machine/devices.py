"""Which kind of device each candidate ran on: times on different kinds compare the devices as well."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.catalog import BASELINE
from pilots.records import TrialRecord

#: PyTorch names a GPU by its programming interface, TensorFlow and JAX call it what it is.
_OTHER_NAMES = {"cuda": "gpu", "rocm": "gpu", "hip": "gpu"}


def device_kind(text: str) -> str:
    """The kind of a device as a framework names it: ``cpu``, ``gpu``, ``mps``, ``xpu``, ``tpu``.

    >>> device_kind("cuda:0 NVIDIA H200"), device_kind("GPU:0"), device_kind("mps")
    ('gpu', 'gpu', 'mps')

    A kind that is not known is given back as it is named, without its number and in small letters.
    """
    words = text.split(maxsplit=1)
    kind = words[0].partition(":")[0].casefold() if words else ""
    return _OTHER_NAMES.get(kind, kind)


def devices_by_candidate(records: Iterable[TrialRecord]) -> dict[str, tuple[str, ...]]:
    """Kinds of device by candidate, both in the order in which they were first met.

    Only trials with a result count, and not those of the baseline, which needs no accelerator.
    """
    found: dict[str, dict[str, None]] = {}
    for record in records:
        if record.environment is not None and record.result is not None and record.spec.candidate != BASELINE:
            found.setdefault(record.spec.candidate, {})[device_kind(record.environment.device)] = None
    return {candidate: tuple(kinds) for candidate, kinds in found.items()}
