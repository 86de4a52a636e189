"""Names the crash points of a run: every commit, and every call to the outside, before and after.

Nothing is listed by hand. A run finds its points, so that a new handler has its own on the day it is written.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Side = Literal["before", "after"]
_TARGET = re.compile(r"(?:from|into|update|select|call)\s+(?:public|wall)\.(\w+)", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|public\.\w+\s*\()", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A moment at which a process can end.

    Args:
        call: The transaction, by the function or table of its first statement; or the call to the outside.
        doer: Which process does it, or which job.
        attempt: How often this doer has come to this call, from 1.
        side: Before or after.
    """

    call: str
    doer: str
    attempt: int
    side: Side

    @property
    def name(self) -> str:
        """Return the point's name, such as `settle_purchase/events/1/after`."""
        return f"{self.call}/{self.doer}/{self.attempt}/{self.side}"


@dataclass
class Counting:
    """Counts how often each doer came to each call."""

    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def next(self, call: str, doer: str, side: Side) -> Point:
        """Return the point that is reached now."""
        self.seen[call, doer, side] += 1
        return Point(call=call, doer=doer, attempt=self.seen[call, doer, side], side=side)


@lru_cache(maxsize=1000)
def name_statement(statement: str) -> str | None:
    """Return what a statement calls or writes; None for one that only reads, which loses nothing when it is cut off."""
    if not _WRITES.search(statement):
        return None
    found = _TARGET.search(statement)
    return found[1] if found else None
