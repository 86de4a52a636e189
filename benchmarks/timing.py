"""Measures times, and prints the tables of all benchmarks."""

import argparse
import gc
import json
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measurement in seconds, with the median of its floor."""

    name: str
    runs: int
    p50: float
    p99: float
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return this median divided by the floor's median; none for a floor."""
        return self.p50 / self.floor if self.floor else None


def time_once(work: Callable[[], Any]) -> float:
    """Return how many seconds one call takes, with no garbage left over from before."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def summarise(name: str, seconds: Sequence[float], floor: Row | None = None) -> Row:
    """Return the median and the 99th percentile (nearest rank) of some measurements."""
    ordered = sorted(seconds)
    return Row(
        name=name,
        runs=len(ordered),
        p50=_rank(ordered, 0.50),
        p99=_rank(ordered, 0.99),
        floor=floor.p50 if floor else None,
    )


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def read_options(description: str | None, only: Sequence[str] = (), **counts: int) -> argparse.Namespace:
    """Read the command line: --json, one number for each count, such as --rounds 5, and --only one of some names."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    if only:
        parser.add_argument("--only", choices=only, help="measure one of them")
    for name, default in counts.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    return parser.parse_args()


def report(title: str, rows: Sequence[Row], as_json: bool, notes: Sequence[str] = ()) -> None:
    """Print the rows with the machine they were measured on."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    if as_json:
        measured = [asdict(row) | {"ratio": row.ratio} for row in rows]
        print(json.dumps({"title": title, "machine": machine, "rows": measured, "notes": list(notes)}, indent=2))
        return
    print(f"{title}\n{machine}\n")
    width = max(len(row.name) for row in rows)
    print(f"{'':{width}}  {'runs':>5}  {'p50':>10}  {'p99':>10}  {'x floor':>8}")
    for row in rows:
        ratio = f"{row.ratio:8.2f}" if row.ratio else f"{'floor':>8}" if row.floor is None else ""
        print(f"{row.name:{width}}  {row.runs:>5}  {_spoken(row.p50)}  {_spoken(row.p99)}  {ratio}")
    print("".join(f"\n{note}" for note in notes))


def _spoken(seconds: float) -> str:
    return f"{seconds:8.2f} s" if seconds >= 1 else f"{seconds * 1000:7.2f} ms"
