"""The command that checks whether a database keeps the promises."""

import argparse
import os
from collections.abc import Iterable
from datetime import UTC, datetime

from lab.checks.state import State
from lab.cli.files import add_outputs, hand_out
from lab.cli.outcome import FINDINGS, HOLDS, NOT_DONE, tell
from lab.cli.parser import FULL, Commands, add_anchor, add_command, add_target
from lab.database.connect import open_target, resolve_url
from lab.readiness.chapters import ChapterState, read_chapters
from lab.readiness.reports.chapters import CHAPTER_FORMS, Chapters
from lab.services.anchor import AnchorSource, find_source


def add_commands(commands: Commands) -> None:
    """Add `chapters`."""
    adding = add_command(commands, chapters, "python -m lab chapters --json")
    add_target(adding)
    add_anchor(adding)
    adding.add_argument("--full", action="store_true", help=f"{FULL} of the ledgers; minutes for millions")
    add_outputs(adding, CHAPTER_FORMS)


def chapters(options: argparse.Namespace) -> int:
    """Print the state of the sixteen chapters on a database."""
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    read_at = datetime.now(UTC)
    states = read_chapters(target.url, anchors=find_anchors(options, target.name), full=options.full)
    hand_out(Chapters(target.name, states, read_at), CHAPTER_FORMS, options)
    return exit_code(states)


def find_anchors(options: argparse.Namespace, target: str) -> AnchorSource | None:
    """Find the anchors that a command names, or else the environment."""
    return find_source(os.environ, path=options.anchor, vkeys=options.vkey, target=target)


def exit_code(states: Iterable[ChapterState]) -> int:
    """Return 0 if every chapter holds, 1 if one is broken or unknown, and 2 if nothing could be checked."""
    seen = {proof.state for state in states for proof in state.proofs}
    if seen == {State.HOLDS}:
        return HOLDS
    return NOT_DONE if seen == {State.UNKNOWN} else FINDINGS
