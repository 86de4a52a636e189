"""Writes sql/expected anew: what `python -m lab expected` does."""

import sys

from lab.cli import main

if __name__ == "__main__":
    sys.exit(main(["expected"]))
