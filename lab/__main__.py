"""Runs the command line: `python -m lab COMMAND`, and `persistence-lab COMMAND` where it is installed."""

import sys
import traceback


def run() -> int:
    """Load the command line and run it; return the exit code, also when loading fails."""
    try:
        from lab.cli import main
    except KeyboardInterrupt:
        print("Cancelled. Nothing was changed.", file=sys.stderr)
        return 130
    except Exception as error:
        _tell_fault(error)
        return 2  # could not be done: Python's own exit code, 1, would pass for findings
    return main()


def _tell_fault(error: Exception) -> None:
    """Say what is wrong with the rules, or show where the program itself is at fault."""
    laws = sys.modules.get("lab.rules.laws")  # importing it would load the rules once more
    if laws is None or not isinstance(error, laws.BrokenRules):
        traceback.print_exception(error)
        return
    for fault in str(error).splitlines():
        print(f"error: {fault}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(run())
