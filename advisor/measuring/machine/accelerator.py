"""Memory that processes hold on NVIDIA GPUs, as the driver counts it.

The driver's figure means the same for every framework. What frameworks report themselves does not: some count what they
reserved, others what their tensors occupy, and none counts the context and the code of the kernels.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import pynvml

_BYTES_PER_MIB = 2**20
#: Everything the library raises: no driver, no GPU, no permission, or a driver older than the function asked for.
_NOT_TOLD = (pynvml.NVMLError, pynvml.NVMLLibraryMismatchError)


def process_memory_mib(pids: Collection[int]) -> float | None:
    """Memory that these processes together hold on all GPUs, in MiB.

    None where it is not told: there is no NVIDIA driver or GPU, no permission, the driver does not count by process
    (Windows, some virtual GPUs), or it lists none of these processes. That last case is not zero: inside a container
    the driver may know them by other numbers.
    """
    try:
        used_bytes = [
            process.usedGpuMemory
            for gpu in _gpus()
            for process in pynvml.nvmlDeviceGetComputeRunningProcesses(gpu)
            if process.pid in pids
        ]
    except _NOT_TOLD:
        return None
    if not used_bytes or None in used_bytes:
        return None
    return float(sum(used_bytes)) / _BYTES_PER_MIB


@cache
def _gpus() -> tuple[Any, ...]:
    """Handles of all GPUs; none where NVML cannot be started, which is not tried again."""
    try:
        pynvml.nvmlInit()
        return tuple(pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount()))
    except _NOT_TOLD:
        return ()
