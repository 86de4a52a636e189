"""The commands that write the schema, and apply its migrations to a database."""

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.cli.parser import Commands, add_command, add_json, add_target
from lab.database.connect import open_target, resolve_url
from lab.migrations.apply import MigrationState, State, apply_migrations, read_states, run_preflight
from lab.migrations.diff.write import Forward, Unproven, make_forward, say_difference
from lab.migrations.files import add_migrations, lock_migrations, write_migrations
from lab.migrations.preflight import Preflight
from lab.sql import whole_sql
from lab.text.escape import show_line


def add_commands(commands: Commands) -> None:
    """Add `sql` and `migrate`."""
    adding = add_command(commands, sql, "python -m lab sql --diff add_shelf", _leave_files)
    doing = adding.add_mutually_exclusive_group()
    doing.add_argument(
        "--out", type=Path, metavar="DIR", help="write the first migrations and their lock into this folder"
    )
    doing.add_argument(
        "--diff",
        metavar="NAME",
        help="write the changes of the rules since then as a forward migration, after a trial on a scratch server",
    )
    doing.add_argument("--lock", action="store_true", help="lock a migration that was written by hand")

    adding = add_command(commands, migrate, "python -m lab migrate --database-url URL --apply", _leave_database)
    add_target(adding)
    add_json(adding)
    adding.add_argument("--apply", action="store_true", help="apply the missing migrations; nothing is ever dropped")


def _leave_files(options: argparse.Namespace) -> str:
    if options.out is None and options.diff is None and not options.lock:
        return "Nothing was changed."
    return "Files may already be written. Look at the folder of migrations before you run it again."


def _leave_database(options: argparse.Namespace) -> str:
    if not options.apply:
        return "Nothing was changed."
    return "Each migration is applied completely or not at all. `migrate` without --apply shows which are applied."


def sql(options: argparse.Namespace) -> int:
    """Print the whole schema, or write migrations: the first ones, or what the rules changed since."""
    try:
        if options.diff is not None:
            return _write_forward(options.diff)
        if options.lock:
            return _lock()
        if options.out is not None:
            return _show(write_migrations(options.out))
    except OSError as error:
        place = options.out or error.filename or "the folder of migrations"
        raise NotDone(str(place), f"cannot be written ({error.strerror})", "Choose another folder") from None
    say(whole_sql())
    return HOLDS


def _show(paths: list[Path]) -> int:
    for path in paths:
        say(path)
    return HOLDS


def _lock() -> int:
    names = lock_migrations()
    say("\n".join([*(f"locked {name}" for name in names), _NEXT]) if names else "Every migration is locked.")
    return HOLDS


def _write_forward(name: str) -> int:
    """Write a forward migration; return 1 if a person must decide something, or if the trial failed."""
    try:
        forward = make_forward(name, datetime.now(UTC), tell)
    except Unproven as error:
        say(f"Nothing was written. {error}")
        return error.exit_code
    if forward.migrations:
        _show(add_migrations(forward.migrations))
    return _describe_forward(forward)


_NEXT = "Next: `python -m lab expected` writes the expected catalogues. Commit them with the migration."


def _describe_forward(forward: Forward) -> int:
    if not forward.decisions:
        say(f"Tried: no difference remains after it. {_NEXT}" if forward.migrations else "The rules change nothing.")
        return HOLDS
    wrote = "The rest was tried." if forward.migrations else "Nothing was written."
    say(f"{wrote} A person must decide, and lock what they write with `python -m lab sql --lock`:")
    for finding in forward.decisions:
        say(f"  {show_line(say_difference(finding))}. {show_line(finding.decide or '', 600)}")
    return FINDINGS


def migrate(options: argparse.Namespace) -> int:
    """Show which migrations a database lacks, or apply them."""
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    applied = apply_migrations(target.url, warn=tell) if options.apply else []
    states = read_states(target.url)
    ahead = run_preflight(target.url) if any(state.state is State.MISSING for state in states) else Preflight()
    if options.json:
        shown = {"target": target.name, "applied": applied, "states": [state.model_dump() for state in states]}
        say_json(shown | ahead.model_dump(mode="json"))
    else:
        say(
            "\n".join(
                [
                    f"target: {target.name}",
                    *(_describe_state(state, applied) for state in states),
                    *_describe_ahead(ahead),
                ]
            )
        )
    return HOLDS if all(state.state is State.APPLIED for state in states) else FINDINGS


def _describe_ahead(ahead: Preflight) -> Iterator[str]:
    """Yield the reasons why --apply would be refused, and the default privileges that it would revoke."""
    yield from (f"refused  {sentence}" for sentence in ahead.refusals)
    yield from (
        f"revokes  the default for {sentence}. Existing objects keep their grants." for sentence in ahead.revokes
    )


def _describe_state(state: MigrationState, applied: list[str]) -> str:
    now = " (just now)" if any(name.partition("_")[0] == state.version for name in applied) else ""
    why = f": {show_line(state.why)}" if state.state is State.GONE else ""
    return f"{state.state.value:8} {state.version} {state.name}{now}{why}"
