"""How commands print a report in one form, and write it to files in any."""

import argparse
import contextlib
import errno
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from lab.cli.outcome import NotDone, say
from lab.cli.parser import Parser, add_forms
from lab.readiness.reports.forms import Forms, find_form
from lab.text.whole_files import write_whole

T = TypeVar("T")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PDF, TEXT = "pdf", "text"
REPORT_FORMS = (TEXT, "json", "markdown", PDF)
"""The forms of what waits for an operator, by their names; the report is imported only when it is made."""


def add_outputs(adding: Parser, forms: Iterable[str]) -> None:
    """Add the options that choose the printed form, and the files."""
    add_forms(adding, forms)
    told = "also write it to this file, in the form that its name ends with, or in --format; FORMAT=FILE names the form"
    adding.add_argument("--write", action="append", default=[], metavar="FILE", help=told)


def hand_out(report: T, forms: Forms[T], options: argparse.Namespace) -> None:
    """Write a report to the files that were named, and then print it.

    Raises:
        NotDone: A file cannot be written, or no file was named for a form that cannot be printed.
    """
    writes = read_writes(options, forms)
    for path in writes:
        try_place(path)
    write_files({path: forms[form](report) for path, form in writes.items()})
    told = forms[printed_form(options)](report)
    say(told.rstrip() if isinstance(told, str) else "")


def printed_form(options: argparse.Namespace) -> str:
    """Return the form to print: text in the place of a PDF, which only a file can hold."""
    return TEXT if options.format == PDF else str(options.format)


def read_writes(options: argparse.Namespace, forms: Mapping[str, object]) -> dict[Path, str]:
    """Return the form of each file that `--write` names.

    Raises:
        NotDone: A form is unknown, two outputs have one file, or `--format pdf` has no file.
    """
    found = [_read_write(text, options.format, forms) for text in options.write]
    paths = [path for _, path in found]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise NotDone(str(twice), "two outputs have this file", "Name a separate file for each")
    if options.format == PDF and PDF not in [form for form, _ in found]:
        raise NotDone("--format pdf", "a PDF cannot be printed", "Name its file: --write FILE.pdf")
    return {path: form for form, path in found}


def _read_write(text: str, chosen: str, forms: Mapping[str, object]) -> tuple[str, Path]:
    form, separator, path = text.partition("=")
    if separator and path and form in forms:
        return form, Path(path)
    known = find_form(text, forms) or (chosen if chosen != TEXT else None)
    if separator or not known:
        next_step = f"write FORMAT=FILE, with a format of {', '.join(forms)}"
        raise NotDone(f"--write {text}", next_step=next_step)
    return known, Path(text)


def try_place(path: Path) -> None:
    """Test whether a file can be written, before a long check begins; its content does not change."""
    if path.exists() and not path.is_file() and not path.is_dir():
        return  # a pipe or a device: opening and closing it would end its reader's input
    place, is_new = path.resolve(), not path.exists()
    with _explain_place():
        place.open("ab").close()
        if is_new:
            place.unlink()


def write_files(contents: Mapping[Path, str | bytes]) -> None:
    """Write all files before anything is printed, so that an error leaves standard output empty."""
    with _explain_place():
        write_whole(contents)


@contextlib.contextmanager
def _explain_place() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        next_step = "Make room, or choose another place" if error.errno in _FULL else "Choose another place"
        raise NotDone(str(error.filename), f"cannot be written ({error.strerror})", next_step) from None
