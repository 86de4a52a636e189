"""A sample of what is long by repetition; `python -m pytest --whole` runs all of it.

A test that repeats itself is marked with `sample`: on the newest major, or without majors, one case in `every` runs, on
the oldest one in `oldest`, on those between one in `between`, 0 for none. A test on each major needs no mark: all cases
run on the newest one, and at least one on each other. Each major begins elsewhere, so that their samples differ;
`LAB_TEST_SAMPLE=N` takes other samples. A test named by its id always runs.
"""

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest

from lab.database.embedded.programs import MAJORS

OPTION = "--whole"
START = "LAB_TEST_SAMPLE"  # environment variable: any number takes another sample


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


EACH_MAJOR = Rates(oldest=2, between=4)


def find_start() -> int:
    """Return where samples begin: what START says, or 0."""
    return int(os.environ.get(START) or 0)


def make_note() -> str:
    """Say that a sample ran, and which."""
    return f"Long repetitions ran as a sample ({START}={find_start()}): `python -m pytest {OPTION}` runs all of them."


def choose(count: int, rate: int, start: int) -> set[int]:
    """Return which places of so many are taken: one in `rate`, at least one unless the rate is 0."""
    if not rate:
        return set()
    return {place for place in range(count) if place % rate == start % min(rate, count)}


def leave_out(items: list[pytest.Item], start: int) -> set[pytest.Item]:
    """Return the items that a sample does without."""
    cases: dict[tuple[str, int | None], list[pytest.Item]] = defaultdict(list)
    for item in items:
        params: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
        if item.get_closest_marker("sample") or "each_server" in params:
            cases[item.nodeid.partition("[")[0], params.get("each_server")].append(item)
    left: set[pytest.Item] = set()
    for (_, major), alike in cases.items():
        marker = alike[0].get_closest_marker("sample")
        rate = (Rates(**marker.kwargs) if marker else EACH_MAJOR).of(major)
        taken = choose(len(alike), rate, start + (MAJORS[::-1].index(major) if major else 0))
        left.update(item for place, item in enumerate(alike) if place not in taken)
    return left
