"""The command that explains findings, and writes their pages."""

import argparse
from pathlib import Path

from lab.checks.explanation import Explanation
from lab.checks.schema.examples import find_examples
from lab.cli.outcome import HOLDS, NotDone, say, tell
from lab.cli.parser import Commands, add_command
from lab.database.embedded.scratch import open_scratch
from lab.migrations.apply import apply_migrations
from lab.readiness.explanation_pages import write_page, write_pages
from lab.readiness.explanations import explain, list_explanations
from lab.sql import make_migrations
from lab.text.whole_files import write_whole


def add_commands(commands: Commands) -> None:
    """Add `findings`."""
    adding = add_command(commands, findings, "python -m lab findings policy", _leave)
    adding.add_argument("kind", nargs="?", metavar="KIND", help="what a finding's key begins with; by default all")
    adding.add_argument("--out", type=Path, metavar="DIR", help="write the pages of all kinds into this folder")


def _leave(options: argparse.Namespace) -> str:
    return f"Some of the files in {options.out} may be new: run it again." if options.out else "Nothing was changed."


def findings(options: argparse.Namespace) -> int:
    """Explain a kind of finding: what it means, an example, the repair, and when to accept it."""
    if options.out:
        _write(options.out)
    elif options.kind:
        say(write_page(_find(options.kind)).rstrip())
    else:
        say("\n".join(f"{kind:32} {one.title.removesuffix('.')}" for kind, one in list_explanations().items()))
    return HOLDS


def _find(kind: str) -> Explanation:
    found = explain(kind.partition(":")[0])
    if found is None:
        raise NotDone(kind, "it is not a kind of finding", "List them with `python -m lab findings`")
    return found


def _write(folder: Path) -> None:
    """Write the pages; the examples run on a scratch server."""
    tell("Running the example of each kind")
    with open_scratch() as server:
        apply_migrations(server.url(), make_migrations())
        pages = write_pages(find_examples(server.admin_url()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in set(folder.glob("*.md")) - {folder / name for name in pages}:
            old.unlink()
        write_whole({folder / name: text for name, text in pages.items()})
    except OSError as error:
        raise NotDone(str(folder), f"cannot be written ({error.strerror})", "Choose another folder") from None
    say(folder)
