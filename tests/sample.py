"""A fixed sample of what is long by repetition; `python -m pytest --whole` runs all of it.

A test that repeats itself is marked with `sample`: on the newest major, or without majors, one case in `every` runs, on
the oldest one in `oldest`, on those between one in `between`, 0 for none. Each of them starts elsewhere, so that the
samples differ; a test named by its id always runs.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest

from lab.database.embedded.programs import MAJORS

OPTION = "--whole"
NOTE = "Long repetitions ran as a sample: `python -m pytest --whole` runs all of them."


@dataclass(frozen=True)
class Rates:
    """One case in how many runs; 0 for none."""

    every: int = 1
    oldest: int = 1
    between: int = 1

    def of(self, major: int | None) -> int:
        """Return the rate on a major."""
        if major in (None, MAJORS[-1]):
            return self.every
        return self.oldest if major == MAJORS[0] else self.between


def choose(count: int, rate: int, start: int) -> set[int]:
    """Return which places of so many are taken: one in `rate`, at least one unless the rate is 0."""
    if not rate:
        return set()
    return {place for place in range(count) if place % rate == start % min(rate, count)}


def leave_out(items: list[pytest.Item]) -> set[pytest.Item]:
    """Return the items that a sample does without."""
    cases: dict[tuple[str, int | None], list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sample") and isinstance(item, pytest.Function):
            params: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
            cases[item.nodeid.partition("[")[0], params.get("each_server")].append(item)
    left: set[pytest.Item] = set()
    for (_, major), alike in cases.items():
        marker = alike[0].get_closest_marker("sample")
        rate = Rates(**(marker.kwargs if marker else {})).of(major)
        taken = choose(len(alike), rate, MAJORS[::-1].index(major) if major else 0)
        left.update(item for place, item in enumerate(alike) if place not in taken)
    return left
