"""What trial processes left in a folder of their host: outputs of a model, and the rows that they are outputs for."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from advisor.measuring.running.host import TrialError, TrialFolder
from pilots.kept_model import SAMPLE, SampleRows, read_sample

OUTPUTS = "outputs.npy"


def outputs_in(folder: TrialFolder) -> npt.NDArray[np.generic]:
    """The outputs in a folder.

    Raises:
        TrialError: they cannot be read.
    """
    try:
        outputs: npt.NDArray[np.generic] = np.load(io.BytesIO(folder.read(OUTPUTS)), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise TrialError("failed", f"the outputs cannot be read: {error}") from error
    return outputs


def sample_in(folder: TrialFolder) -> SampleRows:
    """The sample that the process left which trained or opened the model.

    Raises:
        OSError, ValueError, KeyError: there is none that can be read.
    """
    return read_sample(io.BytesIO(folder.read(SAMPLE)))
