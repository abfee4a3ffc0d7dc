"""JAX's process settings, set on purpose and read back; for Keras on JAX."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jax

_COMPILED = "/jax/core/compile/backend_compile_duration"
#: Keras's; JAX compiles many small helpers beside it.
_TRAIN_STEP = "jit(train_step)"


class JaxRuntime:
    """Threads, device and precision of a process that computes with JAX."""

    def __init__(self) -> None:
        self.train_steps_compiled = 0
        jax.monitoring.register_event_duration_secs_listener(self._count)

    def _count(self, event: str, duration_secs: float, **of: Any) -> None:
        self.train_steps_compiled += event == _COMPILED and of.get("fun_name") == _TRAIN_STEP

    def configure(self, *, threads: int, device: str) -> None:
        """Set threads, device and full float32 precision; once, before anything is computed.

        Args:
            threads: of XLA's pool on the CPU. It has no setting in JAX; XLA reads the variable NPROC when the first
                array is made, and takes every core where it is missing.
            device: ``cpu``, or ``auto`` for the accelerator that JAX finds, else the CPU.

        Raises:
            ValueError: another device is named.
        """
        if device not in ("auto", "cpu"):
            raise ValueError(f"device must be auto or cpu, not {device!r}")
        os.environ["NPROC"] = str(threads)
        if device == "cpu":
            jax.config.update("jax_platforms", "cpu")
        # On accelerators JAX multiplies float32 in fewer bits by default.
        jax.config.update("jax_default_matmul_precision", "highest")
        # Every process compiles for itself, as a user's first run does.
        jax.config.update("jax_enable_compilation_cache", False)

    def settings(self) -> dict[str, str]:
        """What JAX reports to be in force; the threads are those of XLA's pool that run in this process."""
        self.wait_for([jax.numpy.zeros(1) + 1])
        return {
            "threads": _pool_size() or f"NPROC={os.environ['NPROC']}",
            "matmul_precision": str(jax.config.jax_default_matmul_precision),
            "x64": str(jax.config.jax_enable_x64),
            "xla_flags": os.environ.get("XLA_FLAGS", "none"),
        }

    def platform(self) -> str:
        """``cpu``, ``gpu`` or ``tpu``."""
        return str(jax.devices()[0].platform)

    def device(self) -> str:
        """The device in use, with its name if it has any."""
        device = jax.devices()[0]
        return "cpu" if device.platform == "cpu" else f"{device.platform}:0 {device.device_kind}"

    def fast_bfloat16(self) -> bool:
        """See :class:`pilots.framework.Framework`; from compute capability 8.0 on, and on every TPU."""
        device = jax.devices()[0]
        if device.platform == "gpu":
            return float(getattr(device, "compute_capability", 0)) >= 8
        return bool(device.platform == "tpu")

    def wait_for(self, arrays: Iterable[Any]) -> None:
        """Return when these arrays hold their values.

        The barrier needs live arrays: ``jax.effects_barrier`` does not wait for computations without effects.
        """
        jax.block_until_ready(list(arrays))


def _pool_size() -> str | None:
    """Threads of XLA's CPU pool, counted by their name; None where the system does not list threads."""
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        return None
    names = [(task / "comm").read_text(encoding="ascii", errors="replace").strip() for task in tasks.iterdir()]
    return str(sum(name == "tf_XLAEigen" for name in names))
