"""A disk without room, as far as this process sees it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NEEDS_LIMITS = pytest.mark.skipif(sys.platform == "win32", reason="needs limits as POSIX has them")


@contextmanager
def files_end_at(most_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: what would is refused by the system ("File too large")."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
