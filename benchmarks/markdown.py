"""Parts of the page of results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOT_RUN = "not run"


def ratio_text(value: float | None) -> str:
    """A ratio with three digits, or "none"."""
    return "none" if value is None else f"{value:.3f}"


def table_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
