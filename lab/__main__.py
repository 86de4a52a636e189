"""Runs the command line: `python -m lab COMMAND`, and `persistence-lab COMMAND` where it is installed."""

import sys
import traceback

from lab.text.errors import LabError


def run() -> int:
    """Load the command line and run it; return the exit code, also when loading fails."""
    try:
        from lab.cli import main
    except KeyboardInterrupt:
        print("Cancelled. Nothing was changed.", file=sys.stderr)
        return 130
    except LabError as error:  # a rule is invalid: rules are validated when they load
        for fault in str(error).splitlines():
            print(f"error: {fault}", file=sys.stderr)
        return error.exit_code
    except Exception:
        traceback.print_exc()
        return LabError.exit_code  # Python's own exit code, 1, would mean findings
    return main()


if __name__ == "__main__":
    sys.exit(run())
