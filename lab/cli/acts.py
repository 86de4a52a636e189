"""What every command with operators' acts prints: the effect before, and the outcome after."""

import argparse

from lab.cli.outcome import HOLDS, NotDone, say, say_json
from lab.rules.model import OperatorAct
from lab.text.escape import show_line


def say_effect(act: OperatorAct, id: str) -> int:
    """Say what an act would do; return the exit code."""
    say(f"{act.title} {show_line(id)}: {act.effect}\nNothing was changed. --apply carries it out.")
    return HOLDS


def read_act_form(options: argparse.Namespace) -> bool:
    """Tell whether an act's outcome is printed as JSON.

    Raises:
        NotDone: It was to be written to a file, or in the form of a report.
    """
    if options.write or options.format not in ("text", "json"):
        raise NotDone(
            f"--{'write' if options.write else 'format'}", "belongs to a report, not to an act", "Leave it out"
        )
    return bool(options.format == "json")


def say_outcome(act: OperatorAct, id: str, *, changed: bool, as_json: bool) -> int:
    """Say what an act came to; return the exit code."""
    sentence = act.done if changed else act.repeated
    if as_json:
        say_json({"act": act.id, "id": id, "changed": changed, "sentence": sentence}, None)
    else:
        say(f"{show_line(id)}: {sentence}")
    return HOLDS
