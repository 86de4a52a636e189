"""What `lab deliveries bounces` does: take in what came back as e-mail, from files or from a mail server's pipe."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

from lab.cli.acts import read_act_form
from lab.cli.outcome import HOLDS, NotDone, say, say_json, tell
from lab.database.connect import DatabaseUnavailable, connect, open_target, resolve_url
from lab.services.delivery.returned import KEPT, KNOWN, NOT_OURS, NOTHING, Returned, keep_returned, list_mails

PIPE = "-"
# What a mail server is told when the database does not answer: it keeps the report, and brings it again.
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
_MOST_BYTES = 1_000_001  # a longer one is no report, so the rest need not be read
_SAID = {
    (KEPT, True): "its address gets no more e-mail",
    (KEPT, False): "its address would get no more e-mail",
    (KNOWN, True): "its address was listed before",
    (KNOWN, False): "its address was listed before",
    (NOT_OURS, True): "it is about no message that was sent from here to the address it names",
    (NOT_OURS, False): "it is about no message that was sent from here to the address it names",
    (NOTHING, True): "no report that an address has failed for good, and no complaint",
    (NOTHING, False): "no report that an address has failed for good, and no complaint",
}


def take_in(options: argparse.Namespace) -> int:
    """Take in reports. Whatever an e-mail holds, the command succeeds, so that a mail server does not return it.

    Raises:
        NotDone: An option belongs to something else, or a file cannot be read.
        DatabaseUnavailable: The database cannot be reached. With standard input the exit code is 75 instead.
    """
    if options.metrics or options.reason:
        raise NotDone("deliveries bounces", "--metrics and --reason do not belong to it", "Leave them out")
    as_json, places = read_act_form(options), options.id or [PIPE]
    try:
        results = _keep_all(options, places)
    except (DatabaseUnavailable, psycopg.Error) as error:
        if PIPE not in places:
            raise
        tell(f"The database does not answer ({type(error).__name__}). Nothing was kept of the e-mail.")
        return TRY_AGAIN
    if as_json:
        say_json([{"file": name, **vars(found), "applied": options.apply} for name, found in results])
    else:
        _say(results, apply=options.apply)
    return HOLDS


def _keep_all(options: argparse.Namespace, places: list[str]) -> list[tuple[str, Returned]]:
    mails = list(_read_all(places))
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    with connect(target.url) as connection:
        return [(name, keep_returned(connection, raw, apply=options.apply)) for name, raw in mails]


def _read_all(places: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield each e-mail with the name of its file."""
    for place in places:
        if place == PIPE:
            yield PIPE, sys.stdin.buffer.read(_MOST_BYTES)
            continue
        try:
            for file in list_mails(Path(place)):
                with file.open("rb") as opened:
                    yield str(file), opened.read(_MOST_BYTES)
        except OSError as error:
            found = f"It cannot be read: {error.strerror}"
            raise NotDone(place, found, "Name a file with one e-mail, or a Maildir") from None


def _say(results: list[tuple[str, Returned]], *, apply: bool) -> None:
    for name, found in results:
        about = " ".join(filter(None, (found.reason, found.code)))
        say(f"{name}: {f'{about}: ' if about else ''}{_SAID[found.outcome, apply]}")
    if not apply and any(found.outcome == KEPT for _, found in results):
        say("Nothing was changed. --apply carries it out.")
