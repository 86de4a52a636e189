"""Runs the command line: `python -m lab COMMAND`."""

import sys
import traceback

try:
    from lab.cli import main
except KeyboardInterrupt:
    print("Cancelled. Nothing was changed.", file=sys.stderr)
    sys.exit(130)
except Exception as error:
    laws = sys.modules.get("lab.rules.laws")  # importing it would load the rules once more
    if laws is not None and isinstance(error, laws.BrokenRules):
        for fault in str(error).splitlines():
            print(f"error: {fault}", file=sys.stderr)
    else:
        traceback.print_exc()
    sys.exit(2)  # could not be done: Python's own exit code, 1, would pass for findings

sys.exit(main())
