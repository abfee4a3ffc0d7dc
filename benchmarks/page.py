"""The results as one page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

#: Without these the page is not complete.
NEEDED = ("calibration", "no_handicap", "fidelity", "overhead", "peers")
_NO = "not run"


def render(results: dict[str, Any]) -> str:
    """``RESULTS.md`` from ``results.json``."""
    parts = [
        "# Benchmarks of advisor itself",
        "Every number is a ratio or a share within one run; no accelerator was used. Below each table stands where and "
        "when it was measured. `make bench` makes this page anew.",
    ]
    for name, section in (
        ("simulated", _simulated),
        ("calibration", _calibration),
        ("no_handicap", _no_handicap),
        ("epoch_ends", _epoch_ends),
        ("busy", _busy),
        ("idle_watch", _idle_watch),
        ("watching", _watching),
        ("fidelity", _fidelity),
        ("overhead", _overhead),
        ("peers", _peers),
        ("neighbours", _neighbours),
        ("variance", _variance),
        ("block_length", _block_length),
        ("deciding", _deciding),
        ("rendering", _rendering),
        ("startup", _startup),
    ):
        if name in results["tables"]:
            table = results["tables"][name]
            heading, lines = section(table)
            parts += [f"## {heading}", *lines]
            verdict = {True: "Met. ", False: "**Not met**. ", None: ""}[table.get("passed")]
            parts.append(f"{verdict}{_measured(table)}")
            if "note" in table:
                parts.append(table["note"])
    missing = [name for name in NEEDED if name not in results["tables"]]
    if missing:
        parts += ["## Not measured yet", f"{', '.join(missing)}."]
    return "\n\n".join(parts) + "\n"


def _measured(table: dict[str, Any]) -> str:
    """When, on which machine, with which versions, and what else went on there."""
    machine, versions = table["machine"], table["versions"]
    stacks = "".join(
        f", {name} {versions[name]}" for name in ("torch", "tensorflow", "keras", "jax") if name in versions
    )
    return (
        f"Measured {table['date']} on {machine['cpu']}, {machine['cores']} cores, with advisor {table['advisor']}"
        f"{stacks}{_others(table.get('others'))}."
    )


def _others(taken: dict[str, Any] | None) -> str:
    if taken is None:
        return ""
    text = f", while other programs took {taken['others_share']:.1%} of the processor's time"
    if taken["stolen_share"] is None:
        return text
    return f"{text} and other machines on the same host {taken['stolen_share']:.1%}"


def _deciding(table: dict[str, Any]) -> tuple[str, list[str]]:
    draws = {int(n): seconds for n, seconds in table["seconds_by_draws"].items()}
    records = {int(n): seconds for n, seconds in table["seconds_by_records"].items()}
    first_draws, first_records = min(draws), min(records)
    rows = [
        *(
            (f"{n:,} draws", f"{seconds / draws[first_draws]:.2f} times {first_draws:,}")
            for n, seconds in draws.items()
        ),
        *(
            (f"{n:,} records in the study", f"{seconds / records[first_records]:.2f} times {first_records:,}")
            for n, seconds in records.items()
        ),
    ]
    note = (
        f"{table['candidates']} candidates, {table['criteria']} criteria, with sensitivity, reasons and value of "
        "information. Needed: 20,000 draws within a second, 100,000 records loaded and decided within three, and "
        "`advisor decide --what-if` within one from the shell, which took "
        f"{table['what_if_by_bare_start']:.1f} times the start of Python with typer and rich."
    )
    return "Deciding", [_table(("with", "takes"), rows), note]


def _rendering(table: dict[str, Any]) -> tuple[str, list[str]]:
    records = {int(n): seconds for n, seconds in table["seconds_by_records"].items()}
    first = min(records)
    sizes = {int(n): size for n, size in table["html_bytes_by_records"].items()}
    html = {int(n): seconds for n, seconds in table["html_seconds_by_records"].items()}
    rows = [
        (
            f"{n:,} trials",
            f"{seconds / records[first]:.2f} times {first:,}",
            f"{html[n] / html[first]:.2f} times {first:,}",
            f"{sizes[n] / 1e6:.2f} MB",
        )
        for n, seconds in records.items()
    ]
    note = (
        "From what was decided to report.md, without its figures, and to report.html with them and the panel. Needed "
        f"of 10,000 trials: both within {table['needed_s']:g} seconds, and no more than "
        f"{table['largest_bytes'] / 1e6:g} MB of HTML."
    )
    return "Rendering", [_table(("a study of", "report.md takes", "report.html takes", "report.html"), rows), note]


def _startup(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            row["what"],
            f"{row['by_bare_program']:.2f}",
            ", ".join(f"{ratio:.2f}" for ratio in row["by_round"]),
        )
        for row in table["rows"]
    ]
    header = ("From the shell to", "Bare program = 1", "By round")
    return "Start: advisor against a bare program made with typer", [_table(header, rows)]


def _calibration(table: dict[str, Any]) -> tuple[str, list[str]]:
    shares = list(table["rows"][0]["found"])
    rows = [
        (
            f"{row['candidate']}, {row['workload']}",
            row["size"],
            str(row["launches"]),
            f"{row['scatter']:.1%}",
            f"{row['false_alarms']:.1%}",
            *(f"{one['among_equals']:.0%} / {one['others_apart']:.0%}" for one in row["found"].values()),
        )
        for row in table["rows"]
    ]
    header = (
        "Five copies of",
        "Size",
        "Launches recorded",
        "Scatter of a launch",
        "False alarms",
        *(f"{float(share):.0%} found" for share in shares),
    )
    checks = "; ".join(
        f"{row['candidate']}, {row['size']}: {row['really_slowed']:.1%} in place of {table['slowdown']:.0%}, "
        f"opened first {row['first_opened']:+.1%} (standard error {row['first_opened_error']:.1%}), a launch of "
        f"{row['launch_s']:.0f} s"
        for row in table["rows"]
    )
    note = (
        f"Each rate is of {table['studies']} studies of five candidates, ten pairs, whose launches are drawn from "
        "those of one recording. False alarms: studies in which any pair of equals was called different. Found: a copy "
        "slowed by so much against an equal one, where the other three are equal to that one, and where they are far "
        "from both. Scatter: standard deviation of the log ratio of two copies in a launch. Needed: false alarms in at "
        "most 5% (give or take 2 standard errors), and in a standard run 2% found in 90% among equals, where launches "
        "scatter by at most 1.5%."
    )
    really = f"What a copy that really was slowed took more, and what was opened first than last: {checks}."
    heading = "Calibration: no difference where there is none, and one where there is"
    return heading, [_table(header, rows), note, really]


def _simulated(table: dict[str, Any]) -> tuple[str, list[str]]:
    first = table["rows"][0]

    def both(share: dict[str, float], digits: int) -> str:
        return f"{share['among_equals']:.{digits}%} / {share['others_apart']:.{digits}%}"

    rows = [
        (
            f"{row['size']}, {row['pairs']}",
            row["noise"],
            f"{row['false_alarms']:.1%}",
            *(both(share, 0) for share in row["found"].values()),
            *(both(share, 1) for share in row["smallest"].values()),
        )
        for row in table["rows"]
    ]
    header = (
        "Size, pairs",
        "Noise between launches",
        "False alarms",
        *(f"{float(share):.0%} found" for share in first["found"]),
        *(f"Found in {float(often):.0%} from" for often in first["smallest"]),
    )
    note = (
        f"Launches scatter by {table['scatter']:.1%}; a quick run has up to "
        f"{first['launches']}, a standard one up to {table['rows'][-1]['launches']}. Of two numbers, the first is of a "
        "candidate that differs from others that are all equal, the second of one whose others are far away. Needed: "
        "false alarms in at most 5% of studies, and 2% found in 90% of standard ones among equals."
    )
    return "Simulated: what a study finds where the truth is known", [_table(header, rows), note]


def _no_handicap(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            row["workload"],
            row["candidate"],
            f"{row['throughput_ratio']:.3f}",
            f"{row['low']:.3f} to {row['high']:.3f}",
            ", ".join(f"{ratio:.3f}" for ratio in row["by_launch"]),
        )
        for row in table["rows"]
    ]
    return "No handicap: throughput inside advisor divided by that of a hand-written loop", [
        _table(("Pilot", "Candidate", "Ratio", "95% interval", "By launch"), rows),
        f"Needed: at least {table['needed']}.",
    ]


def _epoch_ends(table: dict[str, Any]) -> tuple[str, list[str]]:
    """One row for each workload, candidate, lane and remedy; one column for each length."""
    lengths = sorted({row["wanted_s"] for row in table["rows"]})
    arms: dict[tuple[str, str, str], dict[float, str]] = {}
    for row in table["rows"]:
        how = "default, tf.data not tuned" if row["untuned_data"] else row["lane"]
        arms.setdefault((row["workload"], row["candidate"], how), {})[row["wanted_s"]] = _epoch_end(row)
    rows = [(*arm, *(cells.get(length, _NO) for length in lengths)) for arm, cells in sorted(arms.items())]
    header = ("Pilot", "Candidate", "Lane", *(f"Epochs of about {length:g} s" for length in lengths))
    note = (
        "In each cell: the share of the training that the ends of epochs take; in how many of the ends the processor "
        "idled, and for how long in all; the longest end as a share of the epoch's steps. Where memory bounds rows, "
        "epochs are shorter than asked for, and their length stands there too."
    )
    return "The ends of epochs: from the last steps of one to the first of the next", [_table(header, rows), note]


def _epoch_end(row: dict[str, Any]) -> str:
    if "error" in row:
        return row["error"]
    idle = f"{row['idle']} of {row['ends']} idle" + (f", {row['idle_s']:.1f} s" if row["idle"] else "")
    shorter = f", epochs of {row['epoch_s']:.1f} s" if row["epoch_s"] < 0.7 * row["wanted_s"] else ""
    return f"{max(0.0, row['share']):.1%}; {idle}; longest {row['longest_s'] / row['epoch_s']:.0%}{shorter}"


def _idle_watch(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (row["candidate"], f"{row['step_ratio']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}", str(row["rounds"]))
        for row in table["rows"]
    ]
    return f"Looking for an idle processor: step time with that thread divided by that without ({table['workload']})", [
        _table(("Candidate", "Ratio", "95% interval", "Pairs of blocks"), rows),
        f"Needed: no interval above {table['needed']}.",
    ]


def _busy(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            row["workload"],
            row["load"],
            f"{row['others_share']:.0%}",
            f"{row['resolved']} of {row['resolved_when_quiet']}",
            str(row["other_sign"]),
            f"{row['held']} of {row['could_hold']}",
            f"{row['verdict'].replace('_', ' ')}{'' if row['verdict_no_stronger'] else ' (**stronger**)'}",
            f"{row['busy_launches']} of {row['launches']}",
            f"{row['times_as_long']:.2f}",
            f"{row['waited_share']:.0%}",
        )
        for row in table["rows"]
    ]
    header = (
        "Pilot",
        "Others",
        "took",
        "Pairs resolved, of those when quiet",
        "Other sign",
        "Quiet ratio in the interval",
        "Verdict",
        "Busy launches",
        "Time, quiet = 1",
        "Waiting",
    )
    reading = [
        (row["candidate"], str(row["threads"]), f"{row['share']:.2%}", f"{row['counters_ms']:.1f} ms")
        for row in table["reading"]
    ]
    return "Busy: a quick study beside planted loads, held against the same on a quiet machine", [
        _table(header, rows) if rows else "No study was held against a quiet one yet.",
        "Loads are shares of one core that a process wants. Needed: no resolved pair with another sign than when "
        "quiet; the quiet ratio in the interval of at least 95% of the pairs that are resolved; the verdict the quiet "
        "one or weaker; beside one process at 25% at least half of the pairs that are resolved when quiet, within "
        "twice the time. Waiting is the share of the run that was spent on it.",
        _table(
            ("Candidate", "Threads", "Two readings of a process, share of a block", "The system's counters, a round"),
            reading,
        ),
        "Needed: less than 1% of a block. It is read outside the time that is measured.",
        *(
            ["Not run yet: " + ", ".join(f"{name} {load}" for name, load in table["not_run"]) + "."]
            if table["not_run"]
            else []
        ),
    ]


def _watching(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            row["candidate"],
            f"{row['step_ratio']:.3f}",
            f"{row['low']:.3f} to {row['high']:.3f}",
            ", ".join(f"{ratio:.3f}" for ratio in row["by_launch"]),
        )
        for row in table["rows"]
    ]
    return f"Watching: step time after the live screen was drawn divided by that without ({table['workload']})", [
        _table(("Candidate", "Ratio", "95% interval", "By launch"), rows),
        f"Needed: at most {table['needed']}. The screen was drawn into a pseudo-terminal before every block, and never "
        "while one ran.",
    ]


def _fidelity(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            f"{row['first']} / {row['second']}",
            _ratio(row["quick"]),
            row["quick_word"],
            _ratio(row["long"]),
            row["long_word"],
        )
        for row in table["rows"]
    ]
    return f"Fidelity: a quick run against one {table['times_longer']} times as long ({table['workload']})", [
        _table(("Pair", "Quick: step time ratio", "Finding", "Long: step time ratio", "Finding"), rows),
        f"Needed: {table['needed']}.",
    ]


def _overhead(table: dict[str, Any]) -> tuple[str, list[str]]:
    wall = table["wall_s"]
    rows = [
        (name, f"{seconds / wall:.0%}") for name, seconds in sorted(table["parts_s"].items(), key=lambda part: -part[1])
    ]
    return "Overhead: where the time of a quick run goes", [
        _table(("Part", "Share of the wall time"), rows),
        f"Wall time divided by measured phases: {table['wall_over_measured']:.1f}. advisor's own process used "
        f"{table['parent_cpu_share']:.1%} of a core (needed: below 2%).",
    ]


def _peers(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            name,
            ", ".join(f"{ratio:.3f}" for ratio in table["answers"][name]),
            f"{table['scatter_percent'][name]:.1f}%",
            f"{table['wall_s'][name] / table['wall_s']['pyperf']:.2f}",
        )
        for name in table["answers"]
    ]
    return f"Peers: five answers to the same question ({' / '.join(table['pair'])}, {table['workload']})", [
        _table(("Tool", "Answers", "Standard deviation", "Wall time, pyperf = 1"), rows),
        "pyperf times a step on one batch in memory, advisor the frameworks' own loops with their data pipelines: the "
        "answers differ for that reason; their scatter is what is compared.",
    ]


def _variance(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            row["title"],
            str(row["pairs"]),
            *(f"{row['wall'][part]:.1f}% ({row['cpu'][part]:.1f}%)" for part in ("processes", "rebuilds", "rounds")),
        )
        for row in table["rows"]
    ]
    return "Variance: what scatters between two copies of one model", [
        _table(("Condition", "Pairs", "Processes", "Models rebuilt in a process", "Rounds"), rows),
        "Standard deviations of the log ratio of two copies' step times; in brackets the same for CPU time. "
        "What it means stands in [docs/measuring.md](../docs/measuring.md).",
    ]


def _neighbours(table: dict[str, Any]) -> tuple[str, list[str]]:
    quiet_s = table["rows"][0]["step_s"]
    rows = [
        (
            "none" if row["stolen_up_to"] == 0 else f"up to {row['stolen_up_to']:.0%}",
            str(row["rounds"]),
            f"{row['step_s'] / quiet_s:.3f}",
            f"{row['scatter_percent']:.1f}%",
        )
        for row in table["rows"]
    ]
    header = ("Stolen from the round", "Rounds", "Step, first row = 1", "Scatter of a round")
    return "Neighbours: what other machines on the same host do to a race of two equal copies", [_table(header, rows)]


def _block_length(table: dict[str, Any]) -> tuple[str, list[str]]:
    rows = [
        (
            f"{row['candidate']}, {row['workload']}",
            f"{row['length_s']:g} s",
            str(row["rounds"]),
            f"{row['scatter_percent']:.1f}%",
            f"{row['error_percent']:.1f}%",
            f"{row['step_relative']:.3f}",
        )
        for row in table["rows"]
    ]
    header = (
        "Copies of",
        "Block",
        "Rounds in equal time",
        "Scatter of a round",
        "Error of the median",
        "Step, 0.15 s = 1",
    )
    return "Block length: many short blocks say more in the same time than few long ones", [_table(header, rows)]


def _ratio(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
