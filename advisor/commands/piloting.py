"""How a command runs pilots: somebody watches, Ctrl-C is heard, and what happens is streamed where that is wanted."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from advisor.study import Study
from advisor.watching.display import Watching, display_for, wants_words
from advisor.watching.interrupts import Interrupts
from advisor.watching.stream import Stream
from advisor.watching.words import printable
from advisor.workflow.pipeline import PreparedStudy, run_pilots


def run_and_watch(study: Study, prepared: PreparedStudy, stream: Stream, *, quiet: bool, retry_failed: bool) -> None:
    """Run the trials that are not on disk yet and show it.

    Raises:
        AdvisorError: a finished trial cannot be saved.
        KeyboardInterrupt: somebody stopped it; what was finished is on disk.
    """
    console = Console(stderr=True, highlight=False, emoji=False)
    console.soft_wrap = not console.is_terminal  # folded at words where it is a screen, whole lines in a log
    stream.plan(study.folder, prepared.running)
    style = "" if wants_words(os.environ) else "yellow"
    for candidate, reason in prepared.plan.unavailable.items():
        console.print(f"{candidate} is left out: {printable(reason)}", style=style, markup=False)
    if not prepared.running.launches:
        return
    for warning in prepared.machine.warnings:
        text = f"{warning.message} {warning.action}"
        stream.warn(text)
        if not quiet:
            console.print(printable(text), style=style, markup=False)
    # Lines of JSON in the same terminal would tear the screen apart; they say the same.
    hidden = quiet or (stream.is_on and sys.stdout.isatty())
    with (
        Watching(display_for(console, os.environ, quiet=hidden), stream) as watch,
        Interrupts(watch) as interrupts,
    ):
        run_pilots(study, prepared, watch, retry_failed=retry_failed, wants_to_stop=interrupts.asked)
