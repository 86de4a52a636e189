"""Commands that write the wall: its SQL, and its migrations on a database."""

import argparse
import json
import os
from pathlib import Path

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, tell
from lab.cli.parser import Commands, add_command, add_json, add_target
from lab.database import open_target, resolve_url
from lab.migrate import MigrationState, State, apply_migrations, read_states, write_migrations
from lab.sql import whole_sql


def add_commands(commands: Commands) -> None:
    """Add `sql` and `migrate`."""
    adding = add_command(commands, sql, "python -m lab sql --out supabase/migrations")
    adding.add_argument("--out", type=Path, metavar="DIR", help="write migrations and their lock into this folder")

    adding = add_command(commands, migrate, "python -m lab migrate --database-url URL --apply")
    add_target(adding)
    add_json(adding)
    adding.add_argument("--apply", action="store_true", help="apply what is missing; nothing is ever dropped")


def sql(options: argparse.Namespace) -> int:
    """Print the whole schema, or write it as migrations."""
    if options.out is None:
        print(whole_sql())
        return HOLDS
    try:
        paths = write_migrations(options.out)
    except OSError as error:
        raise NotDone(f"{options.out}: cannot be written ({error.strerror}). Choose another folder.") from None
    for path in paths:
        print(path)
    return HOLDS


def migrate(options: argparse.Namespace) -> int:
    """Show what a database lacks, or apply it."""
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    applied = apply_migrations(target.url) if options.apply else []
    states = read_states(target.url)
    if options.json:
        shown = {"target": target.name, "applied": applied, "states": [state.model_dump() for state in states]}
        print(json.dumps(shown, indent=2))
    else:
        print(f"target: {target.name}")
        for state in states:
            print(_tell_state(state, applied))
    return HOLDS if all(state.state is State.APPLIED for state in states) else FINDINGS


def _tell_state(state: MigrationState, applied: list[str]) -> str:
    now = " (just now)" if any(name.startswith(state.version) for name in applied) else ""
    return f"{state.state.value:8} {state.version} {state.name}{now}"
