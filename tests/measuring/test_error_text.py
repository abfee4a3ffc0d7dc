from __future__ import annotations

import pytest

from advisor.measuring.error_text import headline


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("Traceback (most recent call last):\n  File 'a.py', line 1\nValueError: no", "ValueError: no"),
        (
            "    return x\n  File 'a.py', line 1\nin_keras.py, line 3: ValueError: no",
            "in_keras.py, line 3: ValueError: no",
        ),
        ("ended with signal SIGSEGV\nthe last words", "ended with signal SIGSEGV"),
        (
            "torch.compile found no C++ compiler\nTraceback (most recent call last):\nX: y",
            "torch.compile found no C++ compiler",
        ),
        ("no answer for 20 s\n", "no answer for 20 s"),
        ("", ""),
    ],
)
def test_one_line_of_an_error_speaks_for_it(error: str, line: str) -> None:
    assert headline(error) == line
