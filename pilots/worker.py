"""The trial process: reads commands from its standard input, carries them out, answers on a private pipe."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import re
import signal
import subprocess
import traceback
from pathlib import Path
from typing import Literal

from pilots.channel import Channel
from pilots.epoch_protocol import TrainEpochs
from pilots.experiment import measure_of
from pilots.failures import Unavailable, in_one_line, place_in
from pilots.figures import FiguresResult, Measure, Measured
from pilots.pipeline_protocol import Load
from pilots.protocol import CheckParity, Failed, Infer, Learn, Open, Predict, StartRace, Train
from pilots.rehearsal_protocol import Export, ExportModel, KeepModel, LoadArtifact, LookAtModel, ServeArtifact

_ERROR_LINES = 30
_PR_SET_PDEATHSIG = 1
#: How errors of torch.compile tell what it lacks besides Python packages, and what to do about it.
_MISSING_TOOLS = (
    (
        r"InvalidCxxCompiler|No working C\+\+ compiler found",
        "torch.compile found no C++ compiler: install one such as g++ or clang, or set CXX to its name",
    ),
    (
        r"Failed to find C compiler",
        "torch.compile found no C compiler: install one such as gcc or clang, or set CC to its name",
    ),
    (
        r"No such file or directory: 'openssl'",
        "torch.compile found no program openssl, by which it tells versions of C++ headers apart: install it",
    ),
    (
        r"fatal error.*Python\.h",
        "torch.compile found no headers of this Python: install them (python3-dev, python3-devel)",
    ),
)
#: What a process is started for.
First = Open | Export | LoadArtifact | ServeArtifact | LookAtModel | ExportModel
#: What loaders of libraries say on Linux, macOS and Windows.
_BROKEN_LIBRARY_MARKS = ("cannot open shared object file", "undefined symbol", "library not loaded", "dll load failed")
#: A full disk, too many open files and the like.
_ERRORS_OF_THE_MACHINE = (errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EROFS)
_OUT_OF_MEMORY_MARKS = ("out of memory", "resource_exhausted", "resourceexhausted", "failed to allocate")


def end_with_parent() -> None:
    """Have the kernel kill this process when the supervisor dies.

    A supervisor that is killed cannot wake the processes it has stopped. Elsewhere than on Linux, POSIX sends a
    stopped process group that has lost its parent SIGHUP and SIGCONT, which does the same.
    """
    if platform.system() != "Linux":
        return
    # By "parent" Linux means the thread that started this process: it is killed as well when only that thread ends.
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request was in force
        os._exit(1)


def offer_as_first_victim() -> None:
    """Ask Linux to end this process first when memory runs out, before the supervisor or the user's work."""
    with contextlib.suppress(OSError):  # not Linux, or not allowed: then there is nothing to ask
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def describe_failure(error: BaseException, folder: Path | None = None) -> Failed:
    """The error as the supervisor records it: what kind, and the last lines of the traceback.

    Where a tool is missing that no package brings along, the first line says which tool and what to do. Where the error
    came through the folder of the user's own workload, the last line says in which file and line.
    """
    text = "".join(traceback.format_exception(error))
    if folder is not None and place_in(error, folder):
        text = f"{text.rstrip()}\n{in_one_line(error, folder)}"
    last_lines = "\n".join(text.rstrip().splitlines()[-_ERROR_LINES:])
    for mark, remedy in _MISSING_TOOLS:
        if re.search(mark, text):
            return Failed(kind="unavailable", error=f"{remedy}\n{last_lines}")
    return Failed(kind=_kind_of(error, text.lower()), error=last_lines)


def _kind_of(error: BaseException, text: str) -> Literal["unavailable", "out_of_memory", "timed_out", "failed"]:
    if isinstance(error, ImportError | Unavailable) or any(mark in text for mark in _BROKEN_LIBRARY_MARKS):
        return "unavailable"
    if isinstance(error, MemoryError) or any(mark in text for mark in _OUT_OF_MEMORY_MARKS):
        return "out_of_memory"
    if isinstance(error, OSError) and error.errno in _ERRORS_OF_THE_MACHINE:
        return "out_of_memory" if error.errno == errno.ENOMEM else "unavailable"
    return "timed_out" if isinstance(error, subprocess.TimeoutExpired) else "failed"


def main() -> int:
    """Serve commands until the supervisor closes the pipe. A failed command is answered and ends the process."""
    end_with_parent()
    offer_as_first_victim()
    channel = Channel.take_over()
    first = channel.receive()
    if not isinstance(first, First):
        return 1
    try:
        serve(channel, first)
    except Exception as error:  # noqa: BLE001 - whatever a framework raises becomes a record
        spec = None if isinstance(first, LookAtModel | ExportModel) else first.spec
        folder = Path(spec.folder.path) if spec and spec.folder else None
        channel.send(describe_failure(error, folder))
        return 1
    return 0


def serve(channel: Channel, first: First) -> None:
    """Carry out commands in order, in the kind of process that the first command asks for.

    Raises:
        ImportError: a framework or a runtime is missing. Anything else that they or the data raise.
    """
    match first:
        case Export():
            from pilots.experiments import export

            export.run(channel, first)
        case LoadArtifact():
            from pilots.experiments import artifact

            artifact.run(channel, first)
        case ServeArtifact():
            from pilots.experiments import serve as serving

            serving.run(channel, first)
        case LookAtModel():
            from pilots.experiments import own_model

            own_model.look(channel, first)
        case ExportModel():
            from pilots.experiments import own_model

            own_model.export(channel, first)
        case Open():
            serve_trial(channel, first)


def serve_trial(channel: Channel, first: Open) -> None:
    """Open the trial and carry out its commands in order.

    Raises:
        ImportError: the framework is missing. Anything else that a framework or the data raises.
    """
    from pilots.experiments import conformance, epochs, export, footprint, infer, learn, load, parity, race
    from pilots.experiments.opening import open_trial

    if first.spec.experiment == "conformance":
        conformance.run(channel, first.spec)
        return
    if first.spec.candidate == "baseline":
        learn.run_baseline(channel, first.spec)
        return
    trial, opened = open_trial(first.spec)
    channel.send(opened)
    for command in channel.commands():
        match command:
            case CheckParity():
                parity.run(channel, trial, command)
            case StartRace():
                race.run(channel, trial, command)
            case Learn():
                learn.run(channel, trial)
            case TrainEpochs():
                epochs.run(channel, trial, command)
            case Infer():
                infer.run(channel, trial, command)
            case Load():
                load.run(channel, trial, command)
            case Predict():
                footprint.predict(channel, trial, command)
            case Train():
                footprint.train(channel, trial, command)
            case KeepModel():
                export.keep_model(channel, trial, command)
            case Measure(experiment):
                found = measure_of(experiment)(trial)
                channel.send(Measured(FiguresResult("figures", found)))
            case _:
                raise ValueError(f"unexpected command {command.type}")
