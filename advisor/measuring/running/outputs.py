"""The outputs that a trial process left in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from advisor.measuring.running.supervisor import TrialError


def read_outputs(file: Path) -> npt.NDArray[np.generic]:
    """The array in the file.

    Raises:
        TrialError: it cannot be read.
    """
    try:
        outputs: npt.NDArray[np.generic] = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise TrialError("failed", f"the outputs cannot be read: {error}") from error
    return outputs
