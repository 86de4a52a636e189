"""What could not be checked, as a table. Pure."""

from collections.abc import Iterable

from lab.checks.finding import Unknown
from lab.ui.kit.markdown import plain
from lab.ui.kit.tables import Frame


def frame_unknown(unknown: Iterable[Unknown]) -> Frame:
    """Shape what could not be checked, each with its reason."""
    rows = tuple((plain(entry.what), plain(entry.why)) for entry in unknown)
    return Frame(("Not checked", "Why"), rows, "Everything that was asked could be checked.")
