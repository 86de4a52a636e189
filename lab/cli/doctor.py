"""The command that says what is wrong with a set-up."""

import argparse
import os
from datetime import UTC, datetime

from lab.cli.outcome import FINDINGS, HOLDS, say, say_json
from lab.cli.parser import Commands, add_command, add_json
from lab.readiness.doctor import Setup, Sign, examine
from lab.text.escape import show_line

_MARKS = {"ok": "+", "wrong": "x", "unknown": "?", "not used": "-"}


def add_commands(commands: Commands) -> None:
    """Add `doctor`."""
    adding = add_command(commands, doctor, "python -m lab doctor")
    adding.add_argument("--port", type=int, default=8501, metavar="N", help="where the app listens; by default 8501")
    add_json(adding)


def doctor(options: argparse.Namespace) -> int:
    """Say what is wrong with this set-up, in order, each with its remedy; it only reads."""
    signs = examine(Setup(environ=os.environ, now=datetime.now(UTC), port=options.port))
    if options.json:
        say_json([sign._asdict() for sign in signs])
    else:
        say("\n".join([*map(_describe, signs), "", _sum_up(signs)]))
    return FINDINGS if any(sign.state == "wrong" for sign in signs) else HOLDS


def _describe(sign: Sign) -> str:
    line = f"{_MARKS[sign.state]} {sign.name}: {show_line(sign.seen)}"
    return f"{line}\n    {show_line(sign.remedy)}" if sign.remedy and sign.state != "ok" else line


def _sum_up(signs: tuple[Sign, ...]) -> str:
    wrong = [sign.name for sign in signs if sign.state == "wrong"]
    if wrong:
        return f"{len(wrong)} wrong: {', '.join(wrong)}. Begin with the first."
    return "Nothing is wrong."
