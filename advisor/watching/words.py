"""What a run is told in: durations, numbers and verdicts in words, and what anybody should be warned of."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.measuring.analysis import crowding
from advisor.measuring.analysis.comparison import Comparison, Word
from advisor.measuring.analysis.epoch_ends import idlings
from advisor.measuring.analysis.race_state import RaceState, Throughput
from advisor.measuring.error_text import headline
from advisor.measuring.running.events import QuietAwaited, RunEnded, TrialsFinished, WaitingForQuiet
from advisor.method import method
from pilots.records import TrialRecord

STOPPING = "finishing the trials that are running, press Ctrl-C again to stop at once"
NOT_RESOLVED = "not resolved yet"
_SHOWN: dict[Word, str] = {"equivalent": "the same", "not resolved": NOT_RESOLVED}
_TURNED: dict[Word, Word] = {"faster": "slower", "slower": "faster"}


def printable(text: str) -> str:
    """The text with what could move a cursor or hide a word made visible; line ends become spaces."""
    joined = " ".join(text.splitlines())
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in joined)


def duration(seconds: float) -> str:
    """A rough duration as people say it: ``about 4 min``."""
    return f"about {max(5, round(seconds / 5) * 5)} s" if seconds < 60 else f"about {round(seconds / 60)} min"


def time_left(seconds: float) -> str:
    """The same for what is still to come."""
    return f"{duration(seconds)} left" if seconds >= 1 else "nothing left to run"


def rate(per_s: float) -> str:
    """Examples per second with the three digits that count, thousands set apart."""
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"


def warnings(event: TrialsFinished) -> tuple[str, ...]:
    """What was found out with these trials that anybody who watches should know, a line each."""
    return (*filter(None, map(_about, event.records)), *_crowded(event.records), *_idle(event.records))


def waiting(event: WaitingForQuiet) -> str:
    """That everything stands still, and why."""
    return (
        f"waiting for quiet, {event.at_most_s:.0f} s at most: others take {event.others_share:.0%} of the processor "
        "(closing other programs ends it)"
    )


def awaited(event: QuietAwaited) -> str:
    """How waiting ended."""
    found = "it is quiet" if event.quiet else "not quiet, going on all the same"
    return f"{found} after {event.waited_s:.0f} s"


def summary(event: RunEnded) -> str:
    """How the run came out, in words."""
    parts = [f"{event.finished} trials are on disk"]
    if event.failed:
        parts.append(f"{event.failed} failed and {'is a row' if event.failed == 1 else 'are rows'} in the report")
    if event.left_out:
        what = f": {'; '.join(map(str, event.what))}" if event.what else ""
        parts.append(f"{event.left_out} did not fit into the budget{what}")
    if event.stopped:
        parts.append("stopped before the others")
    return "; ".join(parts)


def word_for(pair: Comparison, candidate: str) -> str:
    """The word of a pair as it is said of one of its candidates."""
    word = pair.word if pair.first == candidate else _TURNED.get(pair.word, pair.word)
    return _SHOWN.get(word, word)


def verdict(standing: RaceState, throughput: Throughput, *, named: bool) -> str:
    """What the races say about a candidate: against the leader of its lane, and of the leader against all.

    Args:
        standing: of the workload.
        throughput: that of the candidate.
        named: say who is ahead.
    """
    lane = [other for other in standing.throughputs if other.lane == throughput.lane]
    ahead = max(lane, key=lambda other: other.examples_per_s)
    words = {
        pair.second if pair.first == throughput.candidate else pair.first: word_for(pair, throughput.candidate)
        for pair in standing.comparisons
        if pair.between == "candidates"
        and pair.lane == throughput.lane
        and throughput.candidate in (pair.first, pair.second)
    }
    if throughput != ahead:
        word = words.get(ahead.candidate, NOT_RESOLVED)
        joint = {"faster": " than", "slower": " than", "the same": " as"}.get(word)
        return f"{word}{joint} {ahead.candidate}" if named and joint else word
    return _of_the_first([words.get(other.candidate, NOT_RESOLVED) for other in lane if other != throughput])


def _of_the_first(words: list[str]) -> str:
    faster = words.count("faster")
    if not words:
        return "alone"
    if faster == len(words):
        return "fastest"
    if faster:
        return f"faster than {faster} of {len(words)}"
    return "the same" if set(words) == {"the same"} else NOT_RESOLVED


def noise(standing: RaceState) -> str:
    """What candidates show against copies of themselves; empty where that is not known yet."""
    found, copied = standing.noise, standing.copied
    if found is None:
        return ""
    who, copies = f"{len(copied)} candidates", "copies of themselves"
    if len(copied) == 1:
        who, copies = copied[0], "its own copy"
    return f"{who} against {copies} took {found.low:.2f} to {found.high:.2f} times as long"


def raced(standing: RaceState) -> str:
    """The throughputs in one line, the highest first."""
    ordered = sorted(standing.throughputs, key=lambda throughput: -throughput.examples_per_s)
    told = (
        ", ".join(f"{throughput.entrant} {rate(throughput.examples_per_s)}" for throughput in ordered)
        or "nobody finished"
    )
    count = f"{standing.launches} {'launch' if standing.launches == 1 else 'launches'}"
    needed = "" if standing.launches >= standing.needed else f" of the {standing.needed} needed"
    return f"race on {standing.workload} after {count}{needed}, examples/s: {told}"


def resolved(standing: RaceState) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every pair about which something can be said, with what that is; the key tells pairs apart."""
    for pair in standing.comparisons:
        if pair.between == "control" or pair.ratio is None or pair.word == "not resolved":
            continue
        found = pair.ratio
        joint = "as" if pair.word == "equivalent" else "than"
        first = pair.first if pair.lane == "default" else f"{pair.first} ({pair.lane})"
        second = "by default" if pair.between == "lanes" else f"{pair.second}"
        if pair.between == "candidates" and pair.lane != "default":
            second = f"{pair.second} ({pair.lane})"
        interval = f"step time {found.ratio:.2f}, {found.low:.2f} to {found.high:.2f}"
        key = (standing.workload, pair.between, pair.lane, pair.first, pair.second)
        less = f", by less than {method().measuring.equivalence_margin:.0%}" if pair.within_margin else ""
        yield key, f"{standing.workload}: {first} is {word_for(pair, pair.first)} {joint} {second}{less} ({interval})"


