"""Memory on a GPU, told by a driver that answers as the test wants; by a real one in ``tests/gpu``.

The driver is a library in C under the name that NVIDIA's has, so that everything above it is the real thing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from advisor.measuring.machine.accelerator import process_memory_mib

MIB = 2**20
NOT_AVAILABLE = 2**64 - 1
NO_PERMISSION = 4

#: GPUs and the processes on them stand in the variable GPUS: "0 10=1048576 11=5;0" is two GPUs, one with two
#: processes. The number before the processes is the code with which the question is answered, 0 being success.
DRIVER = r"""
#include <stdlib.h>
#include <string.h>
typedef struct { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; } Process;
static const char *start_of(unsigned index) {
    const char *text = getenv("GPUS");
    while (index-- > 0) text = strchr(text, ';') + 1;
    return text;
}
int nvmlInitWithFlags(unsigned flags) { return getenv("INIT") ? atoi(getenv("INIT")) : 0; }
const char *nvmlErrorString(int code) { return "as the test wants"; }
int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = 1;
    for (const char *at = getenv("GPUS"); *at; at++) *count += *at == ';';
    return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **gpu) { *gpu = (void *)start_of(index); return 0; }
int RUNNING(void *gpu, unsigned *room, Process *processes) {
    char *at;
    int code = (int)strtol(gpu, &at, 10);
    unsigned count = 0;
    if (code) return code;
    while (*at == ' ') {
        unsigned pid = (unsigned)strtoul(at, &at, 10);
        unsigned long long used = strtoull(at + 1, &at, 10);
        if (count < *room && processes) processes[count] = (Process){pid, used, 0, 0};
        count++;
    }
    code = count > *room ? 7 : 0;
    *room = count;
    return code;
}
"""
RUNNING = "nvmlDeviceGetComputeRunningProcesses_v3"
ASK = """
import json
from advisor.measuring.machine.accelerator import process_memory_mib
print(json.dumps(process_memory_mib({10, 11})))
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Ask the driver for the memory of the processes 10 and 11."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "driver.c").write_text(DRIVER, encoding="utf-8")

    def ask(gpus: str, running: str = RUNNING, **environment: str) -> float | None:
        library = folder / running / "libnvidia-ml.so.1"
        if not library.exists():
            library.parent.mkdir()
            source = str(folder / "driver.c")
            subprocess.run([compiler, "-shared", "-fPIC", f"-DRUNNING={running}", "-o", library, source], check=True)
        search = {"LD_LIBRARY_PATH": str(library.parent), "GPUS": gpus}
        done = subprocess.run(
            [sys.executable, "-c", ASK], env=os.environ | search | environment, capture_output=True, check=True
        )
        return json.loads(done.stdout)

    return ask


@pytest.mark.parametrize(
    ("gpus", "told_mib"),
    [
        (f"0 10={300 * MIB}", 300.0),
        (f"0 10={300 * MIB} 11={50 * MIB} 12={MIB}", 350.0),
        (f"0 10={300 * MIB};0 10={MIB // 2} 13={MIB}", 300.5),
        (f"0 12={300 * MIB}", None),  # not listed is not nothing: a container may hide it
        ("0", None),
        (f"0 10={300 * MIB} 11={NOT_AVAILABLE}", None),
        (f"0 10={300 * MIB} 12={NOT_AVAILABLE}", 300.0),
        (f"0 10={300 * MIB};{NO_PERMISSION}", None),  # half the truth would look like the whole
    ],
)
def test_what_the_driver_tells_of_these_processes_is_summed(driver, gpus, told_mib):
    assert driver(gpus) == told_mib


def test_a_driver_that_does_not_start_tells_nothing(driver):
    assert driver(f"0 10={MIB}", INIT="9") is None


def test_a_driver_older_than_the_question_tells_nothing(driver):
    assert driver(f"0 10={MIB}", running="nvmlDeviceGetComputeRunningProcesses_v1") is None


def test_without_the_process_there_is_nothing_to_tell():
    assert process_memory_mib(()) is None
