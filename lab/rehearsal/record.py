"""Keeps what the last rehearsal from the command line came to, so that pages can say how old it is."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.rehearsal.report import Rehearsal
from lab.text.whole_files import write_whole

FILE = "rehearsal.json"


def write_record(rehearsal: Rehearsal, folder: Path) -> None:
    """Write a rehearsal with its time.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **rehearsal.to_json()}
    write_whole({folder / FILE: json.dumps(told, indent=2) + "\n"})


def describe_record(folder: Path, rules: str) -> tuple[str, str]:
    """Return the state of the last rehearsal and a sentence about it.

    Args:
        folder: Where it was written.
        rules: The version of the rules now.

    Returns:
        The state, `holds`, `broken` or `unknown`, and the reason.
    """
    try:
        told: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        at, reach = datetime.fromisoformat(told["at"]), f"{told['crash_points']} crash points, {told['pairs']} pairs"
        seen = f"{reach}, {told['plays']} plays, on {at:%d %B %Y at %H:%M} UTC"
        same, holds = told["rules"] == rules, bool(told["holds"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown", "Not rehearsed here. Run `python -m lab rehearse`."
    if not same:
        return "unknown", f"The last rehearsal is older than the rules: {seen}. Run `python -m lab rehearse`."
    return ("holds" if holds else "broken"), f"Rehearsed with these rules: {seen}."
