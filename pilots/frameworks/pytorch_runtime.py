"""PyTorch's process settings, set on purpose and read back; also those of Keras on PyTorch."""

from __future__ import annotations

import re
from collections import Counter

import torch

from pilots.lanes import Compiler


class PyTorchRuntime:
    """Threads, device and precision of a process that computes with PyTorch."""

    def __init__(self) -> None:
        self.torch_device = torch.device("cpu")

    def configure(self, *, threads: int, device: str) -> None:
        """Set threads, device and full float32 precision; once, before anything is computed.

        Args:
            threads: for one operation, and for operations beside one another.
            device: ``cpu``, or ``auto`` for the accelerator that PyTorch finds, else the CPU.

        Raises:
            ValueError: another device is named.
        """
        if device not in ("auto", "cpu"):
            raise ValueError(f"device must be auto or cpu, not {device!r}")
        # Only where they differ: setting the number that is in force already takes MKL's choice of fewer threads for
        # small products away, which users of the default keep.
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if torch.get_num_interop_threads() != threads:
            torch.set_num_interop_threads(threads)
        torch.set_float32_matmul_precision("highest")
        # On by default for convolutions.
        torch.backends.cudnn.allow_tf32 = False
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        if device == "auto" and accelerator is not None:
            self.torch_device = torch.device(accelerator.type, 0)

    def settings(self) -> dict[str, str]:
        """What PyTorch reports to be in force."""
        onednn = re.search(r"(?:MKL-DNN|oneDNN) v(\S+)", torch.__config__.show())
        uses_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        return {
            "threads": str(torch.get_num_threads()),
            "threads_between_operations": str(torch.get_num_interop_threads()),
            "precision": str(torch.get_default_dtype()).removeprefix("torch."),
            "matmul_precision": torch.get_float32_matmul_precision(),
            "tf32_convolutions": str(torch.backends.cudnn.allow_tf32),
            "onednn": onednn[1] if onednn and uses_onednn else "not used",
        }

    def device(self) -> str:
        """The device in use, with its name if it has any."""
        if self.torch_device.type == "cuda":
            return f"{self.torch_device} {torch.cuda.get_device_name(self.torch_device)}"
        return str(self.torch_device)

    def fast_bfloat16(self) -> bool:
        """See :class:`pilots.framework.Framework`."""
        match self.torch_device.type:
            case "cuda":
                return bool(torch.cuda.is_bf16_supported(including_emulation=False))
            case "xpu":
                return bool(torch.xpu.is_bf16_supported())
            case _:
                return False

    def sync(self) -> None:
        """Return when the device has finished; on the CPU PyTorch computes before it returns."""
        if self.torch_device.type != "cpu":
            torch.accelerator.synchronize(self.torch_device)


def torch_compiler() -> Compiler:
    """What ``torch.compile`` has done in this process: its graphs, and where it ran plain Python instead.

    That is at breaks inside a function, and in functions it gave up on as a whole, for example because they would have
    had to be compiled too often.
    """
    from torch._dynamo.utils import counters

    breaks: Counter[str] = Counter()
    for explanation, count in counters["graph_break"].items():
        breaks[explanation.splitlines()[0]] += count
    if given_up := counters["frames"]["total"] - counters["frames"]["ok"]:
        breaks["whole functions left uncompiled"] = given_up
    return Compiler(
        name="torch.compile",
        graphs=int(counters["stats"]["unique_graphs"]),
        fall_backs=tuple(f"{reason} ({count} times)" for reason, count in breaks.most_common()),
    )
