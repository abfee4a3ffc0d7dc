"""The one error a user ever sees: what happened, where, what is allowed, and what to type next."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells the shell; part of the public interface."""

    VERDICT = 0
    FAILURE = 1
    USAGE = 2
    INPUT_REQUIRED = 3
    NO_FEASIBLE_CANDIDATE = 4
    INSUFFICIENT_EVIDENCE = 5
    INTERRUPTED = 130


class Command(str):
    """A line to type into a shell, as opposed to an instruction in words."""


class AdvisorError(Exception):
    """A mistake the user can mend. The command line prints it and ends with ``exit_code``; nothing else prints errors.

    Args:
        what: one sentence: what is wrong.
        where: the file with its line, the key or the option concerned; empty when there is none.
        allowed: what would have been right; empty when that is not a list of values.
        next_command: a command or an action that gets the user further.
        exit_code: see :class:`ExitCode`.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        allowed: str = "",
        next_command: str = "",
        exit_code: ExitCode = ExitCode.USAGE,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.allowed = allowed
        self.next_command = next_command
        self.exit_code = exit_code

    def __str__(self) -> str:
        """All parts as the lines a terminal shows, without styling."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where:   {self.where}")
        if self.allowed:
            lines.append(f"  allowed: {self.allowed}")
        if self.next_command:
            lines.append(f"  next:    {self.next_command}")
        return "\n".join(lines)
