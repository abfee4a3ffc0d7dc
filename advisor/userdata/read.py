"""What reading the user's data gives."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.userdata.profile import Profile
from pilots.prepared import Prepared


@dataclass(frozen=True)
class Read:
    """The data for the pilots, their profile for the report, and what the user should hear now; may be empty."""

    data: Prepared
    profile: Profile
    remark: str = ""
