"""The command that prepares the embedded database."""

import argparse
import json

from lab.cli.outcome import HOLDS, tell
from lab.cli.parser import Commands, add_command, add_json
from lab.database import open_target
from lab.demo import prepare_demo


def add_commands(commands: Commands) -> None:
    """Add `demo`."""
    add_json(add_command(commands, demo, "python -m lab demo"))


def demo(options: argparse.Namespace) -> int:
    """Start the embedded database, build the wall in it and fill in made-up data."""
    target = open_target(None, tell)
    prepare_demo(target.url, tell)
    if options.json:
        print(json.dumps({"target": target.name, "ready": True}))
    else:
        print("The embedded database is ready. `streamlit run app.py` shows it.")
    return HOLDS
