"""Somebody else's programs: processes that take a core for a share of the time, or the memory's bandwidth.

Run as a script, it is one of these processes: ``planted_load.py spin SHARE`` or ``planted_load.py memory``. It ends
when whoever started it is gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import numpy as np

#: Of one turn of working and resting; as long as a program that draws or talks works at a time.
_TURN_S = 0.04
#: More than the caches hold.
_HOG_BYTES = 128 * 2**20

#: What is planted, by name: the processes, each with the share of a core that it wants, or None for the memory hog.
LOADS: dict[str, tuple[float | None, ...]] = {
    "none": (),
    "one at 10%": (0.10,),
    "one at 25%": (0.25,),
    "one at 50%": (0.50,),
    "one at 100%": (1.0,),
    "two at 100%": (1.0, 1.0),
    "memory hog": (None,),
}


@contextmanager
def planted(load: str) -> Iterator[Sequence[int]]:
    """The processes of a load run inside, and their numbers are given."""
    with ExitStack() as stack:
        started = [_start(share) for share in LOADS[load]]
        for process in started:
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield [process.pid for process in started]


def spin(share: float, parent: int) -> None:
    """Work for ``share`` of each turn, by the processor's own clock: whoever gets less core works on into the rest."""
    while os.getppid() == parent:
        began = time.monotonic()
        worked_until = time.process_time() + share * _TURN_S
        while time.process_time() < worked_until and time.monotonic() < began + _TURN_S:
            pass
        rest_s = began + _TURN_S - time.monotonic()
        if share < 1 and rest_s > 0:
            time.sleep(rest_s)


def hog(parent: int) -> None:
    """Copy memory from one place to another without end."""
    source = np.zeros(_HOG_BYTES // 2, np.uint8)
    target = np.empty_like(source)
    while os.getppid() == parent:
        np.copyto(target, source)


def _start(share: float | None) -> subprocess.Popen[bytes]:
    what = ["memory"] if share is None else ["spin", str(share)]
    return subprocess.Popen([sys.executable, __file__, *what])


def main(arguments: Sequence[str]) -> None:
    """Be one of the processes."""
    parent = os.getppid()
    if arguments[0] == "spin":
        spin(float(arguments[1]), parent)
    else:
        hog(parent)


if __name__ == "__main__":
    main(sys.argv[1:])
