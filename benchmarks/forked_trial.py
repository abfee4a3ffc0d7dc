"""A trial process as a fork server would make it: import everything, compute nothing, fork, run the trial in the child.

The child is in the process group of its parent, so that both are stopped together.
"""

from __future__ import annotations

import os
import runpy
import sys

import sklearn.datasets  # noqa: F401
import torch  # noqa: F401

child = os.fork()
if child == 0:
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    for descriptor in (0, 1):
        os.close(descriptor)
    os.waitpid(child, 0)
