"""What a process that we start inherits of our environment."""

from __future__ import annotations

import os
import sys

#: These tell an interpreter where modules are, or which it is. They fit the interpreter that they were set for.
_OF_ONE_PYTHON = ("PYTHONPATH", "PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")


def inherited_environment(python: str) -> dict[str, str]:
    """Our variables; without those that would lead an interpreter other than ours to packages of ours."""
    if python == sys.executable:
        return dict(os.environ)
    return {name: value for name, value in os.environ.items() if name not in _OF_ONE_PYTHON}