def _about(record: TrialRecord) -> str:
    if record.outcome == "ok":
        return ""
    trial = f"{record.spec.entrant}, {record.spec.workload}, {record.spec.experiment}"
    if record.outcome != "not_comparable":
        reason = headline(record.error or "no message")
        return printable(f"{trial}: {record.outcome.replace('_', ' ')}: {reason}")
    if record.spec.experiment not in ("parity", "load"):
        return ""  # the gate has said so
    return printable(f"{trial}: not comparable: {headline(record.error or 'it is not the same model')}")


def _idle(records: tuple[TrialRecord, ...]) -> Iterator[str]:
    for idling in idlings(records):
        if idling.share > method().measuring.idle_warned_share:
            entrant = idling.candidate if idling.lane == "default" else f"{idling.candidate} ({idling.lane})"
            yield f"{entrant}, {idling.workload}: the processor idled for {idling.share:.0%} of a training"


def _crowded(records: tuple[TrialRecord, ...]) -> Iterator[str]:
    for race in crowding.sessions(records):
        if race.contention is None:
            continue
        share = crowding.taken(race.contention)
        crowded = len(crowding.crowded_rounds(race))
        if race.contention.busy:
            yield (
                f"measured on a busy machine: others took {share:.0%} of the processor's time during this race, which "
                "therefore resolves nothing; once they have ended, the same command races again"
            )
        elif crowded:
            yield (
                f"{crowded} of {len(race.rounds)} rounds do not count: others took too much of the processor's time; "
                "that goes for all candidates alike"
            )
        elif share > method().measuring.contention_warned_share:
            yield f"others took {share:.0%} of the processor's time during this race: fewer differences are resolved"
    for record in records:
        if record.spec.experiment != "race" and crowding.on_busy_machine(record):
            yield printable(f"{record.spec.entrant}, {record.spec.experiment}: measured on a busy machine")
