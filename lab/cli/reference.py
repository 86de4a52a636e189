"""The command that writes the reference for the site's developers."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cli.outcome import HOLDS, NotDone, say
from lab.cli.parser import Commands, add_command
from lab.text.whole_files import write_whole

if TYPE_CHECKING:
    from lab.sql.reference.example import Topic


def add_commands(commands: Commands) -> None:
    """Add `reference`."""
    adding = add_command(commands, reference, "python -m lab reference give_consent", _leave)
    adding.add_argument("name", nargs="?", metavar="FUNCTION", help="print the part about one function; by default all")
    adding.add_argument("--out", type=Path, metavar="DIR", help="write the pages and the types into a folder")


def _leave(options: argparse.Namespace) -> str:
    return f"The files in {options.out} are all old or all new." if options.out else "Nothing was changed."


def reference(options: argparse.Namespace) -> int:
    """Show how a function of the database is called: who may, arguments, limits, errors, SQL and supabase-js."""
    from lab.sql.reference.examples import TOPICS  # other commands do not wait for their imports
    from lab.sql.reference.pages import write_pages

    if options.out:
        _write(options.out, write_pages(TOPICS))
    elif options.name:
        say(_find(options.name, TOPICS))
    else:
        say("\n".join(f"{one.function.id:24} {one.function.why}" for topic in TOPICS for one in topic.examples))
    return HOLDS


def _find(name: str, topics: "Sequence[Topic]") -> str:
    from lab.sql.reference.pages import write_pages

    topic = next((one for one in topics if name in [example.function.id for example in one.examples]), None)
    if topic is None:
        raise NotDone(name, "it is no function that a site calls", "List them with `python -m lab reference`")
    text = write_pages([topic])[f"{topic.id}.md"]
    start = text.index(f"\n## {name}\n")
    end = text.find("\n## ", start + 1)
    return text[start : end if end >= 0 else None].strip()


def _write(folder: Path, pages: dict[str, str]) -> None:
    from lab.sql.reference.typescript import MADE

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole({folder / name: text for name, text in pages.items()})
        for old in {*folder.glob("*.md"), *folder.glob("*.ts")} - {folder / name for name in pages}:
            if MADE in old.read_text(encoding="utf-8", errors="replace"):  # other files in the folder stay
                old.unlink()
    except OSError as error:
        raise NotDone(str(folder), f"cannot be written ({error.strerror})", "Choose another folder") from None
    say(folder)
