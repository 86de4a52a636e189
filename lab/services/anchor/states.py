"""Tells whether each ledger of a database fits its anchors: yes, no, or unknown, with the reason."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psycopg

from lab.database.connect import DatabaseUnavailable
from lab.rules.anchoring import LEDGERS
from lab.services.anchor.faults import Fault
from lab.services.anchor.notes import KeyFault, Verifier, read_verifier
from lab.services.anchor.reader import open_ledgers
from lab.services.anchor.store import AnchorFault, read_anchors
from lab.services.anchor.verification import Result, say_age, verify_ledgers

ANCHOR, VKEY = "LAB_ANCHOR", "LAB_ANCHOR_VKEY"
_HOW = (
    "Anchor with `python -m lab anchor --file FILE --key KEYFILE --every`, and pass --anchor FILE with --vkey, "
    f"or set {ANCHOR} and {VKEY}"
)
_MISSING = "there is no verifier key, and without one that is kept apart from the anchors they prove nothing"
_ELSEWHERE = (
    "No entry has the date or the content that was anchored for its number. The file anchors another "
    "database, or every entry was replaced. Name the file of this database"
)


@dataclass(frozen=True)
class AnchorSource:
    """Where a database's anchors are.

    Args:
        path: The file of checkpoints.
        verifiers: The keys that may have signed.
        fault: Why the keys can't be used.
    """

    path: Path
    verifiers: tuple[Verifier, ...]
    fault: str = ""


class AnchorState(NamedTuple):
    """Whether a ledger fits its anchors.

    Args:
        fits: Whether it fits; None when that is unknown.
        seen: What was seen, in a few words.
        why: Why that is unknown, and what to do.
        fault: The first entry that does not fit.
        elsewhere: Whether the anchors are those of another database.
        counted: How many older entries were only counted, and not read.
    """

    fits: bool | None
    seen: str
    why: str = ""
    fault: Fault | None = None
    elsewhere: bool = False
    counted: int = 0


def read_verifiers(given: Iterable[str], environ: Mapping[str, str]) -> tuple[Verifier, ...]:
    """Read the keys that may have signed anchors: those given, or else those of the environment.

    Raises:
        KeyFault: There is none, or one of them is not a key.
    """
    texts = [*given] or environ.get(VKEY, "").replace(",", " ").split()
    if not texts:
        raise KeyFault(found=_MISSING, next_step=f"Pass --vkey or set {VKEY}")
    return tuple(read_verifier(text) for text in texts)


def find_source(
    environ: Mapping[str, str], *, path: Path | None = None, vkeys: Iterable[str] = (), target: str = "embedded"
) -> AnchorSource | None:
    """Find a target's anchors: the file that is given, or the one that the environment names for the target.

    Args:
        environ: `LAB_ANCHOR_STAGING` names the anchors of the target `staging`, `LAB_ANCHOR` those of the embedded
            database, and of one that is known by its URL alone.
        path: The file, when it was named.
        vkeys: The keys, when they were named.
        target: The target's name.

    Returns:
        The anchors, with the fault of their keys, if any; None when no file is named.
    """
    name = _name_variable(target)
    named = environ.get(name, "").strip()
    chosen = path or (Path(named) if named and name != VKEY else None)
    if chosen is None:
        return None
    try:
        return AnchorSource(chosen, read_verifiers(vkeys, environ))
    except KeyFault as error:
        return AnchorSource(chosen, (), fault=str(error))


def _name_variable(target: str) -> str:
    """Return the variable that names a target's anchors; a shell can export it, whatever the target is called."""
    own = target != "embedded" and re.fullmatch(r"[a-z][a-z0-9_-]*", target)
    return f"{ANCHOR}_{target.upper().replace('-', '_')}" if own else ANCHOR


def read_states(url: str, source: AnchorSource | None, now: datetime, *, full: bool = False) -> dict[str, AnchorState]:
    """Return the state of each ledger. Read-only.

    Args:
        url: The database's URL.
        source: Its anchors, when there are any.
        now: The time, with its zone.
        full: Whether every entry is read, or only the newest.
    """
    if source is None:
        return _all_unknown("not anchored", f"No anchor was named. {_HOW}.")
    if source.fault:
        return _all_unknown("the anchors cannot be used", source.fault)
    try:
        logs = read_anchors(source.path, source.verifiers)
        with open_ledgers(url) as ledgers:
            results = verify_ledgers(ledgers, logs, now, full=full)
    except (AnchorFault, KeyFault) as error:
        return _all_unknown("the anchors cannot be used", str(error))
    except DatabaseUnavailable as error:
        return _all_unknown("the ledgers could not be read", str(error))
    except psycopg.Error as error:
        code = error.sqlstate or "of a broken connection"
        why = f"The query failed with the error {code}. Apply the migrations, and connect as the owner of the tables."
        return _all_unknown("the ledgers could not be read", why)
    return {result.ledger: _judge(result, now) for result in results}


def _all_unknown(seen: str, why: str) -> dict[str, AnchorState]:
    return {ledger.id: AnchorState(None, seen, why) for ledger in LEDGERS}


def _judge(result: Result, now: datetime) -> AnchorState:
    if result.elsewhere:
        return AnchorState(None, "the anchors of another database", f"{_ELSEWHERE}.", elsewhere=True)
    if result.fault:
        shorter = " It is shorter than its newest anchor." if result.shorter else ""
        return AnchorState(False, f"{result.fault}{shorter}", fault=result.fault)
    if result.newest is None:
        return AnchorState(None, "not anchored", f"These anchors have no checkpoint of it. {_HOW}.")
    if age := say_age(result, now):
        return AnchorState(None, "no recent anchor", f"{age[0].upper()}{age[1:]}. {_HOW}.")
    return AnchorState(True, _say_fit(result), counted=result.counted)


def _say_fit(result: Result) -> str:
    read = result.anchored - result.counted
    counted = f", {result.counted:,} older ones were only counted" if result.counted else ""
    return f"{read:,} entries fit their anchors{counted}, {result.fresh:,} came after the newest"
