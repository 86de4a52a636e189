"""The command line: one command, one function. Exit codes: 0 holds, 1 findings, 2 could not be done."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

import psycopg
from pydantic import ValidationError

from lab.chapters import ProofState, read_chapters
from lab.database import DatabaseUnavailable, open_target, resolve_url
from lab.demo import prepare_demo
from lab.migrate import EditedMigration, State, apply_migrations, read_states, write_migrations
from lab.plan import Plan, Verdict, make_plan
from lab.report import plan_markdown, plan_text
from lab.rules import RULES, Rules
from lab.scenario import Scenario
from lab.sql import scenario_sql, whole_sql

HOLDS, FINDINGS, NOT_DONE = 0, 1, 2

Command = Callable[[argparse.Namespace], int]


class NotDone(Exception):
    """A command could not be done; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.run
    try:
        return command(options)
    except (NotDone, DatabaseUnavailable, EditedMigration) as error:
        print(f"error: {error}", file=sys.stderr)
    except psycopg.Error as error:
        reason = error.diag.message_primary or "the connection broke"
        print(f"error: the database refused: {reason} (SQLSTATE {error.sqlstate or 'none'})", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    return NOT_DONE


def plan(options: argparse.Namespace) -> int:
    """Print the plan of a scenario."""
    made = make_plan(_scenario(options))
    print(_plan_output(made, options.format))
    return HOLDS if made.verdict is Verdict.READY else FINDINGS


def _plan_output(made: Plan, form: str) -> str:
    outputs: dict[str, Callable[[], str]] = {
        "text": lambda: plan_text(made),
        "json": lambda: made.model_dump_json(indent=2),
        "markdown": lambda: plan_markdown(made),
        "sql": lambda: scenario_sql(made),
    }
    return outputs[form]().rstrip()


def _scenario(options: argparse.Namespace) -> Scenario:
    try:
        return Scenario(layer=options.layer, channels=tuple(options.channel), consents=tuple(options.consent))
    except ValidationError as error:
        raise NotDone("; ".join(fault["msg"] for fault in error.errors())) from None


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


def rules(options: argparse.Namespace) -> int:
    """Print the rules, or their JSON Schema."""
    if options.schema:
        print(json.dumps(Rules.model_json_schema(mode="serialization"), indent=2))
    elif options.json:
        print(RULES.model_dump_json(indent=2))
    else:
        for field, value in RULES:
            if isinstance(value, tuple):
                print(
                    f"{field.replace('_', ' ')}: {', '.join(getattr(rule, 'id', None) or rule.name for rule in value)}"
                )
    return HOLDS


def migrate(options: argparse.Namespace) -> int:
    """Show what a database lacks, or apply it."""
    url = resolve_url(options.database_url, os.environ)
    target = open_target(url, _tell)
    applied = apply_migrations(target.url) if options.apply else []
    states = read_states(target.url)
    if options.json:
        print(
            json.dumps(
                {"target": target.name, "applied": applied, "states": [s.model_dump() for s in states]}, indent=2
            )
        )
    else:
        print(f"target: {target.name}")
        for state in states:
            now = " (just now)" if any(name.startswith(state.version) for name in applied) else ""
            print(f"{state.state.value:8} {state.version} {state.name}{now}")
    return HOLDS if all(state.state is State.APPLIED for state in states) else FINDINGS


def chapters(options: argparse.Namespace) -> int:
    """Print the state of the sixteen chapters on a database."""
    target = open_target(resolve_url(options.database_url, os.environ), _tell)
    states = read_chapters(target.url)
    if options.json:
        print(json.dumps({"target": target.name, "chapters": [state.model_dump() for state in states]}, indent=2))
    else:
        print(f"target: {target.name}")
        for state in states:
            print(f"{state.number:2} {state.state.value:8} {state.promise}")
            for proof in state.proofs:
                if proof.state is not ProofState.HOLDS:
                    print(f"            {proof.state.value}: {proof.title} ({proof.seen}) {proof.why}")
    return FINDINGS if any(state.state is ProofState.BROKEN for state in states) else HOLDS


def demo(options: argparse.Namespace) -> int:
    """Start the embedded database, build the wall in it and fill in made-up data."""
    target = open_target(None, _tell)
    prepare_demo(target.url, _tell)
    if options.json:
        print(json.dumps({"target": target.name, "ready": True}))
    else:
        print("The embedded database is ready. `streamlit run app.py` shows it.")
    return HOLDS


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        self.exit(NOT_DONE, f"error: {message}. See `{self.prog} --help`.\n")


_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"


def _parser() -> _Parser:
    parser = _Parser(prog="python -m lab", description="Plan, build and check the wall behind the oracle shop.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    adding = _command(commands, plan, "python -m lab plan --layer artifacts --channel pdf --channel email")
    adding.add_argument("--layer", required=True, help=", ".join(layer.id for layer in RULES.layers))
    adding.add_argument("--channel", action="append", default=[], help=", ".join(c.id for c in RULES.channels))
    adding.add_argument("--consent", action="append", default=[], help=", ".join(c.id for c in RULES.consents))
    adding.add_argument("--format", choices=("text", "json", "markdown", "sql"), default="text")
    adding.add_argument("--json", dest="format", action="store_const", const="json", help="same as --format json")

    adding = _command(commands, sql, "python -m lab sql --out supabase/migrations")
    adding.add_argument("--out", type=Path, metavar="DIR", help="write migrations and their lock into this folder")

    adding = _command(commands, rules, "python -m lab rules --json")
    adding.add_argument("--json", action="store_true", help="print the rules as JSON")
    adding.add_argument("--schema", action="store_true", help="print the JSON Schema of the rules")

    adding = _command(commands, migrate, "python -m lab migrate --database-url URL --apply")
    _add_target(adding)
    adding.add_argument("--apply", action="store_true", help="apply what is missing; nothing is ever dropped")

    _add_target(_command(commands, chapters, "python -m lab chapters --json"))

    adding = _command(commands, demo, "python -m lab demo")
    adding.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _command(commands: _Commands, run: Command, example: str) -> _Parser:
    adding = commands.add_parser(run.__name__, help=run.__doc__, description=run.__doc__, epilog=f"example: {example}")
    adding.set_defaults(run=run)
    return adding


def _add_target(adding: _Parser) -> None:
    adding.add_argument(
        "--database-url", metavar="URL", help="by default DATABASE_URL; without either, the embedded database"
    )
    adding.add_argument("--json", action="store_true", help="print the result as JSON")
