"""The commands that repeat a study elsewhere."""

from __future__ import annotations

import shlex
from pathlib import Path

from advisor.planning.plan import Plan, Settings


def commands_to_reproduce(plan: Plan) -> tuple[str, ...]:
    """The commands that repeat the study elsewhere, beside its ``answers.toml``."""
    settings = plan.settings
    words = ["advisor run --answers answers.toml --no-input"]
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
    return (" ".join(words), "advisor report STUDY    # renders again from the stored trials")
