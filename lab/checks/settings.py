"""Finds Postgres settings with a harmful effect, by name and value."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from lab.rules.model import Severity

Harm = Literal["loses", "tells", "loads", "breaks"]
LOW, MEDIUM = Severity.LOW, Severity.MEDIUM


class Effect(NamedTuple):
    """The harmful effect of a setting.

    Args:
        harm: `loses` acknowledged writes, `tells` private words to the log, `loads` code, or `breaks` requests.
        severity: The severity of its finding.
        why: Why it matters, for people.
    """

    harm: Harm
    severity: Severity
    why: str


_LOST = Effect("loses", MEDIUM, "A crash can lose acknowledged writes, such as payments.")
_DAMAGED = Effect("loses", MEDIUM, "Damaged pages are read as valid or as empty, without an error.")
_TOLD = Effect("tells", LOW, "Statements are written to the server's log, with the private words in them.")
_LOADED = Effect(
    "loads", MEDIUM, "Every session runs the code of this library. If the library is missing, every login fails."
)
_PRINTED = Effect(
    "tells", LOW, "The library writes plans to the server's log, with values from the statements in them."
)
_BROKEN = Effect("breaks", MEDIUM, "Usual requests of the Data API take longer than this limit, and fail.")
_MISREAD = Effect(
    "breaks", MEDIUM, "Functions read their patterns without the backslashes, so every answer of an AI is refused."
)

_UNITS = {"": 0.001, "us": 0.000001, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_AMOUNT = re.compile(r"(-?\d+(?:\.\d*)?)\s*(us|ms|s|min|h|d)?")
_OFTEN = 0.1  # seconds; many ordinary statements take as long
# Libraries that the platform loads into sessions, and that log nothing.
# Source: github.com/supabase/postgres, nix/tests/expected/roles.out and its configuration.
_LIBRARIES = {"", "plan_filter", "safeupdate", "supautils"}


def read_seconds(value: str) -> float | None:
    """Return a time limit in seconds; without a unit it is in milliseconds. None if the text is not a time limit."""
    found = _AMOUNT.fullmatch(value.strip())
    return float(found[1]) * _UNITS[found[2] or ""] if found else None


def _is(*words: str) -> Callable[[str], bool]:
    return lambda value: value.lower() in words


# Postgres accepts an unambiguous prefix. Source: Postgres documentation, "Parameter Names and Values".
_is_on = _is("on", "1", "t", "tr", "tru", "true", "y", "ye", "yes")
is_off = _is("off", "of", "0", "f", "fa", "fal", "fals", "false", "n", "no")


def _is_within(seconds: float) -> Callable[[str], bool]:
    """Return a test whether a limit is set, and at most this long."""
    return lambda value: 0 < (read_seconds(value) or 0) <= seconds


def _logs_from(seconds: float) -> Callable[[str], bool]:
    """Return a test whether statements shorter than this are logged; -1 logs none."""
    return lambda value: 0 <= (-1 if (found := read_seconds(value)) is None else found) < seconds


def _is_positive(value: str) -> bool:
    return (read_seconds(value) or 0) > 0


def _keeps_values(value: str) -> bool:
    """Tell whether values are logged: -1 logs them whole, 0 logs none."""
    return value.strip("B ") not in ("0", "")


def _audits_rows(value: str) -> bool:
    return bool({part.strip().lower() for part in value.split(",")} & {"all", "read", "write"})


_EFFECTS: dict[str, tuple[Callable[[str], bool], Effect]] = {
    "synchronous_commit": (is_off, _LOST),
    "fsync": (is_off, _LOST),
    "full_page_writes": (is_off, _LOST),
    "zero_damaged_pages": (_is_on, _DAMAGED),
    "ignore_checksum_failure": (_is_on, _DAMAGED),
    "log_statement": (_is("all", "mod"), _TOLD),
    "log_min_duration_statement": (_logs_from(_OFTEN), _TOLD),
    "log_min_duration_sample": (_logs_from(_OFTEN), _TOLD),
    "log_transaction_sample_rate": (_is_positive, _TOLD),
    "log_parameter_max_length": (_keeps_values, _TOLD),
    "log_parameter_max_length_on_error": (_keeps_values, _TOLD),
    "log_min_error_statement": (
        _is("debug5", "debug4", "debug3", "debug2", "debug1", "debug", "info", "notice", "warning", "log"),
        _TOLD,
    ),
    "log_min_messages": (_is("debug5", "debug4", "debug3", "debug2", "debug1", "debug"), _TOLD),
    "debug_print_parse": (_is_on, _TOLD),
    "debug_print_raw_parse": (_is_on, _TOLD),
    "debug_print_rewritten": (_is_on, _TOLD),
    "debug_print_plan": (_is_on, _TOLD),
    "auto_explain.log_min_duration": (_logs_from(float("inf")), _TOLD),
    "auto_explain.log_parameter_max_length": (_keeps_values, _TOLD),
    "pgaudit.log": (_audits_rows, _TOLD),
    "pgaudit.log_parameter": (_is_on, _TOLD),
    "statement_timeout": (_is_within(0.5), _BROKEN),
    "transaction_timeout": (_is_within(0.5), _BROKEN),
    "lock_timeout": (_is_within(0.05), _BROKEN),
    "idle_in_transaction_session_timeout": (_is_within(0.5), _BROKEN),
    "idle_session_timeout": (_is_within(10), _BROKEN._replace(severity=LOW)),
    "default_transaction_read_only": (
        _is_on,
        _BROKEN._replace(severity=LOW, why="Every write of a session is refused."),
    ),
    "default_transaction_isolation": (
        _is("repeatable read", "serializable"),
        _BROKEN._replace(severity=LOW, why="Every erasure is refused, and writes fail when two meet."),
    ),
    "standard_conforming_strings": (is_off, _MISREAD),
}
_PRELOADS = ("session_preload_libraries", "local_preload_libraries")
WATCHED = (*_EFFECTS, *_PRELOADS)


def find_effect(name: str, value: str) -> Effect | None:
    """Return the harmful effect of a setting; None if none is known.

    Args:
        name: Its name, in lower case.
        value: Its value, as in the catalogue.
    """
    if name in _PRELOADS:
        return _find_loaded(value)
    does, effect = _EFFECTS.get(name, (None, None))
    return effect if does and does(value.strip()) else None


def _find_loaded(value: str) -> Effect | None:
    parts = (part.strip().strip("\"'") for part in value.split(","))
    libraries = {part.rpartition("/")[2].removesuffix(".so") for part in parts if part}
    if libraries - _LIBRARIES - {"auto_explain"}:
        return _LOADED
    return _PRINTED if "auto_explain" in libraries else None
