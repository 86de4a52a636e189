"""Runs the command line: `python -m lab COMMAND`."""

import sys

from lab.cli import main

sys.exit(main())
