"""Ctrl-C while pilots run: once finishes what is running, twice stops at once."""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any

from advisor.measuring.running.events import Stopping, Watcher


class Interrupts(AbstractContextManager["Interrupts"]):
    """Handles SIGINT inside the block, in the main thread; if it is ignored, as under ``nohup``, it stays ignored.

    Args:
        watch: is told of the first Ctrl-C, at whatever moment it comes.
    """

    def __init__(self, watch: Watcher) -> None:
        self._watch = watch
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        self._before = signal.getsignal(signal.SIGINT)
        if self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before or signal.default_int_handler)

    def asked(self) -> bool:
        """True once somebody pressed Ctrl-C."""
        return self._asked

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        self._watch(Stopping())
