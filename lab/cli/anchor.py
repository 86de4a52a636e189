"""The commands that anchor the ledgers outside the database, and verify them against their anchors."""

import argparse
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep

import psycopg

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.cli.parser import FULL, Commands, add_command, add_json, add_target
from lab.database.connect import DatabaseUnavailable, open_target, resolve_url
from lab.database.failures import say_break
from lab.rules.anchoring import ANCHOR_INTERVAL, LEDGERS
from lab.services.anchor import (
    Anchored,
    Anchors,
    Ledgers,
    Log,
    Result,
    draw_key,
    hold_anchors,
    open_ledgers,
    read_anchors,
    read_dump,
    read_key,
    read_verifier,
    read_verifiers,
    say_age,
    verify_ledgers,
    write_key,
)
from lab.services.anchor.states import VKEY

RATE_SAMPLE = 2_000  # entries, to tell how long a full verification takes


def add_commands(commands: Commands) -> None:
    """Add `anchor`."""
    adding = add_command(commands, anchor, "python -m lab anchor --file ledgers.anchors --key anchor.key --every 60")
    add_target(adding)
    add_json(adding)
    adding.add_argument("action", nargs="*", metavar="verify FILE", help="verify the ledgers against these anchors")
    adding.add_argument("--file", type=Path, metavar="FILE", help="the anchors, outside the database's server")
    adding.add_argument("--key", type=Path, metavar="KEYFILE", help="the signing key, outside the database's server")
    adding.add_argument("--new-key", action="store_true", help="make the key in a new file first")
    adding.add_argument("--name", default="persistence-lab", help="the new key's name, such as shop.example/ledgers")
    seconds = str(round(ANCHOR_INTERVAL.total_seconds()))
    adding.add_argument(
        "--every", type=float, nargs="?", const=seconds, metavar="SECONDS", help=f"go on, by default each {seconds}"
    )
    adding.add_argument("--dump", type=Path, metavar="FILE", help="verify a dump of pg_dump, not a database")
    adding.add_argument("--full", action="store_true", help=FULL)
    adding.add_argument("--vkey", action="append", default=[], help=f"a key that may have signed; by default {VKEY}")


def anchor(options: argparse.Namespace) -> int:
    """Anchor the ledgers in a file outside the database, or verify them: `anchor verify FILE`."""
    return _verify(options) if options.action else _anchor(options)


# Anchoring --------------------------------------------------------------------------------------------


def _anchor(options: argparse.Namespace) -> int:
    if options.file is None or options.key is None:
        raise NotDone(found="--file and --key are missing", next_step="Both belong outside the database's server")
    signer = draw_key(options.name) if options.new_key else read_key(options.key)
    older = tuple(read_verifier(text) for text in options.vkey)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    if options.new_key:
        _try_target(target.url)
    with hold_anchors(options.file):
        anchors = Anchors(options.file, signer, older)
        if options.new_key:
            write_key(options.key, signer)
        tell(f"verifier key: {signer.verifier.text}")
        for sentence in anchors.mended:
            tell(sentence)
        if options.every is None:
            return _show(options, target.name, anchors.anchor(target.url, datetime.now(UTC)))
        while True:
            _anchor_on(options, target.name, anchors, target.url)
            sleep(options.every)


def _try_target(url: str) -> None:
    """Open the ledgers once, so that a wrong target is reported before a key is written."""
    with open_ledgers(url):
        pass


def _anchor_on(options: argparse.Namespace, name: str, anchors: Anchors, url: str) -> None:
    """Anchor once in the loop of a service; a database that does not answer is tried again in the next turn."""
    try:
        done = anchors.anchor(url, datetime.now(UTC))
    except DatabaseUnavailable as error:
        tell(f"warning: {error}")
        return
    except psycopg.OperationalError as error:
        tell(f"warning: the database did not answer: {say_break(error)}. It is tried again.")
        return
    if any(one.written or one.refused for one in done):
        _show(options, name, done)


def _show(options: argparse.Namespace, name: str, done: list[Anchored]) -> int:
    if options.json:
        shown = [
            {"ledger": one.ledger, "added": one.added, "size": one.size, "refused": [str(f) for f in one.refused]}
            for one in done
        ]
        say_json({"target": name, "anchored": shown}, None)
    else:
        for one in done:
            say(f"{one.ledger}: {one.added} anchored now, {one.size} in all")
            for fault in one.refused:
                say(f"  not anchored: {fault}")
    return FINDINGS if any(one.refused for one in done) else HOLDS


# Verifying --------------------------------------------------------------------------------------------


def _verify(options: argparse.Namespace) -> int:
    if len(options.action) != 2 or options.action[0] != "verify":
        raise NotDone(next_step="write `anchor verify FILE`, or `anchor --file FILE --key KEYFILE` to anchor")
    logs = read_anchors(Path(options.action[1]), read_verifiers(options.vkey, os.environ))
    now = datetime.now(UTC)
    if options.dump is not None:
        return _print_results(
            options, options.dump.name, verify_ledgers(read_dump(options.dump), logs, now, full=True), now
        )
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    with open_ledgers(target.url) as ledgers:
        if options.full:
            tell(_forecast(ledgers, logs))
        return _print_results(options, target.name, verify_ledgers(ledgers, logs, now, full=options.full), now)


def _forecast(ledgers: Ledgers, logs: Mapping[str, Log]) -> str:
    """Estimate how long a full verification takes, from the time that its first entries took."""
    entries = sum(max(ledgers.size(ledger), len(logs[ledger.id].ids)) for ledger in LEDGERS)
    began, read = perf_counter(), 0
    for ledger in LEDGERS:
        for _ in zip(range(RATE_SAMPLE), ledgers.entries(ledger), strict=False):
            read += 1
    seconds = (perf_counter() - began) / max(read, 1) * entries
    return f"A full verification reads about {entries:,} entries, which takes about {max(1, round(seconds)):,} s"


def _print_results(options: argparse.Namespace, name: str, results: list[Result], now: datetime) -> int:
    if options.json:
        say_json({"target": name, "ledgers": [_as_data(result, now) for result in results]})
    else:
        say(f"target: {name}")
        for result in results:
            say(_sentence(result, now))
    return HOLDS if all(_fits(r) and not say_age(r, now) for r in results) else FINDINGS


def _fits(result: Result) -> bool:
    return result.fault is None and not result.elsewhere


def _as_data(result: Result, now: datetime) -> dict[str, object]:
    fault = None if result.elsewhere else result.fault
    return {
        "ledger": result.ledger,
        "fits": _fits(result),
        "first_wrong_entry": fault.entry or None if fault else None,
        "wrong": fault.wrong.value if fault else None,
        "of_another_database": result.elsewhere,
        "shorter_than_its_anchor": result.shorter,
        "read": result.read,
        "only_counted": result.counted,
        "anchored": result.anchored,
        "after_the_newest_anchor": result.fresh,
        "newest_anchor_at": result.newest.isoformat() if result.newest else None,
        "recent": not say_age(result, now),
    }


def _sentence(result: Result, now: datetime) -> str:
    if result.elsewhere:
        return f"broken   {result.ledger}: no entry fits its anchor: this file anchors another database"
    if result.fault:
        return f"broken   {result.fault}"
    if age := say_age(result, now):
        return f"unknown  {result.ledger}: {age}"
    fresh = f", {result.fresh} came after the newest anchor" if result.fresh else ""
    counted = f", {result.counted:,} only counted" if result.counted else ""
    return f"holds    {result.ledger}: {result.anchored:,} anchored, {result.read:,} read{counted}{fresh}"
