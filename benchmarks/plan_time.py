"""Measures how long planning every scenario takes, against only enumerating them. One core."""

from collections import deque

from benchmarks.timing import read_options, report, summarise, time_once
from lab import all_scenarios, make_plan


def _enumerate() -> None:
    deque(all_scenarios(), maxlen=0)


def _plan() -> None:
    deque(map(make_plan, all_scenarios()), maxlen=0)


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=5)
    first = time_once(_plan)
    pairs = [(time_once(_enumerate), time_once(_plan)) for _ in range(options.rounds)]
    floor = summarise("enumerate the scenarios", [pair[0] for pair in pairs])
    warm = summarise("plan every scenario", [pair[1] for pair in pairs], floor)
    count = sum(1 for _ in all_scenarios())
    notes = [f"{count:,} scenarios; {warm.p50 / count * 1e6:.1f} microseconds for one plan."]
    report(
        "Planning", [floor, summarise("plan every scenario, caches empty", [first], floor), warm], options.json, notes
    )


if __name__ == "__main__":
    main()
