"""The command that checks a target's readiness."""

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from lab.checks.environment.check import read_env_file
from lab.cli.chapters import find_anchors
from lab.cli.files import TEXT, add_outputs, printed_form, read_writes, try_place, write_files
from lab.cli.outcome import FINDINGS, HOLDS, NOT_DONE, NotDone, say, tell
from lab.cli.parser import Commands, Parser, add_anchor, add_command, add_target
from lab.database.connect import Target, open_target, resolve_url
from lab.readiness.acceptances import FILE_NAME, Acceptance, read_acceptances
from lab.readiness.families import FAMILIES
from lab.readiness.formats import FORMATS, text_report
from lab.readiness.history import HistoryUnavailable, find_history, keep_run, record_run
from lab.readiness.report import Report, ReportVerdict
from lab.readiness.request import Request
from lab.readiness.run import inspect_target
from lab.readiness.scripts import repair_file
from lab.readiness.targets import find_url
from lab.rules import RULES
from lab.text.product_files import work_folder


def add_commands(commands: Commands) -> None:
    """Add `check`."""
    adding = add_command(commands, check, "python -m lab check --database-url URL --format markdown", _leave)
    add_target(adding)
    adding.add_argument("--target", metavar="NAME", help="the database that LAB_TARGET_NAME names, or `embedded`")
    _add_limits(adding)
    _add_outputs(adding)


def _leave(options: argparse.Namespace) -> str:
    return "Nothing was changed in the database."  # files that --write names may have been written already


def _add_limits(adding: Parser) -> None:
    layers, families = [layer.id for layer in RULES.layers], [family.id for family in FAMILIES]
    adding.add_argument("--layer", action="append", default=[], choices=layers, help="only what this layer needs")
    adding.add_argument("--family", action="append", default=[], choices=families, help="only this family of checks")
    for family in FAMILIES:
        if family.flag and not family.takes:
            told = f"also check: {family.title}"
            adding.add_argument(family.flag, dest="also", action="append_const", const=family.id, help=told)
    adding.add_argument(
        "--all-rows",
        action="store_true",
        help="like --data, but check every row, not only the newest; takes minutes for millions of rows",
    )
    add_anchor(adding)
    adding.add_argument("--env-file", type=Path, metavar="FILE", help="also check the environment in this file")
    adding.add_argument("--acceptances", type=Path, metavar="FILE", help=f"default: {FILE_NAME} of the project")
    adding.set_defaults(also=None)


def _add_outputs(adding: Parser) -> None:
    add_outputs(adding, FORMATS)
    adding.add_argument("--repair", type=Path, metavar="FILE", help="write all repairs as one script, in order")
    adding.add_argument("--no-history", action="store_true", help="do not keep this check in the history")


def check(options: argparse.Namespace) -> int:
    """Check a target against the rules."""
    writes = read_writes(options, FORMATS)
    if options.repair in writes:
        raise NotDone(str(options.repair), "two outputs have this file", "Name a separate file for each")
    for path in (*writes, *([options.repair] if options.repair else [])):
        try_place(path)
    started_at = datetime.now(UTC)
    acceptances = _read_acceptances(options.acceptances, started_at)
    values = _read_values(options.env_file, os.environ)
    which = f"environment ({options.env_file.name})" if options.env_file else "environment"
    request = _make_request(options, Target(name=which, url=""), values)
    if any(family.is_run(request) and not family.offline for family in FAMILIES) or _names_database(options):
        request = _make_request(options, _open(options, os.environ), values)
    report = inspect_target(request, acceptances=acceptances, now=started_at)
    written = {path: FORMATS[form](report) for path, form in writes.items()}
    write_files(written | ({options.repair: repair_file(report)} if options.repair else {}))
    _print(report, printed_form(options), os.environ)
    if not options.no_history:
        _keep(report, os.environ)
    return exit_code(report)


def exit_code(report: Report) -> int:
    """Return 0 if the target is ready, 1 if it is not ready or unknown, and 2 if nothing could be checked."""
    if report.verdict is ReportVerdict.READY:
        return HOLDS
    return FINDINGS if report.looked or report.findings else NOT_DONE


def _read_acceptances(path: Path | None, now: datetime) -> tuple[Acceptance, ...]:
    chosen = path or work_folder() / FILE_NAME
    if path is None and not chosen.exists():
        return ()
    return read_acceptances(chosen, now.date())


def _read_values(path: Path | None, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Read the site's environment once, first, so that a mistake in the file is reported before the check runs."""
    return environ if path is None else read_env_file(path)


def _names_database(options: argparse.Namespace) -> bool:
    """Tell whether a database was named; it then names the target, even of a check that does not read it."""
    return options.target is not None or options.database_url is not None


def _open(options: argparse.Namespace, environ: Mapping[str, str]) -> Target:
    if options.target is None:
        return open_target(resolve_url(options.database_url, environ), tell)
    if options.database_url is not None:
        raise NotDone(found="--target and --database-url name two databases", next_step="Give one of them")
    opened = open_target(find_url(options.target, environ, {}), tell)
    return Target(name=options.target.strip().lower(), url=opened.url, embedded=opened.embedded)


def _make_request(options: argparse.Namespace, target: Target, values: Mapping[str, str]) -> Request:
    return Request(
        url=target.url,
        target=target.name,
        families=tuple(options.family),
        also=(
            *(options.also or ()),
            *(("environment",) if options.env_file else ()),
            *(("data",) if options.all_rows else ()),
            *(("anchors",) if options.anchor else ()),
        ),
        layers=tuple(options.layer),
        environ=values,
        all_rows=options.all_rows,
        anchors=find_anchors(options, target.name),
    )


def _print(report: Report, form: str, environ: Mapping[str, str]) -> None:
    coloured = sys.stdout.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    told = text_report(report, colour=coloured) if form == TEXT else FORMATS[form](report)
    say(str(told).removesuffix("\n"), coloured=coloured and form == TEXT)


def _keep(report: Report, environ: Mapping[str, str]) -> None:
    """Add the check to the history; a history that can't be written does not change what was found."""
    try:
        record_run(find_history(environ), keep_run(report))
    except HistoryUnavailable as error:
        tell(f"warning: this check is not kept. {error}")
