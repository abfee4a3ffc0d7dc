"""One thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at.

    ``action`` is a :class:`advisor.errors.Command` or an instruction in words; empty where nothing needs mending.
    """

    subject: str
    status: Status
    what: str
    action: str = ""
