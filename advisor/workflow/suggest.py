"""What this machine, and a folder of the team's code, suggest to answer."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from advisor.interview.scan import scan
from advisor.interview.suggestions import Guess
from advisor.measuring.machine.fingerprint import Machine, fingerprint

_VENDORS = {"nvidia": "nvidia", "geforce": "nvidia", "tesla": "nvidia", "amd": "amd", "radeon": "amd", "apple": "apple"}


def guesses(code: Path | None) -> tuple[Guess, ...]:
    """Guesses from this machine, and from the folder ``code`` if it is given.

    Raises:
        AdvisorError: there is no such folder.
    """
    found = scan(code) if code is not None else ()
    return (*of_machine(fingerprint(), platform.system(), platform.release()), *found)


def of_machine(machine: Machine, system: str, release: str) -> Iterator[Guess]:
    """What a machine suggests, as if training ran on it.

    Args:
        machine: its fingerprint.
        system: ``platform.system()``.
        release: ``platform.release()``; the Linux of WSL names Microsoft in it.
    """
    here = "this machine"
    names = {"Linux": "wsl" if "microsoft" in release.casefold() else "linux", "Windows": "windows", "Darwin": "macos"}
    if system in names:
        yield Guess("training.os", names[system], here)
    count = len(machine.accelerators)
    hardware = "cpu" if not count else "one_gpu" if count == 1 else "multi_gpu"
    yield Guess("training.hardware", (hardware,), f"{here}: {', '.join(machine.accelerators) or 'no accelerator'}")
    text = " ".join(machine.accelerators).casefold()
    vendor = next((value for word, value in _VENDORS.items() if word in text), None)
    if vendor is not None:
        yield Guess("training.vendor", vendor, here)
