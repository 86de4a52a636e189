"""The command line: one command, one function. Exit codes: see `lab.cli.outcome`."""

from lab.cli.commands import main

__all__ = ["main"]
