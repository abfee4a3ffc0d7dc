"""Commands of advisor's as they stand in a report, ready to be copied."""

from __future__ import annotations

import shlex

_TAKES_A_STUDY = ("run", "ask")


def with_study(command: str, study: str) -> str:
    """A command that a decision names, for this study; commands that are about none, and no command, stay as they are.

    >>> with_study("advisor run --budget 30m", "our study")
    "advisor run 'our study' --budget 30m"
    """
    words = shlex.split(command)
    if words[:1] == ["advisor"] and words[1:2] and words[1] in _TAKES_A_STUDY:
        words.insert(2, study)
    return shlex.join(words)
