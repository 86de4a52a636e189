"""Keeps what the last rehearsal came to. It counts for the code that was rehearsed, and for no other."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.checks.state import State
from lab.rules import RULES
from lab.text.product_files import PACKAGE, SQL
from lab.text.whole_files import write_whole

if TYPE_CHECKING:
    from lab.rehearsal.report import Rehearsal  # it imports the whole product

FILE = "rehearsal.json"
STEP = "Run `python -m lab rehearse`."
# What a rehearsal plays, and what judges it. A change of any of it makes the record too old.
_CODE = ("plan", "rehearsal", "services", "sql")
_STATEMENTS = ("migrations", "questions")
_NOT_CODE = ("__pycache__",)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the last rehearsal says about the code as it is now.

    Args:
        state: holds, broken or unknown.
        seen: What was rehearsed, and when.
        why: What that means, and the next step.
    """

    state: State
    seen: str
    why: str


@cache
def read_code_version() -> str:
    """Return the first 12 digits of the SHA-256 of the rules, the SQL and the code that a rehearsal plays."""
    digest = hashlib.sha256(RULES.model_dump_json().encode())
    folders = [*(PACKAGE / name for name in _CODE), *(SQL / name for name in _STATEMENTS)]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not set(_NOT_CODE) & set(path.parts):
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def write_record(rehearsal: "Rehearsal", folder: Path) -> None:
    """Write a rehearsal with its time, and the code that was rehearsed.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "code": read_code_version(), **rehearsal.to_json()}
    write_whole({folder / FILE: json.dumps(told, indent=2) + "\n"})


def read_recorded(folder: Path, code: str | None = None) -> Recorded:
    """Return what the last rehearsal says about the code.

    Args:
        folder: Where it was written.
        code: The version of the code; by default that of this process.
    """
    try:
        told: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        seen, failed = _describe(told), [str(one["schedule"]) for one in told["failures"]]
        rehearsed, holds = str(told.get("code", "")), bool(told["holds"])
        lost = [bug for bug, found in told["bugs"].items() if not found]
    except FileNotFoundError:
        return Recorded(state=State.UNKNOWN, seen="not rehearsed here", why=STEP)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Recorded(state=State.UNKNOWN, seen="the record of the last rehearsal cannot be read", why=STEP)
    if rehearsed != (code or read_code_version()):
        older = "The rules, the SQL or the code have changed since."
        return Recorded(state=State.UNKNOWN, seen=f"older than the code: {seen}", why=f"{older} {STEP}")
    if holds:
        return Recorded(state=State.HOLDS, seen=seen, why="Nothing broke.")
    if failed:
        why = f'`python -m lab rehearse --play "{failed[0]}"` tells the first failure.'
        return Recorded(state=State.BROKEN, seen=f"{len(failed)} failure{'s' * (len(failed) > 1)}, {seen}", why=why)
    missed = f"Planted bugs were not found: {', '.join(lost)}. " if lost else ""
    return Recorded(state=State.BROKEN, seen=f"broken, {seen}", why=f"{missed}{STEP}")


def _describe(told: dict[str, Any]) -> str:
    at = datetime.fromisoformat(told["at"])
    parts = [f"{told['crash_points']:,} crash points"]
    parts += [f"{told['pairs']:,} pairs"] if told["pairs"] else []
    parts += [f"{told['plays']:,} plays"]
    parts += [f"{sum(told['bugs'].values())} of {len(told['bugs'])} planted bugs found"] if told["bugs"] else []
    return f"rehearsed on {at:%d %B %Y at %H:%M} UTC: {', '.join(parts)}"
