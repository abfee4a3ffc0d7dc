"""The commands that repeat a study elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from advisor.planning.plan import Plan, Settings


def commands_to_reproduce(plan: Plan, people: Collection[str] = (), *, own_facts: bool = False) -> tuple[str, ...]:
    """The commands that repeat the study elsewhere, beside its ``answers.toml``.

    Args:
        plan: of the study.
        people: those who have answers of their own in it.
        own_facts: it has facts of the user's own, in ``facts.toml``.
    """
    settings = plan.settings
    asked = tuple(
        shlex.join(["advisor", "ask", "--as", name, "--answers", f"people/{name}.toml", "--no-input"])
        for name in people
    )
    words = ["advisor run --answers answers.toml --no-input"]
    if own_facts:
        words.append("--facts facts.toml")
    if settings.size != "standard":
        words.append(f"--{settings.size}")
    if settings.candidates != Settings().candidates:
        words.append(f"--candidates {','.join(settings.candidates)}")
    if settings.tuned is not None:
        words.append("--tuned" if settings.tuned else "--no-tuned")
    if settings.budget_s is not None:
        words.append(f"--budget {settings.budget_s:.0f}s")
    if settings.workload is not None:
        words.append(shlex.join(["--workload", Path(settings.workload.path).name]))
    if settings.named:
        words.append(f"--pilots {','.join(settings.named)}")
    if settings.data is not None:
        words.append(shlex.join(settings.data.words))
    if settings.seed:
        words.append(f"--seed {settings.seed}")
    if not settings.pilots:
        words.append("--no-pilots")
    return (*asked, " ".join(words), "advisor report STUDY    # renders again from the stored trials")
