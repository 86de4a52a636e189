"""Runs the command line: `python -m lab COMMAND`."""

import sys
import traceback

from lab.text.errors import LabError

try:
    from lab.cli import main
except KeyboardInterrupt:
    print("Cancelled. Nothing was changed.", file=sys.stderr)
    sys.exit(130)
except LabError as error:  # rules that break a law: they are held to it when they load
    for fault in str(error).splitlines():
        print(f"error: {fault}", file=sys.stderr)
    sys.exit(error.exit_code)
except Exception:
    traceback.print_exc()
    sys.exit(LabError.exit_code)  # could not be done: Python's own exit code, 1, would pass for findings

sys.exit(main())
