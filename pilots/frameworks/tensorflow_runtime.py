"""TensorFlow's process settings, set on purpose and read back; also those of Keras on TensorFlow."""

from __future__ import annotations

import os

import tensorflow as tf


class TensorFlowRuntime:
    """Threads, device and precision of a process that computes with TensorFlow."""

    def configure(self, *, threads: int, device: str) -> None:
        """Set threads, device and full float32 precision; once, before anything is computed.

        Args:
            threads: for one operation, and for operations beside one another.
            device: ``cpu``, or ``auto`` for the GPU that TensorFlow finds, else the CPU.

        Raises:
            ValueError: another device is named.
        """
        if device not in ("auto", "cpu"):
            raise ValueError(f"device must be auto or cpu, not {device!r}")
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        # On by default.
        tf.config.experimental.enable_tensor_float_32_execution(False)
        gpus = tf.config.list_physical_devices("GPU") if device == "auto" else []
        # One device, as in the other stacks; and only as much of its memory as is used.
        tf.config.set_visible_devices(gpus[:1], "GPU")
        for gpu in gpus[:1]:
            tf.config.experimental.set_memory_growth(gpu, True)

    def settings(self) -> dict[str, str]:
        """What TensorFlow reports to be in force."""
        return {
            "threads": str(tf.config.threading.get_intra_op_parallelism_threads()),
            "threads_between_operations": str(tf.config.threading.get_inter_op_parallelism_threads()),
            "tf32": str(tf.config.experimental.tensor_float_32_execution_enabled()),
            # TensorFlow has no public way to ask; the variable is what decides.
            "onednn": {"0": "off", "1": "on"}.get(os.environ.get("TF_ENABLE_ONEDNN_OPTS", ""), "default"),
            "xla_flags": os.environ.get("TF_XLA_FLAGS", "none"),
        }

    def device(self) -> str:
        """The device in use, with its name if it has any."""
        gpus = tf.config.get_visible_devices("GPU")
        if not gpus:
            return "cpu"
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "")
        return f"gpu:0 {name}".rstrip()

    def fast_bfloat16(self) -> bool:
        """See :class:`pilots.framework.Framework`; from compute capability 8.0 on."""
        gpus = tf.config.get_visible_devices("GPU")
        if not gpus:
            return False
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return bool(capability >= (8, 0))

    def sync(self) -> None:
        """Return when all devices have finished."""
        tf.test.experimental.sync_devices()
