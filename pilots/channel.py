"""The two pipes between a trial process and its supervisor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from pilots.protocol import Command, Reply, decode_command, encode


class Channel:
    """One end of the pipes, taken out of reach of everything else in the process."""

    def __init__(self, commands: IO[str], replies: IO[str]) -> None:
        self._commands = commands
        self._replies = replies

    @classmethod
    def take_over(cls) -> Channel:
        """Move standard input and output aside: from now on what a library prints goes to standard error."""
        commands = os.fdopen(os.dup(0), "r", encoding="utf-8")
        replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        return cls(commands, replies)

    def receive(self) -> Command | None:
        """The next command; None when the supervisor has gone or wants no more."""
        line = self._commands.readline()
        return decode_command(line) if line else None

    def commands(self) -> Iterator[Command]:
        """All commands until the supervisor has no more."""
        while (command := self.receive()) is not None:
            yield command

    def send(self, reply: Reply) -> None:
        """Answer; blocks while the pipe is full."""
        self._replies.write(encode(reply))
        self._replies.flush()
