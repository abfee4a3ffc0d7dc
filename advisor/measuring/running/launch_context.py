"""What a launch needs of the run it belongs to."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from advisor.measuring.running.events import Watcher
from advisor.measuring.running.host import TrialHost
from advisor.measuring.running.quiet import QuietGate
from advisor.method import Method
from pilots.records import Lane


@dataclass(frozen=True)
class LaunchContext:
    """What a launch needs of the run it belongs to; all its trials run on one ``host``.

    ``gate`` looks after the quiet of the whole run. ``time_is_up`` is asked before each trial and before each round of
    a race, from several threads. So is ``wants_to_stop``, but not during a parity gate or a race, which are finished
    once they have begun. ``fed_right`` are the candidates and lanes whose loop feeds right, as an earlier parity gate
    of the run has seen; no pilot changes that.
    """

    host: TrialHost
    method: Method
    watch: Watcher
    rng: random.Random
    gate: QuietGate
    fed_right: set[tuple[str, Lane]] = field(default_factory=set)
    time_is_up: Callable[[], bool] = lambda: False
    wants_to_stop: Callable[[], bool] = lambda: False

    def is_over(self) -> bool:
        """True if no further trial may begin."""
        return self.time_is_up() or self.wants_to_stop()
